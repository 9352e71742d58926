import { BestK } from '../metrics/best-k.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { productBlocks, progressOf, type Operand } from './row-products.js'

/**
 * The mean product of every query with its closest gallery rows, and of every gallery row with its closest queries: `size` of them, or all
 * where they are fewer. One pass finds both.
 */
export function* neighbourhoodMeans(
  engine: Engine,
  Q: Operand,
  G: Operand,
  size: number,
): Steps<[ofQueries: Float64Array, ofGallery: Float64Array]> {
  const [n, p] = [Q.matrix.rows, G.matrix.rows]
  if (n === 0) return [new Float64Array(0), new Float64Array(p)]
  const ofQueries = new BestK(n, Math.min(size, p))
  const ofGallery = new BestK(p, Math.min(size, n))
  for (const block of productBlocks(engine, Q, G)) {
    const { firstQuery, queries, firstRow, rows, products, stride } = block
    for (let i = firstQuery; i < firstQuery + queries; i++) {
      for (let j = firstRow, at = (i - firstQuery) * stride; j < firstRow + rows; j++, at++) {
        const product = products[at]
        if (product > ofQueries.threshold(i)) ofQueries.offer(i, product, j)
        if (product > ofGallery.threshold(j)) ofGallery.offer(j, product, i)
      }
    }
    yield progressOf(block, Q, G, 'neighbourhoods')
  }
  return [ofQueries.means(), ofGallery.means()]
}
