import { wrongKind } from '../describe.js'
import { isFiniteSteps, finiteMatrix, integerIn, optionsObject } from '../validation.js'
import { latentSteps } from '../align/model/latents.js'
import { scores } from '../align/model/scores.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { pairedMatrices } from '../align/factor/paired.js'
import { type MatrixLike } from '../matrix.js'
import { classCodes, type Labels } from '../metrics/labels.js'
import { rankingOptions, type RankingOptions } from '../metrics/retrieval-input.js'
import type { AsyncOptions } from '../steps.js'
import { takenModalities } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { chanceLevels } from './chance.js'
import type { RetrievalMetric } from './evaluation-data.js'
import { Evaluation } from './evaluation.js'
import { meansOf } from './means.js'
import { modalitySteps } from './modalities.js'
import { pairSteps } from './pairs.js'
import { retrievalSteps } from './retrieval.js'

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends Omit<RankingOptions, 'metric'> {
  /**
   * How retrieval compares latents; default 'cosine'. 'likelihood' and 'normalised', of 'balanced' and CanonicalCorrelation, need
   * `registerScore` of `collimate/score`.
   */
  readonly metric?: RetrievalMetric
  /** The class of each sample; with it precision at k and mean average precision are measured as well. */
  readonly labels?: Labels
  /** The cut-offs of recall and precision, from 1 to n; default those of 1, 5 and 10 that n allows. */
  readonly ks?: readonly number[]
}

const DEFAULT_KS = [1, 5, 10]

/**
 * Measures a model by every metric of latents that needs no more than samples (`mlre` needs the true latents, `topKAccuracy` a classifier's scores), on
 * samples that its fit has not seen: how far pairs are apart, how far the modalities agree, how much of the samples the latents keep, and how
 * well partners, and with labels classes, are found. Two modalities or more: each pair and ordered pair is measured, and the means are given
 * beside them. Energy and effective rank are those of the latents as they are, means included. docs/metrics.md has the definitions.
 *
 * Partners are samples of the same row; besides by `metric` they are sought by 'csls'. On rows that were fitted the figures mean nothing:
 * with as many columns as rows a worthless model has no error there.
 *
 * @memory (n + 300) k + max((1 + k + d)^2 + k d, 6 k^2) doubles and 10 MiB
 * @param model - fitted; any linear alignment
 * @param modalities - as in its fit, n x d_m, n at least 2; row i of each the same sample
 * @returns plain data, see {@link Evaluation}; `String(evaluation)` is tables. Of the order of M^2 n^2 k operations for M modalities, and
 *   n (k + d)^2 for each of them
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError for other modalities than those fitted, different numbers of rows, fewer than 2, labels of another number, or an
 *   entry that is not finite
 * @throws NotFittedError before a fit, or if the metric needs rho and the model has none
 */
export function evaluate(
  model: LinearAlignment,
  modalities: readonly MatrixLike[],
  options: EvaluateOptions = {},
): Evaluation {
  return perform(evaluation(model, modalities, options))
}

/**
 * {@link evaluate} with turns for the event loop, progress and cancellation.
 *
 * @throws as {@link evaluate}, and the reason of `signal` on an abort: the promise rejects
 */
export async function evaluateAsync(
  model: LinearAlignment,
  modalities: readonly MatrixLike[],
  options: EvaluateOptions & AsyncOptions = {},
): Promise<Evaluation> {
  return performAsync(evaluation(model, takenModalities(modalities, options), options), options)
}

function evaluation(model: LinearAlignment, modalities: unknown, options: EvaluateOptions): Work<Evaluation> {
  const { labels, ks, ...rest } = optionsObject(options)
  if (typeof (model as unknown) !== 'object' || typeof model.transform !== 'function') {
    throw wrongKind('model', 'a linear alignment', model)
  }
  // Read now: the model may be fitted anew while an asynchronous call computes.
  const { maps, means, centered, featureMaps, widths } = model
  const samples = pairedMatrices(modalities, 2, widths)
  const { rows } = samples[0]
  if (rows < 2) throw new RangeError(`got ${rows} rows, expected at least 2: most metrics compare samples`)
  const { metric } = rest
  const isScore = metric === 'likelihood' || metric === 'normalised'
  const plan = {
    ranking: rankingOptions(isScore ? { ...rest, metric: 'euclidean' } : rest, ['labels', 'ks']),
    rows: isScore ? scores().ranked(model, metric) : undefined,
    ks: cutoffs(ks, rows),
    classes: labels === undefined ? undefined : classCodes(labels, rows, 'labels', 'modality 0'),
  }
  return function* (engine) {
    for (const [m, X] of samples.entries()) if (!(yield* isFiniteSteps(X))) finiteMatrix(X, `modality ${m}`)
    const latents = yield* latentSteps(engine, { maps, means, centered, featureMaps }, samples)
    const measured = {
      pairs: yield* pairSteps(engine, latents),
      modalities: yield* modalitySteps(engine, samples, latents),
      retrieval: yield* retrievalSteps(engine, latents, plan),
    }
    return new Evaluation({
      rows,
      components: latents[0].cols,
      metric: isScore ? metric : plan.ranking.metric,
      ...measured,
      means: meansOf(measured),
      chance: chanceLevels(rows, plan.ks, plan.classes),
    })
  }
}

function cutoffs(ks: unknown, rows: number): readonly number[] {
  if (ks === undefined) return DEFAULT_KS.filter((k) => k <= rows)
  if (!Array.isArray(ks)) throw wrongKind('ks', 'an array of integers', ks)
  return ks.map((k) => integerIn(k, 1, rows, 'k'))
}
