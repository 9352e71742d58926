import { Matrix, type MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions, oneOf } from '../validation.js'
import { gramSteps } from './gram.js'
import { multiplySteps } from './matmul.js'
import { timesPowerOfTwo, scaledToOne, withinRange } from '../dense/powers-of-two.js'
import { svdSteps } from './svd.js'

/** On which side of the orthonormal factor the positive semidefinite one stands. */
export type PolarSide = 'right' | 'left'

/** Options of {@link polar}. */
export interface PolarOptions {
  /** 'right' (default): A = U P. 'left': A = P U. */
  readonly side?: PolarSide
}

/** The factors of {@link polar}. */
export interface Polar {
  /** m x n, with orthonormal columns if A is tall, orthonormal rows if it is wide. */
  readonly U: Matrix
  /** Symmetric positive semidefinite: n x n on the right, m x m on the left. */
  readonly P: Matrix
}

/** diag(sqrt S) W^T, so that its Gram matrix is W diag(S) W^T, symmetric to the last bit. */
function rootFactor(W: Matrix, S: Float64Array): Matrix {
  const root = W.transpose()
  for (let i = 0; i < root.rows; i++) {
    const factor = Math.sqrt(S[i])
    for (let j = 0; j < root.cols; j++) root.data[i * root.cols + j] *= factor
  }
  return root
}

/** The polar decomposition in bounded pieces. */
export function* polarSteps(engine: Engine, A: Matrix, side: PolarSide): Steps<Polar> {
  const { matrix, power } = scaledToOne(A)
  const { U, S, V } = yield* svdSteps(engine, matrix, { U: 'thin', V: 'thin' })
  const P = yield* gramSteps(engine, rootFactor(side === 'right' ? V : U, S))
  return {
    U: yield* multiplySteps(engine, U, V, { transposeB: true }),
    P: withinRange(timesPowerOfTwo(P, -power), 'P'),
  }
}

/**
 * Polar decomposition A = U P or A = P U, by {@link svd}: U is the matrix with orthonormal columns (rows, if A is wide) nearest to
 * A, P the symmetric positive semidefinite square root of A^T A or A A^T. Any shape; of a rank-deficient A, U is one of many.
 * The cost is that of an svd and 4 m n min(m, n) operations.
 *
 * @memory 2 p q + 2 q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @param A - m x n
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite or `side` is unknown
 */
export function polar(A: MatrixLike, options: PolarOptions = {}): Polar {
  return perform(polarWork(A, options))
}

/**
 * {@link polar} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link polar}, and the reason of `signal` on an abort: the promise rejects
 */
export async function polarAsync(A: MatrixLike, options: PolarOptions & AsyncOptions = {}): Promise<Polar> {
  return performAsync(polarWork(taken(A, 'A', options), options), options)
}

function polarWork(A: MatrixLike, options: PolarOptions): Work<Polar> {
  const { side: given = 'right' } = knownOptions(options, ['side'])
  const side = oneOf(given, ['right', 'left'], 'side')
  const matrix = finiteMatrix(A, 'A')
  return (engine) => polarSteps(engine, matrix, side)
}
