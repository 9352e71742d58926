import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import { InputError } from './errors.js'

/** Whether the first line of a CSV file holds names: told, or seen from it. */
export type Header = boolean | undefined

/** Numbers of a CSV file, and where they stood. */
export interface CsvMatrix {
  readonly matrix: Matrix
  /** The line of each row, n x 1, from 1 on. */
  readonly lines: Matrix
}

/** The cells of a line. */
interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

// As they are found in the wild for a value that is missing; an empty cell is another.
const MISSING = /^(nan|na|n\/a|null|none)?$/i
const INFINITE = /^([+-]?)inf(inity)?$/i
// Number() also reads hexadecimal, octal and binary digits. Columns may be named e and E1.
const DECIMAL = /^[-+.]*\d[-+.\deE]*$/

// A piece of the file that is parsed before Ctrl-C gets its turn.
const PIECE_BYTES = 2 ** 20

/**
 * Reads numbers with commas, semicolons or tabs in between: one line a row, an optional first line of names. What is missing becomes
 * NaN.
 *
 * @param header - whether the first line holds names; undefined: it does if none of its cells is a number
 * @throws InputError for lines of different lengths, cells that are no numbers, or a first line of which both could be true
 */
export async function readCsv(
  bytes: Uint8Array,
  path: string,
  header: Header,
  signal: AbortSignal,
): Promise<CsvMatrix> {
  const rows = new RowCollector(path)
  let first = true
  for await (const { record, info } of records(bytes, path, signal)) {
    if (!(first && isHeader(record, header, path))) rows.add(record, info.lines)
    first = false
  }
  return rows.result()
}

/**
 * Reads labels, one a line. A first line of what they are is known by there being one line more than `total`, unless it is told.
 *
 * @throws InputError if a line has more than one
 */
export async function readCsvLabels(
  bytes: Uint8Array,
  path: string,
  total: number,
  header: Header,
  signal: AbortSignal,
): Promise<string[]> {
  const labels: string[] = []
  for await (const { record, info } of records(bytes, path, signal)) {
    if (record.length !== 1)
      throw new InputError(`${path}: line ${info.lines} has ${record.length} columns, expected one label`)
    labels.push(record[0])
  }
  return labels.slice((header ?? labels.length === total + 1) ? 1 : 0)
}

async function* records(bytes: Uint8Array, path: string, signal: AbortSignal): AsyncGenerator<CsvRecord> {
  const delimiter = delimiterOf(bytes)
  const parser = parse({ delimiter, bom: true, info: true, trim: true, relax_column_count: true })
  let empty: number | undefined
  try {
    for await (const line of Readable.from(pieces(bytes)).pipe(parser) as AsyncIterable<CsvRecord>) {
      signal.throwIfAborted()
      const isEmpty = line.record.length === 1 && line.record[0] === ''
      // Left out, it would move all rows after it away from their partners in other files.
      if (!isEmpty && empty !== undefined) throw new InputError(`${path}: line ${empty} is empty`)
      if (isEmpty) empty ??= line.info.lines
      else yield line
    }
  } catch (error) {
    if (error instanceof CsvError) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Numbers as text, to all their digits: what is read back is the same. No line of names. */
export function csvBytes({ rows, cols, data }: Matrix, delimiter: string): Uint8Array {
  // Nine digits tell every float32 from its neighbours.
  const text = isFloat32(data) ? (x: number) => String(Number(x.toPrecision(9))) : String
  const line = (i: number) => Array.from(data.subarray(i * cols, (i + 1) * cols), text).join(delimiter)
  return new TextEncoder().encode(Array.from({ length: rows }, (_, i) => `${line(i)}\n`).join(''))
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES)
}

/** By the first line: a tab or a semicolon separates columns where there is one, since commas may be decimal there. */
function delimiterOf(bytes: Uint8Array): string {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  const line = new TextDecoder().decode(bytes.subarray(0, end < 0 ? undefined : end))
  return ['\t', ';'].find((mark) => line.includes(mark)) ?? ','
}

/** @throws InputError if that is to be seen from the line, and cannot be */
function isHeader(cells: readonly string[], header: Header, path: string): boolean {
  if (header === false) return false
  const words = cells.some((cell) => valueOf(cell) === undefined)
  const numbers = cells.some((cell) => DECIMAL.test(cell))
  // What pandas writes for columns without names.
  const counted = cells.length > 2 && cells.every((cell, j) => cell === String(j))
  if (header === undefined && (counted || (words && numbers))) {
    const shown = cells.slice(0, 4).join(', ') + (cells.length > 4 ? ', ...' : '')
    throw new InputError(`${path}: the first line is '${shown}': are these names? Say --header or --no-header`)
  }
  const names = header ?? words
  if (names && cells.length > 1 && cells[0] === '') {
    throw new InputError(
      `${path}: the first column has no name, as an index of rows that pandas wrote: save with index=False`,
    )
  }
  return names
}

/** The number in a cell, NaN if it is missing; undefined if it is something else. */
function valueOf(cell: string): number | undefined {
  if (DECIMAL.test(cell)) {
    const value = Number(cell)
    return Number.isNaN(value) ? undefined : value
  }
  if (MISSING.test(cell)) return NaN
  const infinite = INFINITE.exec(cell)
  return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity
}

/** Rows of equal length, in memory that grows. */
class RowCollector {
  readonly #path: string
  #cols = 0
  #data = new Float64Array(1024)
  #filled = 0
  readonly #lines: number[] = []

  constructor(path: string) {
    this.#path = path
  }

  add(cells: readonly string[], line: number): void {
    if (this.#lines.length === 0) this.#cols = cells.length
    if (cells.length !== this.#cols) {
      throw new InputError(
        `${this.#path}: line ${line} has ${cells.length} columns, line ${this.#lines[0]} has ${this.#cols}`,
      )
    }
    if (this.#filled + cells.length > this.#data.length) this.#grow()
    for (const cell of cells) {
      const value = valueOf(cell)
      if (value === undefined) throw this.#notNumeric(cell, line, cells.indexOf(cell))
      this.#data[this.#filled++] = value
    }
    this.#lines.push(line)
  }

  result(): CsvMatrix {
    if (this.#lines.length === 0) throw new InputError(`${this.#path} holds no numbers`)
    const matrix = new Matrix(this.#lines.length, this.#cols, this.#data.slice(0, this.#filled))
    return { matrix, lines: new Matrix(this.#lines.length, 1, this.#lines) }
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(2 * this.#data.length, this.#filled + this.#cols))
    larger.set(this.#data)
    this.#data = larger
  }

  #notNumeric(cell: string, line: number, column: number): InputError {
    const shown = cell.length > 20 ? `${cell.slice(0, 20)}...` : cell
    const hint = /^[-+\d]+,\d+$/.test(cell) ? ': a decimal comma is not read' : ''
    return new InputError(`${this.#path}: line ${line}, column ${column + 1}: '${shown}' is no number${hint}`)
  }
}
