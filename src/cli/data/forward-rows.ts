import { Matrix, type Precision } from '../../matrix.js'
import { columnsOf } from '../columns.js'
import type { Reading } from './reading.js'
import { InputError } from '../errors.js'
import type { Input } from './input.js'
import type { RowChunk, RowStream, Span } from './row-stream.js'

/** One row as it comes. */
export interface RowRecord {
  readonly values: ArrayLike<number>
  readonly id?: string | undefined
  /** In a file of text, from 1 on. */
  readonly line?: number | undefined
}

/** What is known of rows before the first of them. */
export interface RecordsAbout {
  readonly columns: readonly number[]
  readonly names?: readonly string[] | undefined
  readonly precision: Precision
  readonly rows?: number | undefined
}

/** Rows that come in their order, and once. */
export class ForwardRows implements RowStream {
  readonly path: string
  readonly columns: readonly number[]
  readonly cols: number
  readonly names: readonly string[] | undefined
  readonly precision: Precision
  readonly isForward = true
  readonly #input: Input
  readonly #records: AsyncIterator<RowRecord>
  #rows: number | undefined
  #position = 0

  /** @param records - rows of as many values as there are columns; all with ids and lines, or none */
  constructor(input: Input, { columns, names, precision, rows }: RecordsAbout, records: AsyncIterator<RowRecord>) {
    this.path = input.path
    this.columns = columns
    this.cols = columns.length
    this.names = names
    this.precision = precision
    this.#rows = rows
    this.#input = input
    this.#records = records
  }

  /** Of most formats known once the last was read. */
  get rows(): number | undefined {
    return this.#rows
  }

  async *chunks({ from, to = Infinity, rows }: Span): AsyncGenerator<RowChunk> {
    while (this.#position < from && (await this.#chunk(Math.min(rows, from - this.#position))) !== undefined);
    while (this.#position < to) {
      const chunk = await this.#chunk(Math.min(rows, to - this.#position))
      if (chunk === undefined) return
      yield chunk
    }
  }

  async close(): Promise<void> {
    await this.#input.close()
  }

  /** Up to `rows` rows; undefined after the last. */
  async #chunk(rows: number): Promise<RowChunk | undefined> {
    const numbers: number[] = []
    const ids: string[] = []
    const lines: number[] = []
    let count = 0
    for (; count < rows; count++) {
      const { done, value } = (await this.#records.next()) as IteratorResult<RowRecord, undefined>
      if (done === true) {
        this.#rows = this.#position
        break
      }
      for (let j = 0; j < this.cols; j++) numbers.push(value.values[j])
      if (value.id !== undefined) ids.push(value.id)
      if (value.line !== undefined) lines.push(value.line)
      this.#position++
    }
    if (count === 0) return undefined
    const data = this.precision === 'f32' ? Float32Array.from(numbers) : Float64Array.from(numbers)
    return {
      matrix: new Matrix(count, this.cols, data),
      ids: ids.length > 0 ? ids : undefined,
      lines: lines.length > 0 ? lines : undefined,
    }
  }
}

/** Vectors of a file that has no columns by name, and ids by some name of its own or none. */
export interface Vectors {
  readonly input: Input
  readonly reading: Reading
  readonly precision: Precision
  readonly rows?: number | undefined
  /** What `--id` calls the ids that every record has; undefined if the file has none. Any name where `null`. */
  readonly ids: string | undefined | null
}

/** The rows of vectors of equal length, of which the first tells it. @throws InputError if there is none, or the ids are called otherwise */
export async function vectorRows(
  { input, reading, precision, rows, ids }: Vectors,
  records: AsyncGenerator<RowRecord>,
): Promise<RowStream> {
  const { path } = input
  const { id } = reading
  if (id !== undefined && ids !== null && id !== ids) {
    throw new InputError(
      ids === undefined ? `--id ${id}: ${path} has no ids` : `--id ${id}: the ids of ${path} are called '${ids}'`,
    )
  }
  const first = await records.next()
  if (first.done === true) throw new InputError(`${path} holds no numbers`)
  const width = first.value.values.length
  const { features } = columnsOf({ ...reading, id: undefined }, undefined, width, path)
  async function* selected(): AsyncGenerator<RowRecord> {
    for (let next = first; next.done !== true; next = await records.next()) {
      const { values, id: own, line } = next.value
      if (values.length !== width) {
        const place = line === undefined ? '' : `line ${line}: `
        throw new InputError(`${path}: ${place}a vector has ${values.length} numbers, the first has ${width}`)
      }
      yield {
        values: features.length === width ? values : features.map((column) => values[column]),
        id: id === undefined ? undefined : own,
        line,
      }
    }
  }
  return new ForwardRows(input, { columns: features, precision, rows }, selected())
}

/** Lines of a text, numbered from 1 on. @throws InputError if it is no UTF-8 */
export async function* linesOf(input: Input, signal: AbortSignal): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (error) {
      throw new InputError(`${input.path} is no text in UTF-8`, { cause: error })
    }
  }
  let rest = ''
  let line = 0
  for await (const piece of input.pieces()) {
    signal.throwIfAborted()
    const parts = (rest + decode(piece)).split('\n')
    rest = parts.pop() ?? ''
    for (const text of parts) yield { text: text.replace(/\r$/, ''), line: ++line }
  }
  rest += decode()
  if (rest !== '') yield { text: rest, line: line + 1 }
}
