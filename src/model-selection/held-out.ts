import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { latentSteps } from '../align/model/latents.js'
import { describe, type Matrix } from '../matrix.js'
import { partnerRanks } from '../metrics/retrieval.js'
import { rankingOptions, scoresBy, type SimilarityMetric } from '../metrics/retrieval-input.js'
import { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/**
 * Judges a model on rows that its fit has not seen; higher is better.
 *
 * @param heldOut - one matrix per modality
 * @param rows - where these rows were in what was given, to look up their labels
 */
export type Scorer = (model: LinearAlignment, heldOut: readonly Matrix[], rows: Uint32Array) => number

/** What models are chosen by: recall among the first K, mean reciprocal rank, or a function. */
export type SelectionMetric = `recall@${number}` | 'mrr' | Scorer

/** A metric that was checked. */
export interface Score {
  readonly name: string
  /** What guessing at random reaches on `rows` rows; NaN if that is unknown. */
  readonly chance: (rows: number) => number
  readonly steps: (model: LinearAlignment, heldOut: readonly Matrix[], rows: Uint32Array) => Steps<number>
}

interface RetrievalKind {
  readonly k: number
  /** The mean reciprocal rank instead of recall among the first k. */
  readonly reciprocal: boolean
  readonly similarity: SimilarityMetric
}

/** Errors between latents, which a model that maps everything to one point does not have. */
const COLLAPSIBLE = ['cmae', 'ncmae', 'mlre', 'score']

/**
 * Reads what to choose by.
 *
 * @param smallestFold - rows of the smallest fold
 * @throws TypeError if it is neither text nor function
 * @throws RangeError if it is unknown, cannot choose between models, or the folds are too small for it
 */
export function readScore(metric: unknown, similarity: SimilarityMetric, smallestFold: number): Score {
  if (typeof metric === 'function') return customScore(metric as Scorer)
  if (typeof metric !== 'string') {
    throw new TypeError(`metric must be 'recall@K', 'mrr' or a function, got ${describe(metric)}`)
  }
  if (COLLAPSIBLE.includes(metric.toLowerCase())) {
    throw new RangeError(
      `metric '${metric}' would choose the model that collapses: mapping everything to one point has no error at all. Choose by 'recall@1', 'recall@10' or 'mrr'`,
    )
  }
  const k = metric === 'mrr' ? 1 : Number(/^recall@([1-9]\d{0,8})$/.exec(metric)?.[1])
  if (Number.isNaN(k))
    throw new RangeError(`metric must be 'recall@K' (K from 1 on), 'mrr' or a function, got '${metric}'`)
  if (smallestFold <= k) {
    throw new RangeError(
      `the smallest fold has ${smallestFold} rows, expected more than ${k}: among so few '${metric}' is 1 for every model. Use fewer folds`,
    )
  }
  return retrievalScore(metric, { k, reciprocal: metric === 'mrr', similarity })
}

function customScore(scorer: Scorer): Score {
  return {
    name: scorer.name === '' ? 'score' : scorer.name,
    chance: () => NaN,
    *steps(model, heldOut, rows) {
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
    *steps(model, heldOut) {
      const latents = yield* latentSteps(Engine.shared(), model, heldOut)
      let sum = 0
      for (const queries of latents) {
        for (const gallery of latents) {
          if (gallery === queries) continue
          sum += yield* retrievalSteps(queries, gallery, kind)
        }
      }
      return sum / (latents.length * (latents.length - 1))
    },
  }
}

/** Of row i among all rows. */
function* retrievalSteps(Q: Matrix, G: Matrix, { k, reciprocal, similarity }: RetrievalKind): Steps<number> {
  const scores = scoresBy(rankingOptions({ metric: similarity }), Q, G)
  const ranks = partnerRanks(
    scores,
    Int32Array.from({ length: Q.rows }, (_, i) => i),
  )
  for (const tile of scores.tiles()) {
    ranks.add(tile)
    yield { phase: 'retrieval', done: tile.first + tile.count, total: Q.rows }
  }
  const { recallAtK, meanReciprocalRank } = ranks.result([k])
  return reciprocal ? meanReciprocalRank : recallAtK[0]
}

/** 1 + 1/2 + ... + 1/n, from the small terms on. */
function harmonic(n: number): number {
  let sum = 0
  for (let i = n; i >= 1; i--) sum += 1 / i
  return sum
}
