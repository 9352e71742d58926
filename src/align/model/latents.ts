import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import type { LinearModel } from './linear-model.js'
import { atStage } from '../../progress.js'
import { projectSteps } from './projection.js'

/** What `transform` maps with. */
export type LatentMaps = Pick<LinearModel, 'maps' | 'means' | 'centered' | 'featureMaps'>

/** The latents of every modality, as `transform` gives them. */
export function* latentSteps(
  engine: Engine,
  { maps, means, centered, featureMaps }: LatentMaps,
  modalities: readonly Matrix[],
): Steps<Matrix[]> {
  const latents: Matrix[] = []
  for (const [m, X] of modalities.entries()) {
    const projection = {
      phase: 'transform',
      features: featureMaps?.[m],
      mean: centered ? means[m] : undefined,
      offset: undefined,
      A: maps[m],
      width: maps[m].rows,
      precision: 'f64',
    } as const
    const stage = { phase: 'transform', done: m, total: modalities.length }
    latents.push(yield* atStage(stage, projectSteps(engine, X, projection)))
  }
  return latents
}
