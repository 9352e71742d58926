import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import { allFinite } from '../validation.js'
import { inPieces, run, type Steps } from '../steps.js'

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

/** Columns [start, end) of X, as a copy. */
export function columnRange(X: Matrix, start: number, end: number): Matrix {
  return submatrix(X, 0, X.rows, start, end)
}

/** X diag(scales), as a copy. */
export function* scaleColumnsSteps(X: Matrix, scales: ArrayLike<number>): Steps<Matrix> {
  const { rows, cols, data } = X
  const out = new Float64Array(data.length)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++)
      for (let j = 0; j < cols; j++, at++) out[at] = data[at] * scales[j]
  })
  return new Matrix(rows, cols, out)
}

/** {@link scaleColumnsSteps} at once. */
export function scaleColumns(X: Matrix, scales: ArrayLike<number>): Matrix {
  return run(scaleColumnsSteps(X, scales))
}

/** diag(scales) X, as a copy. */
export function scaleRows(X: Matrix, scales: ArrayLike<number>): Matrix {
  const { rows, cols, data } = X
  const out = new Float64Array(data.length)
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) out[at] = data[at] * scales[i]
  return new Matrix(rows, cols, out)
}

/** X times a number, as a copy. */
export function scaledBy({ rows, cols, data }: Matrix, factor: number): Matrix {
  const out = new Float64Array(data.length)
  for (let at = 0; at < out.length; at++) out[at] = factor * data[at]
  return new Matrix(rows, cols, out)
}

/** X - Y. */
export function difference({ rows, cols, data }: Matrix, Y: Matrix): Matrix {
  const out = new Float64Array(data.length)
  for (let at = 0; at < out.length; at++) out[at] = data[at] - Y.data[at]
  return new Matrix(rows, cols, out)
}

/** One value per block, repeated for every column of it. */
export function perColumn(widths: readonly number[], values: ArrayLike<number>): Float64Array {
  const offsets = blockOffsets(widths)
  const out = new Float64Array(offsets[widths.length])
  for (let m = 0; m < widths.length; m++) out.fill(values[m], offsets[m], offsets[m + 1])
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

/** Euclidean norm of some numbers. Scaled by the largest of them, so that no square over- or underflows. */
export function norm(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]))
  if (largest === 0) return 0
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] / largest) ** 2
  return largest * Math.sqrt(sum)
}

/** The lower median of what is not zero; 0 if all is. */
export function lowerMedian(sizes: Float64Array): number {
  const sorted = sizes.filter((size) => size > 0).sort()
  return sorted.length === 0 ? 0 : sorted[(sorted.length - 1) >> 1]
}

/** Frobenius norm, scaled as {@link norm}: the norm of the norms of some rows at a time. */
export function* frobeniusSteps({ rows, cols, data }: Matrix): Steps<number> {
  const parts: number[] = []
  yield* inPieces(rows, cols, (from, to) => parts.push(norm(data.subarray(from * cols, to * cols))))
  return norm(parts)
}

/** Euclidean norm of every column of X, with each column scaled by its largest entry. */
export function* columnNormsSteps(X: Matrix): Steps<Float64Array> {
  const { rows, cols, data } = X
  const largest = new Float64Array(cols)
  const sums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) largest[j] = Math.max(largest[j], Math.abs(data[at]))
    }
  })
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) if (data[at] !== 0) sums[j] += (data[at] / largest[j]) ** 2
    }
  })
  return sums.map((sum, j) => largest[j] * Math.sqrt(sum))
}

/** {@link columnNormsSteps} at once. */
export function columnNorms(X: Matrix): Float64Array {
  return run(columnNormsSteps(X))
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

/** Whether every entry is. */
export function* isFiniteSteps({ rows, cols, data }: Matrix): Steps<boolean> {
  let finite = true
  yield* inPieces(rows, cols, (from, to) => (finite &&= allFinite(data.subarray(from * cols, to * cols))))
  return finite
}
