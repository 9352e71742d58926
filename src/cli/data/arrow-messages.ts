import { FileFormatError } from '../../errors.js'
import type { AbortSignalLike, ByteReader } from '../../io/streams/byte-reader.js'
import { FlatTable } from './flatbuffer.js'

/** Kinds of messages (Message.fbs). */
export const [SCHEMA, DICTIONARY, RECORDS] = [1, 2, 3]
/** What a file begins and ends with; between is a stream. */
export const FILE_MAGIC = 'ARROW1'
/** Where the stream begins in a file. */
export const FILE_START = 8

const MOST_METADATA_BYTES = 2 ** 28
const MOST_NESTED = 32
const MOST_FIELDS = 2 ** 16
// The columns of a batch that claims more would not fit the memory.
const MOST_ROWS = 2 ** 26

/** What stands before the buffers of a message. */
export interface MessageHead {
  readonly kind: number
  /** A flatbuffer, filled up to a multiple of 8 bytes. */
  readonly metadata: Uint8Array
  readonly bodyStart: number
  readonly bodyBytes: number
  /** Of records. */
  readonly rows: number
  /** Of a dictionary. */
  readonly id: bigint
  readonly isDelta: boolean
  /** What buffers are packed by: 0 is LZ4, 1 is zstd. */
  readonly codec: number | undefined
  /** Whether numbers have their most significant byte first. */
  readonly isBigEndian: boolean
  /** Where the next begins. */
  readonly end: number
}

/**
 * The head of the message that begins at `at`; undefined at the end of the stream. No list in it is longer than its bytes have room for: readers take
 * its word for that.
 *
 * @throws FileFormatError or RangeError if it is broken
 */
export async function readHead(
  reader: ByteReader,
  at: number,
  signal: AbortSignalLike,
): Promise<MessageHead | undefined> {
  let length = await readLength(reader, at, signal)
  let start = at + 4
  // Before version 0.15 no mark came before the length.
  if (length === -1) {
    length = await readLength(reader, start, signal)
    start += 4
  }
  if (length === undefined || length === 0) return undefined
  if (length < 0 || length > MOST_METADATA_BYTES) throw new FileFormatError(`a message claims ${length} bytes of metadata`, at) // prettier-ignore
  const read = await reader.read(start, length, signal)
  if (read.length < length) throw new FileFormatError('it ends within a message', start + read.length)
  const metadata = new Uint8Array(8 * Math.ceil(length / 8))
  metadata.set(read)
  return { metadata, ...headOf(metadata, at, start + length) }
}

function headOf(metadata: Uint8Array, at: number, bodyStart: number): Omit<MessageHead, 'metadata'> {
  const message = new FlatTable(new DataView(metadata.buffer), 0)
  const kind = message.byte(1)
  const bodyBytes = Number(message.long(3))
  if (!Number.isSafeInteger(bodyBytes) || bodyBytes < 0) throw new FileFormatError(`a message claims ${bodyBytes} bytes`, at) // prettier-ignore
  const content = message.table(2)
  if (content !== undefined && kind === SCHEMA) checkSchema(content)
  const isDictionary = kind === DICTIONARY
  const records = kind === RECORDS ? content : isDictionary ? content?.table(1) : undefined
  for (const [field, size] of [[1, 16], [2, 16], [4, 8]]) records?.vector(field, size) // prettier-ignore
  const rows = Number(records?.long(0) ?? 0n)
  if (!(rows >= 0 && rows <= MOST_ROWS)) throw new FileFormatError(`a record batch claims ${rows} rows`, at)
  return {
    kind,
    bodyStart,
    bodyBytes,
    rows,
    id: isDictionary ? (content?.long(0) ?? 0n) : 0n,
    isDelta: isDictionary && content?.byte(2) === 1,
    codec: records?.table(3)?.byte(0),
    isBigEndian: kind === SCHEMA && content?.byte(0) === 1,
    end: bodyStart + bodyBytes,
  }
}

async function readLength(reader: ByteReader, at: number, signal: AbortSignalLike): Promise<number | undefined> {
  const bytes = await reader.read(at, 4, signal)
  if (bytes.length === 0) return undefined
  if (bytes.length < 4) throw new FileFormatError('it ends within a message', at + bytes.length)
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)
}

/** Goes through all fields of a schema (Schema.fbs). @throws RangeError if they are broken, nested too deeply, or too many */
function checkSchema(schema: FlatTable): void {
  let left = MOST_FIELDS
  const check = (field: FlatTable, depth: number): void => {
    if (depth > MOST_NESTED || --left < 0) throw new RangeError('its fields are too many, or nested too deeply')
    field.vector(0, 1)
    for (const entry of field.tables(6)) for (const text of [0, 1]) entry.vector(text, 1)
    // The numbers of a union's types.
    if (field.byte(2) === 14) field.table(3)?.vector(1, 4)
    for (const child of field.tables(5)) check(child, depth + 1)
  }
  for (const entry of schema.tables(2)) for (const text of [0, 1]) entry.vector(text, 1)
  for (const field of schema.tables(1)) check(field, 0)
}

/** A message in one piece, whose body begins where numbers may. @throws FileFormatError if it is not all there */
export async function readMessage(
  reader: ByteReader,
  { metadata, bodyStart, bodyBytes }: MessageHead,
  signal: AbortSignalLike,
): Promise<Uint8Array> {
  if (reader.size !== undefined && bodyStart + bodyBytes > reader.size) throw new FileFormatError('it ends within a message', reader.size) // prettier-ignore
  const body = await reader.read(bodyStart, bodyBytes, signal)
  if (body.length < bodyBytes) throw new FileFormatError('it ends within a message', bodyStart + body.length)
  const bytes = new Uint8Array(8 + metadata.length + bodyBytes)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, -1, true)
  view.setInt32(4, metadata.length, true)
  bytes.set(metadata, 8)
  bytes.set(body, 8 + metadata.length)
  return bytes
}
