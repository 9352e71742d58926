import { toMatrix, type Matrix, type MatrixLike } from '../matrix.js'
import type { BestK } from '../metrics/best-k.js'
import { rankingOptions, type RankingOptions, type SimilarityMetric } from '../metrics/retrieval-input.js'
import type { Engine } from '../runtime/engine.js'
import { inPhase } from '../progress.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { integerIn } from '../validation.js'
import { closest } from './closest.js'
import { areManySingles, closestByCosine } from './closest-by-cosine.js'
import { neighbourhoodMeans } from './neighbourhood-means.js'
import { commonScaleSteps, finiteSteps, scaledOperand, unitOperand } from './operands.js'
import type { Operand } from './row-products.js'

/** Options of {@link nearest}. */
export interface NearestOptions<Metric extends SimilarityMetric = SimilarityMetric> extends RankingOptions {
  /** What near means; default 'cosine'. */
  readonly metric?: Metric
}

/** The k nearest gallery rows of each of n queries; number l (from 0 on) of query i is at i k + l. */
export interface NearestNeighbours<Metric extends SimilarityMetric = SimilarityMetric> {
  readonly k: number
  /** n x k gallery rows, the nearest first. */
  readonly indices: Int32Array
  /** n x k similarities, descending; undefined by 'euclidean'. */
  readonly scores: Metric extends 'euclidean' ? undefined : Float64Array
  /** n x k distances, ascending; undefined by any other metric. */
  readonly distances: Metric extends 'euclidean' ? Float64Array : undefined
}

/**
 * The k nearest gallery rows of each query, exactly: all are compared, by matrix products of blocks. By 'euclidean' what products cannot
 * tell apart, |x|^2 + |y|^2 - 2 x.y being zero to rounding for near neighbours, is compared by the differences themselves. Of equals
 * the lower index comes first; equal means equal as computed, so rows of one direction but different lengths may come in any order by
 * 'cosine'. A zero vector is orthogonal to everything.
 *
 * 2 n p d operations, three times as many by 'csls'. Float32 data is not copied as a whole, and unless it is little, or k above p / 64 (by 'csls' `neighbours`
 * too, or above n / 64), it is multiplied in float32, in half the time: what that leaves open is compared in float64, of which all scores and distances are;
 * where much is open, as among rows that hardly differ, all is. WebAssembly memory 10 MiB, whatever n and p, for d up to 8192 (beyond, 150 d
 * doubles and 6 MiB), and half of that for float32; by 'csls' there are 12 (n + p) `neighbours` bytes beside it.
 *
 * @param queries - n x d; none is allowed
 * @param gallery - p x d
 * @param k - an integer from 1 on; of a gallery of fewer rows, all of them
 * @param options - `metric` and, for 'csls', `neighbours`, as in {@link recallAtK}
 * @returns indices, and scores or distances, n x k; `k` is what it came to: p at most
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the columns differ in number or there are none, the gallery is empty, k is below 1, or an entry is not
 *   finite
 */
export function nearest<Metric extends SimilarityMetric = 'cosine'>(
  queries: MatrixLike,
  gallery: MatrixLike,
  k: number,
  options: NearestOptions<Metric> = {},
): NearestNeighbours<Metric> {
  const { inSingle, inDouble } = nearestWork(queries, gallery, k, options)
  return (inSingle && perform(inSingle)) ?? perform(inDouble)
}

/**
 * {@link nearest} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link nearest}, and the reason of `signal` on an abort: the promise rejects
 */
export async function nearestAsync<Metric extends SimilarityMetric = 'cosine'>(
  queries: MatrixLike,
  gallery: MatrixLike,
  k: number,
  options: NearestOptions<Metric> & AsyncOptions = {},
): Promise<NearestNeighbours<Metric>> {
  const [Q, G] = [taken(queries, 'queries', options), taken(gallery, 'gallery', options)]
  const { inSingle, inDouble } = nearestWork(Q, G, k, options)
  return (inSingle && (await performAsync(inSingle, options))) ?? performAsync(inDouble, options)
}

/** In float64, and what is tried before that: in float32, where products may decide too little, which gives undefined. */
interface NearestWork<Metric extends SimilarityMetric> {
  readonly inSingle?: Work<NearestNeighbours<Metric> | undefined>
  readonly inDouble: Work<NearestNeighbours<Metric>>
}

function nearestWork<Metric extends SimilarityMetric>(
  queries: MatrixLike,
  gallery: MatrixLike,
  k: number,
  options: NearestOptions<Metric>,
): NearestWork<Metric> {
  const { metric, neighbours } = rankingOptions(options)
  const [Q, G] = [toMatrix(queries, 'queries'), toMatrix(gallery, 'gallery')]
  if (G.rows === 0) throw new RangeError('gallery has no rows, expected at least 1')
  // An array of no rows has no columns either.
  if (Q.cols !== G.cols && Q.rows > 0) {
    throw new RangeError(`queries has ${Q.cols} columns and gallery ${G.cols}: both must have the same components`)
  }
  if (G.cols === 0) throw new RangeError('gallery has no columns, expected at least 1')
  const most = Math.min(integerIn(k, 1, Number.MAX_SAFE_INTEGER, 'k'), G.rows)
  const work = (search: Search) => (engine: Engine) => searchSteps(metric, Q, G, search(engine, Q, G, most, neighbours))
  const inDouble = work(DOUBLE_SEARCHES[metric]) as Work<NearestNeighbours<Metric>>
  const isCsls = metric === 'csls'
  if (!areManySingles(Q, G, most) || (isCsls && !areManySingles(G, Q, neighbours))) return { inDouble }
  const singles: Search = isCsls ? closestByCsls : (engine) => closestByCosine(engine, Q, G, most, metric)
  return { inSingle: Object.assign(work(singles), { precision: 'f32' as const }), inDouble }
}

/** What is found among finite entries. */
function* searchSteps<Metric extends SimilarityMetric>(
  metric: Metric,
  Q: Matrix,
  G: Matrix,
  search: Steps<BestK | undefined>,
): Steps<NearestNeighbours<Metric> | undefined> {
  yield* finiteSteps(Q, 'queries')
  yield* finiteSteps(G, 'gallery')
  const best = yield* search
  return best && neighboursOf(metric, best)
}

function neighboursOf(metric: SimilarityMetric, { k, items, keys }: BestK): NearestNeighbours {
  if (metric === 'euclidean') {
    return { k, indices: items, scores: undefined, distances: keys.map((key) => -key) }
  }
  // Rounding leaves a cosine up to some eps outside.
  const scores = metric === 'cosine' ? keys.map((key) => Math.min(1, Math.max(-1, key))) : keys
  return { k, indices: items, scores, distances: undefined }
}

/** The k best rows for each query; their keys are the scores, or minus the distances. */
type Search = (engine: Engine, Q: Matrix, G: Matrix, k: number, neighbours: number) => Steps<BestK | undefined>

const DOUBLE_SEARCHES: Record<SimilarityMetric, Search> = {
  cosine: (engine, Q, G, k) => closestByProduct(engine, unitOperand(Q), unitOperand(G), k),

  *dot(engine, Q, G, k) {
    const [q, g] = [yield* commonScaleSteps(Q), yield* commonScaleSteps(G)]
    const best = yield* closestByProduct(engine, scaledOperand(Q, q), scaledOperand(G, g), k)
    return scored(best, (key) => key / q / g)
  },

  *csls(engine, Q, G, k, neighbours) {
    const [ofQueries, ofGallery] = yield* neighbourhoodMeans(engine, unitOperand(Q), unitOperand(G), neighbours)
    const best = yield* closestByProduct(engine, unitOperand(Q), unitOperand(G), k, 2, ofGallery)
    return scored(best, (key, query) => key - ofQueries[query])
  },

  *euclidean(engine, Q, G, k) {
    return yield* closestByCosine(engine, Q, G, k, 'euclidean', yield* commonScaleSteps(Q, G))
  },
}

/** By 'csls' on a float32 engine: neighbourhoods of either side and the closest rows by three passes, each of which may leave too much undecided. */
function* closestByCsls(engine: Engine, Q: Matrix, G: Matrix, k: number, neighbours: number): Steps<BestK | undefined> {
  const means = function* (A: Matrix, B: Matrix): Steps<Float64Array | undefined> {
    return (yield* inPhase('neighbourhoods', closestByCosine(engine, A, B, neighbours, 'cosine')))?.means()
  }
  const ofQueries = yield* means(Q, G)
  const ofGallery = ofQueries && (yield* means(G, Q))
  const best = ofGallery && (yield* closestByCosine(engine, Q, G, k, 'csls', 1, ofGallery))
  return best && scored(best, (key, query) => key - ofQueries[query])
}

/** The same with other keys. */
function scored(best: BestK, score: (key: number, query: number) => number): BestK {
  best.keys.forEach((key, at) => (best.keys[at] = score(key, Math.floor(at / best.k))))
  return best
}

/** The gallery rows with the largest products, times `factor` and less `penalties`, best first. */
function* closestByProduct(
  engine: Engine,
  Q: Operand,
  G: Operand,
  k: number,
  factor = 1,
  penalties: Float64Array = new Float64Array(G.matrix.rows),
): Steps<BestK> {
  const factors = new Float64Array(Q.matrix.rows).fill(factor)
  const weights = new Float64Array(G.matrix.rows).fill(1)
  const found = yield* closest(engine, Q, G, k, { factors, weights, penalties, error: 0, penaltyError: 0, slack: 0 }, 1)
  return found as BestK
}
