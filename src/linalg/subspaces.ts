import { Matrix, type MatrixLike } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { run } from '../runtime/steps.js'
import { finiteMatrix, nonNegative } from '../validation.js'
import { svd, svdSteps } from './svd.js'

/** Options of the functions that decide a rank. */
export interface RankOptions {
  /** Singular values at or below it count as zero; default max(m, n) eps sigma_1. */
  readonly tolerance?: number
}

function columns({ rows, cols, data }: Matrix, from: number, to: number): Matrix {
  const out = new Float64Array(rows * (to - from))
  for (let i = 0; i < rows; i++) out.set(data.subarray(i * cols + from, i * cols + to), i * (to - from))
  return new Matrix(rows, to - from, out)
}

/**
 * An orthonormal basis of the null space {x : A x = 0}: the right singular vectors with sigma at or below the tolerance.
 *
 * @param A - m x n
 * @returns n x (n - rank), orthonormal columns
 * @throws as svd; RangeError for a negative tolerance
 */
export function nullSpace(A: MatrixLike, { tolerance }: RankOptions = {}): Matrix {
  nonNegative(tolerance, 'tolerance')
  const { V, rank } = run(svdSteps(Engine.shared(), finiteMatrix(A, 'A'), { U: 'none', V: 'full' }, tolerance))
  return columns(V as Matrix, rank, (V as Matrix).cols)
}

/**
 * An orthonormal basis of the range (column space) of A: the left singular vectors with sigma above the tolerance.
 *
 * @param A - m x n
 * @returns m x rank, orthonormal columns
 * @throws as svd; RangeError for a negative tolerance
 */
export function orth(A: MatrixLike, { tolerance }: RankOptions = {}): Matrix {
  nonNegative(tolerance, 'tolerance')
  const { U, rank } = run(svdSteps(Engine.shared(), finiteMatrix(A, 'A'), { U: 'thin', V: 'none' }, tolerance))
  return columns(U as Matrix, 0, rank)
}

/**
 * The numerical rank of A: the number of singular values above the tolerance.
 *
 * @throws as svd; RangeError for a negative tolerance
 */
export function matrixRank(A: MatrixLike, { tolerance }: RankOptions = {}): number {
  nonNegative(tolerance, 'tolerance')
  return svd(A, { vectors: 'none', ...(tolerance === undefined ? {} : { tolerance }) }).rank
}
