import type { Matrix } from '../matrix.js'
import type { Scores, ScoreTile } from '../metrics/scores.js'
import { relativeError } from '../metrics/similarity.js'
import type { Engine } from '../runtime/engine.js'
import { unitOperand } from './operands.js'
import { productBlocks } from './row-products.js'

/** Cosines between the rows of Q and of G by matrix products. While its tiles are read, nothing else may use the engine. */
export function cosineProducts(engine: Engine, Q: Matrix, G: Matrix): Scores {
  const p = G.rows
  return {
    rows: p,
    absoluteErrors: new Float64Array(p).fill(relativeError(Q.cols)),
    relativeError: 0,
    *tiles(): Generator<ScoreTile, void, undefined> {
      for (const { firstQuery, queries, products, stride } of productBlocks(
        engine,
        unitOperand(Q),
        unitOperand(G),
        'rows',
      )) {
        const scores = new Float64Array(queries * p)
        for (let i = 0; i < queries; i++) scores.set(products.subarray(i * stride, i * stride + p), i * p)
        yield { first: firstQuery, count: queries, scores }
      }
    },
  }
}
