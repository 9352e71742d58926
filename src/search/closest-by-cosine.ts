import type { Matrix } from '../matrix.js'
import { dot } from '../dense/arithmetic.js'
import { distance } from '../dense/norms.js'
import type { BestK } from '../metrics/best-k.js'
import type { SimilarityMetric } from '../metrics/retrieval-input.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { isFloat32 } from '../typed-arrays.js'
import { closest } from './closest.js'
import { unitOperand } from './operands.js'

/** Below so many multiplications an engine more is not worth while. */
const LEAST_WORK = 2 ** 22

/** The share of all scores that may be computed in float64: where products in float32 decide less, a search in float64 is faster. */
const MOST_COMPUTED = 1 / 32

/** Whether to look for the k closest rows of each query in float32 first. */
export function areManySingles(Q: Matrix, G: Matrix, k: number): boolean {
  const isMuch = Q.rows * G.rows * G.cols >= LEAST_WORK && k <= (G.rows * MOST_COMPUTED) / 2
  return isMuch && isFloat32(Q.data) && isFloat32(G.data)
}

/**
 * The k gallery rows closest to each query, best first; undefined where a float32 engine leaves too much undecided. Keys are cosines, inner
 * products, minus the distances, or twice the cosines less `penalties`, in float64.
 *
 * A cosine from a product is off by at most (d + 16) u, u the rounding of the engine's numbers: d for the sum of d products of rows of length 1,
 * and some for bringing both to it. All that ranks comes from cosines, by lengths that are known in float64: x.y = |x| |y| cos, and less
 * |y|^2 / 2 it falls as the distance grows.
 *
 * @param scale - a power of two by which no square of a length overflows
 * @param penalties - by 'csls' the mean cosine of each gallery row with the queries closest to it, as float64 has it; by others zeros
 */
export function* closestByCosine(
  engine: Engine,
  Q: Matrix,
  G: Matrix,
  k: number,
  by: SimilarityMetric,
  scale = 1,
  penalties: Float64Array = new Float64Array(G.rows),
): Steps<BestK | undefined> {
  const d = G.cols
  const isSingle = engine.precision === 'f32'
  const [ofQueries, ofGallery] = [new Float64Array(Q.rows), new Float64Array(G.rows)]
  const cosine = (i: number, j: number) => dot(Q.row(i), G.row(j)) / (ofQueries[i] * ofGallery[j]) || 0
  const exact = {
    cosine,
    csls: (i: number, j: number) => 2 * cosine(i, j) - penalties[j],
    dot: (i: number, j: number) => dot(Q.row(i), G.row(j)),
    euclidean: (i: number, j: number) => -distance(Q.data, i * d, G.data, j * d, d),
  }
  const isCosine = by === 'cosine' || by === 'csls'
  const q = unitOperand(Q, scale, (row, length) => (ofQueries[row] = length))
  const g = unitOperand(G, scale, (row, length) => {
    ofGallery[row] = length
    if (by === 'euclidean') penalties[row] = length ** 2 / 2
  })
  const scores = {
    factors: isCosine ? new Float64Array(Q.rows).fill(by === 'csls' ? 2 : 1) : ofQueries,
    weights: isCosine ? new Float64Array(G.rows).fill(1) : ofGallery,
    penalties,
    error: (d + 16) * (isSingle ? 2 ** -24 : 2 ** -53),
    penaltyError: by === 'csls' ? 0 : (d + 8) * Number.EPSILON,
    // What lengths that underflowed may have lost.
    slack: (d + 8) * 2 ** -1070,
    exact: exact[by],
  }
  return yield* closest(engine, q, g, k, scores, isSingle ? MOST_COMPUTED : 1)
}
