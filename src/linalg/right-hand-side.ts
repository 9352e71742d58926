import { columnParts, isVectorLike } from '../matrix-input.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import type { AsyncOptions } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { finiteMatrix } from '../validation.js'

/** A vector, by its type: numbers, or an array or a tensor of one dimension. */
export type VectorLike =
  | ArrayLike<number>
  | { readonly data: ArrayLike<number | bigint>; readonly shape: readonly [number] }
  | { readonly data: ArrayLike<unknown>; readonly dims: readonly [number] }
  | { readonly shape: readonly [number]; readonly dataSync: () => ArrayLike<unknown> }

/** What is a matrix by its type. Of other objects only their shape tells. */
export type TwoDimensional =
  | Matrix
  | { readonly rows: number; readonly cols: number; readonly data: ArrayLike<number | bigint> }
  | { readonly data: ArrayLike<number | bigint>; readonly shape: readonly [number, number] }
  | { readonly data: ArrayLike<unknown>; readonly dims: readonly [number, number] }
  | { readonly shape: readonly [number, number]; readonly dataSync: () => ArrayLike<unknown> }
  | { readonly to2DArray: () => number[][] }
  | ArrayLike<ArrayLike<number | bigint>>
  | Iterable<ArrayLike<number | bigint>>

/** The right-hand side of a linear system: columns of a matrix, or a single vector. */
export type RightHandSide = MatrixLike | VectorLike

/** A vector as the matrix of one column, anything else as it is. */
export function columnOf(x: RightHandSide, name: string): MatrixLike {
  return isVectorLike(x) ? columnParts(x, name) : (x as MatrixLike)
}

/**
 * Reads a right-hand side as a matrix of `rows` rows.
 *
 * @throws TypeError if it is neither matrix nor vector, RangeError if an entry is not finite or the rows do not fit
 */
export function rightHandSide(B: RightHandSide, rows: number, shapeOfA: string): Matrix {
  const matrix = finiteMatrix(columnOf(B, 'B'), 'B')
  if (matrix.rows !== rows) {
    throw new RangeError(
      `B must have ${rows} rows to fit the ${shapeOfA} matrix A, got ${matrix.rows} x ${matrix.cols}`,
    )
  }
  return matrix
}

/** {@link taken}, in the same form: a vector stays one. */
export function takenRightHandSide(B: RightHandSide, options: AsyncOptions): RightHandSide {
  return isVectorLike(B) ? taken(columnOf(B, 'B'), 'B', options).data : taken(B, 'B', options)
}

/** The solution in the form of its right-hand side: a vector for a vector. */
export function inFormOf(B: RightHandSide, X: Matrix): Matrix | Float64Array {
  return isVectorLike(B) ? (X.data as Float64Array) : X
}
