import { FileFormatError } from '../../errors.js'
import type { Matrix } from '../../matrix.js'
import { integerIn, knownOptions } from '../../validation.js'
import { elementCount, shapeText } from '../dense-array.js'
import { copyElements, elementSizeBytes, viewElements, type ElementType, type TypedArray } from '../elements.js'
import { fromFortranOrder } from '../fortran-order.js'
import { npyToMatrix } from '../npy.js'
import type { AbortSignalLike, ByteReader } from './byte-reader.js'

/** Which rows are read, and how many at a time. */
export interface ChunkOptions {
  /** The first row; default 0. */
  readonly from?: number
  /** The row to stop before; default: to the last. */
  readonly to?: number
  /** Rows a chunk, of which the last may have fewer; default 1024, which is what sources of several modalities have in common. */
  readonly rows?: number
  /** Ends the reading: the iteration rejects with its reason, between two reads or while a stream waits. */
  readonly signal?: AbortSignalLike
}

/** Rows in a file or a stream, which come a chunk at a time: memory is that of a chunk, however many there are. */
export interface RowSource {
  /** How many there are; undefined where only the end of a stream tells. */
  readonly rows?: number
  /** How many numbers a row has: all axes after the first, one after the other. */
  readonly cols: number
  /** How the file stores a number, in its own words. */
  readonly dtype: string
  /** What names each row, if the file has that. */
  readonly ids?: readonly string[]
  /**
   * The rows, in chunks that `partialFit`, `JointFactor.update` and `transform` take: float32 where the file has float32 or less, else float64. A
   * file is read as often as one likes, by several at a time; a stream once.
   *
   * @throws RangeError if `from`, `to` or `rows` is out of range, or a 64-bit integer of the chunk beyond 2^53
   * @throws FileFormatError if the file ends before its rows do; the reason of `signal` on an abort
   */
  chunks(options?: ChunkOptions): AsyncIterableIterator<Matrix>
  /** Lets go of the file: closes what was given, if that can be closed. */
  close(): Promise<void>
}

/** An array in a file, as its header tells. */
export interface StoredArray {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly type: ElementType
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  /** Where its elements begin, in bytes from the start of the file. */
  readonly dataStart: number
  /** Whether the file ends with it. */
  readonly isLast: boolean
}

const CHUNK_ROWS = 1024
// Columns lie far apart in a file in Fortran order: a read of each gives rows for several chunks.
const STRIP_BYTES = 2 ** 23

/** The rows of an array, the axes after the first flattened. */
export class StoredRows implements RowSource {
  readonly rows: number
  readonly cols: number
  readonly dtype: string
  readonly ids?: readonly string[]
  readonly #reader: ByteReader
  readonly #array: StoredArray

  /**
   * @throws FileFormatError if the bytes of the array are not all there, as far as can be known
   * @throws RangeError if it has no dimensions
   */
  constructor(reader: ByteReader, array: StoredArray, ids?: readonly string[]) {
    const { shape, dtype } = array
    if (shape.length === 0) throw new RangeError('the array is a single number; rows need one dimension or more')
    checkSize(reader, array)
    this.#reader = reader
    this.#array = array
    this.rows = shape[0]
    this.cols = shape.slice(1).reduce((product, length) => product * length, 1)
    this.dtype = dtype
    if (ids !== undefined) this.ids = ids
  }

  async *chunks(options: ChunkOptions = {}): AsyncGenerator<Matrix> {
    for await (const { rows, first, data } of this.arrays(options)) {
      yield npyToMatrix({ shape: [rows, this.cols], data }, `the array from row ${first} on`)
    }
  }

  /** The rows as they are stored, integers of 64 bits too. @internal */
  async *arrays(options: ChunkOptions): AsyncGenerator<{ rows: number; first: number; data: TypedArray }> {
    const { from, to, rows, signal } = checkedChunks(options, this.rows)
    const strip = this.#array.fortranOrder ? Math.max(rows, this.#stripRows) : rows
    for (let start = from; start < to; start += strip) {
      const end = Math.min(start + strip, to)
      const whole = await this.#read(start, end, signal)
      for (let first = start; first < end; first += rows) {
        const last = Math.min(first + rows, end)
        const isWhole = last - first === end - start
        const data = isWhole ? whole : whole.slice((first - start) * this.cols, (last - start) * this.cols)
        yield { rows: last - first, first, data }
      }
    }
    if (to === this.rows) await this.#checkEnd(signal)
  }

  close(): Promise<void> {
    return this.#reader.close()
  }

  /** How many axes the array has. @internal */
  get axes(): number {
    return this.#array.shape.length
  }

  /** All of it as one row. @internal */
  asRow(): StoredRows {
    return new StoredRows(this.#reader, { ...this.#array, shape: [1, ...this.#array.shape] })
  }

  get #sizeBytes(): number {
    return elementSizeBytes(this.#array.type)
  }

  get #stripRows(): number {
    return Math.floor(STRIP_BYTES / Math.max(1, this.cols * this.#sizeBytes))
  }

  async #read(from: number, to: number, signal: AbortSignalLike | undefined): Promise<TypedArray> {
    const { shape, type, bigEndian, fortranOrder } = this.#array
    const count = (to - from) * this.cols
    const bytes = fortranOrder
      ? await this.#columns(from, to, signal)
      : await this.#span(from * this.cols, count, signal)
    const elements = copyElements(bytes, 0, count, type, bigEndian)
    const ordered = fortranOrder
      ? fromFortranOrder(elements, this.#sizeBytes, [to - from, ...shape.slice(1)])
      : elements
    return viewElements(ordered, type)
  }

  /** Rows of an array in Fortran order: a part of every column. */
  async #columns(from: number, to: number, signal: AbortSignalLike | undefined): Promise<Uint8Array> {
    const length = (to - from) * this.#sizeBytes
    const bytes = new Uint8Array(this.cols * length)
    for (let j = 0; j < this.cols; j++) bytes.set(await this.#span(j * this.rows + from, to - from, signal), j * length)
    return bytes
  }

  /** The bytes of `count` elements. @throws FileFormatError if the file ends before */
  async #span(start: number, count: number, signal: AbortSignalLike | undefined): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const size = this.#sizeBytes
    const offset = this.#array.dataStart + start * size
    const bytes = await this.#reader.read(offset, count * size, signal)
    if (bytes.length === count * size) return bytes
    throw new FileFormatError(
      `the file ends within an array of shape ${shapeText(this.#array.shape)}: ${count * size} bytes were expected at ${offset}, ${bytes.length} came`,
      offset + bytes.length,
    )
  }

  /** Nothing may follow in a stream that ends with the array; of others the size was known. */
  async #checkEnd(signal: AbortSignalLike | undefined): Promise<void> {
    const { isLast, dataStart } = this.#array
    if (!this.#reader.isStream || !isLast) return
    const end = dataStart + this.rows * this.cols * this.#sizeBytes
    const excess = await this.#reader.read(end, 1, signal)
    if (excess.length > 0) throw new FileFormatError('bytes follow the array, which should be all that there is', end)
  }
}

/** The options of `chunks`, checked. @throws RangeError or TypeError if one is out of range */
export function checkedChunks(
  options: ChunkOptions,
  total: number | undefined,
): { from: number; to: number; rows: number; signal: AbortSignalLike | undefined } {
  const given = knownOptions(options, ['from', 'to', 'rows', 'signal'])
  const last = total ?? Number.MAX_SAFE_INTEGER
  const to = given.to === undefined ? last : integerIn(given.to, 0, last, 'to')
  const from = given.from === undefined ? 0 : integerIn(given.from, 0, to, 'from')
  const rows = given.rows === undefined ? CHUNK_ROWS : integerIn(given.rows, 1, Number.MAX_SAFE_INTEGER, 'rows')
  return { from, to, rows, signal: given.signal }
}

function checkSize(
  { size, isStream }: ByteReader,
  { shape, dtype, type, fortranOrder, dataStart, isLast }: StoredArray,
): void {
  const count = elementCount(shape, elementSizeBytes(type))
  const claimed = count === undefined ? undefined : count * elementSizeBytes(type)
  const present = size === undefined ? claimed : size - dataStart
  if (claimed === undefined || present === undefined || (isLast ? present !== claimed : present < claimed)) {
    throw new FileFormatError(
      `an array of shape ${shapeText(shape)} and dtype ${dtype} takes ${claimed ?? 'more than 2^53'} bytes${present === undefined ? '' : `, but ${present} follow the header`}`,
      dataStart,
    )
  }
  if (isStream && fortranOrder && shape.filter((length) => length > 1).length > 1) {
    throw new FileFormatError(
      'the array is in Fortran order, whose first row ends with the stream: give the file itself, or save numpy.ascontiguousarray(x)',
      0,
    )
  }
}
