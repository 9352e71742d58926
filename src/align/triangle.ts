import type { Matrix } from '../matrix.js'
import { qrUpdateSteps, type RowBlock } from '../linalg/qr-update.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { submatrixSteps } from './blocks.js'

// Rows of the second factor taken in at a time. Fewer skip more of its zeros, but make the updates less of a matrix product.
const STRIP_ROWS = 128

/**
 * The R factor of [R; S] for an S that is zero below the diagonal that starts in column `firstColumn`: strip by strip, so
 * that the zeros left of each strip cost nothing. Combines the factors of two sets of rows (TSQR, Demmel et al. 2012).
 *
 * @param R - p x p upper triangular, not changed
 * @param S - any number of rows, p columns, upper trapezoidal
 */
export function* foldTriangleSteps(engine: Engine, R: Matrix, S: Matrix): Steps<Matrix> {
  return yield* qrUpdateSteps(engine, R, strips(S), S.rows)
}

function* strips(S: Matrix): Generator<RowBlock> {
  for (let row = 0; row < S.rows; row += STRIP_ROWS) {
    const rows = submatrixSteps(S, row, Math.min(row + STRIP_ROWS, S.rows), 0, S.cols)
    yield { rows, firstColumn: Math.min(row, S.cols - 1) }
  }
}
