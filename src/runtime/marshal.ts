import { Matrix } from '../matrix.js'
import { columnStride, type Engine } from './engine.js'
import { inPieces, type Steps } from '../steps.js'

/** A column-major matrix in WASM memory: entry (i, j) is the element at `pointer + elementBytes (i + j stride)`. */
export interface Columns {
  readonly rows: number
  readonly cols: number
  readonly pointer: number
  readonly stride: number
}

/** What is copied at a time on the way to a transposed layout: a megabyte, or a few rows that are longer. */
const [STAGED_ENTRIES, LEAST_STAGED, MOST_STAGED] = [2 ** 17, 16, 256]

/** Rows of so many columns that are copied at a time, in whole cache lines of a column. */
function stagedRows(cols: number): number {
  return Math.max(LEAST_STAGED, Math.min(MOST_STAGED, Math.floor(STAGED_ENTRIES / 8 / Math.max(1, cols)) * 8))
}

/** Reserves a column-major matrix. */
export function allocateColumns(engine: Engine, rows: number, cols: number): Columns {
  const stride = columnStride(rows)
  return { rows, cols, pointer: engine.allocateElements(stride * cols), stride }
}

/** The columns of a row-major matrix are the rows of its transpose, which is copied without moving entries about. */
export function* writeTransposedSteps(engine: Engine, { data, rows, cols }: Matrix, to: Columns): Steps<void> {
  const view = engine.elements(to.pointer, to.stride * to.cols)
  yield* inPieces(rows, cols, (from, end) => {
    if (to.stride === cols) view.set(data.subarray(from * cols, end * cols), from * cols)
    else for (let i = from; i < end; i++) view.set(data.subarray(i * cols, (i + 1) * cols), i * to.stride)
  })
}

/**
 * Reserves scratch memory for one kernel after the other, of so many bytes each, and for {@link writeColumnsSteps} of rows x cols, or less of
 * either.
 */
export function allocateScratch(engine: Engine, rows: number, cols: number, ...workspaces: number[]): number {
  const most = Math.max(STAGED_ENTRIES, LEAST_STAGED * cols)
  const staging = Math.min(most, Math.min(rows, MOST_STAGED) * cols)
  return engine.allocate(Math.max(engine.elementBytes * staging, ...workspaces.map((bytes) => bytes >>> 0)))
}

/** Copies rows `from` to `from + to.rows - 1` of a row-major matrix into columns, through a staging area. */
export function* writeColumnsSteps(
  engine: Engine,
  { data, cols }: Matrix,
  to: Columns,
  staging: number,
  from = 0,
): Steps<void> {
  const height = stagedRows(cols)
  for (let i = 0; i < to.rows; i += height) {
    const count = Math.min(height, to.rows - i)
    engine.elements(staging, count * cols).set(data.subarray((from + i) * cols, (from + i + count) * cols))
    engine.kernels.xtranspose(count, cols, staging, cols, to.pointer + engine.elementBytes * i, to.stride)
    yield
  }
}

/** Zeros in all of a matrix in memory. */
export function* clearSteps(engine: Engine, { pointer, stride, cols }: Columns): Steps<void> {
  yield* inPieces(cols, stride, (from, to) => {
    engine.elements(pointer + engine.elementBytes * from * stride, (to - from) * stride).fill(0)
  })
}

/** The side of the squares in which entries change places, both sides of which stay in cache. */
const TILE = 32

/** The first `rows` x `cols` of a column-major matrix as a new row-major one. */
export function* readColumnsSteps(engine: Engine, from: Columns, rows = from.rows, cols = from.cols): Steps<Matrix> {
  const view = engine.elements(from.pointer, from.stride * from.cols)
  const out = engine.newElements(rows * cols)
  const strip = (i0: number, i1: number) => {
    for (let j0 = 0; j0 < cols; j0 += TILE) {
      const j1 = Math.min(j0 + TILE, cols)
      for (let j = j0; j < j1; j++) for (let i = i0; i < i1; i++) out[i * cols + j] = view[j * from.stride + i]
    }
  }
  yield* inPieces(rows, cols, (start, end) => {
    for (let i0 = start; i0 < end; i0 += TILE) strip(i0, Math.min(i0 + TILE, end))
  })
  return new Matrix(rows, cols, out)
}

/** The transpose of the first `rows` x `cols` of a column-major matrix, as a new row-major one (cols x rows). */
export function* readTransposedSteps(engine: Engine, from: Columns, rows = from.rows, cols = from.cols): Steps<Matrix> {
  const view = engine.elements(from.pointer, from.stride * from.cols)
  const out = engine.newElements(rows * cols)
  yield* inPieces(cols, rows, (start, end) => {
    for (let j = start; j < end; j++) out.set(view.subarray(j * from.stride, j * from.stride + rows), j * rows)
  })
  return new Matrix(cols, rows, out)
}

/**
 * The columns of a matrix, or of its transpose, in memory: written now, or found where an engine that keeps them has had them. To be called
 * outside of scopes of such an engine.
 */
export function* keptColumnsSteps(engine: Engine, A: Matrix, isTransposed: boolean): Steps<Columns> {
  const [rows, cols] = isTransposed ? [A.cols, A.rows] : [A.rows, A.cols]
  const kept = engine.kept?.[Number(isTransposed)]
  const found = kept?.get(A.data)
  if (found !== undefined) return { rows, cols, pointer: found, stride: columnStride(rows) }
  const to = allocateColumns(engine, rows, cols)
  if (isTransposed) yield* writeTransposedSteps(engine, A, to)
  else {
    yield* engine.scopeSteps(() => writeColumnsSteps(engine, A, to, allocateScratch(engine, rows, cols)))
  }
  kept?.set(A.data, to.pointer)
  return to
}
