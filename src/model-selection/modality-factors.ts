import { modalityBlockSteps, type DataFactor } from '../align/factor/data-factor.js'
import { submatrixSteps } from '../dense/slices.js'
import { qrSteps } from '../linalg/qr.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import { inPieces, type Steps } from '../steps.js'

/**
 * The triangular factor of every modality by itself, T_m^T T_m = X_m^T X_m: min(p, d_m) x d_m, p the free rows. Its diagonal is not
 * negative: then it is unique (for independent columns), and does not depend on how the rows came.
 */
export function* modalityFactorSteps(engine: Engine, factor: DataFactor): Steps<Matrix[]> {
  const factors: Matrix[] = []
  for (let m = 0; m < factor.widths.length; m++) {
    const block = yield* modalityBlockSteps(factor, m)
    const rows = yield* submatrixSteps(block, 0, Math.min(block.rows, factor.freeRows), 0, block.cols)
    const { R } = yield* qrSteps(engine, rows, { mode: 'r', pivoting: false })
    yield* inPieces(R.rows, R.cols, (from, to) => {
      for (let i = from; i < to; i++) if (R.get(i, i) < 0) R.row(i).forEach((x, j, row) => (row[j] = -x))
    })
    factors.push(R)
  }
  return factors
}
