import { norm } from '../dense/norms.js'
import { paddedBlockSteps, principalSteps } from '../align/factor/principal.js'
import { multiplySteps } from '../linalg/matmul.js'
import type { MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { comparisonFactorSteps, pairOf, type Pair } from './comparison-factor.js'

/**
 * Collapse ratio: the energy that latents keep for the energy that went in, 1 - min_B norm(X - Z B)^2 / norm(X)^2, both centred: the share
 * of the variance of X that can be had back from Z by a linear map. Neither the scale of Z nor its basis changes it. Of the k leading
 * principal components it is the share of variance they explain, which no other k linear latents exceed; 0 for latents that collapsed,
 * and near the share of directions without signal for an alignment that took those. 0 if X has no variance.
 *
 * @memory max((1 + d + k)^2, (d + k)^2 + d k, 4 k^2) + 600 (1 + d + k) doubles and 2 MiB
 * @param X - n x d, what was mapped
 * @param Z - n x k, its latents, row i those of row i of X
 * @returns a number from 0 to 1, higher is more kept. 2 n (d + k)^2 operations
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the rows differ in number, either is empty, or an entry is not finite
 */
export function collapseRatio(X: MatrixLike, Z: MatrixLike): number {
  return perform(collapseWork(X, Z))
}

/**
 * {@link collapseRatio} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link collapseRatio}, and the reason of `signal` on an abort: the promise rejects
 */
export async function collapseRatioAsync(X: MatrixLike, Z: MatrixLike, options: AsyncOptions = {}): Promise<number> {
  return performAsync(collapseWork(taken(X, 'X', options), taken(Z, 'Y', options)), options)
}

function collapseWork(X: MatrixLike, Z: MatrixLike): Work<number> {
  const pair = pairOf(X, Z)
  return (engine) => collapseRatioSteps(engine, pair)
}

/** The energy of X in the space that the columns of Z span among the samples. */
export function* collapseRatioSteps(engine: Engine, [X, Z]: Pair): Steps<number> {
  const data = yield* comparisonFactorSteps(engine, [Z, X])
  const { U } = yield* principalSteps(engine, data, 0)
  const input = yield* paddedBlockSteps(data, 1)
  const energy = norm(input.data)
  if (energy === 0 || U.cols === 0) return 0
  const kept = norm((yield* multiplySteps(engine, U, input, { transposeA: true })).data)
  return Math.min(1, (kept / energy) ** 2)
}
