import { scaledToOne } from '../dense/powers-of-two.js'
import { svdSteps } from '../linalg/svd.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { centerOf, componentColumns, type LatentOptions } from '../metrics/components.js'
import { effectiveRankOfSpectrum } from '../metrics/latent.js'
import { latents } from '../metrics/latent-input.js'
import { largestMagnitude } from '../dense/norms.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'

/**
 * Effective rank: exp(-sum_i p_i ln p_i) with p_i = sigma_i / sum_j sigma_j over the singular values of Z, a continuous
 * count of the directions the latents use: r for r equal singular values and none else, 1 for latents on one line, 0 for
 * latents that are all zero. No tolerance enters; scaling or rotating Z does not change it. That of `collimate/metrics` does
 * without WebAssembly: to rounding the same, and much later where there are hundreds of components.
 *
 * @param Z - n x k, latents, one sample a row
 * @param options - `center`: subtract each component's mean first; default false
 * @returns a number from 1 to min(n, k), or 0. O(n k min(n, k)), by the singular values of {@link svd}
 * @throws TypeError if Z is no matrix, or there is another option, or of another kind
 * @throws RangeError if n or k is 0, or an entry is not finite
 * @throws ConvergenceError if the Jacobi sweeps do not converge
 * @see Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007
 */
export function effectiveRank(Z: MatrixLike, options: LatentOptions = {}): number {
  return perform(checkedRank(Z, options))
}

/**
 * {@link effectiveRank} with turns for the event loop. `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link effectiveRank}, and the reason of `signal` on an abort: the promise rejects
 */
export async function effectiveRankAsync(Z: MatrixLike, options: LatentOptions & AsyncOptions = {}): Promise<number> {
  return performAsync(checkedRank(taken(Z, 'Z', options), options), options)
}

function checkedRank(Z: MatrixLike, options: LatentOptions): Work<number> {
  const center = centerOf(options)
  const matrix = latents(Z, 'Z')
  return (engine) => rankSteps(engine, matrix, center)
}

function* rankSteps(engine: Engine, Z: Matrix, center: boolean): Steps<number> {
  // Only what they are beside each other counts, and none is beyond float64 then.
  const { matrix } = scaledToOne(center ? centered(Z) : Z)
  const { S } = yield* svdSteps(engine, matrix, { U: 'none', V: 'none' })
  return effectiveRankOfSpectrum(S)
}

/** The deviations from the mean of each component, a component a row. */
function centered(Z: Matrix): Matrix {
  // Halved where that loses nothing: a deviation may be twice the largest entry.
  const scale = largestMagnitude(Z.data) > 1 ? 0.5 : 1
  return new Matrix(Z.cols, Z.rows, componentColumns(Z, true, scale))
}
