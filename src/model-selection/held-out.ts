import { LinearAlignment } from '../align/model/linear-alignment.js'
import { latentSteps } from '../align/model/latents.js'
import type { RankedRows, RhoMetric } from '../align/model/scores.js'
import { scores } from '../align/scores.js'
import { describe, type Matrix } from '../matrix.js'
import { overlapSteps } from '../metrics/neighbour-overlap.js'
import { r2Score } from '../metrics/r2-score.js'
import {
  rankingOptions,
  SIMILARITY_METRICS,
  type RankingOptions,
  type SimilarityMetric,
} from '../metrics/retrieval-input.js'
import { inPhase } from '../progress.js'
import type { Engine } from '../runtime/engine.js'
import { mutualRanks, scoredRanks, type BothWays, type Ranked } from '../search/mutual-ranks.js'
import type { Steps } from '../steps.js'
import { oneOf } from '../validation.js'

/**
 * Judges a model on rows that its fit has not seen; higher is better.
 *
 * @param heldOut - one matrix per modality
 * @param rows - where these rows were in what was given, to look up their labels
 */
export type Scorer = (model: LinearAlignment, heldOut: readonly Matrix[], rows: Uint32Array) => number

/**
 * What models are chosen by: recall among the first K, mean reciprocal rank; of translations their R^2 (see `r2Score`), or which of the K
 * nearest they leave in place (see `neighbourOverlap`); or a function.
 */
export type SelectionMetric = `recall@${number}` | 'mrr' | 'r2' | `overlap@${number}` | Scorer

/** How retrieval compares latents, or what the model knows of them besides. */
export type RetrievalSimilarity = SimilarityMetric | RhoMetric

export const RETRIEVAL_SIMILARITIES = [...SIMILARITY_METRICS, 'likelihood', 'normalised'] as const

/** A metric that was checked. */
export interface Score {
  readonly name: string
  /** What guessing at random reaches on `rows` rows; NaN if that is unknown. */
  readonly chance: (rows: number) => number
  readonly steps: (
    engine: Engine,
    model: LinearAlignment,
    heldOut: readonly Matrix[],
    rows: Uint32Array,
  ) => Steps<number>
}

interface RetrievalKind {
  readonly k: number
  /** The mean reciprocal rank instead of recall among the first k. */
  readonly reciprocal: boolean
  readonly similarity: RetrievalSimilarity
}

const EXPECTED = "metric must be 'recall@K' (K from 1 on), 'mrr', 'r2', 'overlap@K' or a function"

/** Errors between latents, which a model that maps everything to one point does not have. */
const COLLAPSIBLE = ['cmae', 'ncmae', 'mlre', 'score']

/**
 * Reads what to choose by.
 *
 * @param smallestFold - rows of the smallest fold
 * @throws TypeError if it is neither text nor function
 * @throws RangeError if it is unknown, cannot choose between models, or the folds are too small for it
 */
export function readScore(metric: unknown, similarity: RetrievalSimilarity, smallestFold: number): Score {
  if (typeof metric === 'function') return customScore(metric as Scorer)
  if (typeof metric !== 'string') throw new TypeError(`${EXPECTED}, got ${describe(metric)}`)
  if (COLLAPSIBLE.includes(metric.toLowerCase())) {
    throw new RangeError(
      `metric '${metric}' would choose the model that collapses: mapping everything to one point has no error at all. Choose by 'recall@1', 'recall@10' or 'mrr'`,
    )
  }
  if (metric === 'r2') return translationScore(metric, () => NaN, r2Steps) // prettier-ignore
  const cutoff = /^(recall|overlap)@([1-9]\d{0,8})$/.exec(metric)
  if (cutoff === null && metric !== 'mrr') throw new RangeError(`${EXPECTED}, got '${metric}'`)
  const k = cutoff === null ? 1 : Number(cutoff[2])
  const overlap = cutoff?.[1] === 'overlap'
  const least = overlap ? k + 1 : k
  if (smallestFold <= least) {
    throw new RangeError(
      `the smallest fold has ${smallestFold} rows, expected more than ${least}: among so few '${metric}' is 1 for every model. Use fewer folds`,
    )
  }
  if (!overlap) return retrievalScore(metric, { k, reciprocal: metric === 'mrr', similarity })
  const ranking = rankingOptions({ metric: oneOf(similarity, SIMILARITY_METRICS, `similarity of '${metric}'`) })
  return translationScore(metric, (rows) => k / (rows - 1), (Y, P) => overlapSteps(Y, P, k, ranking)) // prettier-ignore
}

function customScore(scorer: Scorer): Score {
  return {
    name: scorer.name === '' ? 'score' : scorer.name,
    chance: () => NaN,
    *steps(_engine, model, heldOut, rows) {
      yield { phase: 'score', done: 0, total: 1 }
      const value: unknown = scorer(model, heldOut, rows)
      if (typeof value !== 'number') throw new TypeError(`metric must return a number, got ${describe(value)}`)
      if (Number.isNaN(value)) throw new RangeError('metric returned NaN')
      return value
    },
  }
}

/** The mean over all ordered pairs of modalities. */
function retrievalScore(name: string, kind: RetrievalKind): Score {
  return {
    name,
    chance: (rows) => (kind.reciprocal ? harmonic(rows) : kind.k) / rows,
    *steps(engine, model, heldOut) {
      const latents = yield* latentSteps(engine, model, heldOut)
      const { similarity } = kind
      const isScore = similarity === 'likelihood' || similarity === 'normalised'
      const rows: RankedRows = isScore ? scores.ranked(model, similarity) : (Q, G) => [Q, G]
      const ranking = rankingOptions({ metric: isScore ? 'euclidean' : similarity })
      let sum = 0
      for (const [a, A] of latents.entries()) {
        for (const [b, B] of latents.entries()) {
          if (b <= a) continue
          const both = [rows(A, B, a, b), rows(B, A, b, a)] as const
          for (const ranked of yield* inPhase('retrieval', ranksSteps(engine, both, ranking))) {
            const { recallAtK, meanReciprocalRank } = ranked([kind.k])
            sum += kind.reciprocal ? meanReciprocalRank : recallAtK[0]
          }
        }
      }
      return sum / (latents.length * (latents.length - 1))
    },
  }
}

/** The mean over all translations; to its target, of a model that has one. */
function translationScore(
  name: string,
  chance: Score['chance'],
  measure: (truth: Matrix, predicted: Matrix) => Steps<number>,
): Score {
  return {
    name,
    chance,
    *steps(engine, model, heldOut) {
      const target = targetOf(model)
      let [sum, count] = [0, 0]
      for (const [from, X] of heldOut.entries()) {
        for (const [to, truth] of heldOut.entries()) {
          if (to === from || (target ?? to) !== to) continue
          sum += yield* measure(truth, yield* predictedSteps(engine, model, X, from, to))
          count++
        }
      }
      return sum / count
    },
  }
}

/** The modality that all is predicted of: that of a regression. */
function targetOf(model: LinearAlignment): number | undefined {
  return (model as { target?: number }).target
}

function* r2Steps(truth: Matrix, predicted: Matrix): Steps<number> {
  yield
  return r2Score(truth, predicted)
}

/** In pieces if it can: a model of another copy of this package translates in one. */
function* predictedSteps(engine: Engine, model: LinearAlignment, X: Matrix, from: number, to: number): Steps<Matrix> {
  if (model instanceof LinearAlignment) return yield* model.translateSteps(engine, X, from, to)
  return (model as LinearAlignment).translate(X, from, to)
}

/** The ranks of row i among all rows, of either in the other. */
function* ranksSteps(
  engine: Engine,
  both: BothWays<readonly [Matrix, Matrix]>,
  ranking: Required<RankingOptions>,
): Steps<BothWays<Ranked>> {
  const { metric, neighbours } = ranking
  if (metric === 'dot' || metric === 'euclidean') return yield* scoredRanks(ranking, both)
  const { cosine, csls } = yield* mutualRanks(engine, ...both[0], neighbours)
  return metric === 'cosine' ? cosine : yield* csls()
}

/** 1 + 1/2 + ... + 1/n, from the small terms on. */
function harmonic(n: number): number {
  let sum = 0
  for (let i = n; i >= 1; i--) sum += 1 / i
  return sum
}
