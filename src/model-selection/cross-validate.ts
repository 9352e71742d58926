import { selectedSamplesSteps } from '../dense/slices.js'
import { isFiniteSteps, finiteMatrix, knownOptions, oneOf } from '../validation.js'
import type { JointFactor } from '../align/factor/joint-factor.js'
import type { PairedSamples } from '../align/model/joint-estimator.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { pairedMatrices } from '../align/factor/paired.js'
import { frontOf } from '../align/model/features.js'
import { partsOf, reportedAs } from '../progress.js'
import { shareWork } from '../align/factor/shared-work.js'
import { CollimateError } from '../errors.js'
import type { Matrix, MatrixLike } from '../matrix.js'
import type { Seed } from '../random/seed.js'
import type { Engine } from '../runtime/engine.js'
import { shareOf, type AsyncOptions, type Progress, type Steps } from '../steps.js'
import { takenModalities } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { CrossValidation, summarise, type Refit } from './cross-validation.js'
import { fitModelSteps, makeModel, type Estimator, type FeatureFactors } from './estimator.js'
import { foldFactorSteps, leaveOneOutSteps } from './fold-factors.js'
import { divideRows, type Groups } from './folds.js'
import { gridPoints, type Grid } from './grid.js'
import {
  readScore,
  RETRIEVAL_SIMILARITIES,
  type RetrievalSimilarity,
  type Score,
  type SelectionMetric,
} from './held-out.js'

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions<Options> {
  /**
   * What to try: values for each option, such as `{ nComponents: [8, 16, 32], regularization: [0, 0.1, 'oas'] }`, of which
   * every combination is fitted; or a list of options.
   */
  readonly grid: Grid<Options>
  /** Into how many parts the rows are divided, each of which is held out once; default 5. */
  readonly folds?: number
  /**
   * One label for every row, such as its subject or its image: rows of the same label are never divided. Without it, what a
   * model remembers of a subject counts as if it had been learnt.
   */
  readonly groups?: Groups
  /**
   * What the best model is best at, on rows that its fit has not seen: 'recall@1', the default, or recall@K, 'mrr', both of latents; 'r2' or
   * 'overlap@K' of translations, as `r2Score` and `neighbourOverlap` of `collimate/metrics`. All as the mean over all ordered pairs of modalities; of
   * a regression its prediction of the target alone. Or a function, higher is better. Not 'cmae': the collapse has none.
   */
  readonly metric?: SelectionMetric
  /** How retrieval compares latents, and 'overlap@K' what it is given; default 'cosine'. 'likelihood' and 'normalised', of models that have rho, are for latents only. */
  readonly similarity?: RetrievalSimilarity
  /** Of the division into folds; default 0. The same seed gives the same folds. */
  readonly seed?: Seed
}

/**
 * Chooses the options of an alignment, such as nComponents and the regularisation, by cross-validation: every point of a grid is
 * fitted to all folds but one and judged on that one, for each of them.
 *
 * The data is read once: every fold has its joint factor, and the factor of all others comes from merging (3 F merges for F
 * folds). What the points share is decomposed once a fold: all values of nComponents, which is the most of them, and all that does not
 * depend on an option. Only InfoNCE, which a factor cannot fit, reads the rows of the other folds again. A point that cannot be fitted
 * (more components than columns, say) is recorded as such and never the best.
 *
 * @param estimator - a class, or a function from options to a new model
 * @param modalities - two or more matrices, n x d_m, row i of each the same sample
 * @returns the scores, the best options, and a model refitted to all rows when asked for. Cost: 2 n (1 + d)^2 operations, then for each
 *   fold and point that differs in more than nComponents a fit from a factor (of the order of 20 d^3) and n^2 k / F^2 for retrieval; 2 F (1 + d)^2 numbers of memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError for fewer rows or groups than folds, folds of no more rows than recall looks at, an unknown metric or one that collapse
 *   wins, a grid without points, an option that its estimator refuses, an entry that is not finite; or if no point could be fitted
 */
export function crossValidate<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: readonly MatrixLike[],
  options: CrossValidateOptions<NonNullable<Options>>,
): CrossValidation<NonNullable<Options>, Model> {
  return perform(crossValidation(estimator, modalities, options))
}

/**
 * {@link crossValidate} with turns for the event loop, progress and cancellation.
 *
 * @throws as {@link crossValidate}, and with the signal's reason on an abort: the promise rejects
 */
export async function crossValidateAsync<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: readonly MatrixLike[],
  options: CrossValidateOptions<NonNullable<Options>>,
  asyncOptions: AsyncOptions = {},
): Promise<CrossValidation<NonNullable<Options>, Model>> {
  return performAsync(crossValidation(estimator, takenModalities(modalities, asyncOptions), options), asyncOptions)
}

const OPTIONS: readonly (keyof CrossValidateOptions<unknown>)[] = [
  'grid',
  'folds',
  'groups',
  'metric',
  'similarity',
  'seed',
]

/** All that is settled before the first row is read. */
interface Plan<Options> {
  readonly matrices: readonly Matrix[]
  readonly folds: readonly Uint32Array[]
  readonly points: readonly Options[]
  readonly score: Score
}

function plan<Options>(modalities: unknown, options: CrossValidateOptions<Options>): Plan<Options> {
  const known: CrossValidateOptions<Options> = knownOptions(options, OPTIONS)
  const { grid, folds = 5, groups, metric = 'recall@1', similarity = 'cosine', seed = 0 } = known
  oneOf(similarity, RETRIEVAL_SIMILARITIES, 'similarity')
  const matrices = pairedMatrices(modalities, 2)
  const parts = divideRows(matrices[0].rows, { folds, groups, seed })
  const score = readScore(metric, similarity, Math.min(...parts.map(({ length }) => length)))
  return { matrices, folds: parts, points: gridPoints(grid), score }
}

function crossValidation<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  modalities: unknown,
  options: CrossValidateOptions<NonNullable<Options>>,
): Work<CrossValidation<NonNullable<Options>, Model>> {
  const { matrices, folds, points, score } = plan(modalities, options)
  // What a point gets wrong shows now, and not after hours.
  for (const point of points) makeModel(estimator, point)
  return function* (engine) {
    // Here and not in the folds, where rows have other numbers.
    for (const [m, X] of matrices.entries()) if (!(yield* isFiniteSteps(X))) finiteMatrix(X, `modality ${m}`)
    const outcomes = points.map((): (number | Error)[] => [])
    const order = mostComponentsFirst(points)
    const total = folds.length * points.length
    const part = partsOf(1, 9)
    const factors = yield* part(foldFactorSteps(engine, matrices, folds))
    const judgedFolds = leaveOneOutSteps(engine, factors, function* (training, fold) {
      const heldOut = yield* selectedSamplesSteps(matrices, folds[fold])
      shareWork(training.settled.R)
      const known: FeatureFactors = []
      for (const [done, p] of order.entries()) {
        const point = points[p]
        const progress = { phase: 'cross-validation', done: fold * points.length + done, total }
        const model = makeModel(estimator, point)
        const seen = needsRows(model) ? yield* selectedSamplesSteps(matrices, otherRows(folds, fold)) : training
        const judged = judgeSteps(engine, model, { seen, known }, score, heldOut, folds[fold])
        const share = (inner: Progress) => (done + shareOf(inner)) / points.length
        outcomes[p].push(yield* reportedAs((inner) => ({ ...progress, share: share(inner) }), judged))
      }
    })
    const all = yield* part(judgedFolds)
    const chance = folds.reduce((sum, { length }) => sum + score.chance(length) / folds.length, 0)
    const rows = points.map((point, p) => summarise(point, outcomes[p]))
    return new CrossValidation(rows, { metric: score.name, folds, chance }, refit(estimator, matrices, all))
  }
}

/** Whether the factor of the rows does not tell all: by its method, or since it has features of them. */
export function needsRows(model: LinearAlignment): boolean {
  return model.needsSamples || frontOf(model.features) !== undefined
}

/** The points in an order in which each finds what it shares with the others: the directions of fewer components are the first of those of more. */
function mostComponentsFirst(points: readonly unknown[]): number[] {
  const components = points.map((point) => componentsOf((point as { nComponents?: unknown }).nComponents))
  return points.map((_, p) => p).sort((a, b) => (components[b] === components[a] ? 0 : components[b] - components[a]))
}

const componentsOf = (asked: unknown): number => (asked === 'all' ? Infinity : Number(asked) || 0)

/** The score of one model on one fold, or why it has none. */
function* judgeSteps(
  engine: Engine,
  model: LinearAlignment,
  training: { readonly seen: PairedSamples; readonly known: FeatureFactors },
  score: Score,
  heldOut: readonly Matrix[],
  rows: Uint32Array,
): Steps<number | Error> {
  try {
    const part = partsOf(3, 1)
    yield* part(fitModelSteps(model, engine, training.seen, training.known))
    return yield* part(score.steps(engine, model, heldOut, rows))
  } catch (error) {
    // What data and options do not allow. All else is a fault of somebody's program.
    if (error instanceof RangeError || error instanceof CollimateError) return error
    throw error
  }
}

/** The rows of all folds but one, ascending. */
export function otherRows(folds: readonly Uint32Array[], fold: number): number[] {
  return folds.flatMap((rows, f) => (f === fold ? [] : Array.from(rows))).sort((a, b) => a - b)
}

function refit<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  matrices: readonly Matrix[],
  all: JointFactor,
): Refit<Options, Model> {
  const seen = (model: Model) => (needsRows(model) ? matrices : all)
  return {
    sync: (options) => {
      const model = makeModel(estimator, options)
      return model.fit(seen(model))
    },
    async: async (options, asyncOptions) => {
      const model = makeModel(estimator, options)
      return model.fitAsync(seen(model), asyncOptions)
    },
  }
}
