import { Matrix, type MatrixLike } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { run } from '../runtime/steps.js'
import { finiteMatrix, oneOf } from '../validation.js'
import { norm } from './norm.js'
import { scaledToOne } from './scaling.js'
import { solveSteps, square } from './solve.js'
import { svdvals } from './svd.js'

/** The norms that {@link cond} takes; 2 for any shape, the others for square matrices. */
export type ConditionKind = 1 | 2 | 'fro' | 'inf'

/** Anything but a pivot that is exactly zero: the caller wants the number, not a solution to trust. */
class ExactlySingular extends Error {}

function refuseZeroPivot(rcond: number): void {
  if (rcond === 0) throw new ExactlySingular()
}

/** norm(A) norm(A^-1), Infinity if there is no inverse. */
function byInverse(A: Matrix, kind: 1 | 'fro' | 'inf'): number {
  try {
    const inverse = run(solveSteps(Engine.shared(), A, Matrix.identity(A.rows), refuseZeroPivot))
    return norm(A, kind) * norm(inverse, kind)
  } catch (error) {
    if (error instanceof ExactlySingular || error instanceof RangeError) return Infinity
    throw error
  }
}

/**
 * The condition number of A. For 2 the ratio of the largest to the smallest singular value, with high relative accuracy where `svd` has
 * it; otherwise norm(A) norm(A^-1) by the inverse itself, not an estimate. Infinity for a singular matrix.
 * The cost is that of `svdvals` or `inv`, and so is the memory.
 *
 * @param A - m x n, not empty
 * @param kind - 2 (default) for any shape; 1, 'inf' or 'fro' for square matrices
 * @throws TypeError if A is no matrix or `kind` of a wrong kind
 * @throws RangeError if an entry is not finite, A is empty, not square for another kind than 2, or `kind` is unknown
 */
export function cond(A: MatrixLike, kind: ConditionKind = 2): number {
  const matrix = finiteMatrix(A, 'A')
  const name = oneOf(typeof kind === 'number' ? String(kind) : kind, ['1', '2', 'fro', 'inf'], 'kind')
  if (matrix.data.length === 0) {
    throw new RangeError(`cond needs a matrix with entries, got ${matrix.rows} x ${matrix.cols}`)
  }
  const scaled = scaledToOne(matrix).matrix
  if (name !== '2') return byInverse(square(scaled, `cond in the norm '${name}'`), name === '1' ? 1 : name)
  const S = svdvals(scaled)
  return S[S.length - 1] === 0 ? Infinity : S[0] / S[S.length - 1]
}
