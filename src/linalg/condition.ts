import { Matrix, type MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { norm, normName } from './norm.js'
import { scaledToOne } from '../dense/powers-of-two.js'
import { solveSteps, square } from './solve.js'
import { svdSteps } from './svd.js'

/** The norms that {@link cond} takes: 2 for any shape; 1, 'inf' (or Infinity) and 'fro' for square matrices. */
export type ConditionKind = 'fro' | 'inf' | number

/** Anything but a pivot that is exactly zero: the caller wants the number, not a solution to trust. */
class ExactlySingular extends Error {}

function refuseZeroPivot(rcond: number): void {
  if (rcond === 0) throw new ExactlySingular()
}

/** norm(A) norm(A^-1), Infinity if there is no inverse. */
function* inverseSteps(engine: Engine, A: Matrix, kind: 1 | 'fro' | 'inf'): Steps<number> {
  try {
    const inverse = yield* solveSteps(engine, A, Matrix.identity(A.rows), refuseZeroPivot)
    return norm(A, kind) * norm(inverse, kind)
  } catch (error) {
    if (error instanceof ExactlySingular || error instanceof RangeError) return Infinity
    throw error
  }
}

/** The ratio of the singular values, Infinity if the last is zero. */
function* ratioSteps(engine: Engine, A: Matrix): Steps<number> {
  const { S } = yield* svdSteps(engine, A, { U: 'none', V: 'none' })
  return S[S.length - 1] === 0 ? Infinity : S[0] / S[S.length - 1]
}

/**
 * The condition number of A. For 2 the ratio of the largest to the smallest singular value, with high relative accuracy where `svd` has
 * it; otherwise norm(A) norm(A^-1) by the inverse itself, not an estimate. Infinity for a singular matrix.
 * The cost is that of `svdvals` or `inv`.
 *
 * @memory p q + q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @memory for other kinds than 2: 2 n^2 + 512 n doubles and 1 MiB
 * @param A - m x n, not empty
 * @param kind - 2 (default) for any shape; 1, 'inf' (or Infinity) or 'fro' for square matrices
 * @throws TypeError if A is no matrix or `kind` of a wrong kind
 * @throws RangeError if an entry is not finite, A is empty, not square for another kind than 2, or `kind` is unknown
 */
export function cond(A: MatrixLike, kind: ConditionKind = 2): number {
  return perform(condWork(A, kind))
}

/**
 * {@link cond} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link cond}, and the reason of `signal` on an abort: the promise rejects
 */
export async function condAsync(A: MatrixLike, kind: ConditionKind = 2, options: AsyncOptions = {}): Promise<number> {
  return performAsync(condWork(taken(A, 'A', options), kind), knownOptions(options, []))
}

/**
 * The reciprocal of the condition number in the 1-norm, as MATLAB's function of this name: 1 for an identity, 0 for a singular matrix. By
 * the inverse itself, where LAPACK estimates it, and so at the cost of {@link cond}.
 *
 * @memory 2 n^2 + 512 n doubles and 1 MiB
 * @param A - n x n, not empty
 * @throws as {@link cond}
 */
export function rcond(A: MatrixLike): number {
  return 1 / cond(A, 1)
}

/**
 * {@link rcond} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link rcond}, and the reason of `signal` on an abort: the promise rejects
 */
export async function rcondAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<number> {
  return 1 / (await condAsync(A, 1, options))
}

function condWork(A: MatrixLike, kind: ConditionKind): Work<number> {
  const matrix = finiteMatrix(A, 'A')
  const name = normName(kind, ['1', '2', 'fro', 'inf'])
  if (matrix.data.length === 0) {
    throw new RangeError(`an empty matrix has no condition, and A is ${matrix.rows} x ${matrix.cols}`)
  }
  const scaled = scaledToOne(matrix).matrix
  if (name === '2') return (engine) => ratioSteps(engine, scaled)
  square(scaled, `cond in the norm '${name}'`)
  return (engine) => inverseSteps(engine, scaled, name === '1' ? 1 : name)
}
