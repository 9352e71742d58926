import { multiplySteps } from '../../linalg/matmul.js'
import { qrSteps } from '../../linalg/qr.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { difference, scaleColumnsSteps, multiple } from '../../dense/arithmetic.js'
import { columnNormsSteps, frobeniusSteps } from '../../dense/norms.js'
import { blockOffsets, perColumn } from '../../dense/slices.js'
import type { ContrastiveModel } from './closed-form.js'
import { trainSteps, type PreparedSamples, type TrainingOptions } from './training.js'
import { centeredFactorSteps, modalityNormsSteps, type DataFactor } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { paddedBlockSteps } from '../factor/principal.js'
import { rightSingularSteps, singularValueSteps } from '../../linalg/singular-vectors.js'
import { withSignsSteps } from '../model/signs.js'

/** The maps that InfoNCE is trained to, in a basis of the latent space that the data fixes. */
export function* infoNceModelSteps(
  engine: Engine,
  joint: JointFactor,
  samples: readonly Matrix[],
  k: number,
  options: TrainingOptions,
): Steps<ContrastiveModel> {
  const data = yield* centeredFactorSteps(joint)
  const [first, second] = yield* preparedSteps(data, joint.means(), samples)
  const trained = yield* trainSteps(engine, [first, second], k, options)
  const inUnits = [
    yield* scaleColumnsSteps(trained.maps[0], first.scales),
    yield* scaleColumnsSteps(trained.maps[1], second.scales),
  ]
  const maps = yield* withSignsSteps(yield* principalLatentSteps(engine, data, inUnits, options.normalize))
  const singularValues = yield* productValueSteps(engine, maps)
  return { maps, means: joint.means(), centered: true, singularValues, lossHistory: trained.lossHistory }
}

/** Centred, each modality with a mean variance of 1: its units are arbitrary, and the temperature is not. Constant columns are zero. */
function* preparedSteps(
  data: DataFactor,
  means: readonly Float64Array[],
  samples: readonly Matrix[],
): Steps<PreparedSamples[]> {
  const columns = yield* columnNormsSteps(data.R)
  const sizes = yield* modalityNormsSteps(data)
  const perUnit = sizes.map((size, m) => (size > 0 ? Math.sqrt(data.freeRows * data.widths[m]) / size : 0))
  const scales = perColumn(data.widths, perUnit).map((scale, j) => (columns[j] > 0 ? scale : 0))
  const offsets = blockOffsets(data.widths)
  return samples.map((X, m) => ({ samples: X, mean: means[m], scales: scales.slice(offsets[m], offsets[m + 1]) }))
}

/**
 * Rotates the latent space, on which no similarity depends, to the principal directions of z1 + z2, largest first. Lengths, on
 * which cosines do not depend, become such that latents have a mean squared length of 1.
 */
function* principalLatentSteps(
  engine: Engine,
  data: DataFactor,
  maps: readonly Matrix[],
  normalize: boolean,
): Steps<Matrix[]> {
  const scaled: Matrix[] = []
  const latents: Matrix[] = []
  for (const [m, A] of maps.entries()) {
    const Z = yield* multiplySteps(engine, yield* paddedBlockSteps(data, m), A, { transposeB: true })
    const length = (yield* frobeniusSteps(Z)) / Math.sqrt(data.freeRows)
    const factor = normalize && length > 0 ? 1 / length : 1
    scaled.push(multiple(A, factor))
    latents.push(multiple(Z, factor))
  }
  const { V } = yield* rightSingularSteps(engine, difference(latents[0], multiple(latents[1], -1)))
  const rotated: Matrix[] = []
  for (const A of scaled) rotated.push(yield* multiplySteps(engine, V, A, { transposeA: true }))
  return rotated
}

/** The singular values of A1^T A2, k of them, from the triangles of both. */
function* productValueSteps(engine: Engine, [A1, A2]: readonly Matrix[]): Steps<Float64Array> {
  const { R: T1 } = yield* qrSteps(engine, A1.transpose(), { mode: 'r', pivoting: false })
  const { R: T2 } = yield* qrSteps(engine, A2.transpose(), { mode: 'r', pivoting: false })
  return yield* singularValueSteps(engine, yield* multiplySteps(engine, T1, T2, { transposeB: true }))
}
