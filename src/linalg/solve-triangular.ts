import { SingularMatrixError } from '../errors.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { allocateColumns, allocateScratch, readColumnsSteps, writeColumnsSteps } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, flag, knownOptions } from '../validation.js'
import {
  inFormOf,
  rightHandSide,
  takenRightHandSide,
  type RightHandSide,
  type TwoDimensional,
  type VectorLike,
} from './right-hand-side.js'
import { columnPowers, equilibrate, opposite, scaledByRowsAndColumns, withinRange } from '../dense/powers-of-two.js'
import { square } from './solve.js'
import { substitute, substitutionWorkspace } from './triangular.js'
import { spansTooMuch, isSettled, wideElimination } from './wide.js'

/** Options of {@link solveTriangular}. */
export interface TriangularOptions {
  /** The lower triangle of A counts instead of the upper. Default false. */
  readonly lower?: boolean
  /** Solve A^T X = B. Default false. */
  readonly transpose?: boolean
  /** The diagonal counts as ones, whatever stands there. Default false. */
  readonly unitDiagonal?: boolean
}

/** The triangle that counts, as a matrix of its own. */
function triangle(A: Matrix, lower: boolean, unitDiagonal: boolean): Matrix {
  const n = A.rows
  const T = new Matrix(n, n)
  for (let i = 0; i < n; i++) {
    const [from, to] = lower ? [0, i + 1] : [i, n]
    T.data.set(A.data.subarray(i * n + from, i * n + to), i * n + from)
    if (unitDiagonal) T.data[i * n + i] = 1
  }
  return T
}

function refuseZeroDiagonal(T: Matrix): void {
  for (let i = 0; i < T.rows; i++) {
    if (T.data[i * T.cols + i] === 0) {
      throw new SingularMatrixError(
        `A is singular: entry (${i}, ${i}) on its diagonal is 0; use lstsq or pinv for the solution of minimum norm`,
        0,
      )
    }
  }
}

/** T^-1 B for a triangular T without zeros on its diagonal. */
const solutionSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  T: Matrix,
  B: Matrix,
  lower: boolean,
): Steps<Matrix> {
  const { matrix, left, right } = equilibrate(T)
  const powers = columnPowers(B, left)
  const n = matrix.rows
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, B.cols),
    work: allocateScratch(engine, n, Math.max(n, B.cols), substitutionWorkspace(engine, n, B.cols)),
  }))
  yield* writeColumnsSteps(engine, matrix, t, work)
  const scaledB = scaledByRowsAndColumns(B, left, powers)
  yield* writeColumnsSteps(engine, scaledB, b, work)
  yield* substitute(engine, { upper: !lower, pointer: t.pointer, rowStride: 1, columnStride: t.stride }, b, work)
  const scaledX = yield* readColumnsSteps(engine, b)
  const pivots = Array.from({ length: n }, (_, i) => matrix.data[i * (n + 1)])
  // An entry that is read takes as long as 8 operations.
  if (!isSettled(pivots, scaledX.data) && spansTooMuch(n * n * (8 + B.cols), [T, matrix], [B, scaledB])) {
    return withinRange(wideElimination(T, B, true).X, 'the solution')
  }
  return withinRange(scaledByRowsAndColumns(scaledX, right, opposite(powers)), 'the solution')
})

/**
 * The solution X of A X = B, or A^T X = B, for a triangular A, by substitution. Every column of X solves exactly a system whose entries
 * differ from A's by a relative n eps: ill-conditioned triangles are often solved to high accuracy, and only a zero on the
 * diagonal is refused. With n^2 (8 + k) above 2^19, what is 1e308 below the largest entry of its row and column may count as 0. n^2 k operations.
 *
 * @memory n (n + k) + 256 n doubles and 1 MiB
 * @param A - n x n; the entries outside the triangle do not count, but must be finite
 * @param B - n x k, or a vector of n numbers
 * @returns n x k, or a vector for a vector
 * @throws TypeError if an argument is no matrix or an option neither true nor false
 * @throws RangeError if an entry is not finite, A is not square, the rows of B do not fit, or the solution exceeds float64
 * @throws SingularMatrixError if an entry on the diagonal is zero
 */
export function solveTriangular(A: MatrixLike, B: VectorLike, options?: TriangularOptions): Float64Array
export function solveTriangular(A: MatrixLike, B: TwoDimensional, options?: TriangularOptions): Matrix
export function solveTriangular(A: MatrixLike, B: RightHandSide, options?: TriangularOptions): Matrix | Float64Array
export function solveTriangular(
  A: MatrixLike,
  B: RightHandSide,
  options: TriangularOptions = {},
): Matrix | Float64Array {
  return inFormOf(B, perform(triangularWork(A, B, options)))
}

/**
 * {@link solveTriangular} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link solveTriangular}, and the reason of `signal` on an abort: the promise rejects
 */
export function solveTriangularAsync(
  A: MatrixLike,
  B: VectorLike,
  options?: TriangularOptions & AsyncOptions,
): Promise<Float64Array>
export function solveTriangularAsync(
  A: MatrixLike,
  B: TwoDimensional,
  options?: TriangularOptions & AsyncOptions,
): Promise<Matrix>
export function solveTriangularAsync(
  A: MatrixLike,
  B: RightHandSide,
  options?: TriangularOptions & AsyncOptions,
): Promise<Matrix | Float64Array>
export async function solveTriangularAsync(
  A: MatrixLike,
  B: RightHandSide,
  options: TriangularOptions & AsyncOptions = {},
): Promise<Matrix | Float64Array> {
  const right = takenRightHandSide(B, options)
  return inFormOf(right, await performAsync(triangularWork(taken(A, 'A', options), right, options), options))
}

function triangularWork(A: MatrixLike, B: RightHandSide, options: TriangularOptions): Work<Matrix> {
  knownOptions(options, ['lower', 'transpose', 'unitDiagonal'])
  const lower = flag(options.lower, 'lower')
  const transposed = flag(options.transpose, 'transpose')
  const unitDiagonal = flag(options.unitDiagonal, 'unitDiagonal')
  const matrix = square(finiteMatrix(A, 'A'), 'solveTriangular')
  const right = rightHandSide(B, matrix.rows, `${matrix.rows} x ${matrix.rows}`)
  const T = triangle(matrix, lower, unitDiagonal)
  refuseZeroDiagonal(T)
  const given = transposed ? T.transpose() : T
  return (engine) => solutionSteps(engine, given, right, lower !== transposed)
}
