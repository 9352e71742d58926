import { Matrix } from '../matrix.js'
import {
  allocateColumns,
  allocateScratch,
  clearSteps,
  readColumnsSteps,
  writeColumnsSteps,
  type Columns,
} from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { inPieces, resume, shareOfCube, type Steps } from '../steps.js'

/** Rows taken into R at a time: a block of 256 x 1024 doubles (2 MiB) is what one panel's updates sweep over. */
export const BLOCK_ROWS = 256

/** Rows to take in. */
export interface RowBlock {
  /** Any number of rows, p columns; or how they are laid out. */
  readonly rows: Matrix | Steps<Matrix>
  /** All columns before it are zero; a strip of a triangular matrix is cheaper that way. Default 0. */
  readonly firstColumn?: number
}

/**
 * Takes blocks of rows into the triangle `r`; the buffer holds BLOCK_ROWS rows, and longer blocks go in by parts.
 *
 * @param fresh - whether `r` is zero: then the first rows are gathered in it until it is full, and factored there. A third of what
 *   these rows would take is saved, and most of what is left are larger products
 */
function* appendSteps(
  engine: Engine,
  r: Columns,
  blocks: Iterable<RowBlock>,
  total: number,
  fresh?: boolean,
): Steps<void> {
  const { kernels } = engine
  const p = r.cols
  const height = Math.min(BLOCK_ROWS, total)
  const first = fresh ? Math.min(r.rows, total) : 0
  const { buffer, tau, scratch } = engine.together(() => ({
    buffer: allocateColumns(engine, height, p),
    tau: engine.allocateElements(first),
    scratch: allocateScratch(engine, height, p, kernels.xtpqrtWorkspace(height, p), kernels.xgeqrfWorkspace(first, p)),
  }))
  let done = 0
  for (const { rows: layout, firstColumn = 0 } of blocks) {
    const rows = layout instanceof Matrix ? layout : yield* layout
    for (let i = 0, count: number; i < rows.rows; i += count) {
      const gathering = done < first
      count = Math.min(gathering ? first - done : Infinity, height, rows.rows - i)
      const pointer = gathering ? r.pointer + engine.elementBytes * done : buffer.pointer
      const to = { ...(gathering ? r : buffer), pointer, rows: count }
      yield* writeColumnsSteps(engine, rows, to, scratch, i)
      done += count
      if (done === first && gathering) yield* factorInPlace(engine, { ...r, rows: first }, tau, scratch, total)
      else if (!gathering) {
        const state = kernels.xtpqrtInit(
          count, p, r.rows, firstColumn, r.pointer, r.stride, pointer, to.stride, scratch,
        ) // prettier-ignore
        yield* resume(kernels.xtpqrtStep, state, 'qr', total, () => done - count)
        yield { phase: 'qr', done, total }
      }
    }
  }
}

/** The R factor in place of the rows, zeros below it. */
function* factorInPlace(engine: Engine, a: Columns, tau: number, scratch: number, total: number): Steps<void> {
  const { kernels } = engine
  const { rows, cols, pointer, stride } = a
  const state = kernels.xgeqrfInit(rows, cols, pointer, stride, tau, scratch)
  yield* resume(kernels.xgeqrfStep, state, 'qr', total, () => shareOfCube(kernels.xgeqrfColumn(state), rows))
  const view = engine.elements(pointer, stride * cols)
  yield* inPieces(Math.min(rows, cols), rows, (from, to) => {
    for (let j = from; j < to; j++) view.fill(0, j * (stride + 1) + 1, j * stride + rows)
  })
  yield { phase: 'qr', done: rows, total }
}

/**
 * The R factor of [R; blocks], in bounded pieces: a streaming QR factorisation. R stays in WebAssembly between the blocks, which are
 * asked for one at a time. 2 b p^2 operations for b rows in all, memory independent of b.
 *
 * @param R - p x p upper triangular, or its first q rows, of which only the first q columns are eliminated; zeros to begin with. Not
 *   changed.
 * @param total - rows of all blocks together
 * @param fresh - whether R is zero: the first rows cost less then
 * @param scales - what the columns of R are multiplied by first; default 1
 */
export const qrUpdateSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  R: Matrix,
  blocks: Iterable<RowBlock>,
  total: number,
  fresh?: boolean,
  scales?: ArrayLike<number>,
): Steps<Matrix> {
  const r = allocateColumns(engine, R.rows, R.cols)
  if (fresh) yield* clearSteps(engine, r)
  else yield* engine.scopeSteps(() => writeColumnsSteps(engine, R, r, allocateScratch(engine, R.rows, R.cols)))
  if (scales !== undefined) {
    yield* inPieces(r.cols, r.rows, (from, to) => {
      for (let j = from; j < to; j++) engine.kernels.xscal(r.rows, scales[j], r.pointer + 8 * j * r.stride)
    })
  }
  yield* appendSteps(engine, r, blocks, total, fresh)
  return yield* readColumnsSteps(engine, r)
})

/** The R factor (n x n) of a tall m x n matrix, m >= n. */
export const triangularFactorSteps = /* @__PURE__ */ scoped(function* (engine: Engine, A: Matrix): Steps<Matrix> {
  const r = allocateColumns(engine, A.cols, A.cols)
  yield* clearSteps(engine, r)
  yield* appendSteps(engine, r, [{ rows: A }], A.rows, true)
  return yield* readColumnsSteps(engine, r)
})
