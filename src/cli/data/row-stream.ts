import { Matrix, type Precision } from '../../matrix.js'
import { isFloat32 } from '../../typed-arrays.js'
import { allFinite } from '../../validation.js'
import { nameOf } from '../columns.js'
import type { Context } from '../context.js'
import { InputError } from '../errors.js'
import { isList, type RowSelection } from '../rows.js'
import { printable } from '../terminal.js'

/** Rows that follow each other in a file. */
export interface RowChunk {
  readonly matrix: Matrix
  /** One a row, if they were asked for. */
  readonly ids?: readonly string[] | undefined
  /** The line of each row, from 1 on, in a file of text. */
  readonly lines?: readonly number[] | undefined
}

/** Which rows, and how many at a time. */
export interface Span {
  readonly from: number
  /** Default: all that there are. */
  readonly to?: number | undefined
  readonly rows: number
}

/** The rows of a file by chunks, whatever its format. */
export interface RowStream {
  readonly path: string
  /** The columns of the file that are features, and how many they are. */
  readonly columns: readonly number[]
  readonly cols: number
  /** How many rows there are; in some formats only the end tells. */
  readonly rows: number | undefined
  /** Of all columns of the file, if it has any. */
  readonly names: readonly string[] | undefined
  /** What holds the numbers of the file. */
  readonly precision: Precision
  /** Whether rows are read in their order only, and once. */
  readonly isForward: boolean
  /** Where numbers are stored in one byte each: as which, though they may be packed bits. */
  readonly bytes?: 'int8' | 'uint8' | undefined
  /**
   * Chunks of `rows` rows each but for the last. The next call goes on where one ended, or further down; where the stream is not forward only,
   * anywhere.
   */
  chunks(span: Span): AsyncIterable<RowChunk>
  /** Rows by their numbers, where that is so quick that it is waited for. */
  readonly at?: (numbers: ArrayLike<number>) => RowChunk
  close(): Promise<void>
}

/** Rows in memory, as they came from a file. */
export interface Source {
  readonly path: string
  readonly matrix: Matrix
  readonly lines?: readonly number[] | undefined
  readonly columns: readonly number[]
  readonly names?: readonly string[] | undefined
  readonly ids?: readonly string[] | undefined
}

// What is held of a file at a time: some milliseconds of work, beside which the call for it is nothing.
const CHUNK_BYTES = 2 ** 23
const MIN_ROWS = 256
const MAX_ROWS = 2 ** 14

/** Rows a chunk, where a row of all files together has so many numbers. */
export function chunkRows(cols: number): number {
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(CHUNK_BYTES / (8 * Math.max(1, cols)))))
}

/** How messages call the columns that are features. */
export function calledColumns({ columns, names }: Pick<RowStream, 'columns' | 'names'>): string[] {
  return columns.map((column) => nameOf(column, names))
}

/** Rows in memory as a stream. */
export function inMemory({ path, matrix, lines, columns, names, ids }: Source): RowStream {
  return {
    path,
    columns,
    cols: matrix.cols,
    rows: matrix.rows,
    names,
    precision: isFloat32(matrix.data) ? 'f32' : 'f64',
    isForward: false,
    async *chunks({ from, to = matrix.rows, rows }) {
      for (let start = from; start < to; start += rows) {
        const end = Math.min(start + rows, to)
        const data = matrix.data.subarray(start * matrix.cols, end * matrix.cols)
        yield await Promise.resolve({
          matrix: new Matrix(end - start, matrix.cols, data),
          ids: ids?.slice(start, end),
          lines: lines?.slice(start, end),
        })
      }
    },
    close: () => Promise.resolve(),
  }
}

/** Chunks put together. */
export async function collected(stream: RowStream, chunks: AsyncIterable<RowChunk>): Promise<Source> {
  const all: RowChunk[] = []
  for await (const chunk of chunks) all.push(chunk)
  const { path, columns, cols, names, precision } = stream
  const rows = all.reduce((sum, { matrix }) => sum + matrix.rows, 0)
  const about = { path, columns, names, ...(all[0]?.ids && { ids: all.flatMap(({ ids }) => ids ?? []) }), ...(all[0]?.lines && { lines: all.flatMap(({ lines }) => lines ?? []) }) } // prettier-ignore
  if (all.length === 1) return { ...about, matrix: all[0].matrix }
  const data = precision === 'f32' ? new Float32Array(rows * cols) : new Float64Array(rows * cols)
  let at = 0
  for (const [i, { matrix }] of all.entries()) {
    data.set(matrix.data, at)
    at += matrix.data.length
    // Given back as soon as it is copied.
    all[i] = { matrix: new Matrix(0, cols) }
  }
  return { ...about, matrix: new Matrix(rows, cols, data) }
}

/** Chunks of one stream on top of each other. */
export function stacked(chunks: readonly RowChunk[]): RowChunk {
  if (chunks.length === 1) return chunks[0]
  const [{ matrix, ids, lines }] = chunks
  const rows = chunks.reduce((sum, chunk) => sum + chunk.matrix.rows, 0)
  const isSingle = chunks.every((chunk) => isFloat32(chunk.matrix.data))
  const data = isSingle ? new Float32Array(rows * matrix.cols) : new Float64Array(rows * matrix.cols)
  let at = 0
  for (const chunk of chunks) {
    data.set(chunk.matrix.data, at)
    at += chunk.matrix.data.length
  }
  return {
    matrix: new Matrix(rows, matrix.cols, data),
    ids: ids && chunks.flatMap((chunk) => chunk.ids ?? []),
    lines: lines && chunks.flatMap((chunk) => chunk.lines ?? []),
  }
}

/** Chunks whose entries are all finite. @throws InputError that says where the first is that is not */
export async function* finiteChunks(
  chunks: AsyncIterable<RowChunk>,
  stream: RowStream,
  selection: RowSelection | undefined,
): AsyncGenerator<RowChunk> {
  let row = 0
  for await (const chunk of chunks) {
    const { cols, data, rows } = chunk.matrix
    // Without a call for each number, unless one is not.
    const at = allFinite(data) ? -1 : data.findIndex((x) => !Number.isFinite(x))
    if (at >= 0) throw notFinite(stream, selection, chunk, row, Math.floor(at / cols), at % cols)
    row += rows
    yield chunk
  }
}

function notFinite(
  { path, columns }: RowStream,
  selection: RowSelection | undefined,
  { matrix, lines }: RowChunk,
  before: number,
  i: number,
  j: number,
): Error {
  const value = matrix.get(i, j)
  const advice = 'every entry must be finite: drop or impute such rows first'
  if (lines !== undefined) {
    const what = Number.isNaN(value) ? 'missing or NaN' : String(value)
    return new InputError(`${path}: line ${lines[i]}, column ${columns[j] + 1} is ${what}; ${advice}`)
  }
  const isListed = selection !== undefined && isList(selection)
  const name = selection === undefined || isListed ? path : `the selected rows of ${path}`
  const row = isListed ? selection.numbers[before + i] : before + i
  return new InputError(`${name}: entry (${row}, ${j}) is ${value}; ${advice}`)
}

// Fewer rows may rise by chance, or hold a small table.
const COUNTED_ROWS = 20

/** Passes chunks on, and says at the end which column of integers rises from row to row, if one does. */
export async function* watchingForCounters(
  chunks: AsyncIterable<RowChunk>,
  { path, cols, columns, names }: RowStream,
  context: Context,
): AsyncGenerator<RowChunk> {
  let rising = Array.from({ length: cols }, (_, j) => j)
  let last = new Float64Array(cols).fill(-Infinity)
  let seen = 0
  for await (const chunk of chunks) {
    const { rows, data } = chunk.matrix
    for (let i = 0; i < rows && rising.length > 0; i++) {
      const row = data.subarray(i * cols, (i + 1) * cols)
      rising = rising.filter((j) => Number.isInteger(row[j]) && row[j] > last[j])
      last = Float64Array.from(row)
    }
    seen += rows
    yield chunk
  }
  if (rising.length === 0 || seen < COUNTED_ROWS) return
  const note = `note: column ${nameOf(columns[rising[0]], names)} of ${path} rises from row to row, as numbers of rows do and time stamps: as a feature it lets rows be known by it; --id joins on such a column, --skip leaves it out\n`
  context.stderr.write(printable(note))
}
