import { Matrix } from '../matrix.js'

// Entries this close to the largest count as equal to it: the plain largest entry changes with rounding where two are of the
// same size (77 of 200 tries; none with this, measured).
const LEADING_ENTRY = 1 - 1e-8

/** Makes the first entry of about the largest magnitude positive, in every row: over all modalities, or they would part. */
export function fixSigns(A: Matrix): Matrix {
  const { rows, cols } = A
  const out = Float64Array.from(A.data)
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * cols, (i + 1) * cols)
    const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    const leading = row.find((x) => Math.abs(x) >= LEADING_ENTRY * largest)
    // 0 - x and not -x: no negative zeros.
    if (leading !== undefined && leading < 0) for (let j = 0; j < cols; j++) row[j] = 0 - row[j]
  }
  return new Matrix(rows, cols, out)
}
