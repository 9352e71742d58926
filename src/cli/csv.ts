import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { csvCell } from './csv-cell.js'
import { columnsOf, mentions, numbered, type Columns } from './columns.js'
import type { Input } from './data/input.js'
import { vectorInText } from './data/json-rows.js'
import { ForwardRows, vectorRows, type RowRecord } from './data/forward-rows.js'
import type { Decimal, Reading } from './data/reading.js'
import type { RowStream } from './data/row-stream.js'
import type { RowWriter, Sink, Writing } from './data/row-writer.js'
import { InputError } from './errors.js'

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
// Numbers that become one text on their way out.
const WRITTEN_CELLS = 2 ** 16

/**
 * Reads numbers with commas, semicolons or tabs in between: one line a row, an optional first line of names. What is missing becomes
 * NaN.
 *
 * @param reading.header - whether the first line holds names; undefined: it does if none of its cells is a number, or an option calls a column by one
 * @throws InputError for lines of different lengths, features that are no numbers, columns that there are not, or a first line of which both could be true
 */
export async function openCsv(input: Input, reading: Reading): Promise<RowStream> {
  const { path } = input
  const lines = records(input, reading)
  const { done, value: first } = await lines.next()
  if (done === true) throw new InputError(`${path} holds no numbers`)
  const names = isHeader(first.record, reading, path) ? first.record : undefined
  const second = names === undefined ? first : (await lines.next()).value
  if (second === undefined) throw new InputError(`${path} holds no numbers`)
  async function* rows(): AsyncGenerator<CsvRecord> {
    if (second !== undefined) yield second
    yield* lines
  }
  const vectors = vectorColumn(second.record, names, reading, path)
  if (vectors !== undefined) return csvVectors(input, reading, names, vectors, rows())
  const columns = columnsOf(reading, names, first.record.length, path)
  const about = { columns: columns.features, names, precision: 'f64' } as const
  return new ForwardRows(input, about, numbersIn(rows(), path, names, columns, reading.decimal))
}

/** The column whose cells are vectors, as pandas writes lists: that of `--field`, or one in brackets. */
function vectorColumn(
  record: readonly string[],
  names: readonly string[] | undefined,
  { field, columns }: Reading,
  path: string,
): number | undefined {
  if (field === undefined) {
    const found = columns === undefined ? record.findIndex((cell) => /^\[.*\]$/s.test(cell)) : -1
    return found < 0 ? undefined : found
  }
  const column = names?.indexOf(field) ?? -1
  const found = column >= 0 ? column : numbered(field, record.length)
  if (found === undefined || found >= record.length)
    throw new InputError(`--field ${field}: ${path} has no such column`)
  return found
}

function csvVectors(
  input: Input,
  reading: Reading,
  names: readonly string[] | undefined,
  column: number,
  rows: AsyncGenerator<CsvRecord>,
): Promise<RowStream> {
  const { path } = input
  const id = reading.id === undefined ? undefined : columnsOf({ id: reading.id }, names, names?.length ?? Infinity, path).id // prettier-ignore
  async function* records(): AsyncGenerator<RowRecord> {
    for await (const { record, info } of rows) {
      const values = vectorInText(record[column] ?? '', `${path}: line ${info.lines}`)
      yield { values, id: id === undefined ? undefined : record[id], line: info.lines }
    }
  }
  return vectorRows({ input, reading, precision: 'f64', ids: null }, records())
}

/** The numbers of lines of equal length. @throws InputError if a line has others, or a feature is no number */
async function* numbersIn(
  rows: AsyncGenerator<CsvRecord>,
  path: string,
  names: readonly string[] | undefined,
  { id, features }: Columns,
  decimal: Decimal | undefined,
): AsyncGenerator<RowRecord> {
  let first: { readonly width: number; readonly line: number } | undefined
  for await (const { record, info } of rows) {
    const line = info.lines
    const isFirst = first === undefined
    first ??= { width: firstWidth(record.length, line, names, path), line }
    if (record.length !== first.width) {
      throw new InputError(`${path}: line ${line} has ${record.length} columns, line ${first.line} has ${first.width}`)
    }
    const values = features.map((column) => {
      const value = valueOf(record[column], decimal)
      if (value === undefined) throw notNumeric(record[column], line, column, path, isFirst, decimal)
      return value
    })
    yield { values, line, id: id === undefined ? undefined : record[id] }
  }
}

/** The columns of all rows, from the first. */
function firstWidth(width: number, line: number, names: readonly string[] | undefined, path: string): number {
  if (names === undefined || names.length === width) return width
  const hint = names.length === width - 1 ? '; R writes it so where rows have names: write with col.names = NA' : ''
  throw new InputError(`${path}: the first line names ${names.length} columns, line ${line} has ${width}${hint}`)
}

function notNumeric(
  cell: string,
  line: number,
  column: number,
  path: string,
  isFirst: boolean,
  decimal: Decimal | undefined,
): InputError {
  const shown = cell.length > 20 ? `${cell.slice(0, 20)}...` : cell
  const words = isFirst ? `: --id ${column} takes such a column as ids, --skip ${column} leaves it out` : ''
  const hint = decimal !== ',' && /^[-+\d]+,\d+$/.test(cell) ? ': --decimal , reads such numbers' : words
  return new InputError(`${path}: line ${line}, column ${column + 1}: '${shown}' is no number${hint}`)
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
export async function readCsvLabels(input: Input, total: number | undefined, reading: Reading): Promise<CsvLabels> {
  const { id, header } = reading
  const { path } = input
  const lines: (readonly string[])[] = []
  const width = id === undefined ? 1 : 2
  for await (const { record, info } of records(input, reading)) {
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

/**
 * One column, as texts: by its name or number, or the only one. A first line is a name if the column is called by one, and of a column of numbers if it
 * holds none.
 *
 * @throws InputError if there is no such column, or several and none was named
 */
export async function readCsvColumn(
  input: Input,
  column: string | undefined,
  isNumeric: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const { path } = input
  const cells: string[] = []
  let at: number | undefined
  for await (const { record, info } of records(input, { signal })) {
    const isFirst = at === undefined
    if (isFirst && column === undefined && record.length > 1) {
      throw new InputError(`${path} has ${record.length} columns: say which, as in ${path}:${record[0] || '0'}`)
    }
    const named = column === undefined ? -1 : record.indexOf(column)
    at ??= column === undefined ? 0 : named >= 0 ? named : (numbered(column, record.length) ?? -1)
    const cell = (record as (string | undefined)[])[at]
    if (cell === undefined) {
      throw new InputError(`${path}: line ${info.lines} has no column ${column ?? '0'}`)
    }
    const isName = named === at || (isNumeric && Number.isNaN(Number(cell)))
    if (!(isFirst && isName)) cells.push(cell)
  }
  return cells
}

async function* records(
  input: Input,
  { delimiter: given, decimal, signal }: Reading,
): AsyncGenerator<CsvRecord, undefined> {
  const { path } = input
  const delimiter = given ?? delimiterOf(input.head)
  if (delimiter === decimal)
    throw new InputError(`${path}: '${delimiter}' is between cells and before decimals: --delimiter says another`)
  const parser = parse({ delimiter, bom: true, info: true, trim: true, relax_column_count: true })
  let empty: number | undefined
  try {
    for await (const line of pipeline(
      Readable.from(input.pieces(), { objectMode: false }),
      parser,
      () => undefined,
    ) as AsyncIterable<CsvRecord>) {
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

/**
 * Writes numbers as text, to all their digits: what is read back is the same. A column of ids comes first, if there are any, and then there is a line
 * of names.
 */
export async function csvWriter(
  sink: Sink,
  { name, path, cols, precision, id, prefix, ...marks }: Writing,
): Promise<RowWriter> {
  const decimal = marks.decimal ?? '.'
  const delimiter = marks.delimiter ?? (/\.(tsv|txt)$/i.test(name) ? '\t' : decimal === ',' ? ';' : ',')
  if (delimiter === decimal)
    throw new InputError(`${path}: '${delimiter}' cannot be both between cells and before decimals`)
  // Nine digits tell every float32 from its neighbours.
  const point = precision === 'f32' ? (x: number) => String(Number(Math.fround(x).toPrecision(9))) : String
  const text = decimal === '.' ? point : (x: number) => point(x).replace('.', ',')
  const encoder = new TextEncoder()
  const write = async (lines: readonly (readonly string[])[]) => {
    await sink.write(encoder.encode(lines.map((cells) => `${cells.join(delimiter)}\n`).join('')))
  }
  if (id !== undefined)
    await write([[csvCell(id, delimiter), ...Array.from({ length: cols }, (_, j) => `${prefix}${j}`)]])
  return {
    async add({ rows, data }, ids) {
      const numbers = (i: number) => Array.from(data.subarray(i * cols, (i + 1) * cols), text)
      const line = (i: number) => (ids === undefined ? numbers(i) : [csvCell(ids[i], delimiter), ...numbers(i)])
      // A text holds at most 2^29 characters.
      const some = Math.max(1, Math.floor(WRITTEN_CELLS / Math.max(1, cols)))
      for (let at = 0; at < rows; at += some) {
        await write(Array.from({ length: Math.min(some, rows - at) }, (_, i) => line(at + i)))
      }
    },
    end: () => Promise.resolve(),
  }
}

/** By the first line: a tab or a semicolon separates columns where there is one, since commas may be decimal there. */
function delimiterOf(bytes: Uint8Array): string {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  const line = new TextDecoder().decode(bytes.subarray(0, end < 0 ? undefined : end))
  return ['\t', ';'].find((mark) => line.includes(mark)) ?? ','
}

/** @throws InputError if that is to be seen from the line, and cannot be */
function isHeader(record: readonly string[], reading: Reading, path: string): boolean {
  const { header, id, skip, decimal } = reading
  if (header === false) return false
  // Ids may be words in any line.
  const id0 = numbered(id, record.length)
  const cells = record.filter((_, j) => j !== id0)
  const words = cells.some((cell) => valueOf(cell, decimal) === undefined)
  const numbers = cells.some((cell) => DECIMAL.test(pointed(cell, decimal)))
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

/** A number as JavaScript writes it. What has points where commas are decimal is none: they may stand between thousands. */
function pointed(cell: string, decimal: Decimal | undefined): string {
  return decimal !== ',' ? cell : cell.includes('.') ? `'${cell}'` : cell.replace(',', '.')
}

/** The number in a cell, NaN if it is missing; undefined if it is something else. */
function valueOf(text: string, decimal: Decimal | undefined): number | undefined {
  const cell = pointed(text, decimal)
  if (DECIMAL.test(cell)) {
    const value = Number(cell)
    return Number.isNaN(value) ? undefined : value
  }
  if (MISSING.test(cell)) return NaN
  const infinite = INFINITE.exec(cell)
  return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity
}
