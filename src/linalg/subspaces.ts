import { columnRange } from '../dense/slices.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import type { AsyncOptions, Steps } from '../steps.js'
import type { Engine } from '../runtime/engine.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions, nonNegative } from '../validation.js'
import { svd, svdSteps } from './svd.js'

/** Options of the functions that decide a rank. */
export interface RankOptions {
  /** Singular values at or below it count as zero; default max(m, n) eps sigma_1. */
  readonly tolerance?: number
}

/** The tolerance that is given, if any. @throws TypeError if an option is of the wrong kind, RangeError if it is negative or NaN */
export function toleranceOf(options: RankOptions): number | undefined {
  const { tolerance } = knownOptions(options, ['tolerance'])
  nonNegative(tolerance, 'tolerance')
  return tolerance
}

/** What is done with a matrix and the tolerance by which its rank is decided. @throws as {@link toleranceOf}, and as finiteMatrix */
export function rankWork<T>(
  A: MatrixLike,
  options: RankOptions,
  steps: (engine: Engine, A: Matrix, tolerance?: number) => Steps<T>,
): Work<T> {
  const tolerance = toleranceOf(options)
  const matrix = finiteMatrix(A, 'A')
  return (engine) => steps(engine, matrix, tolerance)
}

/**
 * An orthonormal basis of the null space {x : A x = 0}: the right singular vectors with sigma at or below the tolerance.
 *
 * @memory m >= n: m n + 2 n^2 + 450 m doubles and 2 MiB
 * @memory m n + n^2 + m^2 + 450 n doubles and 2 MiB
 * @param A - m x n
 * @returns n x (n - rank), orthonormal columns
 * @throws as svd; RangeError for a negative tolerance
 */
export function nullSpace(A: MatrixLike, options: RankOptions = {}): Matrix {
  return perform(nullSpaceWork(A, options))
}

/**
 * {@link nullSpace} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link nullSpace}, and the reason of `signal` on an abort: the promise rejects
 */
export async function nullSpaceAsync(A: MatrixLike, options: RankOptions & AsyncOptions = {}): Promise<Matrix> {
  return performAsync(nullSpaceWork(taken(A, 'A', options), options), options)
}

function nullSpaceWork(A: MatrixLike, options: RankOptions): Work<Matrix> {
  return rankWork(A, options, nullSpaceSteps)
}

function* nullSpaceSteps(engine: Engine, A: Matrix, tolerance?: number): Steps<Matrix> {
  const { V, rank } = yield* svdSteps(engine, A, { U: 'none', V: 'full' }, tolerance)
  return columnRange(V, rank, A.cols)
}

/**
 * An orthonormal basis of the range (column space) of A: the left singular vectors with sigma above the tolerance.
 *
 * @memory 2 p q + 2 q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @param A - m x n
 * @returns m x rank, orthonormal columns
 * @throws as svd; RangeError for a negative tolerance
 */
export function orth(A: MatrixLike, options: RankOptions = {}): Matrix {
  return perform(orthWork(A, options))
}

/**
 * {@link orth} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link orth}, and the reason of `signal` on an abort: the promise rejects
 */
export async function orthAsync(A: MatrixLike, options: RankOptions & AsyncOptions = {}): Promise<Matrix> {
  return performAsync(orthWork(taken(A, 'A', options), options), options)
}

function orthWork(A: MatrixLike, options: RankOptions): Work<Matrix> {
  return rankWork(A, options, rangeSteps)
}

function* rangeSteps(engine: Engine, A: Matrix, tolerance?: number): Steps<Matrix> {
  const { U, rank } = yield* svdSteps(engine, A, { U: 'thin', V: 'none' }, tolerance)
  return columnRange(U, 0, rank)
}

/**
 * The numerical rank of A: the number of singular values above the tolerance. The cost is that of svdvals.
 *
 * @memory p q + q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @throws as svd; RangeError for a negative tolerance
 */
export function matrixRank(A: MatrixLike, options: RankOptions = {}): number {
  return svd(A, { vectors: 'none', tolerance: toleranceOf(options) }).rank
}
