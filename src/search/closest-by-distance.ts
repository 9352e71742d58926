import type { Matrix } from '../matrix.js'
import type { BestK } from '../metrics/best-k.js'
import { distance } from '../dense/norms.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { closest } from './closest.js'
import { commonScaleSteps, scaledOperand } from './operands.js'
import type { Operand } from './row-products.js'

/**
 * The k gallery rows of smallest distance, best first; keys are minus the distances.
 *
 * -|x - y|^2 + |x|^2 = 2 x.y - |y|^2 comes from a product, with an error of at most e (|x|^2 + |y|^2), e = (d + 8) eps: d / 2 eps for each of
 * the three terms' sums of d products, and some roundings.
 */
export function* closestByDistance(engine: Engine, Q: Matrix, G: Matrix, k: number): Steps<BestK> {
  const d = G.cols
  const error = (d + 8) * Number.EPSILON
  // What products that underflowed may have lost.
  const slacks = new Float64Array(Q.rows).fill((d + 8) * 2 ** -1070)
  const penalties = new Float64Array(G.rows)
  const scale = yield* commonScaleSteps(Q, G)
  const found = yield* closest(
    engine,
    measured(Q, scale, (row, square) => (slacks[row] += error * square)),
    measured(G, scale, (row, square) => (penalties[row] = square)),
    k,
    {
      factors: new Float64Array(Q.rows).fill(2),
      weights: new Float64Array(G.rows).fill(1),
      penalties,
      error: 0,
      penaltyError: error,
      slacks,
      exact: (i, j) => -distance(Q.data, i * d, G.data, j * d, d),
    },
    1,
  )
  return found as BestK
}

/** Rows times `scale`, whose squared lengths are told. */
function measured(matrix: Matrix, scale: number, tell: (row: number, square: number) => void): Operand {
  const { prepare } = scaledOperand(matrix, scale)
  return {
    matrix,
    prepare(kernels, pointer, row) {
      prepare(kernels, pointer, row)
      tell(row, kernels.xdot(matrix.cols, pointer, pointer))
    },
  }
}
