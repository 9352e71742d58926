import { wrongKind } from '../describe.js'
import { describe, type Matrix } from '../matrix.js'
import type { Bytes } from '../keeping.js'
import { denseArray, type ArrayInput, type DenseArray } from './dense-array.js'
import { copyElements, elementSizeBytes, viewElements, writeElements, type TypedArray } from './elements.js'
import { requireBytes, type FileBytes } from './file-bytes.js'
import { givenObject } from '../validation.js'
import { quote } from './scanner.js'
import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  readSafetensorsHeader,
  SAFETENSORS_DTYPES,
  type SafetensorsDtype,
} from './safetensors-header.js'
import { encodeUtf8 } from './utf8.js'

/** A tensor of a safetensors file, row-major. */
export interface Tensor {
  readonly shape: number[]
  /** product(shape) elements; `F16` and `BF16` are held as float32, `BOOL` as zeros and ones in a `Uint8Array`. */
  readonly data: TypedArray
  /** How the file stores the elements. */
  readonly dtype: SafetensorsDtype
}

/** The contents of a safetensors file. */
export interface Safetensors {
  /** In the order of their data in the file. */
  readonly tensors: Map<string, Tensor>
  /** Free text under free keys; the record has no prototype, so a key that is not there is always undefined. */
  readonly metadata: Record<string, string>
}

/** What {@link writeSafetensors} writes. */
export interface SafetensorsInput {
  /** A `Map`, or any list of names and matrices or typed arrays with a shape. */
  readonly tensors: Iterable<readonly [string, Matrix | ArrayInput<SafetensorsDtype>]>
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Reads a safetensors file. The result shares no memory with `bytes`, which may start at any offset of their buffer.
 *
 * Time O(file size); memory at most a small multiple of the file, whatever its header claims.
 *
 * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer: it says what to call
 * @throws FileFormatError if the file is broken, or holds a dtype other than BOOL U8 I8 I16 U16 F16 BF16 I32 U32 F32 F64 I64 U64
 * @see https://github.com/huggingface/safetensors#format
 */
export function readSafetensors(bytes: FileBytes): Safetensors {
  const file = requireBytes(bytes)
  const header = readSafetensorsHeader(file)
  const tensors = new Map<string, Tensor>()
  for (const { name, dtype, shape, begin, end } of header.tensors) {
    const type = SAFETENSORS_DTYPES[dtype]
    const elements = copyElements(file, header.dataStart + begin, (end - begin) / elementSizeBytes(type), type)
    tensors.set(name, { shape, data: viewElements(elements, type), dtype })
  }
  return { tensors, metadata: header.metadata }
}

/**
 * Writes a safetensors file, byte for byte as the reference implementation does: tensors by falling alignment of their
 * dtype, then by name; the header filled up with spaces to a multiple of 8 bytes. Metadata are sorted by key (there they
 * come in any order), so equal contents give equal bytes.
 *
 * @param contents `dtype` of a tensor makes a `Uint8Array` booleans (`BOOL`), or rounds a `Float32Array` to `F16` or `BF16`
 *   (ties to even, infinite beyond the range)
 * @throws TypeError if a name or a value of the metadata is no string, or a tensor is no matrix and no { shape, data }
 * @throws RangeError if a name comes twice, is `__metadata__` or no Unicode text, `data` does not fit `shape` or `dtype`, a
 *   boolean is neither 0 nor 1, or the header would exceed 100 MB
 */
export function writeSafetensors(file: SafetensorsInput): Bytes {
  const { tensors, metadata = {} } = givenObject(file, 'the file')
  const sorted = sortedTensors(tensors)
  const header = headerBytes(sorted, metadata)
  const dataBytes = sorted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const bytes = new Uint8Array(LENGTH_BYTES + header.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, LENGTH_BYTES)
  let start = LENGTH_BYTES + header.length
  for (const { array, sizeBytes } of sorted) {
    writeElements(array.data, SAFETENSORS_DTYPES[array.dtype], bytes.subarray(start, start + sizeBytes))
    start += sizeBytes
  }
  return bytes
}

interface NamedTensor {
  readonly name: string
  readonly encodedName: Uint8Array
  readonly array: DenseArray<SafetensorsDtype>
  readonly sizeBytes: number
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function sortedTensors(tensors: SafetensorsInput['tensors']): NamedTensor[] {
  if (!isIterable(tensors)) {
    throw new TypeError(
      `tensors must be a Map or a list of [name, tensor], got ${describe(tensors)}: take Object.entries(...) of an object`,
    )
  }
  const ranks = Object.keys(SAFETENSORS_DTYPES)
  const names = new Set<string>()
  const list: NamedTensor[] = []
  for (const entry of tensors as Iterable<unknown>) {
    if (!Array.isArray(entry)) throw wrongKind('a tensor', '[name, tensor]', entry)
    const [name, input] = entry as [string, NamedTensor['array']]
    const encodedName = encodeText(name, 'a tensor name')
    if (name === METADATA_KEY) throw new RangeError(`a tensor cannot be named ${METADATA_KEY}: the format reserves it`)
    if (names.has(name)) throw new RangeError(`the tensor name ${quote(name)} comes twice`)
    names.add(name)
    const array = denseArray(input, SAFETENSORS_DTYPES, `tensor ${quote(name)}`)
    list.push({
      name,
      encodedName,
      array,
      sizeBytes: array.data.length * elementSizeBytes(SAFETENSORS_DTYPES[array.dtype]),
    })
  }
  return list.sort(
    (a, b) => ranks.indexOf(b.array.dtype) - ranks.indexOf(a.array.dtype) || compareBytes(a.encodedName, b.encodedName),
  )
}

/** UTF-8 sorts by code point, JavaScript strings do not: U+FFFD comes before U+1F600 only in the former. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const i = a.findIndex((byte, at) => byte !== b[at])
  return i >= 0 && i < b.length ? a[i] - b[i] : a.length - b.length
}

function encodeText(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string') throw wrongKind(what, 'a string', text)
  if (/\p{Surrogate}/u.test(text))
    throw new RangeError(`${what} is no Unicode text: ${quote(text)} has half a surrogate pair`)
  return encodeUtf8(text)
}

/** The header as JSON, put together by hand: an object would reorder names that look like integers, and `__proto__`. */
function headerBytes(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const given: unknown = metadata
  if (typeof given !== 'object' || given === null || isIterable(given)) {
    throw wrongKind('metadata', 'an object of strings', given)
  }
  const members: string[] = []
  const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, value] of pairs) {
    encodeText(key, 'a key of the metadata')
    encodeText(value, `metadata ${quote(key)}`)
  }
  if (pairs.length > 0) {
    const texts = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    members.push(`${JSON.stringify(METADATA_KEY)}:{${texts.join(',')}}`)
  }
  let begin = 0
  for (const { name, array, sizeBytes } of tensors) {
    const { dtype, shape } = array
    members.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, begin + sizeBytes] })}`,
    )
    begin += sizeBytes
  }
  return padded(encodeUtf8(`{${members.join(',')}}`))
}

function padded(json: Uint8Array): Uint8Array {
  const SPACE = 0x20
  const bytes = new Uint8Array(Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES).fill(SPACE)
  if (bytes.length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `the header would take ${bytes.length} bytes; at most ${MAX_HEADER_BYTES} are allowed: store large texts as tensors`,
    )
  }
  bytes.set(json)
  return bytes
}
