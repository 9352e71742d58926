import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import { columnsOf, mentions, numbered, type ColumnOptions, type Columns } from './columns.js'
import { InputError } from './errors.js'

/** Whether the first line of a CSV file holds names: told, or seen from it. */
export type Header = boolean | undefined

/** How a CSV file is read. */
export interface CsvReading extends ColumnOptions {
  readonly header?: Header
  readonly signal: AbortSignal
}

/** Numbers of a CSV file, and where they stood. */
export interface CsvMatrix {
  readonly matrix: Matrix
  /** The line of each row, n x 1, from 1 on. */
  readonly lines: Matrix
  /** The columns of the file that `matrix` has. */
  readonly columns: readonly number[]
  /** Of all columns, if the first line has any. */
  readonly names: readonly string[] | undefined
  /** One a row, if they were asked for. */
  readonly ids: readonly string[] | undefined
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
 * @param reading.header - whether the first line holds names; undefined: it does if none of its cells is a number, or an option calls a column by one
 * @throws InputError for lines of different lengths, features that are no numbers, columns that there are not, or a first line of which both could be true
 */
export async function readCsv(bytes: Uint8Array, path: string, reading: CsvReading): Promise<CsvMatrix> {
  let rows: RowCollector | undefined
  for await (const { record, info } of records(bytes, path, reading.signal)) {
    if (rows === undefined) {
      const names = isHeader(record, reading, path) ? record : undefined
      rows = new RowCollector(path, names, columnsOf(reading, names, record.length, path))
      if (names !== undefined) continue
    }
    rows.add(record, info.lines)
  }
  if (rows === undefined) throw new InputError(`${path} holds no numbers`)
  return rows.result()
}

/** Labels of a CSV file. */
export interface CsvLabels {
  readonly labels: readonly string[]
  /** One a label, if they were asked for. */
  readonly ids: readonly string[] | undefined
}

/**
 * Reads labels, one a line, or two columns of which one is that of ids. A first line of what they are is known by there being one line more than `total`,
 * by the name of the ids, or is told.
 *
 * @throws InputError if a line has more
 */
export async function readCsvLabels(
  bytes: Uint8Array,
  path: string,
  total: number | undefined,
  { id, header, signal }: CsvReading,
): Promise<CsvLabels> {
  const lines: (readonly string[])[] = []
  const width = id === undefined ? 1 : 2
  for await (const { record, info } of records(bytes, path, signal)) {
    if (record.length !== width) {
      const expected = id === undefined ? 'one label' : 'two: its id and its label'
      throw new InputError(`${path}: line ${info.lines} has ${record.length} columns, expected ${expected}`)
    }
    lines.push(record)
  }
  if (lines.length === 0) throw new InputError(`${path} holds no labels`)
  const named = header ?? (mentions({ id }, lines[0]) || (id === undefined && lines.length - 1 === total))
  const column = columnsOf({ id }, named ? lines[0] : undefined, width, path)
  const rows = lines.slice(named ? 1 : 0)
  return {
    labels: rows.map((cells) => cells[column.features[0]]),
    ids: column.id === undefined ? undefined : rows.map((cells) => cells[column.id as number]),
  }
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

/** What names the rows of a file that is written, and its columns. */
export interface CsvNames {
  readonly ids: readonly string[]
  /** The name of the column of ids. */
  readonly id: string
  /** What the number of a column comes after in its name. */
  readonly prefix: string
}

/** Numbers as text, to all their digits: what is read back is the same. A column of ids comes first, if there are any, and then there is a line of names. */
export function csvBytes({ rows, cols, data }: Matrix, delimiter: string, names?: CsvNames): Uint8Array {
  // Nine digits tell every float32 from its neighbours.
  const text = isFloat32(data) ? (x: number) => String(Number(x.toPrecision(9))) : String
  const cell = (word: string) => (/[",;\t\r\n]|^\s|\s$/.test(word) ? `"${word.replaceAll('"', '""')}"` : word)
  const numbers = (i: number) => Array.from(data.subarray(i * cols, (i + 1) * cols), text)
  const line = (cells: readonly string[]) => `${cells.join(delimiter)}\n`
  const header = names && line([cell(names.id), ...Array.from({ length: cols }, (_, j) => `${names.prefix}${j}`)])
  const lines = Array.from({ length: rows }, (_, i) => line(names ? [cell(names.ids[i]), ...numbers(i)] : numbers(i)))
  return new TextEncoder().encode((header ?? '') + lines.join(''))
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
function isHeader(record: readonly string[], reading: CsvReading, path: string): boolean {
  const { header, id, skip } = reading
  if (header === false) return false
  // Ids may be words in any line.
  const id0 = numbered(id, record.length)
  const cells = record.filter((_, j) => j !== id0)
  const words = cells.some((cell) => valueOf(cell) === undefined)
  const numbers = cells.some((cell) => DECIMAL.test(cell))
  // What pandas writes for columns without names, with its index of rows or without.
  const counted = cells.length > 2 && cells.every((cell, j) => cell === String(j))
  const indexed =
    record.length > 1 && record[0] === '' && (words || record.slice(1).every((cell, j) => cell === String(j)))
  const named = header ?? (mentions(reading, record) || indexed)
  if (!named && (counted || (words && numbers))) {
    const shown = record.slice(0, 4).join(', ') + (record.length > 4 ? ', ...' : '')
    throw new InputError(`${path}: the first line is '${shown}': are these names? Say --header or --no-header`)
  }
  const names = named || words
  const isTakenCare = id0 === 0 || skip?.split(',').some((part) => numbered(part.trim(), record.length) === 0)
  if (names && record.length > 1 && record[0] === '' && !isTakenCare) {
    throw new InputError(
      `${path}: the first column has no name, as an index of rows that pandas wrote: --id 0 takes it as ids, --skip 0 leaves it out, and index=False does not write it`,
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
  readonly #names: readonly string[] | undefined
  readonly #columns: Columns
  #width: number | undefined
  #data = new Float64Array(1024)
  #filled = 0
  readonly #ids: string[] = []
  readonly #lines: number[] = []

  constructor(path: string, names: readonly string[] | undefined, columns: Columns) {
    this.#path = path
    this.#names = names
    this.#columns = columns
  }

  add(cells: readonly string[], line: number): void {
    this.#width ??= this.#firstWidth(cells.length, line)
    if (cells.length !== this.#width) {
      throw new InputError(
        `${this.#path}: line ${line} has ${cells.length} columns, line ${this.#lines[0]} has ${this.#width}`,
      )
    }
    const { id, features } = this.#columns
    if (this.#filled + features.length > this.#data.length) this.#grow()
    for (const column of features) {
      const value = valueOf(cells[column])
      if (value === undefined) throw this.#notNumeric(cells[column], line, column)
      this.#data[this.#filled++] = value
    }
    if (id !== undefined) this.#ids.push(cells[id])
    this.#lines.push(line)
  }

  result(): CsvMatrix {
    if (this.#lines.length === 0) throw new InputError(`${this.#path} holds no numbers`)
    const { id, features } = this.#columns
    return {
      matrix: new Matrix(this.#lines.length, features.length, this.#data.slice(0, this.#filled)),
      lines: new Matrix(this.#lines.length, 1, this.#lines),
      columns: features,
      names: this.#names,
      ids: id === undefined ? undefined : this.#ids,
    }
  }

  /** The columns of all rows, from the first. */
  #firstWidth(width: number, line: number): number {
    const names = this.#names
    if (names === undefined || names.length === width) return width
    const hint = names.length === width - 1 ? '; R writes it so where rows have names: write with col.names = NA' : ''
    throw new InputError(
      `${this.#path}: the first line names ${names.length} columns, line ${line} has ${width}${hint}`,
    )
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(2 * this.#data.length, this.#filled + this.#columns.features.length))
    larger.set(this.#data)
    this.#data = larger
  }

  #notNumeric(cell: string, line: number, column: number): InputError {
    const shown = cell.length > 20 ? `${cell.slice(0, 20)}...` : cell
    const words =
      this.#lines.length > 0 ? '' : `: --id ${column} takes such a column as ids, --skip ${column} leaves it out`
    const hint = /^[-+\d]+,\d+$/.test(cell) ? ': a decimal comma is not read' : words
    return new InputError(`${this.#path}: line ${line}, column ${column + 1}: '${shown}' is no number${hint}`)
  }
}
