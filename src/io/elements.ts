import { wrongKind } from '../describe.js'
import { FileFormatError } from '../errors.js'
import { narrowToBrain, narrowToHalf, widenBrain, widened, widenHalf } from '../half.js'
import { arrayClass } from '../typed-arrays.js'

/** The arrays that the file formats of this package read and write. Booleans are a `Uint8Array` of zeros and ones. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** How one element is stored in a file; `f16` and `bf16` are held in memory as float32, all others as they are. */
export type ElementType =
  'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'u64' | 'i32' | 'u32' | 'i16' | 'u16' | 'i8' | 'u8' | 'bool'

// Apart from the rest: who reads headers alone needs no more.
const SIZES: Readonly<Record<ElementType, number>> = {
  f64: 8,
  f32: 4,
  i64: 8,
  u64: 8,
  i32: 4,
  u32: 4,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
  f16: 2,
  bf16: 2,
}

interface Element {
  /** The class that holds such elements in memory, by name: `instanceof` fails across realms. */
  readonly array: string
  readonly view: (buffer: ArrayBuffer) => TypedArray
}

// The first type listed for a class is the one that its arrays are stored as unless the caller says otherwise.
const ELEMENTS: Readonly<Record<ElementType, Element>> = {
  f64: { array: 'Float64Array', view: (buffer) => new Float64Array(buffer) },
  f32: { array: 'Float32Array', view: (buffer) => new Float32Array(buffer) },
  i64: { array: 'BigInt64Array', view: (buffer) => new BigInt64Array(buffer) },
  u64: { array: 'BigUint64Array', view: (buffer) => new BigUint64Array(buffer) },
  i32: { array: 'Int32Array', view: (buffer) => new Int32Array(buffer) },
  u32: { array: 'Uint32Array', view: (buffer) => new Uint32Array(buffer) },
  i16: { array: 'Int16Array', view: (buffer) => new Int16Array(buffer) },
  u16: { array: 'Uint16Array', view: (buffer) => new Uint16Array(buffer) },
  i8: { array: 'Int8Array', view: (buffer) => new Int8Array(buffer) },
  u8: { array: 'Uint8Array', view: (buffer) => new Uint8Array(buffer) },
  bool: { array: 'Uint8Array', view: (buffer) => new Uint8Array(buffer) },
  f16: { array: 'Float32Array', view: (buffer) => widened(new Uint16Array(buffer), widenHalf) },
  bf16: { array: 'Float32Array', view: (buffer) => widened(new Uint16Array(buffer), widenBrain) },
}

/** Bytes that one element of this type takes in a file. */
export function elementSizeBytes(type: ElementType): number {
  return SIZES[type]
}

/**
 * The element type that a typed array is stored as.
 *
 * @throws TypeError if `data` is none of the supported typed arrays
 */
export function elementTypeOf(data: unknown, name: string): ElementType {
  const array = arrayClass(data)
  const type = (Object.keys(ELEMENTS) as ElementType[]).find((key) => ELEMENTS[key].array === array)
  if (type !== undefined) return type
  const supported = [...new Set(Object.values(ELEMENTS).map((element) => element.array))]
  throw wrongKind(name, `one of ${supported.join(', ')}`, data)
}

/** Whether elements of this type are held in the same class of array as those of the other. */
export function sharesArray(type: ElementType, other: ElementType): boolean {
  return ELEMENTS[type].array === ELEMENTS[other].array
}

/** Whether the machine stores numbers with the most significant byte first. */
function hostIsBigEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 0
}

function swapBytes(bytes: Uint8Array, sizeBytes: number): void {
  for (let start = 0; start < bytes.length; start += sizeBytes) {
    for (let i = start, j = start + sizeBytes - 1; i < j; i++, j--) {
      const byte = bytes[i]
      bytes[i] = bytes[j]
      bytes[j] = byte
    }
  }
}

/**
 * Copies the bytes of `count` elements out of a file, in the machine's byte order and aligned for any typed array. The
 * caller has checked that they are there.
 *
 * @throws FileFormatError if a boolean is neither 0 nor 1
 */
export function copyElements(
  file: Uint8Array,
  startByte: number,
  count: number,
  type: ElementType,
  bigEndian = false,
): Uint8Array<ArrayBuffer> {
  const sizeBytes = SIZES[type]
  const bytes = new Uint8Array(count * sizeBytes)
  bytes.set(file.subarray(startByte, startByte + bytes.length))
  if (type === 'bool') {
    const index = bytes.findIndex((byte) => byte > 1)
    if (index >= 0) throw new FileFormatError(`a boolean must be 0 or 1, got ${bytes[index]}`, startByte + index)
  }
  if (bigEndian !== hostIsBigEndian()) swapBytes(bytes, sizeBytes)
  return bytes
}

/** The elements whose bytes {@link copyElements} gave, without a copy where the type needs no widening. */
export function viewElements(bytes: Uint8Array<ArrayBuffer>, type: ElementType): TypedArray {
  return ELEMENTS[type].view(bytes.buffer)
}

/**
 * Writes elements to `out` (of their number times their size in bytes), little-endian. `f16` and `bf16` are rounded to
 * nearest, ties to even.
 *
 * @throws RangeError if a boolean is neither 0 nor 1
 */
export function writeElements(data: TypedArray, type: ElementType, out: Uint8Array): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (type === 'f16' || type === 'bf16') {
    writeNarrowed(data, type === 'f16' ? narrowToHalf : narrowToBrain, out)
    return
  }
  if (type === 'bool') {
    const index = bytes.findIndex((byte) => byte > 1)
    if (index >= 0) throw new RangeError(`element ${index} is ${bytes[index]}; a boolean must be 0 or 1`)
  }
  out.set(bytes)
  if (hostIsBigEndian()) swapBytes(out, SIZES[type])
}

function writeNarrowed(data: TypedArray, narrow: (bits: number) => number, out: Uint8Array): void {
  const floats = new Uint32Array(data.buffer, data.byteOffset, data.length)
  const target = new DataView(out.buffer, out.byteOffset, out.byteLength)
  for (let i = 0; i < floats.length; i++) target.setUint16(2 * i, narrow(floats[i]), true)
}
