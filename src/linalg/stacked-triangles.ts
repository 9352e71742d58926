import { Matrix } from '../matrix.js'
import { qrUpdateSteps, type RowBlock } from './qr-update.js'
import { solveUpperSteps } from './triangular.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { frobeniusSteps } from '../dense/norms.js'
import { submatrixSteps } from '../dense/slices.js'

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

/**
 * The R factor of [X; scale I], X upper trapezoidal: zero below the diagonal that ends in its last row. With as many rows as columns, or
 * more.
 */
export function* augmentedTriangleSteps(engine: Engine, X: Matrix, scale: number): Steps<Matrix> {
  const { rows, cols } = X
  const top = rows - cols
  const start = yield* submatrixSteps(X, top, rows, 0, cols)
  const above = top > 0 ? [{ rows: submatrixSteps(X, 0, top, 0, cols) }] : []
  const strips = scale > 0 ? identityStrips(cols, cols, scale) : []
  return yield* qrUpdateSteps(engine, start, joined(above, strips), top + cols)
}

function* joined(...lists: Iterable<RowBlock>[]): Generator<RowBlock> {
  for (const list of lists) yield* list
}

/** The rows of [scale I, 0], n x p. */
export function* identityStrips(n: number, p: number, scale: number): Generator<RowBlock> {
  for (let first = 0; first < n; first += STRIP_ROWS) {
    const rows = new Matrix(Math.min(STRIP_ROWS, n - first), p)
    for (let i = 0; i < rows.rows; i++) rows.set(i, first + i, scale)
    yield { rows, firstColumn: first }
  }
}

/**
 * A lower bound of the singular values of an upper triangular T: 1 / ||T^-1||_F, which unlike the diagonal of T is never wrong
 * (Kahan's matrix). n^3 / 3 operations.
 */
export function* leastSingularBoundSteps(engine: Engine, T: Matrix): Steps<number> {
  const n = T.rows
  for (let j = 0; j < n; j++) if (T.data[j * (n + 1)] === 0) return 0
  const inverse = yield* solveUpperSteps(engine, T, Matrix.identity(n), true)
  return 1 / (yield* frobeniusSteps(inverse))
}
