import type { FileMetaData } from 'hyparquet'
import { parquetMetadata } from 'hyparquet/src/metadata.js'
import type { RandomAccess } from '../../io/streams/byte-reader.js'
import { FileFormatError } from '../../errors.js'
import { columnsOf } from '../columns.js'
import { InputError } from '../errors.js'
import { besideEachOther, type ColumnPiece } from './column-pieces.js'
import type { Input } from './input.js'
import { chosenColumns, type ChosenColumns } from './named-columns.js'
import { pagesOf } from './parquet-pages.js'
import { cellPieces, vectorPieces, type VectorWidth } from './parquet-rows.js'
import { storedColumns, type StoredColumn } from './parquet-schema.js'
import type { Reading } from './reading.js'
import { regrouped } from './regrouped.js'
import type { RowChunk, RowStream, Span } from './row-stream.js'
import { thriftEnd } from './thrift.js'

const MAGIC = 'PAR1'
const TAIL_BYTES = 8
const MOST_METADATA_BYTES = 2 ** 28

/**
 * The rows of a Parquet file: a column of lists as vectors, or columns of numbers. Pages of those columns alone are read, one at a time.
 *
 * @throws InputError if the file is broken, or has no such columns
 */
export async function openParquet(input: Input, reading: Reading): Promise<RowStream> {
  const { path, member } = input
  if (input.isStream)
    throw new InputError(`${path}: what a Parquet file holds is said at its end: give the file itself`)
  const rows = new ParquetRows(input, reading)
  return rows.about(async () => {
    const metadata = await readMetadata(input.file as RandomAccess, reading.signal)
    const columns = storedColumns(metadata)
    await rows.choose(metadata, columns, chosenColumns(columns, member, reading, path))
    return rows
  })
}

/** The footer of a file. @throws FileFormatError if there is none */
async function readMetadata(file: RandomAccess, signal: Reading['signal']): Promise<FileMetaData> {
  const read = async (length: number) => {
    if (length > file.size) throw new FileFormatError('the file ends early', file.size)
    return Buffer.from(await file.read(file.size - length, length, signal))
  }
  const tail = await read(TAIL_BYTES)
  if (tail.subarray(4).toString('latin1') !== MAGIC) throw new FileFormatError('it does not end as a Parquet file does: it is cut short', file.size) // prettier-ignore
  const length = tail.readUInt32LE(0)
  if (length > MOST_METADATA_BYTES) throw new FileFormatError(`its metadata claim ${length} bytes`, file.size - TAIL_BYTES) // prettier-ignore
  const bytes = await read(length + TAIL_BYTES)
  thriftEnd(new DataView(bytes.buffer, bytes.byteOffset, length), 0)
  return parquetMetadata(new Uint8Array(bytes).buffer, { geoparquet: false })
}

interface Group {
  readonly first: number
  readonly rows: number
  readonly columns: FileMetaData['row_groups'][number]['columns']
}

class ParquetRows implements RowStream {
  readonly path: string
  readonly isForward = false
  readonly #input: Input
  readonly #reading: Reading
  readonly #shape: VectorWidth = {}
  #groups: readonly Group[] = []
  #stored: readonly StoredColumn[] = []
  #chosen: ChosenColumns = { vector: undefined, features: [], id: undefined }
  #features: readonly number[] = []

  constructor(input: Input, reading: Reading) {
    this.path = input.path
    this.#input = input
    this.#reading = reading
  }

  /** Finds out how wide the rows are. */
  async choose(metadata: FileMetaData, stored: readonly StoredColumn[], chosen: ChosenColumns): Promise<void> {
    this.#stored = stored
    this.#chosen = chosen
    this.#groups = groupsOf(metadata, stored.length)
    const { vector, features } = chosen
    if (this.rows === 0) throw new InputError(`${this.path} holds no rows`)
    if (vector === undefined) {
      this.#features = features
      return
    }
    for (const group of this.#groups) {
      // The first row of a file may go on in other pages, never in other groups.
      if (group.rows > 0) await this.#pieces(vector, group).next()
      if (this.#shape.width !== undefined) break
    }
    const { columns, skip } = this.#reading
    this.#features = columnsOf({ columns, skip }, undefined, this.#shape.width ?? 0, this.path).features
  }

  get columns(): readonly number[] {
    return this.#features
  }

  get cols(): number {
    return this.#features.length
  }

  get rows(): number {
    return this.#groups.reduce((sum, { rows }) => sum + rows, 0)
  }

  get names(): readonly string[] | undefined {
    return this.#chosen.vector === undefined ? this.#stored.map(({ name }) => name) : undefined
  }

  get precision(): 'f32' | 'f64' {
    const { vector, features } = this.#chosen
    return (vector === undefined ? features : [vector]).every((column) => this.#stored[column].isSingle) ? 'f32' : 'f64'
  }

  get bytes(): StoredColumn['bytes'] {
    const { vector } = this.#chosen
    return vector === undefined ? undefined : this.#stored[vector].bytes
  }

  chunks({ from, to = this.rows, rows }: Span): AsyncGenerator<RowChunk> {
    return regrouped(this.#chunks(from, to), rows)
  }

  async close(): Promise<void> {
    await this.#input.close()
  }

  /** Runs `work`; what readers find wrong with the bytes is the file's fault. */
  async about<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof InputError || this.#reading.signal.aborted) throw error
      throw new InputError(`${this.path} is no sound Parquet file: ${(error as Error).message}`, { cause: error })
    }
  }

  async *#chunks(from: number, to: number): AsyncGenerator<RowChunk> {
    const { vector, features, id } = this.#chosen
    for (const group of this.#groups) {
      const { first, rows } = group
      if (first + rows <= from || first >= to || rows === 0) continue
      const used = {
        vector: vector === undefined ? undefined : this.#pieces(vector, group),
        width: this.#shape.width ?? 0,
        features: this.#features,
        scalars: features.map((column) => this.#pieces(column, group)),
        ids: id === undefined ? undefined : this.#pieces(id, group),
        isSingle: this.precision === 'f32',
      }
      const place = { path: this.path, first, total: rows }
      const chunks = besideEachOther(used, place, Math.max(0, from - first), Math.min(rows, to - first))
      for (;;) {
        const next = await this.about(() => chunks.next())
        if (next.done === true) break
        yield next.value
      }
    }
  }

  #pieces(column: number, { first, columns }: Group): AsyncGenerator<ColumnPiece> {
    const stored = this.#stored[column]
    const { file_path: elsewhere, meta_data: metadata } = columns[column]
    if (elsewhere !== undefined) throw new InputError(`${this.path}: column '${stored.name}' is in another file, ${elsewhere}`) // prettier-ignore
    if (metadata === undefined) throw new InputError(`${this.path}: column '${stored.name}' is encrypted`)
    const pages = pagesOf(this.#input.file as RandomAccess, stored, metadata, this.#reading.signal)
    const place = { path: this.path, first }
    return stored.holds === 'vector' ? vectorPieces(pages, stored, this.#shape, place) : cellPieces(pages, stored)
  }
}

function groupsOf({ row_groups: groups, num_rows: total }: FileMetaData, width: number): Group[] {
  let first = 0
  const found = groups.map(({ num_rows: rows, columns }) => {
    if (columns.length !== width) throw new FileFormatError(`a row group has ${columns.length} columns, the schema has ${width}`, 0) // prettier-ignore
    const group = { first, rows: Number(rows), columns }
    if (!Number.isSafeInteger(group.rows) || group.rows < 0) throw new FileFormatError(`a row group has ${rows} rows`, 0) // prettier-ignore
    first += group.rows
    return group
  })
  if (BigInt(first) !== total) throw new FileFormatError(`it says ${total} rows, its row groups have ${first}`, 0) // prettier-ignore
  return found
}
