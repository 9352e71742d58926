import type { ColumnMetaData } from 'hyparquet'
import { Encodings } from 'hyparquet/src/constants.js'
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js'
import { byteStreamSplit } from 'hyparquet/src/encoding.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'
import type { AbortSignalLike, RandomAccess } from '../../io/streams/byte-reader.js'
import { FileFormatError } from '../../errors.js'
import { bitsOf, readRuns } from './parquet-levels.js'
import type { StoredColumn } from './parquet-schema.js'
import { thriftEnd } from './thrift.js'
import { unpackPage } from './parquet-codecs.js'

/** A page of a column, as it is stored. */
export interface Page {
  /** 0 where a row begins; undefined where each value is a row. */
  readonly repetition: Uint8Array | undefined
  /** Undefined where no value can be missing. */
  readonly definition: Uint8Array | undefined
  /** Rows, or numbers of lists, those that are missing too. */
  readonly count: number
  /** Those that are there. */
  readonly values: ArrayLike<unknown>
}

const READ_BYTES = 2 ** 20
const HEADER_BYTES = 2 ** 16
// Pages are of a megabyte as a rule, and of 20,000 rows; a few bytes can claim any number.
const MOST_BYTES = 2 ** 30
const MOST_VALUES = 2 ** 26

const [DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2] = [0, 2, 3]

/** What the header of a page says, in the fields of parquet.thrift. */
interface PageHeader {
  readonly type: number
  readonly bytes: number
  readonly packedBytes: number
  readonly count: number
  readonly encoding: string
  /** Bytes of levels; undefined where those say it themselves, in pages of the first version. */
  readonly levels: { readonly repetition: number; readonly definition: number } | undefined
  /** Whether its values are compressed, if the column is. */
  readonly isPacked: boolean
}

/**
 * The pages of a column in one row group, one after the other: memory is that of a page.
 *
 * @throws FileFormatError, RangeError or Error if they are broken, or of a kind that is not read
 */
export async function* pagesOf(
  file: RandomAccess,
  column: StoredColumn,
  metadata: ColumnMetaData,
  signal: AbortSignalLike,
): AsyncGenerator<Page> {
  const { dictionary_page_offset: dictionaryStart, data_page_offset: dataStart, codec, type } = metadata
  const start = Number(dictionaryStart || dataStart)
  const end = start + Number(metadata.total_compressed_size)
  if (!(start >= 0 && end >= start && end <= file.size)) throw new FileFormatError(`the file ends before byte ${end} of column '${column.name}'`, file.size) // prettier-ignore
  const bytes = new Bytes(file, start, end, signal)
  let seen = 0
  let dictionary: ArrayLike<unknown> | undefined
  while (seen < Number(metadata.num_values)) {
    const header = await readHeader(bytes)
    const packed = await bytes.take(header.packedBytes)
    if (header.type === DICTIONARY_PAGE) {
      const page = await unpackPage(packed, header.bytes, codec)
      if (header.count > 8 * page.length)
        throw new FileFormatError(`${header.count} values were expected in ${page.length} bytes`, 0)
      const values = readPlain({ view: viewOf(page), offset: 0 }, type, header.count, column.element.type_length)
      dictionary = convert(values, { ...decoderOf(column), type })
    } else if (header.type === DATA_PAGE || header.type === DATA_PAGE_V2) {
      seen += header.count
      yield await dataPage(packed, header, column, metadata, dictionary)
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function readHeader(bytes: Bytes): Promise<PageHeader> {
  const head = await bytes.ahead(HEADER_BYTES)
  const end = thriftEnd(viewOf(head), 0)
  const all: Fields = deserializeTCompactProtocol({ view: viewOf(await bytes.take(end)), offset: 0 })
  const { field_1: type, field_2: size, field_3: packedBytes } = all
  const own = (type === DATA_PAGE ? all.field_5 : type === DICTIONARY_PAGE ? all.field_7 : type === DATA_PAGE_V2 ? all.field_8 : {}) as Fields // prettier-ignore
  const isSecond = type === DATA_PAGE_V2
  const header = {
    type,
    bytes: size,
    packedBytes,
    count: own.field_1 ?? 0,
    encoding: Encodings[(isSecond ? own.field_4 : own.field_2) as number],
    levels: isSecond ? { repetition: own.field_6, definition: own.field_5 } : undefined,
    isPacked: own.field_7 !== false,
  } as PageHeader
  const { repetition = 0, definition = 0 } = header.levels ?? {}
  const isWithin = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most
  if (
    !isWithin(header.count, MOST_VALUES) ||
    !isWithin(size as number, MOST_BYTES) ||
    !isWithin(packedBytes as number, bytes.left) ||
    !isWithin(repetition, packedBytes as number) ||
    !isWithin(definition, (packedBytes as number) - repetition)
  ) {
    throw new FileFormatError(`a page claims ${header.count} values in ${String(packedBytes)} bytes`, bytes.position)
  }
  return header
}

type Fields = Record<`field_${number}`, unknown>

const decoderOf = ({ element, schemaPath, name }: StoredColumn) => ({
  element,
  schemaPath,
  pathInSchema: [name],
  parsers: DEFAULT_PARSERS,
  codec: 'UNCOMPRESSED' as const,
})

async function dataPage(
  packed: Uint8Array,
  { bytes: size, count, encoding, levels, isPacked }: PageHeader,
  column: StoredColumn,
  { codec, type }: ColumnMetaData,
  dictionary: ArrayLike<unknown> | undefined,
): Promise<Page> {
  const { maxRepetition, maxDefinition } = column
  const first = levels === undefined ? await unpackPage(packed, size, codec) : packed
  let at = 0
  const levelsOf = (most: number, length: number | undefined): Uint8Array | undefined => {
    if (most === 0) return undefined
    if (length === undefined) {
      length = viewOf(first).getUint32(at, true)
      at += 4
    }
    const out = new Uint8Array(count)
    readRuns(first.subarray(at, at + length), bitsOf(most), out)
    at += length
    return out
  }
  const repetition = levelsOf(maxRepetition, levels?.repetition)
  const definition = levelsOf(maxDefinition, levels?.definition)
  let there = count
  if (definition !== undefined) for (const level of definition) if (level !== maxDefinition) there--
  const rest = first.subarray(at)
  const plain = levels === undefined || !isPacked ? rest : await unpackPage(rest, size - at, codec)
  const values = there === 0 ? [] : valuesOf(plain, there, encoding, column, type, dictionary)
  if (values.length < there) throw new FileFormatError(`${there} values were expected, ${values.length} are there`, 0)
  return { repetition, definition, count, values }
}

function valuesOf(
  bytes: Uint8Array,
  count: number,
  encoding: string,
  column: StoredColumn,
  type: ColumnMetaData['type'],
  dictionary: ArrayLike<unknown> | undefined,
): ArrayLike<unknown> {
  const reader = { view: viewOf(bytes), offset: 0 }
  const converted = (values: Parameters<typeof convert>[0]) => convert(values, { ...decoderOf(column), type })
  const delta = () => (type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count))
  switch (encoding) {
    case 'PLAIN':
      // Before an array of as many is made.
      if (count > 8 * bytes.length) break
      return converted(readPlain(reader, type, count, column.element.type_length))
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (dictionary === undefined) throw new FileFormatError('there is no dictionary', 0)
      const indices = new Uint32Array(count)
      readRuns(bytes.subarray(1), bytes[0], indices)
      return lookedUp(indices, dictionary, type)
    }
    case 'RLE': {
      const bits = new Uint8Array(count)
      readRuns(bytes.subarray(4), 1, bits)
      return bits
    }
    case 'BYTE_STREAM_SPLIT':
      if (count > bytes.length) break
      return converted(byteStreamSplit(reader, count, type, column.element.type_length))
    case 'DELTA_BINARY_PACKED': {
      const out = delta()
      deltaBinaryUnpack(reader, count, out)
      return converted(out)
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const out: Uint8Array[] = []
      if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, out)
      else deltaLengthByteArray(reader, count, out)
      return converted(out)
    }
    default:
      throw new FileFormatError(`its encoding ${encoding} is not read`, 0)
  }
  throw new FileFormatError(`${count} values were expected in ${bytes.length} bytes`, 0)
}

function lookedUp(
  indices: Uint32Array,
  dictionary: ArrayLike<unknown>,
  type: ColumnMetaData['type'],
): ArrayLike<unknown> {
  const { length } = indices
  const out = type === 'FLOAT' ? new Float32Array(length) : type === 'DOUBLE' ? new Float64Array(length) : new Array<unknown>(length) // prettier-ignore
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] >= dictionary.length) throw new FileFormatError(`its dictionary has ${dictionary.length} entries, none of number ${indices[i]}`, 0) // prettier-ignore
    out[i] = dictionary[indices[i]]
  }
  return out
}

/** Part of a file, from its start on. */
class Bytes {
  readonly #file: RandomAccess
  readonly #end: number
  readonly #signal: AbortSignalLike
  #at: number
  #buffer: Uint8Array = new Uint8Array(0)

  constructor(file: RandomAccess, start: number, end: number, signal: AbortSignalLike) {
    this.#file = file
    this.#at = start
    this.#end = end
    this.#signal = signal
  }

  get position(): number {
    return this.#at
  }

  get left(): number {
    return this.#end - this.#at
  }

  /** The next bytes without taking them: `length`, or as many as there are. */
  async ahead(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.left)
    if (this.#buffer.length < wanted) {
      this.#signal.throwIfAborted()
      const from = this.#at + this.#buffer.length
      const more = await this.#file.read(from, Math.min(Math.max(READ_BYTES, wanted - this.#buffer.length), this.#end - from), this.#signal) // prettier-ignore
      this.#buffer = this.#buffer.length === 0 ? more : new Uint8Array(Buffer.concat([this.#buffer, more]))
    }
    return this.#buffer.subarray(0, wanted)
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.ahead(length)
    if (bytes.length < length) throw new FileFormatError('the file ends early', this.#at + bytes.length)
    this.#buffer = this.#buffer.subarray(length)
    this.#at += length
    return bytes
  }
}
