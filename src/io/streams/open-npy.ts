import { FileFormatError } from '../../errors.js'
import { NPY_DTYPES, readNpyHeader, type NpyHeader } from '../npy-header.js'
import { byteReader, type AbortSignalLike, type ByteReader, type RowFile } from './byte-reader.js'
import { StoredRows, type RowSource } from './row-source.js'

/** Magic, version, and the length of the header in its longer form. */
const PREFIX_BYTES = 12
const MAGIC = 0x93
// NumPy itself refuses to read more than 10,000.
const MAX_HEADER_BYTES = 2 ** 20

/**
 * Opens a NumPy `.npy` file whose rows are read a chunk at a time, of any size: positions are numbers up to 2^53. What can be read is what
 * `readNpy` reads: versions 1.0 to 3.0, either byte order, C order and, where the file can be read at any offset, Fortran order; axes after the first are
 * flattened.
 *
 * ```js
 * const images = await openNpy(file)
 * for await (const x of images.chunks()) model.transform(x, 0)
 * ```
 *
 * Memory: a chunk and its bytes; of Fortran order 24 MiB at least.
 *
 * @param file - read from its start; a stream is read up to the end of the header now
 * @param options.signal - ends the reading of the header
 * @throws TypeError if `file` is nothing that bytes are read from, RangeError if the array has no dimensions
 * @throws FileFormatError if the file is broken, its size is not what its header says, or a stream is in Fortran order
 */
export async function openNpy(file: RowFile, options: { readonly signal?: AbortSignalLike } = {}): Promise<RowSource> {
  const reader = byteReader(file)
  try {
    return npyRows(reader, await npyHeader(reader, options.signal))
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** The rows of the array that a header tells of. @internal */
export function npyRows(reader: ByteReader, header: NpyHeader): StoredRows {
  return new StoredRows(reader, { ...header, type: NPY_DTYPES[header.dtype], isLast: true })
}

/** Reads the header alone. @internal */
export async function npyHeader(reader: ByteReader, signal?: AbortSignalLike): Promise<NpyHeader> {
  const prefix = await reader.read(0, PREFIX_BYTES, signal)
  if (prefix.length < PREFIX_BYTES || prefix[0] !== MAGIC) return readNpyHeader(prefix)
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  const end = prefix[6] === 1 ? 10 + view.getUint16(8, true) : PREFIX_BYTES + view.getUint32(8, true)
  if (end > MAX_HEADER_BYTES) {
    throw new FileFormatError(`the header claims ${end} bytes; at most ${MAX_HEADER_BYTES} are read`, 8)
  }
  const rest = await reader.read(PREFIX_BYTES, Math.max(0, end - PREFIX_BYTES), signal)
  const bytes = new Uint8Array(PREFIX_BYTES + rest.length)
  bytes.set(prefix)
  bytes.set(rest, PREFIX_BYTES)
  return readNpyHeader(bytes)
}
