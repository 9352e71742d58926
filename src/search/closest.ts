import { BestK } from '../metrics/best-k.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { productBlocks, progressOf, type Operand, type ProductBlock } from './row-products.js'
import { sortSteps } from './sorting.js'

/**
 * Scores that a product p tells to rounding: that of query i and gallery row j is f_i w_j p - c_j up to a term of the query alone, none of f, w
 * and c below 0. p is off by no more than `error`, c_j by c_j `penaltyError`, and all together by `slack` besides. The arrays may be filled as
 * rows are prepared.
 */
export interface BoundedScores {
  readonly factors: Float64Array
  readonly weights: Float64Array
  readonly penalties: Float64Array
  readonly error: number
  readonly penaltyError: number
  readonly slack: number
  /** What ranks as the score does, free of these errors; without it what products say is the score. */
  readonly exact?: (query: number, row: number) => number
}

/** Scores of each query that are computed in any case, in units of k. */
const GIVEN = 4

/**
 * The k gallery rows of highest score, best first. The k-th highest lower bound is no higher than the k-th highest score; only rows with an
 * upper bound above it can be among the k best, hardly more than k of them unless many are equal to rounding, and for those the score is
 * computed.
 *
 * @param most - the share of all scores that may be computed; undefined is returned where products leave more undecided
 */
export function* closest(
  engine: Engine,
  Q: Operand,
  G: Operand,
  k: number,
  scores: BoundedScores,
  most: number,
): Steps<BestK | undefined> {
  const n = Q.matrix.rows
  const bounds = new BestK(n, k)
  const { exact } = scores
  const best = exact === undefined ? bounds : new BestK(n, k)
  let [seen, computed] = [0, 0]
  for (const block of productBlocks(engine, Q, G)) {
    const near = nearRows(scores, bounds, block)
    for (let i = block.firstQuery; i < block.firstQuery + block.queries; i++) {
      const rows = near(i)
      if (exact === undefined) continue
      seen += block.rows
      computed += rows.length
      if (computed > most * seen + GIVEN * n * k) return undefined
      for (let l = 0; l < rows.length; l++) best.offer(i, exact(i, rows[l]), rows[l])
    }
    yield progressOf(block, Q, G)
  }
  yield* sortSteps(best)
  return best
}

/** Takes in what a block says, and gives the rows of it that may be among the best of a query. */
function nearRows(scores: BoundedScores, bounds: BestK, block: ProductBlock): (query: number) => Int32Array {
  const { firstQuery, firstRow, rows, products, stride } = block
  const { error, penaltyError, slack } = scores
  const weights = scores.weights.subarray(firstRow, firstRow + rows)
  const penalties = scores.penalties.subarray(firstRow, firstRow + rows)
  const least = penalties.map((c) => c * (1 - penaltyError))
  const most = penalties.map((c) => c * (1 + penaltyError))
  const near = new Int32Array(rows)
  const upper = new Float64Array(rows)
  return (query) => {
    const at = (query - firstQuery) * stride
    const factor = scores.factors[query]
    let threshold = bounds.threshold(query)
    let count = 0
    for (let j = 0; j < rows; j++) {
      const p = products[at + j]
      const scale = factor * weights[j]
      const high = scale * (p + error) - least[j] + slack
      if (high < threshold) continue
      near[count] = firstRow + j
      upper[count++] = high
      bounds.offer(query, scale * (p - error) - most[j] - slack, firstRow + j)
      threshold = bounds.threshold(query)
    }
    let left = 0
    for (let l = 0; l < count; l++) if (upper[l] >= threshold) near[left++] = near[l]
    return near.subarray(0, left)
  }
}
