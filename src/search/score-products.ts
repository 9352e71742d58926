import type { Matrix } from '../matrix.js'
import type { Scores, ScoreTile } from '../metrics/scores.js'
import { relativeError } from '../metrics/similarity.js'
import type { Engine } from '../runtime/engine.js'
import { unitOperand } from './operands.js'
import { rowProduct, type RowProduct } from './row-products.js'

/** Operations of one tile: some ms. Fewer queries than the least would leave most of the time to packing the gallery. */
const TILE_FLOPS = 2 ** 26
const LEAST_QUERIES = 32
const MOST_QUERIES = 256

/** Cosines between the rows of Q and of G by matrix products. While its tiles are read, nothing else may use the engine. */
export function cosineProducts(engine: Engine, Q: Matrix, G: Matrix): Scores {
  return {
    rows: G.rows,
    absoluteErrors: new Float64Array(G.rows).fill(relativeError(Q.cols)),
    relativeError: 0,
    tiles: () => productTiles(engine, Q, G),
  }
}

function* productTiles(engine: Engine, Q: Matrix, G: Matrix): Generator<ScoreTile, void, undefined> {
  const [p, d] = [G.rows, G.cols]
  const most = Math.max(LEAST_QUERIES, Math.min(MOST_QUERIES, Math.floor(TILE_FLOPS / (2 * p * d))))
  const queries = Math.min(Q.rows, most)
  yield* engine.scopeSteps(() =>
    tilesOf(rowProduct(engine, unitOperand(Q), unitOperand(G), queries, p), Q.rows, queries, p),
  )
}

/** So many queries at a time. */
function* tilesOf(
  product: RowProduct,
  rows: number,
  queries: number,
  p: number,
): Generator<ScoreTile, void, undefined> {
  const scores = new Float64Array(queries * p)
  product.loadRows(0)
  for (let first = 0; first < rows; first += queries) {
    product.loadQueries(first)
    const { products, stride, queries: count } = product.multiply()
    for (let i = 0; i < count; i++) scores.set(products.subarray(i * stride, i * stride + p), i * p)
    yield { first, count, scores }
  }
}
