import { Matrix } from '../matrix.js'
import { qrUpdateSteps, type RowBlock } from './qr-update.js'
import { eliminateSteps, solvedColumns, substitutionWorkspace } from './triangular.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { allocateColumns } from '../runtime/marshal.js'
import { inPieces, type Steps } from '../steps.js'
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
 *
 * @param columnScales - what the columns of X are multiplied by, if it has as many rows as columns; default 1
 */
export function* augmentedTriangleSteps(
  engine: Engine,
  X: Matrix,
  scale: number,
  columnScales?: ArrayLike<number>,
): Steps<Matrix> {
  const { rows, cols } = X
  const top = rows - cols
  const start = top > 0 ? yield* submatrixSteps(X, top, rows, 0, cols) : X
  const above = top > 0 ? [{ rows: submatrixSteps(X, 0, top, 0, cols) }] : []
  const strips = scale > 0 ? identityStrips(cols, cols, scale) : []
  return yield* qrUpdateSteps(engine, start, joined(above, strips), top + cols, false, columnScales)
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
 * A lower bound of the singular values of the leading n x n triangle T of X: 1 / ||T^-1||_F, which unlike the diagonal of T is never wrong
 * (Kahan's matrix). n^3 / 3 operations; of the inverse some columns at a time are there, and of the triangle no copy but that in
 * WebAssembly memory.
 */
export const leastSingularBoundSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  { rows, cols, data }: Matrix,
  n: number = rows,
): Steps<number> {
  for (let j = 0; j < n; j++) if (data[j * (cols + 1)] === 0) return 0
  const { kernels } = engine
  const width = Math.min(n, solvedColumns(n))
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, width),
    work: engine.allocate(substitutionWorkspace(engine, n, width)),
  }))
  const [triangle, columns] = [t, b].map(({ pointer, stride, cols: count }) => engine.doubles(pointer, stride * count))
  yield* inPieces(n, n, (from, to) => {
    for (let i = from; i < to; i++) triangle.set(data.subarray(i * cols, i * cols + n), i * t.stride)
  })
  const upper = { upper: true, pointer: t.pointer, rowStride: t.stride, columnStride: 1 }
  let size = 0
  for (let j = 0; j < n; j += width) {
    const count = Math.min(width, n - j)
    columns.fill(0)
    for (let q = 0; q < count; q++) columns[j + q + q * b.stride] = 1
    // What lies in memory is T by rows; below row j + count its inverse has nothing here.
    yield* eliminateSteps(engine, upper, j + count, count, b, work)
    for (let q = 0; q < count; q++) size = Math.hypot(size, kernels.xnrm2(j + count, b.pointer + 8 * q * b.stride))
    yield { phase: 'rank', done: j + count, total: n }
  }
  return 1 / size
})
