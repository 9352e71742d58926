/** The file formats of numerical data: bytes in, bytes out, in any runtime. */
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
export type { FileBytes } from './file-bytes.js'
export type { ArrayInput } from './dense-array.js'
export type { TypedArray } from './elements.js'
export { FileFormatError } from '../errors.js'
