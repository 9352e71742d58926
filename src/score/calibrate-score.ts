import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { latentSteps } from '../align/model/latents.js'
import { pairedMatrices } from '../align/factor/paired.js'
import { correlationSteps, setCorrelations } from '../align/scores.js'
import { selectedSamplesSteps } from '../dense/slices.js'
import { NotFittedError } from '../errors.js'
import { pairCorrelations, pairOf, type LatentCorrelations } from '../latent-correlations.js'
import type { Matrix, MatrixLike } from '../matrix.js'
import { partnerRanks } from '../metrics/retrieval.js'
import { rankingOptions, scoresBy } from '../metrics/retrieval-input.js'
import { needsRows, otherRows } from '../model-selection/cross-validate.js'
import { fitModelSteps, makeModel, type Estimator } from '../model-selection/estimator.js'
import { foldFactorSteps, leaveOneOutSteps } from '../model-selection/fold-factors.js'
import { divideRows, type Groups } from '../model-selection/folds.js'
import { reportedAs } from '../progress.js'
import type { Seed } from '../random/seed.js'
import type { Engine } from '../runtime/engine.js'
import { takenModalities } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { scoreRows, SCORES, type ScoreMetric, type ScoreRows } from '../score-rows.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { finiteMatrix, isFiniteSteps, knownOptions, oneOf } from '../validation.js'
import { corrected, learnFrom, type HeldOutFold } from './held-out-rho.js'
import { logisticLine } from './logistic.js'
import { registerScore } from './register-score.js'
import { ridgeMultiples, setRidgeSteps } from './ridge.js'
import { reliabilityOf, ScoreCalibration, type ScoreRow } from './score-calibration.js'

/** Options of {@link calibrateScore}. */
export interface CalibrateScoreOptions<Options> {
  /** Of the estimator, such as `{ nComponents: 'all', selection: 'balanced' }`. */
  readonly options: Options
  /** The score; 'auto', the default, takes the one with the highest mean reciprocal rank. */
  readonly metric?: ScoreMetric | 'auto'
  /**
   * Of selection 'balanced': multiples of the shrinkage that the data asks for, such as [1, 0.3, 0.1], each of which is tried with every score, at the
   * cost of a fit more; default [1]. A model that is fitted again afterwards, or takes in more rows, goes back to that of the data.
   */
  readonly ridges?: readonly number[]
  /** Into how many parts the rows are divided, each of which is held out once; default 5. Every part needs 2 rows. */
  readonly folds?: number
  /** One label for every row, such as its subject: rows of the same label are never divided. */
  readonly groups?: Groups
  /** Of the division into folds; default 0. */
  readonly seed?: Seed
}

const OPTIONS: readonly (keyof CalibrateScoreOptions<unknown>)[] = [
  'options',
  'metric',
  'ridges',
  'folds',
  'groups',
  'seed',
]

/** How many rows that are no partners each row is scored with, for the probability. */
const STRANGERS = 32

/**
 * A model whose scores are those of rows that were held out. What a fit says of its own rows is too good, the more so the fewer they are for the
 * columns: rho and the deviations of latents are learnt here from every fold's rows by the fit to the others, of which the joint factors are
 * sums. Among cosine, likelihood and normalised likelihood, by the fit's own rho and by what was learnt, the one is chosen by which held-out rows
 * find their partners best (mean reciprocal rank, over all ordered pairs of modalities; rho is then learnt without the fold that is judged), by several
 * ridges if they are asked for; and its scores are calibrated to log likelihood ratios, hence probabilities, by logistic regression on held-out pairs.
 *
 * Instance recall is what it chooses by. Recall of classes is another aim, for which the cosine may be the better score: see docs/score.md.
 *
 * It calls `registerScore` first, so that the model can score.
 *
 * @param estimator - a class such as PerfectAlignment, or a function from options to a new model; of a method that has rho
 * @param modalities - two or more matrices, n x d_m, row i of each the same sample
 * @returns the model, fitted to all rows, the score and what it came of. Cost: that of `crossValidate` with a point for each ridge, and n^2 k / F for retrieval by
 *   each score
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError for folds of fewer than 2 rows, an unknown metric, ridges that are no positive numbers or of another method, an option that the estimator refuses, or an entry that is not finite
 * @throws NotFittedError if the method has no rho
 */
export function calibrateScore<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: readonly MatrixLike[],
  options: CalibrateScoreOptions<Options>,
): ScoreCalibration<Model> {
  return perform(calibration(estimator, modalities, options))
}

/**
 * {@link calibrateScore} with turns for the event loop, progress and cancellation.
 *
 * @throws as {@link calibrateScore}, and with the signal's reason on an abort: the promise rejects
 */
export async function calibrateScoreAsync<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: readonly MatrixLike[],
  options: CalibrateScoreOptions<Options>,
  asyncOptions: AsyncOptions = {},
): Promise<ScoreCalibration<Model>> {
  return performAsync(calibration(estimator, takenModalities(modalities, asyncOptions), options), asyncOptions)
}

function calibration<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: unknown,
  given: CalibrateScoreOptions<Options>,
): Work<ScoreCalibration<Model>> {
  const { options, metric = 'auto', ridges = [1], folds: count = 5, groups, seed = 0 } = knownOptions(given, OPTIONS)
  oneOf(metric, ['auto', ...SCORES], 'metric')
  const multiples = ridgeMultiples(ridges)
  const matrices = pairedMatrices(modalities, 2)
  const folds = divideRows(matrices[0].rows, { folds: count, groups, seed })
  const least = Math.min(...folds.map(({ length }) => length))
  if (least < 2) throw new RangeError(`the smallest fold has ${least} rows, expected 2 or more: use fewer folds`)
  makeModel(estimator, options)
  registerScore()
  return function* (engine) {
    for (const [m, X] of matrices.entries()) if (!(yield* isFiniteSteps(X))) finiteMatrix(X, `modality ${m}`)
    const tried = multiples.map((ridge) => ({ ridge, heldOut: [] as HeldOutFold[] }))
    const factors = yield* foldFactorSteps(engine, matrices, folds)
    const all = yield* leaveOneOutSteps(engine, factors, function* (training, fold) {
      const progress = { phase: 'calibration', done: fold, total: folds.length }
      const model = makeModel(estimator, options)
      const seen = needsRows(model) ? yield* selectedSamplesSteps(matrices, otherRows(folds, fold)) : training
      const own = yield* selectedSamplesSteps(matrices, folds[fold])
      yield* reportedAs(() => progress, fitModelSteps(model, engine, seen, []))
      const fit = model.fitNow
      for (const { ridge, heldOut } of tried) {
        yield* setRidgeSteps(engine, model, fit, ridge)
        heldOut.push({
          latents: yield* latentSteps(engine, model, own),
          correlations: yield* knownSteps(engine, model, ridge),
        })
      }
    })
    const compared: { row: ScoreRow; heldOut: readonly HeldOutFold[]; learnt: ReturnType<typeof learnFrom> }[] = []
    for (const { ridge, heldOut } of tried) {
      const learnt = learnFrom(heldOut)
      for (const score of candidates(metric)) {
        const by = foldCorrelations(heldOut, learnt.without, score)
        const meanReciprocalRank = yield* rankSteps(heldOut, by, score)
        compared.push({ row: { ...score, ridge, meanReciprocalRank }, heldOut, learnt })
      }
    }
    const first = compared.reduce((a, b) => (b.row.meanReciprocalRank > a.row.meanReciprocalRank ? b : a))
    const { row: best, heldOut, learnt } = first
    const model = makeModel(estimator, options)
    yield* fitModelSteps(model, engine, needsRows(model) ? matrices : all, [])
    yield* setRidgeSteps(engine, model, model.fitNow, best.ridge)
    const known = yield* knownSteps(engine, model, best.ridge)
    setCorrelations(model, best.rho === 'held-out' ? corrected(known, learnt.all) : known)
    const pairs = pairScores(heldOut, foldCorrelations(heldOut, learnt.without, best), best.metric)
    const lines = pairs.map(({ partners, strangers }) => logisticLine(partners, strangers))
    const reliability = pairs.map((scores, pair) => reliabilityOf(scores, lines[pair]))
    const table = compared.map(({ row }) => row)
    return new ScoreCalibration({ model, best, table, folds, lines, reliability })
  }
}

/** What there is to choose from with each ridge, what is simplest first. */
function candidates(metric: ScoreMetric | 'auto'): Pick<ScoreRow, 'metric' | 'rho'>[] {
  const all = [
    { metric: 'cosine', rho: 'none' },
    { metric: 'normalised', rho: 'fitted' },
    { metric: 'likelihood', rho: 'fitted' },
    { metric: 'normalised', rho: 'held-out' },
    { metric: 'likelihood', rho: 'held-out' },
  ] as const
  return all.filter((row) => metric === 'auto' || row.metric === metric)
}

function* knownSteps(engine: Engine, model: LinearAlignment, ridge: number): Steps<LatentCorrelations> {
  const known = yield* correlationSteps(engine, model, ridge)
  if (known !== undefined) return known
  throw new NotFittedError("this method has no rho to calibrate: take selection 'balanced' or a CanonicalCorrelation")
}

type Without = ReturnType<typeof learnFrom>['without']

/** What each fold's latents are scored by, which their own rows have not taught. */
function foldCorrelations(
  heldOut: readonly HeldOutFold[],
  without: Without,
  { rho }: Pick<ScoreRow, 'rho'>,
): LatentCorrelations[] {
  return heldOut.map(({ correlations }, f) => (rho === 'held-out' ? corrected(correlations, without[f]) : correlations))
}

/** Mean over all folds and ordered pairs of modalities. */
function* rankSteps(
  heldOut: readonly HeldOutFold[],
  correlations: readonly LatentCorrelations[],
  { metric }: Pick<ScoreRow, 'metric'>,
): Steps<number> {
  let [sum, count] = [0, 0]
  const ranking = rankingOptions({ metric: metric === 'cosine' ? 'cosine' : 'euclidean' })
  for (const [f, { latents }] of heldOut.entries()) {
    for (const [from] of latents.entries()) {
      for (const [to] of latents.entries()) {
        if (to === from) continue
        const [query, gallery] = inRoles(latents, correlations[f], metric, from, to)
        const scores = scoresBy(ranking, query.rows, gallery.rows)
        const ranks = partnerRanks(
          scores,
          Int32Array.from({ length: query.rows.rows }, (_, i) => i),
        )
        for (const tile of scores.tiles()) {
          ranks.add(tile)
          yield { phase: 'retrieval', done: f, total: heldOut.length }
        }
        sum += ranks.result([]).meanReciprocalRank
        count++
      }
    }
  }
  return sum / count
}

function inRoles(
  latents: readonly Matrix[],
  correlations: LatentCorrelations,
  metric: ScoreMetric,
  from: number,
  to: number,
): [query: ScoreRows, gallery: ScoreRows] {
  const pair = (m: number, l: number) => (metric === 'cosine' ? undefined : pairCorrelations(correlations, m, l))
  return [
    scoreRows(latents[from], 'query', metric, pair(from, to)),
    scoreRows(latents[to], 'gallery', metric, pair(to, from)),
  ]
}

/** Scores of partners, and of some rows that are none, of every pair of modalities. */
function pairScores(
  heldOut: readonly HeldOutFold[],
  correlations: readonly LatentCorrelations[],
  metric: ScoreMetric,
): { partners: number[]; strangers: number[] }[] {
  const M = heldOut[0].latents.length
  const pairs = Array.from({ length: (M * (M - 1)) / 2 }, () => ({
    partners: [] as number[],
    strangers: [] as number[],
  }))
  for (const [f, { latents }] of heldOut.entries()) {
    for (let to = 1; to < M; to++) {
      for (let from = 0; from < to; from++) {
        const [query, gallery] = inRoles(latents, correlations[f], metric, from, to)
        const { partners, strangers } = pairs[pairOf(from, to)]
        const n = query.rows.rows
        for (let i = 0; i < n; i++) {
          for (let shift = 0; shift < Math.min(n, STRANGERS + 1); shift++) {
            const j = (i + shift) % n
            const [x, y] = [query.rows.row(i), gallery.rows.row(j)]
            let score = query.bias[i] + gallery.bias[j]
            for (let at = 0; at < x.length; at++) score += x[at] * y[at]
            ;(shift === 0 ? partners : strangers).push(score)
          }
        }
      }
    }
  }
  return pairs
}
