/** Below, rho says less of a component than its rounding. */
export const LEAST_RHO = 1e-6

/** How many of these, descending, are above a level; one at least, and no more than `most`. */
export function sharedCount(values: Float64Array, level: number, most: number): number {
  const end = values.findIndex((value) => !(value > level))
  return end < 0 ? most : Math.max(1, Math.min(end, most))
}
