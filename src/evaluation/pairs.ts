import type { DataFactor } from '../align/data-factor.js'
import { principalSteps, type Principal } from '../align/principal.js'
import { atStage } from '../align/progress.js'
import { comparisonFactorSteps } from '../comparison/comparison-factor.js'
import { correlationSteps, mean, svccaSteps } from '../comparison/canonical-correlations.js'
import { linearCkaSteps } from '../comparison/linear-cka.js'
import { procrustesDisparitySteps } from '../comparison/procrustes-disparity.js'
import type { Matrix } from '../matrix.js'
import { cmae, ncmae } from '../metrics/alignment.js'
import { alignmentLoss } from '../metrics/hypersphere.js'
import { modalityGap } from '../metrics/modality-gap.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import type { EvaluationData } from './evaluation-data.js'

/** Every two modalities' latents beside each other, all from one factor. */
export function* pairSteps(engine: Engine, latents: readonly Matrix[]): Steps<EvaluationData['pairs']> {
  const data = yield* comparisonFactorSteps(engine, latents)
  const principals: Principal[] = []
  for (let m = 0; m < latents.length; m++) principals.push(yield* principalSteps(engine, data, m))
  const all = latents.flatMap((_, a) => latents.slice(a + 1).map((_, b): [number, number] => [a, a + 1 + b]))
  const pairs: EvaluationData['pairs'][number][] = []
  for (const [done, modalities] of all.entries()) {
    const progress = { phase: 'comparison', done, total: all.length }
    const between = betweenSteps(engine, data, principals, modalities)
    const [Z1, Z2] = modalities.map((m) => latents[m])
    pairs.push({
      modalities,
      cmae: cmae(Z1, Z2),
      ncmae: ncmae(Z1, Z2),
      alignmentLoss: alignmentLoss(Z1, Z2),
      modalityGap: modalityGap(Z1, Z2),
      ...(yield* atStage(progress, between)),
    })
  }
  return pairs
}

function* betweenSteps(
  engine: Engine,
  data: DataFactor,
  principals: readonly Principal[],
  [a, b]: readonly [number, number],
) {
  const correlations = new Float64Array(Math.min(data.widths[a], data.widths[b]))
  correlations.set(yield* correlationSteps(engine, principals[a], principals[b]))
  return {
    canonicalCorrelations: [...correlations],
    meanCanonicalCorrelation: mean(correlations),
    svcca: yield* svccaSteps(engine, principals[a], principals[b]),
    linearCka: yield* linearCkaSteps(engine, data, a, b),
    procrustesDisparity: yield* procrustesDisparitySteps(engine, data, a, b),
  }
}
