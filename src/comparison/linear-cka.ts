import { norm } from '../dense/norms.js'
import type { DataFactor } from '../align/factor/data-factor.js'
import { paddedBlockSteps } from '../align/factor/principal.js'
import { multiplySteps } from '../linalg/matmul.js'
import type { Matrix, MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { pairSteps, pairOf } from './comparison-factor.js'

/**
 * Linear centred kernel alignment: norm(Y^T X)^2 / (norm(X^T X) norm(Y^T Y)) of the centred vectors, in Frobenius norms: how far two
 * sets agree on which samples resemble each other. Rotations and scalings of either do not change it, other linear maps do. With
 * few samples for the columns it is high for unrelated sets too. 0 for latents that collapsed, or one sample: they resemble nothing.
 *
 * @memory max((1 + d)^2, d^2 + d1 d2, 2 d w + w^2) + 600 (1 + d) doubles and 2 MiB, d being d1 + d2 and w the larger of them
 * @param X - n x d1
 * @param Y - n x d2, row i the same sample as row i of X
 * @returns a number from 0 to 1. 2 n (d1 + d2)^2 operations
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the rows differ in number, either is empty, or an entry is not finite
 * @see Kornblith, Norouzi, Lee and Hinton, "Similarity of neural network representations revisited", ICML 2019
 */
export function linearCka(X: MatrixLike, Y: MatrixLike): number {
  return perform(ckaWork(X, Y))
}

/**
 * {@link linearCka} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link linearCka}, and the reason of `signal` on an abort: the promise rejects
 */
export async function linearCkaAsync(X: MatrixLike, Y: MatrixLike, options: AsyncOptions = {}): Promise<number> {
  return performAsync(ckaWork(taken(X, 'X', options), taken(Y, 'Y', options)), options)
}

function ckaWork(X: MatrixLike, Y: MatrixLike): Work<number> {
  const pair = pairOf(X, Y)
  return (engine) => pairSteps(engine, pair, linearCkaSteps)
}

/** Between two sets of a centred factor. */
export function* linearCkaSteps(engine: Engine, data: DataFactor, a: number, b: number): Steps<number> {
  const [X, Y] = [yield* unitBlockSteps(data, a), yield* unitBlockSteps(data, b)]
  if (X === undefined || Y === undefined) return 0
  const both = yield* productNormSteps(engine, Y, X)
  const [ofX, ofY] = [yield* productNormSteps(engine, X, X), yield* productNormSteps(engine, Y, Y)]
  return Math.min(1, (both / ofX) * (both / ofY))
}

/** norm(A^T B). */
function* productNormSteps(engine: Engine, A: Matrix, B: Matrix): Steps<number> {
  return norm((yield* multiplySteps(engine, A, B, { transposeA: true })).data)
}

/** One set in the factor's coordinates, in which inner products between columns are what they are between samples, scaled to norm 1. */
export function* unitBlockSteps(data: DataFactor, m: number): Steps<Matrix | undefined> {
  const block = yield* paddedBlockSteps(data, m)
  const size = norm(block.data)
  if (size === 0) return undefined
  for (let i = 0; i < block.data.length; i++) block.data[i] /= size
  return block
}
