import { expect } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import * as oracle from './oracles.js'

/** The first n columns of the m x m identity. */
export function identity(m: number, n: number): Matrix {
  const I = new Matrix(m, n)
  for (let i = 0; i < Math.min(m, n); i++) I.set(i, i, 1)
  return I
}

/** The upper trapezoid of the first k rows: R, where reflectors are stored below it. */
export function upperTrapezoid(factored: Matrix, k: number): Matrix {
  const { cols, data } = factored
  return oracle.triangle(new Matrix(k, cols, data.slice(0, k * cols)), true)
}

/** A P: column j is column `pivots[j]` of A. Fails unless the pivots are a permutation. */
export function permuteColumns(A: Matrix, pivots: ArrayLike<number>): Matrix {
  expect(Array.from(pivots).sort((a, b) => a - b)).toEqual(Array.from({ length: A.cols }, (_, j) => j))
  const { rows: m, cols: n, data } = A
  return new Matrix(
    m,
    n,
    Float64Array.from(data, (_, at) => data[at - (at % n) + pivots[at % n]]),
  )
}

/** [A; B], rows of A above rows of B. */
export function stack(A: Matrix, B: Matrix): Matrix {
  const data = new Float64Array(A.data.length + B.data.length)
  data.set(A.data)
  data.set(B.data, A.data.length)
  return new Matrix(A.rows + B.rows, A.cols, data)
}

/**
 * The largest |R[j : k, c]| / |R_jj|, c > j: at most 1 with column pivoting in exact arithmetic, since the pivot had the largest
 * norm of what was left. Norms are downdated, and computed afresh once half of their digits are gone: up to 1e-7 above 1 is sound.
 * Subnormal pivots are passed over: what is left there has few digits, or one.
 */
export function pivotExcess(R: Matrix): number {
  const normal = R.data instanceof Float32Array ? 2 ** -126 : 2 ** -1022
  let worst = 0
  for (let c = 1; c < R.cols; c++) {
    let below: number[] = []
    for (let j = Math.min(c, R.rows - 1); j >= 0; j--) {
      below = [R.get(j, c), ...below]
      const norm = oracle.nrm2(below)
      if (j < c && norm >= normal) worst = Math.max(worst, norm / Math.abs(R.get(j, j)))
    }
  }
  return worst
}

/** The unit lower trapezoid of the first k columns: L, where an elimination stores its multipliers. */
export function unitLowerTrapezoid({ rows, cols, data }: Matrix, k: number): Matrix {
  const L = identity(rows, k)
  for (let i = 0; i < rows; i++) for (let j = 0; j < Math.min(i, k); j++) L.set(i, j, data[i * cols + j])
  return L
}

/** P A: row i is row `pivots[i]` of A. Fails unless the pivots are a permutation. */
export function permuteRows(A: Matrix, pivots: ArrayLike<number>): Matrix {
  return permuteColumns(A.transpose(), pivots).transpose()
}

/** X X^T + I n / 10: symmetric to the last bit, and safely positive definite. */
export function positiveDefinite(X: Matrix): Matrix {
  const A = oracle.product(X, X.transpose())
  for (let i = 0; i < A.rows; i++) A.set(i, i, A.get(i, i) + A.rows / 10)
  return A
}
