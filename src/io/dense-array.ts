import { wrongKind } from '../describe.js'
import { describe, toMatrix, type MatrixLike } from '../matrix.js'
import { integerIn } from '../validation.js'
import { elementTypeOf, sharesArray, type ElementType, type TypedArray } from './elements.js'

/** A row-major array of any number of dimensions, as the writers take it; `dtype` where `data` leaves a choice. */
export interface ArrayInput<Dtype extends string> {
  readonly shape: readonly number[]
  readonly data: TypedArray
  readonly dtype?: Dtype
}

/** An array that was checked: `data` holds product(shape) elements that can be stored as `dtype`. */
export type DenseArray<Dtype extends string> = Required<ArrayInput<Dtype>>

/** A shape in an error message's words. */
export function shapeText(shape: readonly number[]): string {
  const SHOWN = 8
  return `[${shape.slice(0, SHOWN).join(', ')}${shape.length > SHOWN ? `, ... (${shape.length} dimensions)` : ''}]`
}

/**
 * The number of elements of an array, or undefined if its bytes cannot be counted exactly (beyond 2^53). Zeros hide no
 * overflow: as in NumPy, the lengths that are not zero must multiply to something countable.
 */
export function elementCount(shape: readonly number[], sizeBytes: number): number | undefined {
  const extent = shape.reduce((product, length) => product * Math.max(length, 1), sizeBytes)
  if (!Number.isSafeInteger(extent)) return undefined
  return shape.includes(0) ? 0 : extent / sizeBytes
}

/**
 * Checks what a writer was given, and settles the dtype.
 *
 * @param dtypes the element type behind each name that the file format has for one
 * @throws TypeError if it is no matrix and no { shape, data }, or `data` is no supported typed array
 * @throws RangeError if `data` does not fit the shape, or `dtype` does not fit `data`
 */
export function denseArray<Dtype extends string>(
  array: MatrixLike | ArrayInput<Dtype>,
  dtypes: Readonly<Record<Dtype, ElementType>>,
  name: string,
): DenseArray<Dtype> {
  const input: unknown = array
  if (typeof input !== 'object' || input === null) {
    throw wrongKind(name, 'a matrix or { shape, data }', input)
  }
  const dense = isDense(input) ? input : toMatrix(input, name)
  const { rows, cols, dims = [rows, cols], shape = dims, data, dtype } = dense as Record<string, unknown>
  const natural = elementTypeOf(data, `${name}: data`)
  if (!Array.isArray(shape)) throw wrongKind(`${name}: shape`, 'an array of integers', shape)
  const lengths = Array.from(shape, (length, axis) =>
    integerIn(length, 0, Number.MAX_SAFE_INTEGER, `${name}: shape[${axis}]`),
  )
  const elements = data as TypedArray
  if (elementCount(lengths, 1) !== elements.length) {
    throw new RangeError(`${name}: an array of shape ${shapeText(lengths)} does not hold ${elements.length} elements`)
  }
  return { shape: lengths, data: elements, dtype: chooseDtype(dtype, natural, dtypes, name) }
}

/**
 * Whether the elements stand one after the other in a typed array, as numbers; all other forms are matrices: views with strides, data by columns, and
 * half precision as a tensor has it, in bits.
 */
function isDense(input: object): boolean {
  const { data, order, type } = input as Record<string, unknown>
  const dense = ArrayBuffer.isView(data) && !('stride' in input || 'strides' in input)
  return dense && order !== 'column-major' && order !== 'F' && !(type === 'float16' || type === 'bfloat16')
}

function chooseDtype<Dtype extends string>(
  dtype: unknown,
  natural: ElementType,
  dtypes: Readonly<Record<Dtype, ElementType>>,
  name: string,
): Dtype {
  const names = Object.keys(dtypes) as Dtype[]
  const fitting = names.filter((key) => sharesArray(dtypes[key], natural))
  const chosen =
    dtype === undefined ? names.filter((key) => dtypes[key] === natural) : fitting.filter((key) => key === dtype)
  if (chosen.length === 1) return chosen[0]
  const list = fitting.map((key) => `'${key}'`).join(' or ')
  const problem = `${name}: dtype must be ${list} for this data, got ${typeof dtype === 'string' ? `'${dtype}'` : describe(dtype)}`
  throw typeof dtype === 'string' ? new RangeError(problem) : new TypeError(problem)
}
