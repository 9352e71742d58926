import type { Matrix, MatrixLike } from '../matrix.js'
import { finiteMatrix } from '../validation.js'

/**
 * The transpose as a new matrix of the same precision. No operations and no WebAssembly memory.
 *
 * @param A - m x n
 * @returns n x m
 * @throws TypeError if A is no matrix; RangeError if an entry is not finite
 */
export function transpose(A: MatrixLike): Matrix {
  return finiteMatrix(A, 'A').transpose()
}
