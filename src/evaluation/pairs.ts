import type { DataFactor } from '../align/factor/data-factor.js'
import { principalSteps, type Principal } from '../align/factor/principal.js'
import { atStage } from '../progress.js'
import { correlationSteps } from '../comparison/canonical-correlations.js'
import { comparisonFactorSteps } from '../comparison/comparison-factor.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import type { EvaluationData } from './evaluation-data.js'
import { measureSteps, PAIR_MEASURES } from './measures.js'

/** Every two modalities' latents beside each other, all from one factor. */
export function* pairSteps(engine: Engine, latents: readonly Matrix[]): Steps<EvaluationData['pairs']> {
  const data = yield* comparisonFactorSteps(engine, latents)
  const principals: Principal[] = []
  for (let m = 0; m < latents.length; m++) principals.push(yield* principalSteps(engine, data, m))
  const all = latents.flatMap((_, a) => latents.slice(a + 1).map((_, b): [number, number] => [a, a + 1 + b]))
  const pairs: EvaluationData['pairs'][number][] = []
  for (const [done, modalities] of all.entries()) {
    const progress = { phase: 'comparison', done, total: all.length }
    pairs.push(yield* atStage(progress, betweenSteps(engine, latents, data, principals, modalities)))
  }
  return pairs
}

function* betweenSteps(
  engine: Engine,
  latents: readonly Matrix[],
  data: DataFactor,
  principals: readonly Principal[],
  modalities: [number, number],
): Steps<EvaluationData['pairs'][number]> {
  const [a, b] = modalities
  const canonicalCorrelations = new Float64Array(Math.min(data.widths[a], data.widths[b]))
  canonicalCorrelations.set(yield* correlationSteps(engine, principals[a], principals[b]))
  const pair = {
    engine,
    data,
    principals,
    modalities,
    canonicalCorrelations,
    latents: [latents[a], latents[b]],
  } as const
  return {
    modalities,
    canonicalCorrelations: [...canonicalCorrelations],
    ...(yield* measureSteps(PAIR_MEASURES, pair)),
  }
}
