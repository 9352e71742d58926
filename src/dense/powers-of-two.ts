import { Matrix, type Precision } from '../matrix.js'
import { largestMagnitude } from './norms.js'

/** Scaling by powers of two: exact, so that it changes nothing but the range. */

/** Two factors 2^e, |e| below it, can be multiplied one after the other: what that loses is negligible beside the largest entry. */
const MODERATE = 500

/** Between any two numbers other than 0 there are no more than 2^2098. */
const WHOLE_RANGE = 2200

/** x 2^e for any integer e, in three factors: neither over- nor underflows before the end. */
export function timesPower(x: number, e: number): number {
  const whole = Math.max(-WHOLE_RANGE, Math.min(WHOLE_RANGE, e))
  const third = Math.trunc(whole / 3)
  return x * 2 ** third * 2 ** third * 2 ** (whole - 2 * third)
}

/** The e that brings x to about 1, 0 for x = 0. */
export function powerToOne(x: number): number {
  return x === 0 ? 0 : -Math.floor(Math.log2(x))
}

/** largest_j = max(largest_j, |x_ij|) over the rows of x. */
export function raiseToMagnitudes(largest: Float64Array, rows: ArrayLike<number>): void {
  for (let at = 0; at < rows.length;) {
    for (let j = 0; j < largest.length; j++, at++) largest[j] = Math.max(largest[j], Math.abs(rows[at]))
  }
}

/** A matrix times a power of two. */
export interface Scaled {
  readonly matrix: Matrix
  /** What the matrix was multiplied by is 2^power. */
  readonly power: number
}

/** A 2^power with its largest magnitude near 1: products and squares of such entries stay in range. */
export function scaledToOne(A: Matrix, precision?: Precision): Scaled {
  const power = powerToOne(largestMagnitude(A.data))
  return { matrix: timesPowerOfTwo(A, power, precision), power }
}

/** A 2^e. */
export function timesPowerOfTwo(A: Matrix, e: number, precision?: Precision): Matrix {
  return scaledByRowsAndColumns(A, [], new Int32Array(A.cols).fill(e), precision)
}

/** A diag(2^powers). */
export function scaledByColumns(A: Matrix, powers: Int32Array, precision?: Precision): Matrix {
  return scaledByRowsAndColumns(A, [], powers, precision)
}

/** diag(2^left) A diag(2^right); a power that is not given is 0. */
export function scaledByRowsAndColumns(
  { rows, cols, data }: Matrix,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  precision: Precision = 'f64',
): Matrix {
  const out = precision === 'f64' ? new Float64Array(data.length) : new Float32Array(data.length)
  const moderate = Math.max(largestMagnitude(left), largestMagnitude(right)) < MODERATE
  const factors = Float64Array.from(right, (e) => 2 ** e)
  for (let i = 0, at = 0; i < rows; i++) {
    const e = left[i] ?? 0
    const factor = 2 ** e
    for (let j = 0; j < cols; j++, at++) {
      out[at] = moderate ? data[at] * factor * factors[j] : timesPower(data[at], e + right[j])
    }
  }
  return new Matrix(rows, cols, out)
}

/** For every column, the power that brings the largest magnitude of diag(2^left) A in it to about 1. */
export function columnPowers(A: Matrix, left: ArrayLike<number>): Int32Array {
  const { rows, cols, data } = A
  const largest = new Float64Array(cols)
  for (let i = 0, at = 0; i < rows; i++) {
    // In two factors: rows of subnormal numbers need more than 2^1023.
    const half = Math.trunc(left[i] / 2)
    const [first, second] = [2 ** half, 2 ** (left[i] - half)]
    for (let j = 0; j < cols; j++, at++) largest[j] = Math.max(largest[j], Math.abs(data[at]) * first * second)
  }
  return Int32Array.from(largest, (x, j) =>
    x > 2 ** -1000 && x < Infinity ? powerToOne(x) : exactColumnPower(A, left, j),
  )
}

/** The same by exponents, for columns whose scaled entries do not fit the range. */
function exactColumnPower({ rows, cols, data }: Matrix, left: ArrayLike<number>, j: number): number {
  let largest = -Infinity
  for (let i = 0; i < rows; i++) {
    const x = Math.abs(data[i * cols + j])
    if (x > 0) largest = Math.max(largest, left[i] - powerToOne(x))
  }
  return largest === -Infinity ? 0 : -largest
}

/** What takes a scaling back. */
export const opposite = (powers: Int32Array): Int32Array => powers.map((e) => -e)

/** A matrix whose rows, and then columns, have their largest magnitude near 1. */
export interface Equilibrated {
  /** diag(2^left) A diag(2^right). */
  readonly matrix: Matrix
  readonly left: Int32Array
  readonly right: Int32Array
}

/**
 * Scales rows, then columns (LAPACK dgeequb). Rows first: Gaussian elimination then pivots as if all equations were of one size,
 * which is what its backward error is measured by; powers of two in the columns do not change its pivots.
 */
export function equilibrate(A: Matrix): Equilibrated {
  const left = Int32Array.from({ length: A.rows }, (_, i) => powerToOne(largestMagnitude(A.row(i))))
  const right = columnPowers(A, left)
  return { matrix: scaledByRowsAndColumns(A, left, right), left, right }
}

/** @throws RangeError if an entry of a result left the range of float64 */
export function withinRange(result: Matrix, what: string): Matrix {
  const { data, cols } = result
  for (let i = 0; i < data.length; i++) {
    if (data[i] - data[i] !== 0) {
      throw new RangeError(
        `${what}: entry (${Math.floor(i / cols)}, ${i % cols}) is beyond the range of float64; scale the data, by a power of two for example`,
      )
    }
  }
  return result
}
