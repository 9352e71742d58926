import { Matrix } from '../matrix.js'
import { columnStride, type Engine } from './engine.js'

/** A column-major matrix in WASM memory: entry (i, j) is the element at `pointer + elementBytes (i + j stride)`. */
export interface Columns {
  readonly rows: number
  readonly cols: number
  readonly pointer: number
  readonly stride: number
}

/** Rows copied at a time on the way to a transposed layout: the staging area stays below a megabyte at 512 columns. */
const STAGED_ROWS = 256

/** Reserves a column-major matrix. */
export function allocateColumns(engine: Engine, rows: number, cols: number): Columns {
  const stride = columnStride(rows)
  return { rows, cols, pointer: engine.allocateElements(stride * cols), stride }
}

/** The columns of a row-major matrix are the rows of its transpose: `transposed` copies without moving entries about. */
export function writeTransposed(engine: Engine, { data, rows, cols }: Matrix, to: Columns): void {
  const view = engine.elements(to.pointer, to.stride * to.cols)
  if (to.stride === cols) view.set(data)
  else for (let i = 0; i < rows; i++) view.set(data.subarray(i * cols, (i + 1) * cols), i * to.stride)
}

/** Elements of staging that {@link writeColumns} needs. */
export function stagingElements(rows: number, cols: number): number {
  return Math.min(rows, STAGED_ROWS) * cols
}

/** Copies rows `from` to `from + to.rows - 1` of a row-major matrix into columns, through a staging area. */
export function writeColumns(engine: Engine, { data, cols }: Matrix, to: Columns, staging: number, from = 0): void {
  for (let i = 0; i < to.rows; i += STAGED_ROWS) {
    const count = Math.min(STAGED_ROWS, to.rows - i)
    engine.elements(staging, count * cols).set(data.subarray((from + i) * cols, (from + i + count) * cols))
    engine.kernels.xtranspose(count, cols, staging, cols, to.pointer + engine.elementBytes * i, to.stride)
  }
}

/** The first `rows` x `cols` of a column-major matrix as a new row-major one. */
export function readColumns(engine: Engine, from: Columns, rows = from.rows, cols = from.cols): Matrix {
  const view = engine.elements(from.pointer, from.stride * from.cols)
  const out = engine.newElements(rows * cols)
  const TILE = 32
  for (let i0 = 0; i0 < rows; i0 += TILE) {
    const i1 = Math.min(i0 + TILE, rows)
    for (let j0 = 0; j0 < cols; j0 += TILE) {
      const j1 = Math.min(j0 + TILE, cols)
      for (let j = j0; j < j1; j++) for (let i = i0; i < i1; i++) out[i * cols + j] = view[j * from.stride + i]
    }
  }
  return new Matrix(rows, cols, out)
}

/** The transpose of the first `rows` x `cols` of a column-major matrix, as a new row-major one (cols x rows). */
export function readTransposed(engine: Engine, from: Columns, rows = from.rows, cols = from.cols): Matrix {
  const view = engine.elements(from.pointer, from.stride * from.cols)
  const out = engine.newElements(rows * cols)
  for (let j = 0; j < cols; j++) out.set(view.subarray(j * from.stride, j * from.stride + rows), j * rows)
  return new Matrix(cols, rows, out)
}
