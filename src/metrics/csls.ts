import { BestK } from './best-k.js'
import type { Scores, ScoreTile } from './scores.js'

/** Collects, for each gallery row, its closest queries. */
export interface Neighbourhoods {
  /** Queries in each. */
  readonly size: number
  readonly add: (tile: ScoreTile) => void
  /** r_j, the mean score of gallery row j with its closest queries. */
  readonly means: () => Float64Array
}

/** Neighbourhoods of `k` queries, of all of them where they are fewer. O(p k) memory. */
export function neighbourhoods(rows: number, queries: number, k: number): Neighbourhoods {
  const size = Math.min(k, queries)
  const best = new BestK(rows, size)
  const add = ({ first, count, scores }: ScoreTile): void => {
    for (let q = 0, at = 0; q < count; q++) {
      for (let j = 0; j < rows; j++, at++) if (scores[at] > best.threshold(j)) best.offer(j, scores[at], first + q)
    }
  }
  return { size, add, means: () => best.means() }
}

/**
 * 2 cos(x, y_j) - r_j: cross-domain similarity local scaling (Conneau et al. 2018) up to the mean of each query's own
 * neighbourhood, which does not change its ranking. `k` is the size of the neighbourhoods.
 */
export function cslsScores(cosines: Scores, means: Float64Array, k: number): Scores {
  // Twice an error and that of a mean, which is at most the largest of its terms and the rounding of a sum of k.
  const meanError = cosines.absoluteErrors.reduce((a, b) => Math.max(a, b), 0) + (k + 4) * Number.EPSILON
  return {
    rows: cosines.rows,
    absoluteErrors: cosines.absoluteErrors.map((error) => 2 * error + meanError),
    relativeError: 0,
    *tiles() {
      for (const tile of cosines.tiles()) {
        const { count, scores } = tile
        for (let q = 0, at = 0; q < count; q++) {
          for (let j = 0; j < means.length; j++, at++) scores[at] = 2 * scores[at] - means[j]
        }
        yield tile
      }
    },
  }
}
