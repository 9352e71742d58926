import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import { largestMagnitude } from '../dense/norms.js'

/** Machine epsilon of float32, 2^-23. */
const EPS_SINGLE = 2 ** -23
/** Entries may differ by this many n eps of the largest: what forming X^T D X in another order than its transpose costs. */
const ALLOWANCE = 8

/**
 * The matrix, if it is square and symmetric: |a_ij - a_ji| at most 8 n eps times the largest magnitude, with the eps of float32
 * for float32 data.
 *
 * @throws RangeError that names the pair of entries that differ most
 */
export function symmetric(A: Matrix, what: string, hint = ''): Matrix {
  const { rows: n, data } = A
  if (n !== A.cols) throw new RangeError(`${what} needs a square matrix, got ${n} x ${A.cols}`)
  const eps = isFloat32(data) ? EPS_SINGLE : Number.EPSILON
  const allowed = ALLOWANCE * n * eps * largestMagnitude(data)
  let [worst, row, column] = [allowed, -1, -1]
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const difference = Math.abs(data[i * n + j] - data[j * n + i])
      if (difference > worst) [worst, row, column] = [difference, i, j]
    }
  }
  if (row >= 0) {
    throw new RangeError(
      `${what} needs a symmetric matrix, but entry (${row}, ${column}) is ${data[row * n + column]} and ` +
        `entry (${column}, ${row}) is ${data[column * n + row]}: take (A + A^T) / 2 if they should be equal${hint}`,
    )
  }
  return A
}

/** (A + A^T) / 2 of a {@link symmetric} matrix; A itself where it is exactly symmetric. */
export function symmetricPart(A: Matrix, what: string, hint?: string): Matrix {
  const { rows: n, data } = symmetric(A, what, hint)
  const mean = new Float64Array(data)
  let exact = true
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [data[i * n + j], data[j * n + i]]
      if (x === y) continue
      exact = false
      // Of this form neither the sum nor the difference overflows.
      mean[i * n + j] = mean[j * n + i] = x + (y - x) / 2
    }
  }
  return exact ? A : new Matrix(n, n, mean)
}
