import { Matrix, type Precision } from '../matrix.js'
import { inPrecision } from '../validation.js'
import { copyFiniteRow } from './paired.js'

// Rows that go through WebAssembly memory at a time: what it takes depends on the widths, never on the number of rows.
const CHUNK_ROWS = 1024

/**
 * Applies a linear map to the rows of X, chunk by chunk, less `mean` before and plus `offset` after.
 *
 * @param width - columns of the result
 * @param precision - of what `map` takes and gives; means are subtracted before rounding
 * @throws RangeError with the first offending index if an entry is NaN or infinite
 */
export function projectRows(
  X: Matrix,
  mean: Float64Array | undefined,
  map: (chunk: Matrix) => Matrix,
  offset: Float64Array | undefined,
  width: number,
  precision: Precision = 'f64',
): Matrix {
  const out = precision === 'f64' ? new Float64Array(X.rows * width) : new Float32Array(X.rows * width)
  for (let start = 0; start < X.rows; start += CHUNK_ROWS) {
    const chunk = finiteRows(X, start, Math.min(start + CHUNK_ROWS, X.rows))
    if (mean !== undefined) addToRows(chunk, mean, -1)
    const mapped = map(inPrecision(chunk, precision, 'x'))
    if (offset !== undefined) addToRows(mapped, offset, 1)
    out.set(mapped.data, start * width)
  }
  return new Matrix(X.rows, width, out)
}

function finiteRows(X: Matrix, start: number, end: number): Matrix {
  const out = new Float64Array((end - start) * X.cols)
  for (let i = start; i < end; i++) copyFiniteRow(X, i, 'x', out, (i - start) * X.cols)
  return new Matrix(end - start, X.cols, out)
}

function addToRows({ cols, data }: Matrix, row: Float64Array, sign: number): void {
  for (let i = 0; i < data.length; i++) data[i] += sign * row[i % cols]
}
