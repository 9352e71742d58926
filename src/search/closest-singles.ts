import type { Matrix } from '../matrix.js'
import { dot } from '../dense/arithmetic.js'
import { distance } from '../dense/norms.js'
import type { BestK } from '../metrics/best-k.js'
import type { SimilarityMetric } from '../metrics/retrieval-input.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { isFloat32 } from '../typed-arrays.js'
import { closest } from './closest.js'
import { singleOperand } from './operands.js'

/** Below so many multiplications an engine more is not worth while. */
const LEAST_WORK = 2 ** 22

/** The share of all scores that may be computed in float64: where products in float32 decide less, a search in float64 is faster. */
const MOST_COMPUTED = 1 / 32

/** Whether to look for the k closest rows in float32 first. */
export function areManySingles(Q: Matrix, G: Matrix, k: number): boolean {
  const isMuch = Q.rows * G.rows * G.cols >= LEAST_WORK && k <= (G.rows * MOST_COMPUTED) / 2
  return isMuch && isFloat32(Q.data) && isFloat32(G.data)
}

/**
 * The k gallery rows of float32 closest to each query, best first, in a float32 engine; undefined where too much is left undecided. Keys are
 * cosines, inner products, or minus the distances.
 *
 * A cosine from a product in float32 is off by at most (d + 16) 2^-24: d for the sum of d products of rows of length 1, and some for bringing
 * both to it. All that ranks comes from cosines, by lengths that are known in float64: x.y = |x| |y| cos, and less |y|^2 / 2 it falls as the
 * distance grows.
 */
export function* closestSingles(
  engine: Engine,
  Q: Matrix,
  G: Matrix,
  k: number,
  by: Exclude<SimilarityMetric, 'csls'>,
): Steps<BestK | undefined> {
  const d = G.cols
  const [ofQueries, ofGallery] = [new Float64Array(Q.rows), new Float64Array(G.rows)]
  const halves = new Float64Array(G.rows)
  const exact = {
    cosine: (i: number, j: number) => dot(Q.row(i), G.row(j)) / (ofQueries[i] * ofGallery[j]) || 0,
    dot: (i: number, j: number) => dot(Q.row(i), G.row(j)),
    euclidean: (i: number, j: number) => -distance(Q.data, i * d, G.data, j * d, d),
  }
  const isCosine = by === 'cosine'
  return yield* closest(
    engine,
    singleOperand(Q, (row, length) => (ofQueries[row] = length)),
    singleOperand(G, (row, length) => {
      ofGallery[row] = length
      if (by === 'euclidean') halves[row] = length ** 2 / 2
    }),
    k,
    {
      factors: isCosine ? new Float64Array(Q.rows).fill(1) : ofQueries,
      weights: isCosine ? new Float64Array(G.rows).fill(1) : ofGallery,
      penalties: halves,
      error: (d + 16) * 2 ** -24,
      penaltyError: (d + 8) * Number.EPSILON,
      slacks: new Float64Array(Q.rows),
      exact: exact[by],
    },
    MOST_COMPUTED,
  )
}
