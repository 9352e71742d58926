import type { Matrix } from '../matrix.js'
import { BestK } from '../metrics/best-k.js'
import { distance } from '../dense/norms.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { commonScaleSteps, scaledOperand } from './operands.js'
import { productBlocks, progressOf, type Operand } from './row-products.js'
import { sortSteps } from './sorting.js'

/*
 * |x - y|^2 = |x|^2 + |y|^2 - 2 x.y comes from a product, with an error of at most e (|x|^2 + |y|^2), e = (d + 8) eps: d / 2 eps for each of
 * the three terms' sums of d products, and some roundings. So every squared distance has an upper and a lower bound. The k-th smallest upper
 * bound is no smaller than the k-th smallest distance; only rows with a lower bound below it can be among the k nearest, hardly
 * more than k of them unless many are equal to rounding, and for those the distance is taken from the differences.
 */

/** |y|^2 of every row that was prepared, in the scale of the products. */
interface SquaredNorms {
  readonly operand: Operand
  readonly squares: Float64Array
}

function withSquares(matrix: Matrix, scale: number, factor: number): SquaredNorms {
  const squares = new Float64Array(matrix.rows)
  const { prepare } = scaledOperand(matrix, scale)
  const operand: Operand = {
    matrix,
    prepare(kernels, pointer, row) {
      prepare(kernels, pointer, row)
      squares[row] = kernels.xdot(matrix.cols, pointer, pointer)
      kernels.xscal(matrix.cols, factor, pointer)
    },
  }
  return { operand, squares }
}

/** The k gallery rows of smallest distance, best first; keys are minus the distances. */
export function* closestByDistance(engine: Engine, Q: Matrix, G: Matrix, k: number): Steps<BestK> {
  const d = G.cols
  const error = (d + 8) * Number.EPSILON
  // What products that underflowed may have lost.
  const underflow = (d + 8) * 2 ** -1070
  const scale = yield* commonScaleSteps(Q, G)
  const queries = withSquares(Q, scale, 2)
  const gallery = withSquares(G, scale, 1)
  /** Minus the smallest upper bounds, less what a query adds to all of its own. */
  const bounds = new BestK(Q.rows, k)
  const best = new BestK(Q.rows, k)
  for (const block of productBlocks(engine, queries.operand, gallery.operand)) {
    const { firstQuery, firstRow, rows, products, stride } = block
    const squares = gallery.squares.subarray(firstRow, firstRow + rows)
    const [upper, lower] = [squares.map((v) => v * (1 + error)), squares.map((v) => v * (1 - error))]
    for (let i = firstQuery; i < firstQuery + block.queries; i++) {
      const at = (i - firstQuery) * stride
      const slack = 2 * error * queries.squares[i] + underflow
      if (!tighten(bounds, i, firstRow, products.subarray(at, at + rows), upper, lower, slack)) continue
      const threshold = bounds.threshold(i) - slack
      for (let j = 0; j < rows; j++) {
        if (products[at + j] - lower[j] < threshold) continue
        best.offer(i, -distance(Q.data, i * d, G.data, (firstRow + j) * d, d), firstRow + j)
      }
    }
    yield progressOf(block, queries.operand, gallery.operand)
  }
  yield* sortSteps(best)
  return best
}

/** Takes in the upper bounds of a block; whether any of its rows may be among the nearest. */
function tighten(
  bounds: BestK,
  query: number,
  firstRow: number,
  products: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  slack: number,
): boolean {
  let threshold = bounds.threshold(query)
  let candidates = false
  for (let j = 0; j < products.length; j++) {
    if (products[j] - lower[j] < threshold - slack) continue
    candidates = true
    bounds.offer(query, products[j] - upper[j], firstRow + j)
    threshold = bounds.threshold(query)
  }
  return candidates
}
