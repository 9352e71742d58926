import { describe, type Matrix, type MatrixLike } from '../matrix.js'
import { integerIn, oneOf } from '../validation.js'
import { latents } from './latent-input.js'
import { mean } from './norms.js'
import { blockScorer, LANES, type SimilarityMetric } from './similarity.js'
import { expectedReciprocalRank, probabilityWithin } from './tied-rank.js'

/** Options of every retrieval metric. */
export interface RetrievalOptions {
  /** How similarity is measured; default 'cosine'. Zero vectors have cosine 0 with everything. */
  readonly metric?: SimilarityMetric
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
  return evaluateRetrieval(queries, gallery, { ...options, ks: [k] }).recallAtK[0]
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
  return evaluateRetrieval(queries, gallery, { ...options, ks: [] }).meanReciprocalRank
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
  { metric = 'cosine', partners, ks = [1, 5, 10] }: EvaluateRetrievalOptions = {},
): RetrievalScores {
  const Q = latents(queries, 'queries')
  const G = latents(gallery, 'gallery')
  if (Q.cols !== G.cols) {
    throw new RangeError(
      `queries is ${Q.rows} x ${Q.cols} but gallery is ${G.rows} x ${G.cols}: both must have the same components`,
    )
  }
  oneOf(metric, ['cosine', 'euclidean', 'dot'], 'metric')
  for (const k of ks) integerIn(k, 1, Number.MAX_SAFE_INTEGER, 'k')
  const { better, tied } = partnerRanks(Q, G, partnerRows(partners, Q, G), metric)
  const averaged = (value: (better: number, tied: number) => number): number =>
    mean(better.map((count, i) => value(count, tied[i])))
  return {
    recallAtK: ks.map((k) => averaged((b, t) => probabilityWithin(k, b, t))),
    meanReciprocalRank: averaged(expectedReciprocalRank),
  }
}

function partnerRows(partners: unknown, Q: Matrix, G: Matrix): Float64Array {
  const n = Q.rows
  if (partners === undefined) {
    if (G.rows === n) return Float64Array.from({ length: n }, (_, i) => i)
    throw new RangeError(
      `queries is ${n} x ${Q.cols} but gallery is ${G.rows} x ${G.cols}: row i of both must belong together, or pass \`partners\``,
    )
  }
  const list = partners as ArrayLike<unknown> | null
  if (typeof list !== 'object' || typeof list?.length !== 'number') {
    throw new TypeError(`partners must be an array of gallery row indices, got ${describe(partners)}`)
  }
  if (list.length !== n) throw new RangeError(`queries has ${n} rows but partners has ${list.length} entries`)
  return Float64Array.from({ length: n }, (_, i) => integerIn(list[i], 0, G.rows - 1, `partners[${i}]`))
}

/** For each query, how many gallery rows are more similar to it than its partner, and how many other rows as similar. */
function partnerRanks(Q: Matrix, G: Matrix, partners: Float64Array, metric: SimilarityMetric) {
  const better = new Float64Array(Q.rows)
  const tied = new Float64Array(Q.rows).fill(-1) // every partner ties with itself
  const { select, score, scores, errors } = blockScorer(Q, G, metric)
  const own = new Float64Array(LANES)
  const ownError = new Float64Array(LANES)
  for (let first = 0; first < Q.rows; first += LANES) {
    const lanes = Math.min(LANES, Q.rows - first)
    select(first)
    for (let lane = 0; lane < lanes; lane++) {
      score(partners[first + lane])
      own[lane] = scores[lane]
      ownError[lane] = errors[lane]
    }
    for (let j = 0; j < G.rows; j++) {
      score(j)
      for (let lane = 0; lane < lanes; lane++) {
        const lead = scores[lane] - own[lane]
        const error = errors[lane] + ownError[lane]
        if (lead > error) better[first + lane]++
        else if (lead >= -error) tied[first + lane]++
      }
    }
  }
  return { better, tied }
}
