import type { Matrix, MatrixData } from '../matrix.js'
import { inPieces, run, type Steps } from '../steps.js'

// Between these a sum of squares is exact to rounding: nothing overflowed, and what underflowed (terms below 2^-1022, at
// most 2^53 of them) is below 2^-69 of it.
const SAFE_MIN = 2 ** -900
const SAFE_MAX = 2 ** 1000

// Blue's constants in spirit (ACM TOMS 4, 1978): squares of scaled magnitudes stay far inside the range of a double.
const LARGE = 2 ** 500
const SMALL = 2 ** -500
const SCALE_DOWN = 2 ** -600
const SCALE_UP = 2 ** 600

/** Whether a plain sum of squares lost nothing to over- or underflow. */
export const isSafeSquare = (squares: number): boolean => squares >= SAFE_MIN && squares <= SAFE_MAX

/** A power of two by which numbers up to `largest` in magnitude may be multiplied and then squared and summed safely. */
export function safeScale(largest: number): number {
  return largest > LARGE ? SCALE_DOWN : largest > 0 && largest < SMALL ? SCALE_UP : 1
}

/** The largest |x[first .. first + length - 1]|, 0 for none. */
export function largestMagnitude(x: ArrayLike<number>, first = 0, length = x.length): number {
  let largest = 0
  for (let i = first; i < first + length; i++) largest = Math.max(largest, Math.abs(x[i]))
  return largest
}

/** ||x[first .. first + length - 1]||_2, free of over- and underflow on the way; Infinity only if the norm exceeds the largest double. */
export function norm(x: ArrayLike<number>, first = 0, length = x.length): number {
  const squares = sumOfSquares(x, first, length, 1)
  if (isSafeSquare(squares)) return Math.sqrt(squares)
  const scale = safeScale(largestMagnitude(x, first, length))
  return Math.sqrt(sumOfSquares(x, first, length, scale)) / scale
}

function sumOfSquares(x: ArrayLike<number>, first: number, length: number, scale: number): number {
  let squares = 0
  for (let i = first; i < first + length; i++) {
    const scaled = x[i] * scale
    squares += scaled * scaled
  }
  return squares
}

/** The mean of the squares of x[first .. first + length - 1], free of over- and underflow unless the mean itself has it. */
export function meanSquare(x: MatrixData, first: number, length: number): number {
  const squares = sumOfSquares(x, first, length, 1)
  if (isSafeSquare(squares)) return squares / length
  const root = norm(x, first, length)
  return (root / length) * root
}

/** Frobenius norm, as safe as {@link norm}: the norm of the norms of some rows at a time. */
export function* frobeniusSteps({ rows, cols, data }: Matrix): Steps<number> {
  const parts: number[] = []
  yield* inPieces(rows, cols, (from, to) => parts.push(norm(data, from * cols, (to - from) * cols)))
  return norm(parts)
}

/** Euclidean norm of every column of X, as safe as {@link norm}. */
export function* columnNormsSteps(X: Matrix): Steps<Float64Array> {
  const { rows, cols, data } = X
  const sums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++)
      for (let j = 0; j < cols; j++, at++) sums[j] += data[at] * data[at]
  })
  return sums.every(isSafeSquare) ? sums.map(Math.sqrt) : yield* scaledColumnNormsSteps(X)
}

/** With each column scaled by its largest entry. */
function* scaledColumnNormsSteps({ rows, cols, data }: Matrix): Steps<Float64Array> {
  const largest = new Float64Array(cols)
  const sums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) largest[j] = Math.max(largest[j], Math.abs(data[at]))
    }
  })
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) if (data[at] !== 0) sums[j] += (data[at] / largest[j]) ** 2
    }
  })
  return sums.map((sum, j) => largest[j] * Math.sqrt(sum))
}

/** {@link columnNormsSteps} at once. */
export function columnNorms(X: Matrix): Float64Array {
  return run(columnNormsSteps(X))
}

/** Distance between `length` entries of x from i and of y from j, as safe as {@link norm}. */
export function distance(x: MatrixData, i: number, y: MatrixData, j: number, length: number): number {
  let squares = 0
  for (let l = 0; l < length; l++) {
    const difference = x[i + l] - y[j + l]
    squares += difference * difference
  }
  if (isSafeSquare(squares)) return Math.sqrt(squares)
  const times = (scale: number) =>
    norm(Float64Array.from({ length }, (_, l) => x[i + l] * scale - y[j + l] * scale)) / scale
  // A difference of finite numbers may overflow; halves of the smallest ones are none.
  const plain = times(1)
  return plain === Infinity ? times(0.5) : plain
}

/** The rows of Z scaled to unit length, row-major in float64; a zero row stays zero. O(n k) time and memory. */
export function unitRows(Z: Matrix): Float64Array {
  const { rows, cols, data } = Z
  const unit = new Float64Array(data.length)
  for (let i = 0, first = 0; i < rows; i++, first += cols) {
    const scale = safeScale(largestMagnitude(data, first, cols))
    for (let j = first; j < first + cols; j++) unit[j] = data[j] * scale
    const length = norm(unit, first, cols)
    if (length > 0) for (let j = first; j < first + cols; j++) unit[j] /= length
  }
  return unit
}

/**
 * The mean of x: Neumaier's compensated sum (ZAMM 54, 1974), so its error does not grow with the length, in a scale in
 * which it cannot overflow. x must not be empty.
 */
export function mean(x: MatrixData): number {
  const largest = largestMagnitude(x)
  if (largest === Infinity) return Infinity
  const scale = safeScale(largest)
  let sum = 0
  let compensation = 0
  for (let i = 0; i < x.length; i++) {
    const term = x[i] * scale
    const next = sum + term
    compensation += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum
    sum = next
  }
  return (sum + compensation) / x.length / scale
}

/** The lower median of what is not zero; 0 if all is. */
export function lowerMedian(sizes: Float64Array): number {
  const sorted = sizes.filter((size) => size > 0).sort()
  return sorted.length === 0 ? 0 : sorted[(sorted.length - 1) >> 1]
}
