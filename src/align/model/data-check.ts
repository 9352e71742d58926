/** @throws RangeError unless there are two modalities */
export function exactlyTwo(widths: readonly number[], method: string): void {
  if (widths.length !== 2) throw new RangeError(`${method} aligns two modalities, got ${widths.length}`)
}

/** @throws RangeError if there are more components than the narrowest modality has columns */
export function atMostNarrowest(widths: readonly number[], k: number): void {
  const narrowest = Math.min(...widths)
  if (k > narrowest) {
    throw new RangeError(`nComponents is ${k}, expected at most ${narrowest}, the columns of the narrowest modality`)
  }
}

/** @throws RangeError unless there are two rows or more */
export function atLeastTwoRows(rows: number, method: string): void {
  if (rows < 2) throw new RangeError(`${method} needs at least 2 rows, got ${rows}`)
}
