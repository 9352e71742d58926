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
import { performAsync } from '../runtime/work.js'

/**
 * {@link effectiveRank} with turns for the event loop, and by the singular values of {@link svd}: to rounding the same, and much sooner
 * where there are hundreds of components. `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link effectiveRank}, and the reason of `signal` on an abort: the promise rejects
 */
export async function effectiveRankAsync(Z: MatrixLike, options: LatentOptions & AsyncOptions = {}): Promise<number> {
  const matrix = latents(taken(Z, 'Z', options), 'Z')
  const center = centerOf(options)
  return performAsync((engine) => rankSteps(engine, matrix, center), options)
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
