import { Matrix } from '../matrix.js'
import { timesPower } from './scaling.js'

/**
 * Elimination for matrices whose entries span more than float64 holds even when rows and columns are scaled: every number is a mantissa and
 * an exponent of its own, so that nothing under- or overflows before the result. Some 30 times as long as the kernels, for small systems.
 */

/** Entries mantissas[i] 2^exponents[i], 1 <= |mantissa| < 2 or 0, row by row. */
export interface WideMatrix {
  readonly rows: number
  readonly cols: number
  readonly mantissas: Float64Array
  readonly exponents: Int32Array
}

/** Products of entries that are taken beside what is already there: further apart they leave it as it is. */
const FAR = 120
const NORMAL = 2 ** -1022

const bits = new DataView(new ArrayBuffer(8))

/** w[at] = x 2^e. */
function put({ mantissas, exponents }: WideMatrix, at: number, x: number, e: number): void {
  if (Math.abs(x) < NORMAL && x !== 0) {
    x *= 2 ** 54
    e -= 54
  }
  bits.setFloat64(0, x)
  const high = bits.getUint32(0)
  mantissas[at] = x
  exponents[at] = 0
  if (x === 0) return
  exponents[at] = e + ((high >>> 20) & 0x7ff) - 1023
  bits.setUint32(0, (high & 0x800fffff) | 0x3ff00000)
  mantissas[at] = bits.getFloat64(0)
}

export function wide({ rows, cols, data }: Matrix): WideMatrix {
  const w = { rows, cols, mantissas: new Float64Array(data.length), exponents: new Int32Array(data.length) }
  for (let i = 0; i < data.length; i++) put(w, i, data[i], 0)
  return w
}

/** The matrix in float64: what does not fit becomes 0 or infinite. */
export function narrow({ rows, cols, mantissas, exponents }: WideMatrix): Matrix {
  const data = mantissas.map((x, i) => timesPower(x, exponents[i]))
  return new Matrix(rows, cols, data)
}

/** w[at] -= l[i] u[j]. */
function subtractProduct(w: WideMatrix, at: number, l: WideMatrix, i: number, u: WideMatrix, j: number): void {
  const product = l.mantissas[i] * u.mantissas[j]
  if (product === 0) return
  const e = l.exponents[i] + u.exponents[j]
  const x = w.mantissas[at]
  const apart = x === 0 ? -Infinity : w.exponents[at] - e
  if (apart < FAR) put(w, at, apart < -FAR ? -product : x * 2 ** apart - product, e)
}

/** w[at] /= d[i]. */
function divide(w: WideMatrix, at: number, d: WideMatrix, i: number): void {
  put(w, at, w.mantissas[at] / d.mantissas[i], w.exponents[at] - d.exponents[i])
}

/** Whether |a[i]| 2^(e_i) < |a[j]| 2^(e_j). */
function less({ mantissas, exponents }: WideMatrix, i: number, ei: number, j: number, ej: number): boolean {
  if (mantissas[i] === 0 || mantissas[j] === 0) return mantissas[j] !== 0
  const difference = exponents[i] + ei - exponents[j] - ej
  return difference < 0 || (difference === 0 && Math.abs(mantissas[i]) < Math.abs(mantissas[j]))
}

function exchange({ cols, mantissas, exponents }: WideMatrix, i: number, j: number): void {
  for (const data of [mantissas, exponents]) {
    const row = data.slice(i * cols, (i + 1) * cols)
    data.copyWithin(i * cols, j * cols, (j + 1) * cols)
    data.set(row, j * cols)
  }
}

/**
 * P A = L U, with pivots chosen as if every row had its largest entry near 1, and B = L^-1 P B for right-hand sides B, in place; U stands
 * on and above the diagonal of A. Returns the sign of the permutation, 0 where a pivot is zero.
 */
export function wideElimination(A: WideMatrix, rights: readonly WideMatrix[] = []): number {
  const n = A.rows
  const powers = Array.from({ length: n }, (_, i) => {
    let largest = -Infinity
    for (let at = i * n; at < (i + 1) * n; at++) if (A.mantissas[at] !== 0) largest = Math.max(largest, A.exponents[at])
    return -largest
  })
  let sign = 1
  for (let c = 0; c < n; c++) {
    let row = c
    for (let i = c + 1; i < n; i++) if (less(A, row * n + c, powers[row], i * n + c, powers[i])) row = i
    if (A.mantissas[row * n + c] === 0) return 0
    if (row !== c) {
      for (const matrix of [A, ...rights]) exchange(matrix, c, row)
      ;[powers[c], powers[row]] = [powers[row], powers[c]]
      sign = -sign
    }
    for (let i = c + 1; i < n; i++) {
      const multiplier = i * n + c
      if (A.mantissas[multiplier] === 0) continue
      divide(A, multiplier, A, c * n + c)
      for (let j = c + 1; j < n; j++) subtractProduct(A, i * n + j, A, multiplier, A, c * n + j)
      for (const B of rights) {
        for (let j = 0; j < B.cols; j++) subtractProduct(B, i * B.cols + j, A, multiplier, B, c * B.cols + j)
      }
    }
  }
  return sign
}

/** B = T^-1 B in place, for the upper or the lower triangle of A without zeros on its diagonal. */
export function wideSubstitution(A: WideMatrix, B: WideMatrix, upper: boolean): void {
  const n = A.rows
  for (let step = 0; step < n; step++) {
    const c = upper ? n - 1 - step : step
    for (let j = 0; j < B.cols; j++) divide(B, c * B.cols + j, A, c * n + c)
    for (let i = upper ? 0 : c + 1; i < (upper ? c : n); i++) {
      for (let j = 0; j < B.cols; j++) subtractProduct(B, i * B.cols + j, A, i * n + c, B, c * B.cols + j)
    }
  }
}

/** x_i = max over j of |a_ij| x_j, all as logarithms. */
function largestTerms({ rows, cols, mantissas, exponents }: WideMatrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let largest = -Infinity
    for (let j = 0, at = i * cols; j < cols; j++, at++) {
      if (mantissas[at] !== 0) largest = Math.max(largest, exponents[at] + x[j])
    }
    return largest
  })
}

/**
 * 1 over the least condition number that A has with rows and columns scaled in any way: the spectral radius of |A^-1| |A| (Bauer 1963), to a
 * factor of n: of its growth, only the largest term of each sum is followed, and of each number the exponent.
 */
function leastReciprocalCondition(A: WideMatrix, inverse: WideMatrix): number {
  const n = A.rows
  let x: Float64Array = new Float64Array(n)
  let middle = x
  for (let step = 0; step < 2 * n; step++) {
    if (step === n) middle = x
    x = largestTerms(inverse, largestTerms(A, x))
  }
  return 2 ** -Math.max(0, ...x.map((xi, i) => (xi - middle[i]) / n)) / n
}

/** A^-1 B, and 1 over the least condition number of A: 0 where a pivot is zero. 8/3 n^3 + 2 n^2 k operations, and 4 n^3 comparisons. */
export function wideSolution(A: Matrix, B: Matrix): { X: Matrix; rcond: number } {
  const n = A.rows
  const [U, X, inverse] = [A, B, Matrix.identity(n)].map(wide)
  if (wideElimination(U, [X, inverse]) === 0) return { X: B, rcond: 0 }
  for (const right of [X, inverse]) wideSubstitution(U, right, true)
  return { X: narrow(X), rcond: leastReciprocalCondition(wide(A), inverse) }
}

/** T^-1 B for the upper or the lower triangle of T without zeros on its diagonal. */
export function wideTriangularSolution(T: Matrix, B: Matrix, upper: boolean): Matrix {
  const X = wide(B)
  wideSubstitution(wide(T), X, upper)
  return narrow(X)
}

/** Operations that are worth some seconds: a system of order 256, a triangle of order 4096. */
const MOST_OPERATIONS = 2 ** 25
/** Entries below it, beside a largest of 1, may have products that underflow. */
const SMALL = 2 ** -100
/** Pivots and solutions this far from 1 at most do not depend on what underflows. */
const SAFE = 2 ** 300

/** Whether arithmetic in float64 may lose what matters of a matrix, given before and after its scaling, and `operations` are few. */
export function spansTooMuch(operations: number, ...scaled: (readonly [given: Matrix, scaled: Matrix])[]): boolean {
  if (operations > MOST_OPERATIONS) return false
  return scaled.some(([given, { data }]) => data.some((x, i) => Math.abs(x) < SMALL && given.data[i] !== 0))
}

/** Whether nothing that underflowed can show: given pivots, and the solution for a right-hand side with a largest entry of 1. */
export function isSettled(pivots: ArrayLike<number>, solution: ArrayLike<number> = []): boolean {
  const near = (x: number) => Math.abs(x) > 1 / SAFE && Math.abs(x) < SAFE
  return Array.prototype.every.call(pivots, near) && Array.prototype.every.call(solution, near)
}
