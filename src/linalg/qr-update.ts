import { Matrix } from '../matrix.js'
import {
  allocateColumns,
  readColumnsSteps,
  stagingElements,
  writeColumnsSteps,
  type Columns,
} from '../runtime/marshal.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'

/** Rows taken into R at a time: a block of 256 x 1024 doubles (2 MiB) is what one panel's updates sweep over. */
export const BLOCK_ROWS = 256

/** Rows to take in. */
export interface RowBlock {
  /** Any number of rows, p columns; or how they are laid out. */
  readonly rows: Matrix | Steps<Matrix>
  /** All columns before it are zero; a strip of a triangular matrix is cheaper that way. Default 0. */
  readonly firstColumn?: number
}

/** Takes blocks of rows into the triangle `r`; the buffer holds BLOCK_ROWS rows, and longer blocks go in by parts. */
function* appendSteps(engine: Engine, r: Columns, blocks: Iterable<RowBlock>, total: number): Steps<void> {
  const { kernels } = engine
  const p = r.cols
  const height = Math.min(BLOCK_ROWS, total)
  const buffer = allocateColumns(engine, height, p)
  const scratch = engine.allocate(
    Math.max(engine.elementBytes * stagingElements(height, p), kernels.xtpqrtWorkspace(height, p) >>> 0),
  )
  let done = 0
  for (const { rows: layout, firstColumn = 0 } of blocks) {
    const rows = layout instanceof Matrix ? layout : yield* layout
    for (let i = 0; i < rows.rows; i += height) {
      const count = Math.min(height, rows.rows - i)
      yield* writeColumnsSteps(engine, rows, { ...buffer, rows: count }, scratch, i)
      const state =
        kernels.xtpqrtInit(count, p, firstColumn, r.pointer, r.stride, buffer.pointer, buffer.stride, scratch) >>> 0
      while (kernels.xtpqrtStep(state) !== 0) yield { phase: 'qr', done, total }
      done += count
      yield { phase: 'qr', done, total }
    }
  }
}

/**
 * The R factor of [R; blocks], in bounded pieces: a streaming QR factorisation. R stays in WebAssembly between the blocks, which are
 * asked for one at a time. 2 b p^2 operations for b rows in all, memory independent of b.
 *
 * @param R - p x p upper triangular; zeros to begin with. Not changed.
 * @param total - rows of all blocks together
 */
export function* qrUpdateSteps(engine: Engine, R: Matrix, blocks: Iterable<RowBlock>, total: number): Steps<Matrix> {
  return yield* engine.scopeSteps(() => updateSteps(engine, R, blocks, total))
}

/** In the present scope. */
function* updateSteps(engine: Engine, R: Matrix, blocks: Iterable<RowBlock>, total: number): Steps<Matrix> {
  const r = allocateColumns(engine, R.rows, R.cols)
  yield* engine.scopeSteps(() =>
    writeColumnsSteps(engine, R, r, engine.allocateElements(stagingElements(R.rows, R.cols))),
  )
  yield* appendSteps(engine, r, blocks, total)
  return yield* readColumnsSteps(engine, r)
}

/** The R factor (n x n) of a tall m x n matrix, m >= n. */
export function* triangularFactorSteps(engine: Engine, A: Matrix): Steps<Matrix> {
  return yield* engine.scopeSteps(() => tallSteps(engine, A))
}

/** In the present scope. */
function* tallSteps(engine: Engine, A: Matrix): Steps<Matrix> {
  const r = allocateColumns(engine, A.cols, A.cols)
  engine.elements(r.pointer, r.stride * r.cols).fill(0)
  yield* appendSteps(engine, r, [{ rows: A }], A.rows)
  return yield* readColumnsSteps(engine, r)
}
