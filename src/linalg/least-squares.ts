import { columnRange } from '../dense/slices.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix } from '../validation.js'
import { multiplySteps } from './matmul.js'
import {
  inFormOf,
  rightHandSide,
  takenRightHandSide,
  type RightHandSide,
  type TwoDimensional,
  type VectorLike,
} from './right-hand-side.js'
import { columnPowers, scaledByRowsAndColumns, scaledToOne, timesPower, withinRange } from '../dense/powers-of-two.js'
import { rankWork, toleranceOf, type RankOptions } from './subspaces.js'
import { countAbove, defaultTolerance, svdSteps } from './svd.js'

/** The result of {@link lstsq}. */
export interface LeastSquaresSolution<Solution = Matrix> {
  /** n x k, or a vector: of all minimisers of norm(B - A X) the one of least norm. */
  readonly X: Solution
  /** norm(b - A x) for every column of B. */
  readonly residualNorms: Float64Array
  /** Numerical rank of A, or of A with columns of one length, if that is more. */
  readonly rank: number
  /** Singular values of A, descending, min(m, n) of them. */
  readonly singularValues: Float64Array
}

/** A 2^power = U diag(S) V^T with S near 1 at most. */
interface ScaledFactors {
  readonly matrix: Matrix
  readonly power: number
  readonly U: Matrix
  readonly S: Float64Array
  readonly V: Matrix
  /** Singular values above the tolerance. */
  readonly rank: number
}

/**
 * The factors of the span of A whose rank is that of A with columns of one length, if this is more than was found: columns that are only
 * badly scaled (1 and x, x = 100000001, 100000002, ...) are independent. Undefined if it is not.
 */
function* spanFactorSteps(engine: Engine, { matrix, power, rank }: ScaledFactors): Steps<ScaledFactors | undefined> {
  const zeros = new Int32Array(matrix.rows)
  const powers = columnPowers(matrix, zeros)
  if (rank === Math.min(matrix.rows, matrix.cols) || powers.every((e) => e === powers[0])) return undefined
  const even = yield* svdSteps(engine, scaledByRowsAndColumns(matrix, zeros, powers), { U: 'thin', V: 'none' })
  const evenRank = countAbove(even.S, defaultTolerance(matrix.rows, matrix.cols, even.S))
  if (evenRank <= rank) return undefined
  const span = columnRange(even.U, 0, evenRank)
  // Rounding here is relative to each column, and so does as little to the solution as rounding A itself.
  const { U, S, V } = yield* svdSteps(engine, yield* multiplySteps(engine, span, matrix, { transposeA: true }), { U: 'thin', V: 'thin' }) // prettier-ignore
  return { matrix, power, U: yield* multiplySteps(engine, span, U), S, V, rank: evenRank }
}

function* scaledFactorSteps(engine: Engine, A: Matrix, tolerance?: number): Steps<ScaledFactors> {
  const { matrix, power } = scaledToOne(A)
  const { U, S, V } = yield* svdSteps(engine, matrix, { U: 'thin', V: 'thin' })
  const cut = tolerance === undefined ? defaultTolerance(A.rows, A.cols, S) : timesPower(tolerance, power)
  // A tolerance of the caller's may be 0, but a zero singular value has no reciprocal.
  return { matrix, power, U, S, V, rank: countAbove(S, cut) }
}

/** Rows i < rank over S_i, the others zero. */
function overSingularValues(X: Matrix, { S, rank }: ScaledFactors): Matrix {
  const { cols, data } = X
  for (let i = 0; i < X.rows; i++) {
    for (let j = 0; j < cols; j++) data[i * cols + j] = i < rank ? data[i * cols + j] / S[i] : 0
  }
  return X
}

function* minimumNormSteps(engine: Engine, factors: ScaledFactors, B: Matrix): Steps<Matrix> {
  const coordinates = yield* multiplySteps(engine, factors.U, B, { transposeA: true })
  return yield* multiplySteps(engine, factors.V, overSingularValues(coordinates, factors))
}

/** norm(b - A x) for every column; entries are near 1. */
function* residualNormSteps(engine: Engine, A: Matrix, X: Matrix, B: Matrix): Steps<Float64Array> {
  const { data, cols } = yield* multiplySteps(engine, A, X)
  const squares = new Float64Array(cols)
  for (let at = 0; at < data.length; at++) squares[at % cols] += (B.data[at] - data[at]) ** 2
  return squares.map(Math.sqrt)
}

/** Least squares in bounded pieces, the solution in the form of `asked`. */
function* lstsqSteps(
  engine: Engine,
  A: Matrix,
  B: Matrix,
  asked: RightHandSide,
  tolerance?: number,
): Steps<LeastSquaresSolution<Matrix | Float64Array>> {
  const found = yield* scaledFactorSteps(engine, A, tolerance)
  const factors = (tolerance === undefined ? yield* spanFactorSteps(engine, found) : undefined) ?? found
  const { matrix, power, rank } = factors
  const [zerosA, zerosX] = [new Int32Array(B.rows), new Int32Array(A.cols)]
  const powers = columnPowers(B, zerosA)
  const scaledB = scaledByRowsAndColumns(B, zerosA, powers)
  const X = yield* minimumNormSteps(engine, factors, scaledB)
  const norms = yield* residualNormSteps(engine, matrix, X, scaledB)
  const unscaled = powers.map((e) => power - e)
  return {
    X: inFormOf(asked, withinRange(scaledByRowsAndColumns(X, zerosX, unscaled), 'the solution')),
    residualNorms: norms.map((x, j) => timesPower(x, -powers[j])),
    rank,
    singularValues: found.S.map((sigma) => timesPower(sigma, -power)),
  }
}

/**
 * Least squares: X minimises norm(B - A X), and of all minimisers it is the one of least norm. Any shape and rank, by {@link svd}, which
 * sorts the rows by size: rows weighted by many orders of magnitude keep their relative accuracy. Units of columns do not decide the rank:
 * where A is rank-deficient, but less so with columns of one length, that is what counts (unlike in `matrixRank` and `pinv`, which are about
 * A as it is). The cost is that of an svd, or of three there, and 4 m n k operations.
 *
 * @memory max(2 p q + 2 q^2, m n + (m + n) k) + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @param A - m x n
 * @param B - m x k, or a vector of m numbers
 * @param options - `tolerance`: singular values of A at or below it count as zero; default max(m, n) eps sigma_1, of A as it is or
 *   with columns of one length, whichever leaves more
 * @returns X (n x k, or a vector for a vector), the residual's norm for every column, rank and singular values of A
 * @throws TypeError if an argument is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite, the rows of B do not fit, `tolerance` is negative, or X exceeds float64
 */
export function lstsq(A: MatrixLike, B: VectorLike, options?: RankOptions): LeastSquaresSolution<Float64Array>
export function lstsq(A: MatrixLike, B: TwoDimensional, options?: RankOptions): LeastSquaresSolution
export function lstsq(
  A: MatrixLike,
  B: RightHandSide,
  options?: RankOptions,
): LeastSquaresSolution<Matrix | Float64Array>
export function lstsq(
  A: MatrixLike,
  B: RightHandSide,
  options: RankOptions = {},
): LeastSquaresSolution<Matrix | Float64Array> {
  return perform(lstsqWork(A, B, options))
}

/**
 * {@link lstsq} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link lstsq}, and the reason of `signal` on an abort: the promise rejects
 */
export function lstsqAsync(
  A: MatrixLike,
  B: VectorLike,
  options?: RankOptions & AsyncOptions,
): Promise<LeastSquaresSolution<Float64Array>>
export function lstsqAsync(
  A: MatrixLike,
  B: TwoDimensional,
  options?: RankOptions & AsyncOptions,
): Promise<LeastSquaresSolution>
export function lstsqAsync(
  A: MatrixLike,
  B: RightHandSide,
  options?: RankOptions & AsyncOptions,
): Promise<LeastSquaresSolution<Matrix | Float64Array>>
export async function lstsqAsync(
  A: MatrixLike,
  B: RightHandSide,
  options: RankOptions & AsyncOptions = {},
): Promise<LeastSquaresSolution<Matrix | Float64Array>> {
  return performAsync(lstsqWork(taken(A, 'A', options), takenRightHandSide(B, options), options), options)
}

function lstsqWork(
  A: MatrixLike,
  B: RightHandSide,
  options: RankOptions,
): Work<LeastSquaresSolution<Matrix | Float64Array>> {
  const tolerance = toleranceOf(options)
  const matrix = finiteMatrix(A, 'A')
  const right = rightHandSide(B, matrix.rows, `${matrix.rows} x ${matrix.cols}`)
  return (engine) => lstsqSteps(engine, matrix, right, B, tolerance)
}

function* pinvSteps(engine: Engine, A: Matrix, tolerance?: number): Steps<Matrix> {
  const factors = yield* scaledFactorSteps(engine, A, tolerance)
  const rows = overSingularValues(factors.U.transpose(), factors)
  const inverse = yield* multiplySteps(engine, factors.V, rows)
  const { power } = factors
  const powers = new Int32Array(A.cols).fill(power)
  return withinRange(scaledByRowsAndColumns(inverse, powers, new Int32Array(A.rows)), 'the pseudo-inverse')
}

/**
 * The Moore-Penrose pseudo-inverse V diag(1 / S) U^T over the singular values above the tolerance: of A as it is, where `lstsq` looks past
 * the units of its columns. Any shape and rank. The cost is that
 * of an svd and 2 m n min(m, n) operations.
 *
 * @memory 2 p q + 2 q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @param A - m x n
 * @param options - `tolerance`: singular values at or below it count as zero; default max(m, n) eps sigma_1
 * @returns n x m
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite, `tolerance` is negative, or the result exceeds float64
 */
export function pinv(A: MatrixLike, options: RankOptions = {}): Matrix {
  return perform(pinvWork(A, options))
}

/**
 * {@link pinv} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link pinv}, and the reason of `signal` on an abort: the promise rejects
 */
export async function pinvAsync(A: MatrixLike, options: RankOptions & AsyncOptions = {}): Promise<Matrix> {
  return performAsync(pinvWork(taken(A, 'A', options), options), options)
}

function pinvWork(A: MatrixLike, options: RankOptions): Work<Matrix> {
  return rankWork(A, options, pinvSteps)
}
