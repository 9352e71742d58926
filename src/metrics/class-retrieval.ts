import type { MatrixLike } from '../matrix.js'
import { givenObject, integerIn } from '../validation.js'
import { classCodes, type Labels } from './labels.js'
import { largestMagnitude, mean } from '../dense/norms.js'
import { queriesAndGallery, rankingOptions, scoresBy, type RankingOptions } from './retrieval-input.js'
import type { Scores, ScoreTile } from './scores.js'
import { expectedPrecisions, type TieGroups } from './tied-precision.js'

/** Options of the metrics that look for rows of the same class. */
export interface ClassRetrievalOptions extends RankingOptions {
  /** The class of each gallery row; default: `labels`, where the gallery has as many rows as there are queries. */
  readonly galleryLabels?: Labels
}

/**
 * Precision at k: of the k gallery rows most similar to a query, the share that is of its class, averaged over the queries. Ties, as in
 * {@link recallAtK}, count by their expected value under random tie breaking, so that a collapsed latent scores exactly the share of
 * rows of the query's class. A class that the gallery lacks has precision 0.
 *
 * @param queries - n x d, latents from one modality
 * @param gallery - p x d, latents from another
 * @param k - an integer from 1 to p
 * @param labels - the class of each query
 * @returns a number from 0 to 1, higher is better. O(n p (d + log p)) time, O(n d + p d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes or the labels do not fit, either is empty, an entry is not finite, or k is not from 1 to p
 * @see Manning, Raghavan and Schuetze, "Introduction to Information Retrieval", 2008, section 8.4; for ties McSherry and Najork, ECIR 2008
 */
export function precisionAtK(
  queries: MatrixLike,
  gallery: MatrixLike,
  k: number,
  labels: Labels,
  options: ClassRetrievalOptions = {},
): number {
  return classRetrieval(queries, gallery, labels, options, [k]).precisionAtK[0]
}

/**
 * Mean average precision over the whole gallery: for each query the mean, over the gallery rows of its class, of the precision at
 * the rank of each, and the mean of that over the queries. Ties as in {@link precisionAtK}. A query whose class the gallery lacks has
 * no average precision, and is left out.
 *
 * @param queries - n x d, latents from one modality
 * @param gallery - p x d, latents from another
 * @param labels - the class of each query
 * @returns a number from 0 to 1, higher is better; chance is near the share of a class. O(n p (d + log p)) time, O(n d + p d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes or the labels do not fit, either is empty, an entry is not finite, or no query has its class in the
 *   gallery
 * @see Manning, Raghavan and Schuetze, "Introduction to Information Retrieval", 2008, section 8.4; for ties McSherry and Najork, ECIR 2008
 */
export function meanAveragePrecision(
  queries: MatrixLike,
  gallery: MatrixLike,
  labels: Labels,
  options: ClassRetrievalOptions = {},
): number {
  return classRetrieval(queries, gallery, labels, options, []).meanAveragePrecision()
}

function classRetrieval(
  queries: MatrixLike,
  gallery: MatrixLike,
  labels: Labels,
  options: ClassRetrievalOptions,
  ks: readonly number[],
): ClassRetrieval {
  const { galleryLabels, ...rest } = givenObject(options)
  const { Q, G } = queriesAndGallery(queries, gallery)
  const codes = new Map<unknown, number>()
  const queryClasses = classCodes(labels, Q.rows, 'labels', 'queries', codes)
  if (galleryLabels === undefined && G.rows !== Q.rows) {
    throw new RangeError(`gallery has ${G.rows} rows and queries has ${Q.rows}: pass \`galleryLabels\``)
  }
  const galleryClasses =
    galleryLabels === undefined ? queryClasses : classCodes(galleryLabels, G.rows, 'galleryLabels', 'gallery', codes)
  for (const k of ks) integerIn(k, 1, G.rows, 'k')
  const scores = scoresBy(rankingOptions(rest, ['galleryLabels']), Q, G)
  const ranks = classRanks(scores, queryClasses, galleryClasses, ks)
  for (const tile of scores.tiles()) ranks.add(tile)
  return ranks.result()
}

/** What {@link classRanks} finds. */
export interface ClassRetrieval {
  readonly precisionAtK: number[]
  /** @throws RangeError if no query has its class in the gallery */
  readonly meanAveragePrecision: () => number
}

/** Measures, tile by tile, how the gallery rows of each query's class are ranked. */
export interface ClassRanks {
  readonly add: (tile: ScoreTile) => void
  readonly result: () => ClassRetrieval
}

/** Average precisions, and precisions at `ks`, of rankings by `scores`. */
export function classRanks(
  { rows, absoluteErrors, relativeError }: Scores,
  queryClasses: Int32Array,
  galleryClasses: Int32Array,
  ks: readonly number[],
): ClassRanks {
  // One bound for all rows: a group holds scores of many.
  const absoluteError = largestMagnitude(absoluteErrors)
  const own = new Float64Array(rows)
  const others = new Float64Array(rows)
  const groupsOf = tieGrouper(rows, absoluteError, relativeError)
  const averagePrecisions: number[] = []
  const precisions = ks.map(() => new Float64Array(queryClasses.length))
  const add = ({ first, count, scores }: ScoreTile): void => {
    for (let i = first, at = 0; i < first + count; i++) {
      let size = 0
      for (let j = 0; j < rows; j++, at++) {
        if (galleryClasses[j] === queryClasses[i]) own[size++] = scores[at]
        else others[j - size] = scores[at]
      }
      const groups = groupsOf(own.subarray(0, size).sort(), others.subarray(0, rows - size))
      const { average, atKs } = expectedPrecisions(groups, size, ks)
      if (size > 0) averagePrecisions.push(average)
      atKs.forEach((precision, l) => (precisions[l][i] = precision))
    }
  }
  const result = (): ClassRetrieval => ({
    precisionAtK: precisions.map((values) => mean(values)),
    meanAveragePrecision: () => {
      if (averagePrecisions.length === 0)
        throw new RangeError('no query has a gallery row of its class: average precision is the mean over such rows')
      return mean(Float64Array.from(averagePrecisions))
    },
  })
  return { add, result }
}

/**
 * Divides rankings into groups of scores that rounding may have told apart. Relevant scores, ascending, are grouped from the best down: each
 * group begins with the best one left and holds what may equal it. Of the others those tie with a group that may equal one of its own;
 * the rest lie between groups, where only their number matters, so they need no order. The next call overwrites the groups.
 */
function tieGrouper(rows: number, absoluteError: number, relativeError: number) {
  const sizes = new Int32Array(2 * rows)
  const relevant = new Int32Array(2 * rows)
  /** What is higher, or lower, than these comes before, or after, a group. */
  const highs = new Float64Array(rows)
  const lows = new Float64Array(rows)
  const margin = (score: number) => 2 * (absoluteError + relativeError * Math.abs(score))
  return (own: Float64Array, others: Float64Array): TieGroups => {
    let groups = 0
    for (let o = own.length - 1; o >= 0; groups++) {
      const [best, above] = [own[o], o]
      const floor = best - margin(best)
      while (o >= 0 && own[o] >= floor) o--
      highs[groups] = best + margin(best)
      lows[groups] = own[o + 1] - margin(own[o + 1])
      // Each group is preceded by one of what lies before it.
      sizes[2 * groups] = relevant[2 * groups] = 0
      sizes[2 * groups + 1] = relevant[2 * groups + 1] = above - o
    }
    for (const score of others) {
      const group = firstAtMost(lows, groups, score)
      if (group < groups) sizes[2 * group + (score > highs[group] ? 0 : 1)]++
    }
    return { count: 2 * groups, sizes, relevant }
  }
}

/** The index of the first of `count` descending values that is at most x; `count` if none is. */
function firstAtMost(descending: Float64Array, count: number, x: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (descending[middle] <= x) high = middle
    else low = middle + 1
  }
  return low
}
