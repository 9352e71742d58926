import { Matrix } from '../../src/matrix.js'

/** LAPACK's dimensionless test ratios, computed with plain loops: a backward stable routine stays below about 10. */

const EPS = Number.EPSILON

function frobenius(data: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i]
  return Math.sqrt(sum)
}

/** The power of two that brings the largest magnitude to [1, 2): squares then neither over- nor underflow. */
export function normalisingPower(data: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]))
  return largest === 0 ? 0 : -Math.floor(Math.log2(largest))
}

/** x 2^e in two steps, so that subnormal numbers scale up exactly. */
export function scaled(x: number, e: number): number {
  const half = Math.trunc(e / 2)
  return x * 2 ** half * 2 ** (e - half)
}

/** norm(Q^T Q - I)_F / (max(m, n) eps). */
export function orthogonalityRatio(Q: Matrix): number {
  const { rows: m, cols: n } = Q
  if (n === 0) return 0
  const T = Q.transpose().data
  const E = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let r = 0; r < m; r++) sum += T[i * m + r] * T[j * m + r]
      E[i * n + j] = sum - (i === j ? 1 : 0)
    }
  }
  return frobenius(E) / (Math.max(m, n) * EPS)
}

/**
 * norm(A - U diag(S) V^T)_F / (max(m, n) eps norm(A)_F), after scaling by a power of two; 0 for a zero matrix met exactly. What
 * rounding S to subnormal numbers costs, half of 2^-1074 for each, is in no algorithm's power and is taken off.
 */
export function factorisationRatio(A: Matrix, U: Matrix, S: ArrayLike<number>, V: Matrix): number {
  const { rows: m, cols: n } = A
  const e = normalisingPower(A.data)
  const a = Array.from(A.data, (x) => scaled(x, e))
  const residual = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = a[i * n + j]
      for (let k = 0; k < S.length; k++) sum -= U.get(i, k) * scaled(S[k], e) * V.get(j, k)
      residual[i * n + j] = sum
    }
  }
  const quantum = Math.sqrt(S.length) * scaled(2 ** -1074, e) * 0.5
  const error = frobenius(residual) - quantum
  return error <= 0 ? 0 : error / (Math.max(m, n) * EPS * frobenius(a))
}

/** norm(A - Q R)_F / (max(m, n) eps norm(A)_F). */
export function productRatio(A: Matrix, Q: Matrix, R: Matrix): number {
  const { rows: m, cols: n } = A
  const e = normalisingPower(A.data)
  const a = Array.from(A.data, (x) => scaled(x, e))
  const r = Array.from(R.data, (x) => scaled(x, e))
  const residual = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = a[i * n + j]
      for (let k = 0; k < R.rows; k++) sum -= Q.get(i, k) * r[k * n + j]
      residual[i * n + j] = sum
    }
  }
  const error = frobenius(residual)
  return error === 0 ? 0 : error / (Math.max(m, n) * EPS * frobenius(a))
}
