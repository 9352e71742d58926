import { SingularMatrixError } from '../errors.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { readColumnsSteps, writeColumnsSteps, type Columns } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { inverseNormSteps } from './inverse-norm.js'
import { allocateElimination, eliminate, type Elimination } from './lu.js'
import { norm } from './norm.js'
import {
  inFormOf,
  rightHandSide,
  takenRightHandSide,
  type RightHandSide,
  type TwoDimensional,
  type VectorLike,
} from './right-hand-side.js'
import { columnPowers, equilibrate, opposite, scaledByRowsAndColumns, withinRange } from '../dense/powers-of-two.js'
import { substitute, substitutionWorkspace } from './triangular.js'
import { isSettled, spansTooMuch, wideElimination } from './wide.js'

/** @throws RangeError unless A has as many rows as columns */
export function square(A: Matrix, what: string): Matrix {
  if (A.rows !== A.cols) throw new RangeError(`${what} needs a square matrix, got ${A.rows} x ${A.cols}`)
  return A
}

/** 1 / (norm(A) norm(A^-1)) in the 1-norm, from the factors and the norm of A. 0 where the estimate overflows. */
function* reciprocalCondition(engine: Engine, a: Columns, norm1: number, work: Elimination): Steps<number> {
  const rcond = 1 / (norm1 * (yield* inverseNormSteps(engine, a, work.scratch)))
  return Number.isNaN(rcond) ? 0 : rcond
}

/** X = U^-1 Y in place. */
function* backSubstitute(engine: Engine, u: Columns, y: Columns): Steps<void> {
  const work = engine.allocate(substitutionWorkspace(engine, u.rows, y.cols))
  yield* substitute(engine, { upper: true, pointer: u.pointer, rowStride: 1, columnStride: u.stride }, y, work)
}

function refuseSingular(rcond: number): void {
  if (rcond >= Number.EPSILON) return
  const cause =
    rcond === 0
      ? 'A is singular'
      : `A is singular to working precision: its condition number is estimated at ${(1 / rcond).toExponential(2)}`
  throw new SingularMatrixError(
    `${cause} (1-norm, rows and columns scaled; at most 4.5e15 can be solved); use lstsq or pinv for the solution of minimum norm`,
    rcond,
  )
}

/**
 * A^-1 B in bounded pieces. The elimination takes [A, B] at once: its right part comes out as L^-1 P B.
 *
 * @param accept - decides about the reciprocal condition number; the default throws below eps
 */
export const solveSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  B: Matrix,
  accept: typeof refuseSingular = refuseSingular,
): Steps<Matrix> {
  const { matrix, left, right } = equilibrate(A)
  const n = matrix.rows
  const powers = columnPowers(B, left)
  const { a: both, work } = allocateElimination(engine, n, n + B.cols)
  const a = { ...both, cols: n }
  const b = { ...both, cols: B.cols, pointer: both.pointer + 8 * n * both.stride }
  yield* writeColumnsSteps(engine, matrix, a, work.scratch)
  const scaledB = scaledByRowsAndColumns(B, left, powers)
  yield* writeColumnsSteps(engine, scaledB, b, work.scratch)
  const zeroPivot = yield* eliminate(engine, both, work)
  const u = engine.doubles(a.pointer, a.stride * n)
  const pivots = Array.from({ length: n }, (_, i) => u[i * (a.stride + 1)])
  const rcond = n === 0 ? 1 : zeroPivot >= 0 ? 0 : yield* reciprocalCondition(engine, a, norm(matrix, 1), work)
  const wide = spansTooMuch(n * n * (n / 3 + B.cols), [A, matrix], [B, scaledB])
  if (wide && (rcond < Number.EPSILON || !isSettled(pivots))) return inWideNumbers(A, B, accept)
  accept(rcond)
  yield* backSubstitute(engine, a, b)
  const scaledX = yield* readColumnsSteps(engine, b)
  if (wide && !isSettled(pivots, scaledX.data)) return inWideNumbers(A, B, accept)
  return withinRange(scaledByRowsAndColumns(scaledX, right, opposite(powers)), 'the solution')
})

/** For entries of so different size that scaling does not bring all of them into range. */
function inWideNumbers(A: Matrix, B: Matrix, accept: typeof refuseSingular): Matrix {
  const { X, rcond } = wideElimination(A, B)
  accept(rcond)
  return withinRange(X, 'the solution')
}

/**
 * The solution X of A X = B, by LU with partial pivoting. Rows and columns are scaled by powers of two first, so that badly scaled
 * systems are solved as well as they can be; with n^3 / 3 + n^2 k above 2^19, entries 1e308 below the largest of X may be lost. norm(B - A X) is a small multiple of n eps norm(A) norm(X).
 * 2/3 n^3 + 2 n^2 k operations.
 *
 * @memory n (n + k) + 256 (n + k) doubles and 1 MiB
 * @param A - n x n
 * @param B - n x k, or a vector of n numbers
 * @returns n x k, or a vector for a vector
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if an entry is not finite, A is not square, the rows of B do not fit, or the solution exceeds float64
 * @throws SingularMatrixError with the condition estimate (Hager 1984, Higham 1988) if a pivot is zero or rcond is below eps
 */
export function solve(A: MatrixLike, B: VectorLike): Float64Array
export function solve(A: MatrixLike, B: TwoDimensional): Matrix
export function solve(A: MatrixLike, B: RightHandSide): Matrix | Float64Array
export function solve(A: MatrixLike, B: RightHandSide): Matrix | Float64Array {
  return perform(solveWork(A, B))
}

/**
 * {@link solve} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link solve}, and the reason of `signal` on an abort: the promise rejects
 */
export function solveAsync(A: MatrixLike, B: VectorLike, options?: AsyncOptions): Promise<Float64Array>
export function solveAsync(A: MatrixLike, B: TwoDimensional, options?: AsyncOptions): Promise<Matrix>
export function solveAsync(A: MatrixLike, B: RightHandSide, options?: AsyncOptions): Promise<Matrix | Float64Array>
export async function solveAsync(
  A: MatrixLike,
  B: RightHandSide,
  options: AsyncOptions = {},
): Promise<Matrix | Float64Array> {
  return performAsync(solveWork(taken(A, 'A', options), takenRightHandSide(B, options)), knownOptions(options, []))
}

function solveWork(A: MatrixLike, B: RightHandSide): Work<Matrix | Float64Array> {
  const matrix = square(finiteMatrix(A, 'A'), 'solve')
  const right = rightHandSide(B, matrix.rows, `${matrix.rows} x ${matrix.rows}`)
  return (engine) => solutionSteps(engine, matrix, right, B)
}

function* solutionSteps(engine: Engine, A: Matrix, right: Matrix, B: RightHandSide): Steps<Matrix | Float64Array> {
  return inFormOf(B, yield* solveSteps(engine, A, right))
}

/**
 * The inverse, by {@link solve}. What is multiplied with it is found cheaper and more accurately by `solve`. 8/3 n^3
 * operations.
 *
 * @memory 2 n^2 + 512 n doubles and 1 MiB
 * @param A - n x n
 * @throws as {@link solve}
 */
export function inv(A: MatrixLike): Matrix {
  return perform(invWork(A))
}

/**
 * {@link inv} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link inv}, and the reason of `signal` on an abort: the promise rejects
 */
export async function invAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<Matrix> {
  return performAsync(invWork(taken(A, 'A', options)), knownOptions(options, []))
}

function invWork(A: MatrixLike): Work<Matrix> {
  const matrix = square(finiteMatrix(A, 'A'), 'inv')
  return (engine) => solveSteps(engine, matrix, Matrix.identity(matrix.rows))
}
