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

function scaledCopy(data: ArrayLike<number>, e: number): Float64Array {
  return Float64Array.from(data, (x) => scaled(x, e))
}

/**
 * X Y^T for row-major X (m x k) and Y (n x k). Rows lie in memory one after the other, and four sums at a time hide the latency
 * of the addition: cases of several hundred rows stay cheap.
 */
function timesTransposed(X: Float64Array, Y: Float64Array, m: number, n: number, k: number): Float64Array {
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    let j = 0
    for (; j + 4 <= n; j += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      for (let p = 0, x = i * k, y = j * k; p < k; p++, x++, y++) {
        const xp = X[x]
        s0 += xp * Y[y]
        s1 += xp * Y[y + k]
        s2 += xp * Y[y + 2 * k]
        s3 += xp * Y[y + 3 * k]
      }
      out.set([s0, s1, s2, s3], i * n + j)
    }
    for (; j < n; j++) {
      let sum = 0
      for (let p = 0, x = i * k, y = j * k; p < k; p++, x++, y++) sum += X[x] * Y[y]
      out[i * n + j] = sum
    }
  }
  return out
}

/** norm(Q^T Q - I)_F / (max(m, n) eps). */
export function orthogonalityRatio(Q: Matrix, eps = EPS): number {
  const { rows: m, cols: n } = Q
  if (n === 0) return 0
  const T = Float64Array.from(Q.transpose().data)
  const E = timesTransposed(T, T, n, n, m)
  for (let i = 0; i < n; i++) E[i * n + i] -= 1
  return frobenius(E) / (Math.max(m, n) * eps)
}

/**
 * norm(A - U diag(S) V^T)_F / (max(m, n) eps norm(A)_F), after scaling by a power of two; 0 for a zero matrix met exactly. What
 * rounding S to subnormal numbers costs, half of 2^-1074 for each, is in no algorithm's power and is taken off. U and V may
 * have more columns than S has entries.
 */
export function factorisationRatio(A: Matrix, U: Matrix, S: ArrayLike<number>, V: Matrix, eps = EPS): number {
  const { rows: m, cols: n } = A
  const r = S.length
  const e = normalisingPower(A.data)
  const a = scaledCopy(A.data, e)
  const s = scaledCopy(S, e)
  const us = Float64Array.from({ length: m * r }, (_, at) => U.data[Math.floor(at / r) * U.cols + (at % r)] * s[at % r])
  const v = Float64Array.from({ length: n * r }, (_, at) => V.data[Math.floor(at / r) * V.cols + (at % r)])
  const residual = timesTransposed(us, v, m, n, r).map((x, i) => a[i] - x)
  const quantum = Math.sqrt(r) * scaled(2 ** -1074, e) * 0.5
  const error = frobenius(residual) - quantum
  // Negated, so that NaN does not pass for a good result.
  if (!(error > 0)) return Number.isNaN(error) ? NaN : 0
  return error / (Math.max(m, n) * eps * frobenius(a))
}

/** norm(A - Q R)_F / (max(m, n) eps norm(A)_F), after scaling by a power of two. */
export function productRatio(A: Matrix, Q: Matrix, R: Matrix, eps = EPS): number {
  const { rows: m, cols: n } = A
  const e = normalisingPower(A.data)
  const a = scaledCopy(A.data, e)
  const r = scaledCopy(R.transpose().data, e)
  const residual = timesTransposed(Float64Array.from(Q.data), r, m, n, R.rows).map((x, i) => a[i] - x)
  const error = frobenius(residual)
  return error === 0 ? 0 : error / (Math.max(m, n) * eps * frobenius(a))
}

/**
 * The largest |R^T R - A^T A|_ij / (m eps |a_i| |a_j|): whether R is the triangular factor of A, whatever the signs of its rows.
 * Measured column by column, so that badly scaled columns count as much as others.
 */
export function gramRatio(A: Matrix, R: Matrix, eps = EPS): number {
  const { rows: m, cols: n } = A
  // Columns near 1 each: squares then neither over- nor underflow.
  const columns = A.transpose()
  const powers = Array.from({ length: n }, (_, j) => normalisingPower(columns.row(j)))
  const a = Float64Array.from(columns.data, (x, at) => scaled(x, powers[Math.floor(at / m)]))
  const r = Float64Array.from(R.transpose().data, (x, at) => scaled(x, powers[Math.floor(at / R.rows)]))
  const gramA = timesTransposed(a, a, n, n, m)
  const gramR = timesTransposed(r, r, n, n, R.rows)
  let worst = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const error = Math.abs(gramR[i * n + j] - gramA[i * n + j])
      const size = Math.sqrt(gramA[i * n + i]) * Math.sqrt(gramA[j * n + j])
      if (error !== 0) worst = Math.max(worst, error / (Math.max(1, m) * eps * size))
    }
  }
  return worst
}
