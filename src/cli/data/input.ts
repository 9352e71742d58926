import { open, type FileHandle } from 'node:fs/promises'
import { untilAborted, type RandomAccess, type RowFile } from '../../io/streams/byte-reader.js'
import { fromFileHandle } from '../../io/streams/file-handle.js'
import type { Context } from '../context.js'
import { InputError, systemReason } from '../errors.js'
import { showReading } from './reading-bar.js'

/** What stands for the standard input or output in place of a file's name. */
export const STANDARD = '-'

// Magic numbers, and the first lines of a text.
const HEAD_BYTES = 2 ** 16
// What is parsed in one turn of the event loop: some 10 ms.
const PIECE_BYTES = 2 ** 17

/** A file that rows are read from, or a stream of one. */
export interface Input {
  /** How messages call it. */
  readonly path: string
  /** Its name without that of a compression, which tells its format. */
  readonly name: string
  /** Which of several arrays is meant: what comes after the colon in 'x.npz:name'. */
  readonly member?: string | undefined
  /** Its first bytes: all of them, if there are fewer than 64 KiB. */
  readonly head: Uint8Array
  /** Whether it comes once, from its start on. */
  readonly isStream: boolean
  /** For the readers of `collimate/io`. A stream may be taken once. */
  readonly file: RowFile
  /** All of its bytes, in pieces. @throws InputError if reading fails; what the signal aborts with */
  pieces(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/**
 * Opens a file, a pipe, or the standard input by the name of `-`; what was compressed with gzip or zstd comes unpacked.
 *
 * @throws InputError if it cannot be opened
 */
export async function openInput(named: string, context: Context): Promise<Input> {
  const { path, member } = withMember(named)
  const input = { ...(await opened(path, context)), member }
  try {
    const unpacked = await unpackedPieces(input)
    if (unpacked === undefined) return input
    const name = input.name.replace(/\.(gz|zst)$/i, '')
    const unpackedInput = await streamInput(input.path, name, unpacked, context.signal, () => input.close())
    return { ...unpackedInput, member }
  } catch (error) {
    await input.close()
    throw error
  }
}

/** A file, and the array in it that is meant. */
export function withMember(named: string): { readonly path: string; readonly member: string | undefined } {
  const match = /^(.*\.(?:npz|safetensors|parquet|pq|arrows?|feather|ipc)):(.+)$/is.exec(named)
  return match === null ? { path: named, member: undefined } : { path: match[1], member: match[2] }
}

/** All bytes of a file. @throws as {@link openInput} */
export async function contentOf(path: string, context: Context): Promise<Uint8Array> {
  const input = await openInput(path, context)
  try {
    const { file } = input
    if ('read' in file && 'size' in file) return await file.read(0, file.size)
    const pieces: Uint8Array[] = []
    for await (const piece of input.pieces()) {
      context.signal.throwIfAborted()
      pieces.push(piece)
    }
    return new Uint8Array(Buffer.concat(pieces))
  } finally {
    await input.close()
  }
}

/** The standard inputs that were opened: what comes once has one reader. */
const taken = new WeakSet<Context>()

async function opened(path: string, context: Context): Promise<Input> {
  if (path === STANDARD) {
    if (context.stdin === undefined) throw new InputError('cannot read -: there is no standard input')
    if (taken.has(context)) throw new InputError('- is the standard input, which is read once: only one file can be it')
    taken.add(context)
    return streamInput('the standard input', path, counted(context.stdin(), context), context.signal)
  }
  try {
    const handle = await open(path)
    try {
      const stat = await handle.stat()
      if (stat.isDirectory()) throw new InputError(`cannot read ${path}: it is a directory`)
      if (stat.isFile()) return await fileInput(path, handle, context)
      return await streamInput(path, path, counted(handle.createReadStream(), context), context.signal, () => handle.close()) // prettier-ignore
    } catch (error) {
      await handle.close()
      throw error
    }
  } catch (error) {
    throw context.signal.aborted ? error : unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error
  return new InputError(`cannot read ${path}: ${systemReason(error)}`, { cause: error })
}

/** The pieces of a stream, whose bytes are counted on the terminal. */
async function* counted(stream: AsyncIterable<Uint8Array>, context: Context): AsyncGenerator<Uint8Array> {
  const position = { at: 0, size: undefined }
  const shown = showReading(context, position)
  try {
    for await (const piece of stream) {
      position.at += piece.length
      yield piece
    }
  } finally {
    shown.end()
  }
}

async function fileInput(path: string, handle: FileHandle, context: Context): Promise<Input> {
  const { signal } = context
  const bytes = await fromFileHandle(handle)
  const position = { at: 0, size: bytes.size }
  const shown = showReading(context, position)
  const read = async (offset: number, length: number) => {
    try {
      const piece = await bytes.read(offset, length, signal)
      position.at = Math.min(position.size, position.at + piece.length)
      return piece
    } catch (error) {
      throw signal.aborted ? error : unreadable(path, error)
    }
  }
  const file: RandomAccess = { size: bytes.size, read }
  let closed: Promise<void> | undefined
  return {
    path,
    name: path,
    head: await read(0, Math.min(HEAD_BYTES, bytes.size)),
    isStream: false,
    file,
    async *pieces() {
      for (let at = 0; at < bytes.size; at += PIECE_BYTES) yield read(at, Math.min(PIECE_BYTES, bytes.size - at))
    },
    close: () => {
      shown.end()
      return (closed ??= handle.close())
    },
  }
}

/** What comes once. Its first bytes are read ahead. */
async function streamInput(
  path: string,
  name: string,
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  close: () => Promise<void> = () => Promise.resolve(),
): Promise<Input> {
  const iterator = stream[Symbol.asyncIterator]()
  const more = () => untilAborted(iterator.next(), signal)
  const ahead: Uint8Array[] = []
  let length = 0
  let ended = false
  try {
    while (length < HEAD_BYTES && !ended) {
      const { done, value } = (await more()) as IteratorResult<Uint8Array, undefined>
      if (done === true) ended = true
      else length += ahead.push(value) && value.length
    }
  } catch (error) {
    throw signal.aborted ? error : unreadable(path, error)
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of ahead.splice(0)) yield piece
      for (let next = ended ? undefined : await more(); next?.done === false; next = await more()) {
        yield next.value
      }
    } catch (error) {
      throw signal.aborted ? error : unreadable(path, error)
    }
  }
  const once = pieces()
  return { path, name, head: Buffer.concat(ahead), isStream: true, file: once, pieces: () => once, close }
}

/** What the input holds when it is unpacked, if it is packed. */
async function unpackedPieces(input: Input): Promise<AsyncIterable<Uint8Array> | undefined> {
  const begins = (...magic: number[]) => magic.every((byte, i) => input.head[i] === byte)
  if (begins(0x1f, 0x8b)) return aboutUnpacking(input, unpacking(input, (await import('node:zlib')).createGunzip()))
  if (!begins(0x28, 0xb5, 0x2f, 0xfd)) return undefined
  const { nativeZstd, zstdPieces } = await import('./zstd.js')
  return aboutUnpacking(input, nativeZstd === undefined ? zstdPieces(input.pieces()) : unpacking(input, nativeZstd()))
}

async function* unpacking(input: Input, unpacker: NodeJS.ReadWriteStream): AsyncGenerator<Uint8Array> {
  const { Readable } = await import('node:stream')
  const packed = Readable.from(input.pieces(), { objectMode: false })
  // A pipe passes no errors on.
  packed.on('error', (error) => {
    unpacker.emit('error', error)
  })
  try {
    for await (const piece of packed.pipe(unpacker)) yield piece as Buffer
  } finally {
    packed.destroy()
  }
}

async function* aboutUnpacking(input: Input, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (error) {
    if (error instanceof InputError || (error as Error).name === 'AbortError') throw error
    throw new InputError(`${input.path} cannot be unpacked: ${(error as Error).message}`, { cause: error })
  }
}
