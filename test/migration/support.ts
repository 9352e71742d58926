import { Matrix } from '../../src/matrix.js'
import { times } from '../align/support.js'
import { gaussian } from '../support/random.js'

/** Rows of length 1. */
export function unit(X: Matrix): Matrix {
  const rows = X.toArray().map((row) => {
    const length = Math.hypot(...row)
    return row.map((x) => x / length)
  })
  return Matrix.from(rows)
}

/** Two models' vectors of the same items: linear images of what both see, noise each of its own, rows of length 1. */
export function twoModels(
  n: number,
  widths: readonly [number, number],
  rank: number,
  noise: number,
  seed = 1,
): Matrix[] {
  const Z = gaussian(n, rank, seed)
  return widths.map((d, m) => {
    const X = times(Z, gaussian(rank, d, seed + 10 + m))
    const E = gaussian(n, d, seed + 20 + m)
    return unit(new Matrix(n, d, X.data.map((x, at) => x + noise * Math.sqrt(rank) * E.data[at]))) // prettier-ignore
  })
}

/** The largest difference of two entries. */
export function maxDifference(A: Matrix, B: Matrix): number {
  return Math.max(...Array.from(A.data, (x, at) => Math.abs(x - B.data[at])))
}
