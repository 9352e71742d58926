import { wrongKind } from '../describe.js'
import { type MatrixLike } from '../matrix.js'
import { givenObject, integerIn } from '../validation.js'
import { mean } from '../dense/norms.js'
import { partnerRows, queriesAndGallery, rankingOptions, scoresBy, type RankingOptions } from './retrieval-input.js'
import type { Scores, ScoreTile } from './scores.js'
import { expectedReciprocalRank, probabilityWithin } from './tied-rank.js'

/** Options of the metrics that look for one partner. */
export interface RetrievalOptions extends RankingOptions {
  /**
   * The gallery row that belongs with each query, for galleries with more rows than queries, or queries that share a row
   * (several captions of one picture); default: row i with row i.
   */
  readonly partners?: ArrayLike<number>
}

/** Options of {@link evaluateRetrieval}. */
export interface EvaluateRetrievalOptions extends RetrievalOptions {
  /** The cut-offs of recall; default [1, 5, 10]. */
  readonly ks?: readonly number[]
}

/** What {@link evaluateRetrieval} returns. */
export interface RetrievalScores {
  /** Recall at each of `ks`, in their order; chance is k / p. */
  readonly recallAtK: number[]
  /** Mean reciprocal rank; chance is (1 + 1/2 + ... + 1/p) / p. */
  readonly meanReciprocalRank: number
}

/**
 * Recall at k: the share of queries whose partner is among the k gallery rows most similar to them.
 *
 * Ties, similarities that differ by no more than their rounding error included, count by their expected value under
 * random tie breaking. A collapsed latent (all rows equal, parallel, or zero) therefore scores exactly chance, k / p.
 *
 * @param queries - n x d, latents from one modality
 * @param gallery - p x d, latents from another; p = n unless `options.partners` is given
 * @param k - an integer >= 1; from p on the result is 1
 * @returns a number from 0 to 1, higher is better. O(n p d) time, O(n d + p d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes do not fit, either is empty, an entry is not finite, or k < 1
 */
export function recallAtK(queries: MatrixLike, gallery: MatrixLike, k: number, options: RetrievalOptions = {}): number {
  return evaluateRetrieval(queries, gallery, { ...givenObject(options), ks: [k] }).recallAtK[0]
}

/**
 * Mean reciprocal rank: the mean over queries of 1 / (rank of the partner among the gallery rows by similarity). Ties as
 * in {@link recallAtK}, so that chance is H_p / p, the harmonic number over the gallery's rows.
 *
 * @param queries - n x d, latents from one modality
 * @param gallery - p x d, latents from another; p = n unless `options.partners` is given
 * @returns a number from 0 to 1, higher is better. O(n p d) time, O(n d + p d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes do not fit, either is empty, or an entry is not finite
 */
export function meanReciprocalRank(queries: MatrixLike, gallery: MatrixLike, options: RetrievalOptions = {}): number {
  return evaluateRetrieval(queries, gallery, { ...givenObject(options), ks: [] }).meanReciprocalRank
}

/**
 * {@link recallAtK} at several cut-offs and {@link meanReciprocalRank}, for the price of one.
 *
 * @param queries - n x d, latents from one modality
 * @param gallery - p x d, latents from another; p = n unless `options.partners` is given
 * @returns recall at each of `options.ks`, and the mean reciprocal rank. O(n p d) time, O(n d + p d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes do not fit, either is empty, an entry is not finite, or a k < 1
 */
export function evaluateRetrieval(
  queries: MatrixLike,
  gallery: MatrixLike,
  options: EvaluateRetrievalOptions = {},
): RetrievalScores {
  const { ks = [1, 5, 10], partners, ...rest } = givenObject(options)
  const { Q, G } = queriesAndGallery(queries, gallery)
  const rows = partnerRows(partners, Q, G)
  const ranking = rankingOptions(rest, ['ks', 'partners'])
  checkCutoffs(ks)
  const scores = scoresBy(ranking, Q, G)
  const ranks = partnerRanks(scores, rows)
  for (const tile of scores.tiles()) ranks.add(tile)
  return ranks.result(ks)
}

/** @throws TypeError or RangeError unless all are integers from 1 on */
export function checkCutoffs(ks: unknown): void {
  if (!Array.isArray(ks)) throw wrongKind('ks', 'an array of integers', ks)
  for (const k of ks as unknown[]) integerIn(k, 1, Number.MAX_SAFE_INTEGER, 'k')
}

/** Counts, for each query, how many gallery rows come before its partner, tile by tile. */
export interface PartnerRanks {
  readonly add: (tile: ScoreTile) => void
  readonly result: (ks: readonly number[]) => RetrievalScores
}

/** Ranks of the partners, of which there is one a query. */
export function partnerRanks(
  { rows, absoluteErrors, relativeError }: Scores,
  partners: ArrayLike<number>,
): PartnerRanks {
  /** Gallery rows more similar to the query than its partner, and other rows as similar. */
  const better = new Float64Array(partners.length)
  const tied = new Float64Array(partners.length).fill(-1) // every partner ties with itself
  const add = ({ first, count, scores }: ScoreTile): void => {
    for (let q = 0, at = 0; q < count; q++) {
      const partner = partners[first + q]
      const own = scores[at + partner]
      const ownError = absoluteErrors[partner] + relativeError * Math.abs(own)
      let [above, level] = [0, 0]
      for (let j = 0; j < rows; j++, at++) {
        const lead = scores[at] - own
        const error = absoluteErrors[j] + relativeError * Math.abs(scores[at]) + ownError
        if (lead > error) above++
        else if (lead >= -error) level++
      }
      better[first + q] += above
      tied[first + q] += level
    }
  }
  return { add, result: (ks) => rankScores(better, tied, ks) }
}

/** Of partners, each of which so many others precede, and so many tie with. */
export function rankScores(better: Float64Array, tied: Float64Array, ks: readonly number[]): RetrievalScores {
  const averaged = (value: (better: number, tied: number) => number): number =>
    mean(better.map((count, i) => value(count, tied[i])))
  return {
    recallAtK: ks.map((k) => averaged((b, t) => probabilityWithin(k, b, t))),
    meanReciprocalRank: averaged(expectedReciprocalRank),
  }
}
