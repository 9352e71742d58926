import { atStage } from '../progress.js'
import type { Matrix } from '../matrix.js'
import { latentEnergy } from '../metrics/latent.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import type { EvaluationData } from './evaluation-data.js'
import { measureSteps, MODALITY_MEASURES } from './measures.js'

/** Every modality's latents by themselves. */
export function* modalitySteps(
  engine: Engine,
  samples: readonly Matrix[],
  latents: readonly Matrix[],
): Steps<EvaluationData['modalities']> {
  const modalities: EvaluationData['modalities'][number][] = []
  for (const [done, Z] of latents.entries()) {
    const progress = { phase: 'modalities', done, total: latents.length }
    const componentEnergies = [...latentEnergy(Z)]
    const modality = { engine, samples: samples[done], latents: Z, componentEnergies }
    const figures = yield* atStage(progress, measureSteps(MODALITY_MEASURES, modality))
    modalities.push({ ...figures, componentEnergies })
  }
  return modalities
}
