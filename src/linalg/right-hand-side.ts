import { isVector } from '../matrix-input.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import type { AsyncOptions } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { finiteMatrix } from '../validation.js'

/** The right-hand side of a linear system: columns of a matrix, or a single vector. */
export type RightHandSide = MatrixLike | ArrayLike<number>

/** A vector as the matrix of one column, anything else as it is. */
export function columnOf(x: RightHandSide): MatrixLike {
  return isVector(x) ? { rows: x.length, cols: 1, data: x } : x
}

/**
 * Reads a right-hand side as a matrix of `rows` rows.
 *
 * @throws TypeError if it is neither matrix nor vector, RangeError if an entry is not finite or the rows do not fit
 */
export function rightHandSide(B: RightHandSide, rows: number, shapeOfA: string): Matrix {
  const matrix = finiteMatrix(columnOf(B), 'B')
  if (matrix.rows !== rows) {
    throw new RangeError(
      `B must have ${rows} rows to fit the ${shapeOfA} matrix A, got ${matrix.rows} x ${matrix.cols}`,
    )
  }
  return matrix
}

/** {@link taken}, in the same form: a vector stays one. */
export function takenRightHandSide(B: RightHandSide, options: AsyncOptions): RightHandSide {
  return isVector(B) ? taken(columnOf(B), 'B', options).data : taken(B, 'B', options)
}

/** The solution in the form of its right-hand side: a vector for a vector. */
export function inFormOf(B: RightHandSide, X: Matrix): Matrix | Float64Array {
  return isVector(B) ? (X.data as Float64Array) : X
}
