import type { Matrix, MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { multiplySteps } from './matmul.js'
import { scaledToOne, timesPower } from '../dense/powers-of-two.js'
import { svdSteps } from './svd.js'

/** The result of {@link orthogonalProcrustes}. */
export interface Procrustes {
  /** Orthogonal, n x n: norm(A R - B) is least. */
  readonly R: Matrix
  /** The nuclear norm of A^T B. scale / norm(A)^2 is the factor by which A R is nearest to B. */
  readonly scale: number
}

function* procrustesSteps(engine: Engine, A: Matrix, B: Matrix): Steps<Procrustes> {
  const [a, b] = [scaledToOne(A), scaledToOne(B)]
  const product = yield* multiplySteps(engine, a.matrix, b.matrix, { transposeA: true })
  const { U, S, V } = yield* svdSteps(engine, product, { U: 'thin', V: 'thin' })
  const R = yield* multiplySteps(engine, U, V, { transposeB: true })
  const total = S.reduce((sum, sigma) => sum + sigma, 0)
  return { R, scale: timesPower(total, -a.power - b.power) }
}

/**
 * The orthogonal Procrustes problem (Schoenemann 1966): the orthogonal R, reflections included, that minimises norm(A R - B). R = U V^T
 * with A^T B = U diag(S) V^T. Nothing is centred. 2 m n^2 operations and an svd of n x n.
 *
 * @memory max(2 m n + n^2, 4 n^2) + 450 n doubles and 2 MiB
 * @param A - m x n, samples as rows
 * @param B - m x n
 * @returns R and the sum of the singular values of A^T B
 * @throws TypeError if an argument is no matrix; RangeError if an entry is not finite or the shapes differ
 */
export function orthogonalProcrustes(A: MatrixLike, B: MatrixLike): Procrustes {
  return perform(procrustesWork(A, B))
}

/**
 * {@link orthogonalProcrustes} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link orthogonalProcrustes}, and the reason of `signal` on an abort: the promise rejects
 */
export async function orthogonalProcrustesAsync(
  A: MatrixLike,
  B: MatrixLike,
  options: AsyncOptions = {},
): Promise<Procrustes> {
  return performAsync(procrustesWork(taken(A, 'A', options), taken(B, 'B', options)), knownOptions(options, []))
}

function procrustesWork(A: MatrixLike, B: MatrixLike): Work<Procrustes> {
  const [from, to] = [finiteMatrix(A, 'A'), finiteMatrix(B, 'B')]
  if (from.rows !== to.rows || from.cols !== to.cols) {
    throw new RangeError(
      `orthogonalProcrustes needs two matrices of one shape, got ${from.rows} x ${from.cols} and ${to.rows} x ${to.cols}; ` +
        'pad the narrower one with columns of zeros',
    )
  }
  return (engine) => procrustesSteps(engine, from, to)
}
