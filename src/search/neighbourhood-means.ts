import { BestK } from '../metrics/best-k.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { productBlocks, progressOf, type Operand, type ProductBlock } from './row-products.js'

/**
 * The mean product of every query with its closest gallery rows, and of every gallery row with its closest queries: `size` of them, or all
 * where they are fewer. One pass finds both, and shows what it reads to `look`.
 */
export function* neighbourhoodMeans(
  engine: Engine,
  Q: Operand,
  G: Operand,
  size: number,
  look?: (block: ProductBlock) => void,
): Steps<[ofQueries: Float64Array, ofGallery: Float64Array]> {
  const [n, p] = [Q.matrix.rows, G.matrix.rows]
  if (n === 0) return [new Float64Array(0), new Float64Array(p)]
  const ofQueries = new BestK(n, Math.min(size, p))
  const ofGallery = new BestK(p, Math.min(size, n))
  for (const block of productBlocks(engine, Q, G)) {
    offerBoth(block, ofQueries, ofGallery)
    look?.(block)
    yield progressOf(block, Q, G, 'neighbourhoods')
  }
  return [ofQueries.means(), ofGallery.means()]
}

function offerBoth(block: ProductBlock, ofQueries: BestK, ofGallery: BestK): void {
  const { firstQuery, queries, firstRow, rows, products, stride } = block
  // Side by side, unlike the heaps that they are of.
  const thresholds = Float64Array.from({ length: rows }, (_, j) => ofGallery.threshold(firstRow + j))
  for (let i = firstQuery; i < firstQuery + queries; i++) {
    let threshold = ofQueries.threshold(i)
    for (let j = 0, at = (i - firstQuery) * stride; j < rows; j++, at++) {
      const product = products[at]
      if (product > threshold) {
        ofQueries.offer(i, product, firstRow + j)
        threshold = ofQueries.threshold(i)
      }
      if (product > thresholds[j]) {
        ofGallery.offer(firstRow + j, product, i)
        thresholds[j] = ofGallery.threshold(firstRow + j)
      }
    }
  }
}
