import type { RandomAccess } from './byte-reader.js'

/** What of Node's `FileHandle`, and of those that are like it, is used. */
export interface FileHandleLike {
  /** How many bytes the file has. */
  stat(): Promise<{ readonly size: number }>
  /** Fills `buffer` with bytes of the file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  /** Closes the file. */
  close(): Promise<void>
}

// A system call moves at most 2 GiB; between two of this size an abort gets its turn.
const PIECE_BYTES = 2 ** 24

/**
 * A file that Node opened, for {@link openNpy} and its like: `openNpy(await fromFileHandle(await open(path)))`. Closing the rows closes it.
 *
 * @param handle - of a file with a size; of a pipe or a terminal give `handle.createReadStream()` instead
 * @throws as `handle.stat()` does
 */
export async function fromFileHandle(handle: FileHandleLike): Promise<RandomAccess> {
  const { size } = await handle.stat()
  return {
    size,
    async read(offset, length, signal) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        signal?.throwIfAborted()
        const { bytesRead } = await handle.read(bytes, filled, Math.min(PIECE_BYTES, length - filled), offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    close: () => handle.close(),
  }
}
