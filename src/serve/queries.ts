import { isVector } from '../matrix-input.js'
import { Matrix, toMatrix, type MatrixLike } from '../matrix.js'
import { isFloats } from '../typed-arrays.js'
import type { VectorLike } from '../vector.js'

/** The same matrix. @throws RangeError unless its rows have so many entries */
export function ofDimensions(X: Matrix, dimensions: number, name: string, entries: string): Matrix {
  // An array of no rows has no columns either.
  if (X.cols !== dimensions && X.rows + X.cols > 0) {
    throw new RangeError(`${name} has ${X.cols} ${entries}, expected ${dimensions}, the dimensions of the index`)
  }
  return X
}

/** A query as a matrix of one row, or several as they are. @throws TypeError if it is neither, RangeError for other dimensions */
export function queriesOf(query: VectorLike | MatrixLike, dimensions: number): Matrix {
  const single = isFloats(query) || isVector(query)
  const Q = isFloats(query) ? new Matrix(1, query.length, query) : toMatrix(single ? [query] : query, 'query')
  return ofDimensions(Q, dimensions, 'query', 'entries')
}
