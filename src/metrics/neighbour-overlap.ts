import type { Matrix, MatrixLike } from '../matrix.js'
import { run, type Steps } from '../steps.js'
import { integerIn } from '../validation.js'
import { BestK } from './best-k.js'
import { checkSameShape, latents } from './latent-input.js'
import { largestMagnitude, mean } from '../dense/norms.js'
import { rankingOptions, scoresBy, type RankingOptions } from './retrieval-input.js'
import type { Scores, ScoreTile } from './scores.js'

/**
 * Overlap of neighbours: of the k rows nearest to each row of `truth`, the share that is among the k nearest to its prediction, averaged over
 * the rows; a row is no neighbour of its own. What a search among the true vectors with translated ones keeps of its answers, where
 * recall, which asks for one row among all, is long 1.
 *
 * Ties, similarities that differ by no more than their rounding error included, count by their expected value under random tie
 * breaking, so that predictions which are all alike score what guessing does, k / (n - 1).
 *
 * @param truth - n x d, n from 2 on
 * @param predicted - n x d, row i what was predicted of row i of `truth`, such as what `translate` gives
 * @param k - an integer from 1 to n - 1
 * @returns a number from 0 to 1, higher is better. O(n^2 d) time, O(n d) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes differ, n is below 2 or d is 0, an entry is not finite, or k is not from 1 to n - 1
 */
export function neighbourOverlap(
  truth: MatrixLike,
  predicted: MatrixLike,
  k: number,
  options: RankingOptions = {},
): number {
  const ranking = rankingOptions(options)
  const Y = latents(truth, 'truth')
  const P = latents(predicted, 'predicted')
  checkSameShape(Y, 'truth', P, 'predicted')
  if (Y.rows < 2) throw new RangeError(`truth has ${Y.rows} row, expected at least 2: a row has no other beside it`)
  return run(overlapSteps(Y, P, integerIn(k, 1, Y.rows - 1, 'k'), ranking))
}

/** {@link neighbourOverlap} of what was checked, in pieces. */
export function* overlapSteps(Y: Matrix, P: Matrix, k: number, ranking: Required<RankingOptions>): Steps<number> {
  const [own, found] = [scoresBy(ranking, Y, Y), scoresBy(ranking, P, Y)]
  const [near, nearPredicted] = [nearness(own, k), nearness(found, k)]
  const shares = new Float64Array(Y.rows)
  // Both come some queries at a time, and the same.
  const predictions = found.tiles()[Symbol.iterator]()
  for (const tile of own.tiles()) {
    const [likely, predicted] = [near(tile), nearPredicted((predictions.next() as { value: ScoreTile }).value)]
    for (let q = 0, at = 0; q < tile.count; q++) {
      let both = 0
      for (let j = 0; j < own.rows; j++, at++) both += likely[at] * predicted[at]
      shares[tile.first + q] = both / k
    }
    yield { phase: 'neighbours', done: tile.first + tile.count, total: Y.rows }
  }
  return mean(shares)
}

/**
 * What makes scores of how likely each row is to be among the k nearest of a query: 1 or 0, but for those which may equal the k-th best, that
 * share the places left. The query itself, the row of its number, has 0. In place.
 */
export function nearness(
  { rows, absoluteErrors, relativeError }: Scores,
  k: number,
): (tile: ScoreTile) => Float64Array {
  // One bound for all rows: which of them is the k-th best does not matter.
  const absoluteError = largestMagnitude(absoluteErrors)
  /** 1 if a score is surely higher than the other, 0 if they may be equal, else -1. */
  const compare = (score: number, other: number): number => {
    const error = 2 * absoluteError + relativeError * (Math.abs(score) + Math.abs(other))
    return Math.abs(score - other) <= error ? 0 : Math.sign(score - other)
  }
  return ({ first, count, scores }) => {
    const best = new BestK(count, k)
    for (let q = 0; q < count; q++) {
      const row = scores.subarray(q * rows, (q + 1) * rows)
      for (let j = 0; j < rows; j++) if (j !== first + q && row[j] > best.threshold(q)) best.offer(q, row[j], j)
      const last = best.threshold(q)
      let [above, level] = [0, 0]
      for (let j = 0; j < rows; j++) {
        row[j] = j === first + q ? -1 : compare(row[j], last)
        if (row[j] === 1) above++
        else if (row[j] === 0) level++
      }
      for (let j = 0; j < rows; j++) row[j] = row[j] === 0 ? (k - above) / level : Math.max(0, row[j])
    }
    return scores
  }
}
