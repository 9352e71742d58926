import { Matrix } from '../matrix.js'
import { dot } from '../dense/arithmetic.js'
import { unitRows } from '../dense/norms.js'
import { partnerRanks, rankScores, type RetrievalScores } from '../metrics/retrieval.js'
import { scoresBy, type RankingOptions } from '../metrics/retrieval-input.js'
import { relativeError } from '../metrics/similarity.js'
import type { Engine } from '../runtime/engine.js'
import { inPieces, type Steps } from '../steps.js'
import { neighbourhoodMeans } from './neighbourhood-means.js'
import { unitOperand } from './operands.js'
import { productBlocks, progressOf, type ProductBlock } from './row-products.js'

/** Of the rows of A that are sought among those of B, and of those of B among those of A. */
export type BothWays<T> = readonly [ofA: T, ofB: T]

/** Measures of where partners are, recall at some ks among them. */
export type Ranked = (ks: readonly number[]) => RetrievalScores

/** What {@link mutualRanks} finds. */
export interface MutualRanks {
  readonly cosine: BothWays<Ranked>
  /** By 'csls', in a pass of its own. */
  readonly csls: () => Steps<BothWays<Ranked>>
  /** The mean cosine of each row with its neighbours on the other side. */
  readonly means: BothWays<Float64Array>
}

/**
 * Ranks partners by their cosines, in one pass over all products, and by 'csls' with neighbourhoods of so many: row i of A belongs with row i of
 * B, and each is sought among the others, for which one product of the two serves. Ties as in `recallAtK`.
 */
export function* mutualRanks(engine: Engine, A: Matrix, B: Matrix, neighbours: number): Steps<MutualRanks> {
  const [a, b] = [unitOperand(A), unitOperand(B)]
  const own = yield* ownCosineSteps(A, B)
  const none = new Float64Array(A.rows)
  const error = relativeError(A.cols)
  const { add, ranked: cosine } = counts(own, 1, [none, none], error)
  const means = yield* neighbourhoodMeans(engine, a, b, neighbours, add)
  return {
    cosine,
    means,
    *csls() {
      // Twice the error of a cosine, and that of a mean: it is at most the largest of its terms, and the rounding of a sum of so many.
      const { add, ranked } = counts(own, 2, means, 3 * error + (Math.min(neighbours, A.rows) + 4) * Number.EPSILON)
      for (const block of productBlocks(engine, a, b)) {
        add(block)
        yield progressOf(block, a, b)
      }
      return ranked
    },
  }
}

/** The same by a metric's scores in plain JavaScript, of the queries and the gallery of each way. */
export function* scoredRanks(
  ranking: Required<RankingOptions>,
  both: BothWays<readonly [queries: Matrix, gallery: Matrix]>,
): Steps<BothWays<Ranked>> {
  const ranked: Ranked[] = []
  for (const [Q, G] of both) {
    const before = ranked.length * Q.rows
    const scores = scoresBy(ranking, Q, G)
    const ranks = partnerRanks(
      scores,
      Int32Array.from({ length: Q.rows }, (_, i) => i),
    )
    for (const tile of scores.tiles()) {
      ranks.add(tile)
      yield { phase: 'retrieval', done: before + tile.first + tile.count, total: 2 * Q.rows }
    }
    ranked.push(ranks.result)
  }
  return [ranked[0], ranked[1]]
}

/** The cosine of each row of A with its partner. */
function* ownCosineSteps(A: Matrix, B: Matrix): Steps<Float64Array> {
  const { rows, cols } = A
  const own = new Float64Array(rows)
  const unit = (M: Matrix, i: number) => unitRows(new Matrix(1, cols, M.row(i)))
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) own[i] = dot(unit(A, i), unit(B, i))
  })
  return own
}

/**
 * Counts, of each row, the others that score more than its partner, and as much to rounding. The score of row i of A and j of B is factor p - m_j for
 * i, and factor p - m_i for j, with m of the one that is found; it is off by no more than `error`.
 */
function counts(own: Float64Array, factor: number, [ofA, ofB]: BothWays<Float64Array>, error: number) {
  const side = (means: Float64Array) => ({
    better: new Float64Array(own.length),
    // Every partner ties with itself.
    tied: new Float64Array(own.length).fill(-1),
    low: own.map((cosine, i) => factor * cosine - means[i] - 2 * error),
    high: own.map((cosine, i) => factor * cosine - means[i] + 2 * error),
  })
  const [a, b] = [side(ofB), side(ofA)]
  const add = ({ firstQuery, queries, firstRow, rows, products, stride }: ProductBlock): void => {
    for (let i = firstQuery; i < firstQuery + queries; i++) {
      const [low, high, mean] = [a.low[i], a.high[i], ofA[i]]
      let better = 0
      let tied = 0
      for (let j = firstRow, at = (i - firstQuery) * stride; j < firstRow + rows; j++, at++) {
        const score = factor * products[at]
        const forA = score - ofB[j]
        if (forA > high) better++
        else if (forA >= low) tied++
        const forB = score - mean
        if (forB > b.high[j]) b.better[j]++
        else if (forB >= b.low[j]) b.tied[j]++
      }
      a.better[i] += better
      a.tied[i] += tied
    }
  }
  const ranked: BothWays<Ranked> = [(ks) => rankScores(a.better, a.tied, ks), (ks) => rankScores(b.better, b.tied, ks)]
  return { add, ranked }
}
