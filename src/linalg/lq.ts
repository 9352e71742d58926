import type { Matrix, MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions, oneOf } from '../validation.js'
import { qrSteps } from './qr.js'

/** How much of Q is formed. */
export type LqMode = 'thin' | 'full' | 'l'

/** Options of {@link lq}. */
export interface LqOptions {
  /** 'thin' (default): Q is min(m, n) x n. 'full': Q is n x n. 'l': no Q. */
  readonly mode?: LqMode
}

/** The factors of {@link lq}. */
export interface LQ {
  /** Lower triangular, or lower trapezoidal if A is tall; signs of the diagonal are not normalised. */
  readonly L: Matrix
  /** Orthonormal rows; undefined in mode 'l'. */
  readonly Q: Matrix | undefined
}

/** LQ factorisation in bounded pieces: the QR factorisation of the transpose. */
export function* lqSteps(engine: Engine, A: Matrix, mode: LqMode): Steps<LQ> {
  const { Q, R } = yield* qrSteps(engine, A.transpose(), { mode: mode === 'l' ? 'r' : mode })
  return { L: R.transpose(), Q: Q?.transpose() }
}

/**
 * LQ factorisation A = L Q, the transpose of {@link qr} of A^T: accuracy, now row by row, and cost are those.
 *
 * @memory m n + n q + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @memory full: m n + n^2 + 450 p doubles and 2 MiB
 * @memory 'l': m n + 450 p doubles and 2 MiB
 * @param A - m x n
 * @returns L (m x min(m, n), or m x n if full) and Q (min(m, n) x n, or n x n if full)
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite, `mode` is unknown, or L exceeds float64
 */
export function lq(A: MatrixLike, options: LqOptions = {}): LQ {
  return perform(lqWork(A, options))
}

/**
 * {@link lq} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link lq}, and the reason of `signal` on an abort: the promise rejects
 */
export async function lqAsync(A: MatrixLike, options: LqOptions & AsyncOptions = {}): Promise<LQ> {
  return performAsync(lqWork(taken(A, 'A', options), options), options)
}

function lqWork(A: MatrixLike, options: LqOptions): Work<LQ> {
  const { mode: given = 'thin' } = knownOptions(options, ['mode'])
  const mode = oneOf(given, ['thin', 'full', 'l'], 'mode')
  const matrix = finiteMatrix(A, 'A')
  return (engine) => lqSteps(engine, matrix, mode)
}
