import { setCompressionCodec, tableFromIPC, type Batch, type CompressionType_, type Table } from '@uwdata/flechette'
import { byteReader, type ByteReader } from '../../io/streams/byte-reader.js'
import { FileFormatError } from '../../errors.js'
import { columnsOf } from '../columns.js'
import { InputError } from '../errors.js'
import { arrowColumn, cellPiece, vectorPiece, type ArrowColumn } from './arrow-columns.js'
import { DICTIONARY, FILE_MAGIC, FILE_START, readHead, readMessage, RECORDS, SCHEMA, type MessageHead } from './arrow-messages.js' // prettier-ignore
import { besideEachOther, type ColumnPiece } from './column-pieces.js'
import { ForwardPieces } from './forward-pieces.js'
import type { Input } from './input.js'
import { readLz4Frame } from './lz4.js'
import { chosenColumns, type ChosenColumns } from './named-columns.js'
import type { Reading } from './reading.js'
import { regrouped } from './regrouped.js'
import type { RowChunk, RowStream, Span } from './row-stream.js'
import { zstdUnpacker } from './zstd.js'

/**
 * The rows of Arrow's IPC format, as a file (Feather of the second version) or a stream: a column of lists as vectors, or columns of numbers. Memory is
 * that of a record batch.
 *
 * @throws InputError if it is broken, or has no such columns
 */
export async function openArrow(input: Input, reading: Reading): Promise<RowStream> {
  const { path, head, isStream } = input
  const isFile = Buffer.from(head.subarray(0, FILE_MAGIC.length)).toString('latin1') === FILE_MAGIC
  const messages = new Messages(byteReader(input.file), isFile, path, reading)
  return about(path, reading, async () => {
    if (isFile && !isStream) await checkEnd(messages.reader)
    const columns = await messages.readSchema()
    const rows = new ArrowRows(input, reading, messages, columns, chosenColumns(columns, input.member, reading, path))
    await rows.begin()
    return rows
  })
}

/** Runs `work`; what readers find wrong with the bytes is the file's fault. */
async function about<T>(path: string, { signal }: Reading, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof InputError || signal.aborted) throw error
    throw new InputError(`${path} holds no sound Arrow data: ${(error as Error).message}`, { cause: error })
  }
}

async function checkEnd(reader: ByteReader): Promise<void> {
  const size = reader.size ?? 0
  const end = await reader.read(Math.max(0, size - FILE_MAGIC.length), FILE_MAGIC.length)
  if (Buffer.from(end).toString('latin1') !== FILE_MAGIC) throw new FileFormatError('it does not end as an Arrow file does: it is cut short', size) // prettier-ignore
}

/** A batch of records, by where its message is. */
interface BatchPlace {
  readonly at: number
  readonly first: number
  readonly rows: number
}

interface Dictionary {
  readonly at: number
  readonly id: bigint
  readonly isDelta: boolean
  readonly message: Uint8Array
}

/** The messages of a stream, of which those of dictionaries are kept. */
class Messages {
  readonly reader: ByteReader
  readonly #isFile: boolean
  readonly #path: string
  readonly #reading: Reading
  #schema: Uint8Array = new Uint8Array(0)
  #dictionaries: Dictionary[] = []
  #at: number
  #rows = 0

  constructor(reader: ByteReader, isFile: boolean, path: string, reading: Reading) {
    this.reader = reader
    this.#isFile = isFile
    this.#path = path
    this.#reading = reading
    this.#at = isFile ? FILE_START : 0
  }

  async readSchema(): Promise<ArrowColumn[]> {
    const head = await readHead(this.reader, this.#at, this.#reading.signal)
    if (head?.kind !== SCHEMA) throw new FileFormatError('it begins with no schema', this.#at)
    if (head.isBigEndian) throw new InputError(`${this.#path}: its numbers have the most significant byte first, which is not read`) // prettier-ignore
    this.#schema = await readMessage(this.reader, head, this.#reading.signal)
    this.#at = head.end
    return tableFromIPC([this.#schema]).schema.fields.map(arrowColumn)
  }

  /** The next batch that has rows, after those of dictionaries. */
  async next(): Promise<{ place: BatchPlace; head: MessageHead } | undefined> {
    const { signal } = this.#reading
    for (;;) {
      const at = this.#at
      const head = await readHead(this.reader, at, signal)
      if (head === undefined) return undefined
      this.#at = head.end
      if (head.kind === DICTIONARY) {
        await registerCodec(head.codec)
        const message = await readMessage(this.reader, head, signal)
        const { id, isDelta } = head
        // A stream is not gone back in: what is replaced is of no more use.
        if (!isDelta && this.reader.isStream) this.#dictionaries = this.#dictionaries.filter((one) => one.id !== id)
        this.#dictionaries.push({ at, id, isDelta, message })
      } else if (head.kind === RECORDS && head.rows > 0) {
        const place = { at, first: this.#rows, rows: head.rows }
        this.#rows += head.rows
        return { place, head }
      }
    }
  }

  async table({ at }: BatchPlace, head?: MessageHead): Promise<Table> {
    const { signal } = this.#reading
    const found = head ?? (await readHead(this.reader, at, signal))
    if (found === undefined) throw new FileFormatError('it ends early', at)
    await registerCodec(found.codec)
    const records = await readMessage(this.reader, found, signal)
    return tableFromIPC([this.#schema, ...this.#dictionariesOf(at), records], { useBigInt: true })
  }

  /** A file has one dictionary a column, wherever it stands; in a stream another may take its place. */
  #dictionariesOf(at: number): Uint8Array[] {
    const before = this.#isFile ? this.#dictionaries : this.#dictionaries.filter((one) => one.at < at)
    const isReplaced = ({ id, at: own }: Dictionary) => before.some((later) => later.id === id && later.at > own && !later.isDelta) // prettier-ignore
    return before.filter((one) => !isReplaced(one)).map(({ message }) => message)
  }
}

/** The codec takes the bytes alone, before which there stands how many they become. */
async function registerCodec(codec: number | undefined): Promise<void> {
  if (codec === undefined) return
  const unpack = codec === 0 ? readLz4Frame : await zstdUnpacker()
  const decode = (packed: Uint8Array): Uint8Array => {
    const length = Number(new DataView(packed.buffer, packed.byteOffset - 8, 8).getBigInt64(0, true))
    // Arrays of numbers begin where memory does.
    const bytes = unpack(packed, length)
    return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  }
  setCompressionCodec(codec as CompressionType_, { decode, encode: (bytes) => bytes })
}

class ArrowRows implements RowStream {
  readonly path: string
  readonly precision: 'f32' | 'f64'
  readonly names: readonly string[] | undefined
  readonly bytes: ArrowColumn['bytes']
  readonly isForward: boolean
  readonly #input: Input
  readonly #reading: Reading
  readonly #messages: Messages
  readonly #columns: readonly ArrowColumn[]
  readonly #chosen: ChosenColumns
  readonly #shape: { width?: number } = {}
  readonly #forward: ForwardPieces | undefined
  readonly #places: BatchPlace[] = []
  #features: readonly number[] = []
  #ahead: { place: BatchPlace; table: Table } | undefined

  constructor(
    input: Input,
    reading: Reading,
    messages: Messages,
    columns: readonly ArrowColumn[],
    chosen: ChosenColumns,
  ) {
    const { vector, features } = chosen
    this.path = input.path
    this.precision = (vector === undefined ? features : [vector]).every((column) => columns[column].isSingle) ? 'f32' : 'f64' // prettier-ignore
    this.names = vector === undefined ? columns.map(({ name }) => name) : undefined
    this.bytes = vector === undefined ? undefined : columns[vector].bytes
    this.isForward = input.isStream
    this.#input = input
    this.#reading = reading
    this.#messages = messages
    this.#columns = columns
    this.#chosen = chosen
    this.#features = features
    if (input.isStream) this.#forward = new ForwardPieces(this.#oneByOne())
  }

  /** Finds out how wide rows are, and of what can be read anywhere how many there are. */
  async begin(): Promise<void> {
    const first = await this.#messages.next()
    if (first === undefined) throw new InputError(`${this.path} holds no rows`)
    const { place, head } = first
    if (!this.isForward) {
      this.#places.push(place)
      for (let next = await this.#messages.next(); next !== undefined; next = await this.#messages.next()) this.#places.push(next.place) // prettier-ignore
    }
    const table = await this.#messages.table(place, head)
    if (this.isForward) this.#ahead = { place, table }
    const { vector } = this.#chosen
    if (vector === undefined) return
    this.#piece(table, vector, place)
    const { columns, skip } = this.#reading
    this.#features = columnsOf({ columns, skip }, undefined, this.#shape.width ?? 0, this.path).features
  }

  get columns(): readonly number[] {
    return this.#features
  }

  get cols(): number {
    return this.#features.length
  }

  get rows(): number | undefined {
    if (this.#forward !== undefined) return this.#forward.rows
    return this.#places.reduce((sum, { rows }) => sum + rows, 0)
  }

  chunks(span: Span): AsyncGenerator<RowChunk> {
    return this.#forward?.chunks(span) ?? regrouped(this.#anywhere(span), span.rows)
  }

  async close(): Promise<void> {
    await this.#input.close()
  }

  async *#anywhere({ from, to = this.rows ?? 0 }: Span): AsyncGenerator<RowChunk> {
    for (const place of this.#places) {
      const { first, rows } = place
      if (first + rows <= from || first >= to) continue
      const table = await about(this.path, this.#reading, () => this.#messages.table(place))
      yield* this.#rowsOf(table, place, Math.max(0, from - first), Math.min(rows, to - first))
    }
  }

  async *#oneByOne(): AsyncGenerator<RowChunk> {
    for (;;) {
      const next = this.#ahead ?? (await about(this.path, this.#reading, () => this.#next()))
      this.#ahead = undefined
      if (next === undefined) return
      yield* this.#rowsOf(next.table, next.place, 0, next.place.rows)
    }
  }

  async #next(): Promise<{ place: BatchPlace; table: Table } | undefined> {
    const found = await this.#messages.next()
    return found && { place: found.place, table: await this.#messages.table(found.place, found.head) }
  }

  async *#rowsOf(table: Table, place: BatchPlace, from: number, to: number): AsyncGenerator<RowChunk> {
    const { vector, features, id } = this.#chosen
    const alone = async function* (piece: ColumnPiece): AsyncGenerator<ColumnPiece> {
      yield await Promise.resolve(piece)
    }
    const { path } = this
    const chunks = await about(path, this.#reading, () => {
      const piece = (column: number) => alone(this.#piece(table, column, place))
      const used = {
        vector: vector === undefined ? undefined : piece(vector),
        width: this.#shape.width ?? 0,
        features: this.#features,
        scalars: features.map(piece),
        ids: id === undefined ? undefined : piece(id),
        isSingle: this.precision === 'f32',
      }
      return Promise.resolve(besideEachOther(used, { path, first: place.first, total: place.rows }, from, to))
    })
    for (;;) {
      const next = await about(path, this.#reading, () => chunks.next())
      if (next.done === true) return
      yield next.value
    }
  }

  #piece(table: Table, column: number, { first }: BatchPlace): ColumnPiece {
    const { holds, name } = this.#columns[column]
    const batch = table.getChildAt(column).data[0] as unknown as Batch<unknown>
    return holds === 'vector' ? vectorPiece(batch, this.#shape, name, this.path, first) : cellPiece(batch)
  }
}
