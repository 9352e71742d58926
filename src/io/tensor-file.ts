import type { Bytes } from '../keeping.js'
import type { FileBytes } from './file-bytes.js'
import { contentError, finiteFloats, part, readTensors, writeParts, type Dtype, type TensorFile } from './tensors.js'
import { isFloat32 } from '../typed-arrays.js'

/** A tensor to be written: its name, and what it holds. */
export type TensorEntry = readonly [
  string,
  { readonly shape: number[]; readonly data: Float64Array | Float32Array | Uint8Array },
]

/** What is read of metadata needs no more of a file. */
type Described = Pick<TensorFile, 'metadata'>

const VERSION = '1'

/** By the bytes of an element. */
const DTYPES: Readonly<Record<number, Dtype>> = { 1: 'U8', 4: 'F32', 8: 'F64' }

/** A safetensors file that says what kind of object it holds. */
export function writeTensorFile(
  kind: string,
  tensors: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>>,
): Bytes {
  const parts = tensors.map(([name, { shape, data }]) => part(name, DTYPES[data.BYTES_PER_ELEMENT], shape, data))
  return writeParts(parts, { collimate: kind, version: VERSION, ...metadata })
}

/**
 * Reads a file of the given kind.
 *
 * @param versions - those that are known of it; default 1
 * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError if it is no such file
 */
export function readTensorFile(kind: string, bytes: FileBytes, versions: readonly string[] = [VERSION]): TensorFile {
  const file = readTensors(bytes)
  const collimate = optionalText(file, 'collimate')
  const version = optionalText(file, 'version')
  if (collimate !== kind) {
    const found = collimate === undefined ? 'some other safetensors file' : `a ${collimate}`
    const hint = collimate === undefined ? '' : `: read it with ${collimate}.fromBytes`
    throw contentError(`this is ${found}, expected a ${kind} of collimate${hint}`)
  }
  if (version === undefined || !versions.includes(version)) {
    const known = versions.join(', ')
    throw contentError(`this ${kind} has format version ${version}, this release reads ${known}: update collimate`)
  }
  return file
}

/** A tensor of the file as float64. @throws as {@link finiteFloats} */
export function readTensor(file: TensorFile, name: string, shape: readonly number[]): Float64Array {
  const data = finiteFloats(file, name, shape)
  return isFloat32(data) ? new Float64Array(data) : data
}

/** A tensor of one dimension, however long. @throws as {@link readTensor} */
export function readVector(file: TensorFile, name: string): Float64Array {
  const [length = 0] = file.tensors.get(name)?.shape ?? []
  return readTensor(file, name, [length])
}

/** A text of the metadata. @throws FileFormatError if it is missing */
export function readText(file: Described, name: string): string {
  const text = optionalText(file, name)
  if (text === undefined) throw contentError(`metadata '${name}' is missing`)
  return text
}

function optionalText({ metadata }: Described, name: string): string | undefined {
  return Object.hasOwn(metadata, name) ? metadata[name] : undefined
}

/** A number of the metadata. @throws FileFormatError unless it is an integer from `min` to 2^53 - 1 */
export function readInteger(file: Described, name: string, min: number): number {
  return parseInteger(readText(file, name), name, min)
}

/** Numbers of the metadata, with commas in between. @throws FileFormatError unless all are integers from `min` on */
export function readIntegers(file: Described, name: string, min: number): number[] {
  return readText(file, name)
    .split(',')
    .map((text) => parseInteger(text, name, min))
}

function parseInteger(text: string, name: string, min: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  if (!Number.isSafeInteger(value) || value < min) {
    throw contentError(`metadata '${name}' has '${text}', expected an integer from ${min} on`)
  }
  return value
}

/** One of several texts of the metadata. @throws FileFormatError if it is another */
export function readChoice<T extends string>(file: Described, name: string, choices: readonly T[]): T {
  const text = readText(file, name)
  const choice = choices.find((c) => c === text)
  if (choice === undefined) {
    throw contentError(`metadata '${name}' is '${text}', expected one of ${choices.map((c) => `'${c}'`).join(', ')}`)
  }
  return choice
}
