import { wrongKind } from '../../describe.js'
import type { CancelSignal } from '../../steps.js'
import { arrayClass, tagOf } from '../../typed-arrays.js'

/** What is used of an `AbortSignal` where a read may hang: these types need neither those of the DOM nor those of Node. */
export interface AbortSignalLike extends CancelSignal {
  readonly aborted: boolean
  /** What it was aborted with. */
  readonly reason: Error
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** What is used of a `Blob`. */
export interface BlobLike {
  readonly size: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What is used of a `ReadableStream` of bytes. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>
    cancel(): Promise<void>
  }
}

/** Bytes that are read wherever one likes: a file, an object in a store that takes ranges, a member of an archive. */
export interface RandomAccess {
  /** How many there are. */
  readonly size: number
  /**
   * The bytes from `offset` on.
   *
   * @param length - how many; `offset + length` is at most `size`. Fewer are taken as the end of a file that was cut short meanwhile
   * @param signal - of whoever asks
   */
  read(offset: number, length: number, signal?: AbortSignalLike): Promise<Uint8Array> | Uint8Array
  /** Lets go of what it holds, once nothing more is read. */
  close?(): Promise<void> | void
}

/**
 * What rows are read from without holding all of it: a `Blob` (a `File` that the user picked), bytes, a stream of bytes (a `ReadableStream`
 * such as the body of a response, a Node stream, a generator), or what reads at any offset.
 */
export type RowFile = BlobLike | Uint8Array | ArrayBufferLike | AsyncIterable<Uint8Array> | ByteStream | RandomAccess // prettier-ignore

/** Bytes by their positions, whatever they come from. */
export interface ByteReader {
  /** How many there are; undefined for a stream. */
  readonly size: number | undefined
  /** Whether they come once, in their order: then no read may begin before the end of the last. */
  readonly isStream: boolean
  /** The bytes from `offset` on: `length` of them, or fewer where the file ends. */
  read(offset: number, length: number, signal?: AbortSignalLike): Promise<Uint8Array>
  close(): Promise<void>
}

/** @throws TypeError if it is nothing that bytes are read from */
export function byteReader(file: RowFile): ByteReader {
  const tag = tagOf(file)
  if (tag === 'Uint8Array') return memoryReader(file as Uint8Array)
  if (tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') return memoryReader(new Uint8Array(file as ArrayBuffer))
  if (typeof file === 'object' && (file as unknown) !== null) {
    if (typeof (file as BlobLike).slice === 'function' && typeof (file as BlobLike).arrayBuffer === 'function') {
      return blobReader(file as BlobLike)
    }
    if ('read' in file && 'size' in file) return randomReader(file)
    if ('getReader' in file) return streamReader(chunksOf(file))
    if (Symbol.asyncIterator in file) return streamReader(file)
  }
  throw wrongKind(
    'the file',
    'a Blob, a Uint8Array, a stream of bytes or { size, read(offset, length) }',
    file,
    advice(file),
  )
}

function advice(file: unknown): string {
  if (typeof file === 'string') return ': open the file that it names'
  if (typeof file !== 'object' || file === null) return ''
  if ('then' in file) return ': await it'
  if ('body' in file) return ': give its body'
  return 'stat' in file && 'read' in file ? ': give await fromFileHandle(handle)' : ''
}

function memoryReader(bytes: Uint8Array): ByteReader {
  return {
    size: bytes.length,
    isStream: false,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  }
}

function blobReader(blob: BlobLike): ByteReader {
  return {
    size: blob.size,
    isStream: false,
    async read(offset, length, signal) {
      const bytes = await blob.slice(offset, offset + length).arrayBuffer()
      signal?.throwIfAborted()
      return new Uint8Array(bytes)
    },
    close: () => Promise.resolve(),
  }
}

function randomReader(file: RandomAccess): ByteReader {
  const { size } = file
  if (typeof size !== 'number') throw wrongKind('size', 'a number of bytes', size)
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`size must be an integer >= 0, got ${size}`)
  return {
    size,
    isStream: false,
    async read(offset, length, signal) {
      const wanted = Math.min(length, Math.max(0, size - offset))
      const bytes: unknown = wanted === 0 ? new Uint8Array(0) : await file.read(offset, wanted, signal)
      signal?.throwIfAborted()
      return pieceOf(bytes, 'what read(offset, length) gives').subarray(0, wanted)
    },
    close: async () => file.close?.(),
  }
}

function pieceOf(bytes: unknown, name: string): Uint8Array {
  if (arrayClass(bytes) === 'Uint8Array') return bytes as Uint8Array
  throw wrongKind(name, 'a Uint8Array', bytes, typeof bytes === 'string' ? ': set no encoding' : '')
}

async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || value === undefined) return
      yield value
    }
  } finally {
    // Pending where the producer hangs; whoever closes does not wait for it.
    void reader.cancel().catch(() => undefined)
  }
}

function streamReader(file: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = file[Symbol.asyncIterator]()
  // What came and was not read yet, which begins at `position`.
  let rest = new Uint8Array(0) as Uint8Array
  let position = 0
  let ended = false

  /** Makes `rest` what comes next, unless there is some left; false at the end. */
  async function more(signal: AbortSignalLike | undefined): Promise<boolean> {
    while (rest.length === 0 && !ended) {
      const { done, value } = (await untilAborted(iterator.next(), signal)) as IteratorResult<Uint8Array, undefined>
      if (done === true) ended = true
      else rest = pieceOf(value, 'a piece of the stream')
    }
    return rest.length > 0
  }

  function take(length: number): Uint8Array {
    const taken = rest.subarray(0, length)
    rest = rest.subarray(taken.length)
    position += taken.length
    return taken
  }

  return {
    size: undefined,
    isStream: true,
    async read(offset, length, signal) {
      if (offset < position) throw new Error(`a stream cannot go back from byte ${position} to ${offset}`)
      while (position < offset && (await more(signal))) take(offset - position)
      // Memory follows what comes, not what was asked for: a header may claim anything.
      const pieces: Uint8Array[] = []
      let missing = position < offset ? 0 : length
      while (missing > 0 && (await more(signal))) {
        const piece = take(missing)
        pieces.push(piece)
        missing -= piece.length
      }
      return pieces.length === 1 ? pieces[0] : joined(pieces)
    },
    async close() {
      ended = true
      rest = new Uint8Array(0)
      // Not awaited: a generator that waits for its source answers only when that does.
      void iterator.return?.().catch(() => undefined)
      return Promise.resolve()
    },
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** @throws the signal's reason as soon as it aborts: a stream may hang for ever @internal */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}
