import { mean } from '../dense/norms.js'
import type { Matrix } from '../matrix.js'
import { nearness } from '../metrics/neighbour-overlap.js'
import { probabilityWithin } from '../metrics/tied-rank.js'
import { reportedAs } from '../progress.js'
import type { Engine } from '../runtime/engine.js'
import { cosineProducts } from '../search/score-products.js'
import type { Progress, Steps } from '../steps.js'
import { mapRowsSteps } from './affine-map.js'
import type { Candidate } from './candidates.js'

/** Neighbours that are looked at, and their most share of a gallery: where nearly all rows are neighbours guessing finds them. */
const [NEIGHBOURS, MOST_SHARE] = [10, 1 / 4]

/** Ranks within which a partner counts as found. */
export const RECALL_AT = [1, 10] as const

/** What a collection that was embedded anew would answer: held-out rows of the new model, each of them a query among all others. */
export interface Truth {
  /** Held-out pairs. */
  readonly rows: number
  /** Neighbours that count. */
  readonly k: number
  /** The k nearest of each row, and how surely each is one of them: 1, but among those that tie for the last places. */
  readonly near: readonly { readonly items: readonly number[]; readonly weights: readonly number[] }[]
  /** rows x rows. */
  readonly cosines: Float32Array
}

/** What new vectors find among themselves. */
export function* truthSteps(engine: Engine, Y: Matrix): Steps<Truth> {
  const { rows } = Y
  const k = Math.min(NEIGHBOURS, Math.max(1, Math.floor(rows * MOST_SHARE)))
  const scores = cosineProducts(engine, Y, Y)
  const likely = nearness(scores, k)
  const cosines = new Float32Array(rows * rows)
  const near: Truth['near'][number][] = []
  for (const tile of scores.tiles()) {
    cosines.set(tile.scores.subarray(0, tile.count * rows), tile.first * rows)
    const weights = likely(tile)
    for (let q = 0; q < tile.count; q++) {
      const own = weights.subarray(q * rows, (q + 1) * rows)
      const items = Array.from(own.keys()).filter((j) => own[j] > 0)
      near.push({ items, weights: items.map((j) => own[j]) })
    }
    yield { phase: 'truth', done: tile.first + tile.count, total: rows }
  }
  return { rows, k, near, cosines }
}

/** What each held-out query finds by way of a map, one number a query. */
export interface Judged {
  /** Share of its true neighbours that are found. */
  readonly retention: Float64Array
  /** Whether its own item is found within {@link RECALL_AT}; equals share their ranks. */
  readonly recall: readonly [Float64Array, Float64Array]
}

/**
 * Judges a candidate by held-out pairs: each new vector is a query among the old vectors of all, mapped as the candidate says.
 *
 * @param pairs - held-out rows of both models
 * @param look - is shown the cosines of each query with all, before anything becomes of them
 */
export function* judgeSteps(
  engine: Engine,
  { stored, queries }: Pick<Candidate, 'stored' | 'queries'>,
  pairs: readonly Matrix[],
  truth: Truth,
  progress: Progress,
  look?: (query: number, cosines: Float64Array) => void,
): Steps<Judged> {
  return yield* reportedAs(() => progress, steps())

  function* steps(): Steps<Judged> {
    const [old, renewed] = pairs
    const G = stored === undefined ? old : yield* mapRowsSteps(engine, old, stored)
    const Q = queries === undefined ? renewed : yield* mapRowsSteps(engine, renewed, queries)
    const { rows } = truth
    const scores = cosineProducts(engine, Q, G)
    const likely = nearness(scores, truth.k)
    const error = 2 * scores.absoluteErrors[0]
    const retention = new Float64Array(rows)
    const recall = [new Float64Array(rows), new Float64Array(rows)] as const
    for (const tile of scores.tiles()) {
      for (let q = 0; q < tile.count; q++) {
        const cosines = tile.scores.subarray(q * rows, (q + 1) * rows)
        look?.(tile.first + q, cosines)
        const [better, tied] = ahead(cosines, tile.first + q, error)
        RECALL_AT.forEach((k, at) => (recall[at][tile.first + q] = probabilityWithin(k, better, tied)))
      }
      const found = likely(tile)
      for (let q = 0; q < tile.count; q++) {
        const { items, weights } = truth.near[tile.first + q]
        let both = 0
        items.forEach((j, at) => (both += weights[at] * found[q * rows + j]))
        retention[tile.first + q] = both / truth.k
      }
      yield
    }
    return { retention, recall }
  }
}

/** How many others score more than the partner, and how many as much to rounding. */
function ahead(cosines: Float64Array, partner: number, error: number): [better: number, tied: number] {
  const own = cosines[partner]
  let [better, level] = [0, -1]
  for (const cosine of cosines) {
    if (cosine > own + error) better++
    else if (cosine >= own - error) level++
  }
  return [better, level]
}

/** The mean over some of the queries. */
export function meanOf(values: Float64Array, queries: Uint32Array): number {
  return mean(valuesOf(values, queries))
}

/** The values of some of the queries. */
export function valuesOf(values: Float64Array, queries: Uint32Array): Float64Array {
  return Float64Array.from(queries, (query) => values[query])
}
