import { Matrix, toMatrix, type MatrixLike } from '../matrix.js'
import { finiteMatrix } from '../validation.js'

/** The right-hand side of a linear system: columns of a matrix, or a single vector. */
export type RightHandSide = MatrixLike | ArrayLike<number>

/** A single right-hand side is a list of numbers: typed, or an array that starts with one. */
function isVector(B: unknown): B is ArrayLike<number> {
  if (ArrayBuffer.isView(B) && !(B instanceof DataView)) return true
  return Array.isArray(B) && typeof B[0] === 'number'
}

function columnOf(vector: ArrayLike<number>, name: string): Matrix {
  return toMatrix({ rows: vector.length, cols: 1, data: vector }, name)
}

/**
 * Reads a right-hand side as a matrix of `rows` rows.
 *
 * @throws TypeError if it is neither matrix nor vector, RangeError if an entry is not finite or the rows do not fit
 */
export function rightHandSide(B: RightHandSide, rows: number, shapeOfA: string): Matrix {
  const matrix = finiteMatrix(isVector(B) ? columnOf(B, 'B') : B, 'B')
  if (matrix.rows !== rows) {
    throw new RangeError(
      `B must have ${rows} rows to fit the ${shapeOfA} matrix A, got ${matrix.rows} x ${matrix.cols}`,
    )
  }
  return matrix
}

/** The solution in the form of its right-hand side: a vector for a vector. */
export function inFormOf(B: RightHandSide, X: Matrix): Matrix | Float64Array {
  return isVector(B) ? (X.data as Float64Array) : X
}
