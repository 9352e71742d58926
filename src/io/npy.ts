import { FileFormatError } from '../errors.js'
import type { Bytes } from '../keeping.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { isFloats } from '../typed-arrays.js'
import { flag, givenObject } from '../validation.js'
import { denseArray, elementCount, shapeText, type ArrayInput } from './dense-array.js'
import { copyElements, elementSizeBytes, viewElements, writeElements, type TypedArray } from './elements.js'
import { requireBytes, type FileBytes } from './file-bytes.js'
import { fromFortranOrder } from './fortran-order.js'
import { npyHeaderBytes, NPY_DTYPES, readNpyHeader, type NpyDtype, type NpyHeader } from './npy-header.js'

/** 2^53. A literal: bundles keep what is computed. */
const EXACT_LIMIT = 0x20000000000000n

/** An array of any number of dimensions, as `numpy.load` would give it: in C order and in the machine's byte order. */
export interface NpyArray {
  readonly shape: number[]
  /** product(shape) elements; `f2` is held as float32, `b1` as zeros and ones in a `Uint8Array`. */
  readonly data: TypedArray
  /** How the file stores the elements. */
  readonly dtype: NpyDtype
}

/**
 * Reads a NumPy `.npy` file: format 1.0, 2.0 and 3.0, either byte order, C and Fortran order, any number of dimensions.
 * The result shares no memory with `bytes`, which may start at any offset of their buffer.
 *
 * Time O(product(shape)); memory a small multiple of the file, whatever its header claims.
 *
 * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer: it says what to call
 * @throws FileFormatError if the file is broken, or its dtype is none of f8 f4 f2 i8 u8 i4 u4 i2 u2 i1 u1 b1
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy(bytes: FileBytes): NpyArray {
  const file = requireBytes(bytes)
  const header = readNpyHeader(file)
  const { dtype, shape } = header
  const type = NPY_DTYPES[dtype]
  const elements = copyElements(file, header.dataStart, countElements(file, header), type, header.bigEndian)
  const ordered = header.fortranOrder ? fromFortranOrder(elements, elementSizeBytes(type), shape) : elements
  return { shape, data: viewElements(ordered, type), dtype }
}

/** The number of elements the header claims, which the file must hold exactly. */
function countElements(file: Uint8Array, { dtype, shape, dataStart }: NpyHeader): number {
  const sizeBytes = elementSizeBytes(NPY_DTYPES[dtype])
  const count = elementCount(shape, sizeBytes)
  if (count !== undefined && count * sizeBytes === file.length - dataStart) return count
  const claimed = count === undefined ? 'more than 2^53' : count * sizeBytes
  throw new FileFormatError(
    `an array of shape ${shapeText(shape)} and dtype ${dtype} takes ${claimed} bytes, but ${file.length - dataStart} follow the header`,
    dataStart,
  )
}

/**
 * Writes a NumPy `.npy` file, byte for byte as `numpy.save` does: C order, little-endian, format 1.0 (2.0 if the header is
 * too long for it).
 *
 * @param array a matrix in any form, or a typed array with a shape of any dimensions; `dtype` makes a `Uint8Array` booleans (`b1`), or rounds a
 *   `Float32Array` to half precision (`f2`, ties to even, infinite beyond 65504)
 * @throws TypeError if it is neither, or `data` is no supported typed array
 * @throws RangeError if `data` does not fit the shape, `dtype` does not fit `data`, or a boolean is neither 0 nor 1
 */
export function writeNpy(array: MatrixLike | ArrayInput<NpyDtype>): Bytes {
  const { shape, data, dtype } = denseArray(array, NPY_DTYPES, 'array')
  const type = NPY_DTYPES[dtype]
  const header = npyHeaderBytes(dtype, shape)
  const file = new Uint8Array(header.length + data.length * elementSizeBytes(type))
  file.set(header)
  writeElements(data, type, file.subarray(header.length))
  return file
}

/**
 * The matrix in an array: two dimensions as they are, one dimension as one column. Float32 and float64 data are shared
 * with the array, integers become float64.
 *
 * @param name what error messages call the array
 * @param options `flatten`: every axis after the first becomes part of the row, so n x 64 x 60 is read as n x 3840
 * @throws TypeError if it is no array
 * @throws RangeError if it has no dimensions, or more than two and `flatten` is not set, or a 64-bit integer is beyond 2^53
 */
export function npyToMatrix(
  array: { readonly shape: readonly number[]; readonly data: TypedArray },
  name = 'array',
  options: { readonly flatten?: boolean } = {},
): Matrix {
  const input = givenObject(array, name)
  const flatten = flag(givenObject(options).flatten, 'flatten')
  if ('stride' in input || 'strides' in input) return Matrix.from(input as MatrixLike)
  const { shape, data } = denseArray({ shape: input.shape, data: input.data }, NPY_DTYPES, name)
  if (shape.length === 0) throw new RangeError(`${name} is a single number; a matrix needs one dimension or two`)
  const [rows, ...rest] = shape
  const cols = rest.reduce((product, length) => product * length, 1)
  if (rest.length > 1 && !flatten) {
    throw new RangeError(
      `${name} has shape ${shapeText(shape)}; a matrix needs one dimension or two: reshape it to ${rows} x ${cols}, or pass { flatten: true }`,
    )
  }
  return new Matrix(rows, cols, toFloats(data, name))
}

function toFloats(data: TypedArray, name: string): Float32Array | Float64Array {
  if (isFloats(data)) return data
  const floats = new Float64Array(data.length)
  for (let i = 0; i < floats.length; i++) {
    const value = data[i]
    if (typeof value === 'bigint' && (value > EXACT_LIMIT || value < -EXACT_LIMIT)) {
      throw new RangeError(
        `${name}: element ${i} is ${value}; float64 holds integers up to 2^53 only: rescale the data first`,
      )
    }
    floats[i] = Number(value)
  }
  return floats
}
