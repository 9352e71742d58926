import { Matrix, transposeRows } from '../matrix.js'
import { inPieces, run, type Steps } from '../steps.js'
import { isFloat32 } from '../typed-arrays.js'

/** Where each block of columns starts, and where the last one ends: the partial sums of the widths. */
export function blockOffsets(widths: readonly number[]): number[] {
  const offsets = [0]
  for (const width of widths) offsets.push(offsets[offsets.length - 1] + width)
  return offsets
}

/** Rows [rowStart, rowEnd) and columns [colStart, colEnd) of X, as a copy in float64. */
export function* submatrixSteps(
  X: Matrix,
  rowStart: number,
  rowEnd: number,
  colStart: number,
  colEnd: number,
): Steps<Matrix> {
  const [rows, cols] = [rowEnd - rowStart, colEnd - colStart]
  const out = new Float64Array(rows * cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) {
      const row = (rowStart + i) * X.cols
      out.set(X.data.subarray(row + colStart, row + colEnd), i * cols)
    }
  })
  return new Matrix(rows, cols, out)
}

/** {@link submatrixSteps} at once. */
export function submatrix(X: Matrix, rowStart: number, rowEnd: number, colStart: number, colEnd: number): Matrix {
  return run(submatrixSteps(X, rowStart, rowEnd, colStart, colEnd))
}

/** The first k rows of X, as a view. */
export const leadingRows = ({ cols, data }: Matrix, k: number) => new Matrix(k, cols, data.subarray(0, k * cols))

/** Columns [start, end) of X, as a copy. */
export function columnRange(X: Matrix, start: number, end: number): Matrix {
  return submatrix(X, 0, X.rows, start, end)
}

/** Blocks of columns between these offsets, as copies. */
export function* columnBlocksSteps(X: Matrix, offsets: readonly number[]): Steps<Matrix[]> {
  const blocks: Matrix[] = []
  for (let m = 0; m + 1 < offsets.length; m++)
    blocks.push(yield* submatrixSteps(X, 0, X.rows, offsets[m], offsets[m + 1]))
  return blocks
}

/** The transpose, as a copy in float64. */
export function* transposedSteps({ rows, cols, data }: Matrix): Steps<Matrix> {
  const out = new Float64Array(data.length)
  yield* inPieces(rows, cols, (from, to) => {
    transposeRows(data, rows, cols, from, to, out)
  })
  return new Matrix(cols, rows, out)
}

/** X with columns of zeros after its own, or without its last ones, until there are k. */
export function withColumns(X: Matrix, k: number): Matrix {
  if (X.cols >= k) return columnRange(X, 0, k)
  const out = new Matrix(X.rows, k)
  for (let i = 0; i < X.rows; i++) out.data.set(X.row(i), i * k)
  return out
}

/** The matrices on top of each other; all have the same columns. One alone is not copied. */
export function stackRows(parts: readonly Matrix[]): Matrix {
  if (parts.length === 1) return parts[0]
  const [{ cols }] = parts
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const out = new Float64Array(rows * cols)
  let at = 0
  for (const { data } of parts) {
    out.set(data, at)
    at += data.length
  }
  return new Matrix(rows, cols, out)
}

/** The given rows of X, in that order, as a copy of the same precision. */
export function* selectedRowsSteps({ cols, data }: Matrix, rows: ArrayLike<number>): Steps<Matrix> {
  const length = rows.length * cols
  const out = isFloat32(data) ? new Float32Array(length) : new Float64Array(length)
  yield* inPieces(rows.length, cols, (from, to) => {
    for (let i = from; i < to; i++) out.set(data.subarray(rows[i] * cols, (rows[i] + 1) * cols), i * cols)
  })
  return new Matrix(rows.length, cols, out)
}

/** {@link selectedRowsSteps} of every matrix. */
export function* selectedSamplesSteps(modalities: readonly Matrix[], rows: ArrayLike<number>): Steps<Matrix[]> {
  const selected: Matrix[] = []
  for (const X of modalities) selected.push(yield* selectedRowsSteps(X, rows))
  return selected
}

/** One value per block, repeated for every column of it. */
export function perColumn(widths: readonly number[], values: ArrayLike<number>): Float64Array {
  const offsets = blockOffsets(widths)
  const out = new Float64Array(offsets[widths.length])
  for (let m = 0; m < widths.length; m++) out.fill(values[m], offsets[m], offsets[m + 1])
  return out
}
