import { Matrix, type Precision } from '../../matrix.js'
import type { Steps } from '../../steps.js'
import { inPrecision } from '../../validation.js'
import { copyFiniteRow } from '../factor/paired.js'
import { atStage } from '../../progress.js'

// Rows that go through WebAssembly memory at a time: what it takes depends on the widths, never on the number of rows.
const CHUNK_ROWS = 1024

/** Rows of a width at a time in an asynchronous operation: what goes over their entries takes some milliseconds. */
export function pieceRows(cols: number): number {
  return Math.min(CHUNK_ROWS, Math.ceil(2 ** 18 / Math.max(1, cols)))
}

/** A linear map of rows, and what is said of it. */
export interface Projection {
  /** For progress. */
  readonly phase: string
  /** Subtracted before. */
  readonly mean: Float64Array | undefined
  readonly map: (chunk: Matrix) => Steps<Matrix>
  /** Added after. */
  readonly offset: Float64Array | undefined
  /** Columns of the result. */
  readonly width: number
  /** Of what `map` takes and gives; means are subtracted before rounding. */
  readonly precision: Precision
}

/**
 * Maps the rows of X, chunk by chunk.
 *
 * @throws RangeError with the first offending index if an entry is NaN or infinite
 */
export function* projectRowsSteps(X: Matrix, projection: Projection, height = CHUNK_ROWS): Steps<Matrix> {
  const { phase, mean, map, offset, width, precision } = projection
  const total = X.rows
  const out = precision === 'f64' ? new Float64Array(total * width) : new Float32Array(total * width)
  for (let start = 0; start < total; start += height) {
    const end = Math.min(start + height, total)
    const chunk = finiteRows(X, start, end)
    if (mean !== undefined) addToRows(chunk, mean, -1)
    const mapped = yield* atStage({ phase, done: start, total }, map(inPrecision(chunk, precision, 'x')))
    if (offset !== undefined) addToRows(mapped, offset, 1)
    out.set(mapped.data, start * width)
    yield { phase, done: end, total }
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
