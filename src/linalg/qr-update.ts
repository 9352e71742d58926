import { Matrix } from '../matrix.js'
import { allocateColumns, readColumns, stagingDoubles, writeColumns, type Columns } from '../runtime/marshal.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'

/** Rows taken into R at a time: a block of 256 x 1024 doubles (2 MiB) is what one panel's updates sweep over. */
export const BLOCK_ROWS = 256

/** Takes the rows of `chunk` into the triangle `r`, block by block. */
function* appendRows(engine: Engine, r: Columns, chunk: Matrix, firstColumn: number): Steps<void> {
  const { kernels } = engine
  const p = chunk.cols
  const height = Math.min(BLOCK_ROWS, chunk.rows)
  const block = allocateColumns(engine, height, p)
  const scratch = engine.allocate(Math.max(8 * stagingDoubles(height, p), kernels.dtpqrtWorkspace(height, p) >>> 0))
  for (let i = 0; i < chunk.rows; i += height) {
    const rows = Math.min(height, chunk.rows - i)
    writeColumns(engine, chunk, { ...block, rows }, scratch, i)
    const state =
      kernels.dtpqrtInit(rows, p, firstColumn, r.pointer, r.stride, block.pointer, block.stride, scratch) >>> 0
    while (kernels.dtpqrtStep(state) !== 0) yield { phase: 'qr', done: i, total: chunk.rows }
    yield { phase: 'qr', done: i + rows, total: chunk.rows }
  }
}

/**
 * The R factor of [R; chunk], in bounded pieces: a streaming QR factorisation. 2 b p^2 operations, memory independent of b.
 *
 * @param R - p x p upper triangular; zeros to begin with. Not changed.
 * @param chunk - b x p
 * @param firstColumn - all columns of the chunk before it are zero; a strip of a triangular matrix is cheaper that way
 */
export function* qrUpdateSteps(engine: Engine, R: Matrix, chunk: Matrix, firstColumn = 0): Steps<Matrix> {
  return yield* engine.scopeSteps(function* () {
    const r = allocateColumns(engine, R.rows, R.cols)
    const staging = engine.allocateDoubles(stagingDoubles(R.rows, R.cols))
    writeColumns(engine, R, r, staging)
    yield* appendRows(engine, r, chunk, firstColumn)
    return readColumns(engine, r)
  })
}

/** The R factor (n x n) of a tall m x n matrix, m >= n. */
export function* triangularFactorSteps(engine: Engine, A: Matrix): Steps<Matrix> {
  return yield* engine.scopeSteps(function* () {
    const r = allocateColumns(engine, A.cols, A.cols)
    engine.doubles(r.pointer, r.stride * r.cols).fill(0)
    yield* appendRows(engine, r, A, 0)
    return readColumns(engine, r)
  })
}
