import { FileFormatError } from '../../errors.js'
import { quote } from '../scanner.js'
import {
  LENGTH_BYTES,
  headerLength,
  isHeld,
  readSafetensorsHeader,
  SAFETENSORS_DTYPES,
  type SafetensorsHeader,
  type TensorInfo,
} from '../safetensors-header.js'
import { byteReader, type AbortSignalLike, type ByteReader, type RowFile } from './byte-reader.js'
import { StoredRows, type RowSource } from './row-source.js'

/** The key of the metadata with the ids of the rows, a JSON array of strings. */
export const IDS_KEY = 'ids'

/**
 * Opens a tensor of a safetensors file whose rows are read a chunk at a time, of any size. Other tensors may be of any type, also of those that are
 * not read here (`F8_E4M3`, `F4`, ...). Where the metadata have `ids`, a JSON array of as many strings as there are rows, the source has them.
 *
 * Memory: a chunk, its bytes and the header.
 *
 * @param options.tensor - its name; it may be left out where there is one tensor alone
 * @param options.signal - ends the reading of the header
 * @throws TypeError if `file` is nothing that bytes are read from, RangeError if there is no such tensor, or it has no dimensions
 * @throws FileFormatError if the file is broken, its size is not what its header says, or the tensor is of a type that is not read
 */
export async function openSafetensors(
  file: RowFile,
  options: { readonly tensor?: string; readonly signal?: AbortSignalLike } = {},
): Promise<RowSource> {
  const reader = byteReader(file)
  try {
    return tensorRows(reader, await safetensorsHeader(reader, options.signal), options.tensor)
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** Reads the header alone. @internal */
export async function safetensorsHeader(reader: ByteReader, signal?: AbortSignalLike): Promise<SafetensorsHeader> {
  const start = await reader.read(0, LENGTH_BYTES, signal)
  const length = headerLength(start, reader.size ?? Infinity)
  const text = await reader.read(LENGTH_BYTES, length, signal)
  const bytes = new Uint8Array(LENGTH_BYTES + text.length)
  bytes.set(start)
  bytes.set(text, LENGTH_BYTES)
  return readSafetensorsHeader(bytes, {
    size: reader.size ?? (text.length < length ? bytes.length : Infinity),
    anyDtype: true,
  })
}

/** The rows of a tensor. @throws as {@link openSafetensors} @internal */
export function tensorRows(reader: ByteReader, header: SafetensorsHeader, name: string | undefined): StoredRows {
  const { dtype, shape, begin } = chosen(header.tensors, name)
  if (!isHeld(dtype)) {
    const supported = Object.keys(SAFETENSORS_DTYPES).join(', ')
    throw new FileFormatError(`the tensor is of dtype ${quote(dtype)}, expected one of ${supported}`, LENGTH_BYTES)
  }
  return new StoredRows(
    reader,
    {
      shape,
      dtype,
      type: SAFETENSORS_DTYPES[dtype],
      bigEndian: false,
      fortranOrder: false,
      dataStart: header.dataStart + begin,
      isLast: false,
    },
    idsOf(header.metadata[IDS_KEY], shape[0]),
  )
}

function chosen(tensors: readonly TensorInfo<string>[], name: string | undefined): TensorInfo<string> {
  const found = name === undefined && tensors.length === 1 ? tensors[0] : tensors.find((tensor) => tensor.name === name)
  if (found !== undefined) return found
  const shown = tensors.slice(0, 8).map((tensor) => quote(tensor.name)).join(', ') + (tensors.length > 8 ? ', ...' : '') // prettier-ignore
  const has = tensors.length === 0 ? 'the file has none' : `the file has ${shown}`
  throw new RangeError(
    name === undefined ? `several tensors could be meant: ${has}` : `there is no tensor ${quote(name)}: ${has}`,
  )
}

/** What was written as ids; other metadata of that name mean something else. */
function idsOf(text: string | undefined, rows: number): readonly string[] | undefined {
  if (text?.startsWith('[') !== true) return undefined
  try {
    const ids: unknown = JSON.parse(text)
    const isIds = Array.isArray(ids) && ids.length === rows && ids.every((id) => typeof id === 'string')
    return isIds ? ids : undefined
  } catch {
    return undefined
  }
}
