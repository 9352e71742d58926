import { atStage } from '../align/progress.js'
import { collapseRatioSteps } from '../comparison/collapse-ratio.js'
import { svdSteps } from '../linalg/svd.js'
import type { Matrix } from '../matrix.js'
import { pairPotential } from '../metrics/hypersphere.js'
import { effectiveRankOfSpectrum, latentEnergy } from '../metrics/latent.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { cosineProducts } from '../search/score-products.js'
import type { EvaluationData } from './evaluation-data.js'

/** As the default of uniformityLoss. */
const UNIFORMITY_T = 2

/** Every modality's latents by themselves. */
export function* modalitySteps(
  engine: Engine,
  samples: readonly Matrix[],
  latents: readonly Matrix[],
): Steps<EvaluationData['modalities']> {
  const modalities: EvaluationData['modalities'][number][] = []
  for (const [done, Z] of latents.entries()) {
    const progress = { phase: 'modalities', done, total: latents.length }
    modalities.push(yield* atStage(progress, descriptionSteps(engine, samples[done], Z)))
  }
  return modalities
}

function* descriptionSteps(engine: Engine, X: Matrix, Z: Matrix): Steps<EvaluationData['modalities'][number]> {
  const componentEnergies = [...latentEnergy(Z)]
  const { S } = yield* svdSteps(engine, Z, { U: 'none', V: 'none' })
  return {
    energy: componentEnergies.reduce((sum, energy) => sum + energy, 0),
    componentEnergies,
    effectiveRank: effectiveRankOfSpectrum(S),
    uniformityLoss: yield* uniformitySteps(engine, Z),
    collapseRatio: yield* collapseRatioSteps(engine, [X, Z]),
  }
}

function* uniformitySteps(engine: Engine, Z: Matrix): Steps<number> {
  const potential = pairPotential(Z.rows, UNIFORMITY_T)
  for (const tile of cosineProducts(engine, Z, Z).tiles()) {
    potential.add(tile)
    yield undefined
  }
  return potential.logMean()
}
