/** The vector at length 1, or undefined if it has no direction: all zeros, or too large for numbers. */
export function unitVector(vector) {
  const length = Math.hypot(...vector)
  return length > 0 && length < Infinity ? vector.map((value) => value / length) : undefined
}
