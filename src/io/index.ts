/** The file formats of numerical data: bytes in, bytes out, in any runtime; rows by the chunk where they are more than fit. */
export { npyToMatrix, readNpy, writeNpy, type NpyArray } from './npy.js'
export type { NpyDtype } from './npy-header.js'
export {
  readSafetensors,
  writeSafetensors,
  type Safetensors,
  type SafetensorsInput,
  type Tensor,
} from './safetensors.js'
export type { SafetensorsDtype } from './safetensors-header.js'
export { openNpy } from './streams/open-npy.js'
export { openSafetensors } from './streams/open-safetensors.js'
export { fromFileHandle, type FileHandleLike } from './streams/file-handle.js'
export { registerIo, sourcesOf, type RepeatOptions, type SourceOptions, type SourceRows } from './streams/sources.js'
export type { ChunkOptions, RowSource } from './streams/row-source.js'
export type { AbortSignalLike, BlobLike, ByteStream, RandomAccess, RowFile } from './streams/byte-reader.js'
export type { FileBytes } from './file-bytes.js'
export type { ArrayInput } from './dense-array.js'
export type { TypedArray } from './elements.js'
export { FileFormatError } from '../errors.js'
