import { describe, wrongKind } from './describe.js'
import { OutOfMemoryError } from './errors.js'
import { widenBrain, widened, widenHalf } from './half.js'
import { arrayClass, isFloat32, isFloats, tagOf } from './typed-arrays.js'

/** What a matrix is made of. Whether these are sizes, and the data fit them, is not checked yet. */
export interface MatrixParts {
  readonly rows: number
  readonly cols: number
  readonly data: ArrayLike<number>
}

type Floats = Float32Array | Float64Array

/** An object of some library: only fields are read whose meaning that library defines. */
type Fields = Readonly<Record<string, unknown>>

/** Methods that give plain rows at once: of ml-matrix, of numjs, of mathjs, numpy-ts, vectorious and Arrow. */
const ROW_METHODS = ['to2DArray', 'tolist', 'toArray']

const isObject = (x: unknown): x is Fields => typeof x === 'object' && x !== null

function isList(x: unknown): x is ArrayLike<unknown> {
  return isObject(x) && typeof x.length === 'number'
}

function isIterable(x: unknown): x is Iterable<unknown> {
  return isObject(x) && Symbol.iterator in x
}

/** Whether it is an array, typed or not: entries by index, and nothing else to be read. */
function isArray(x: unknown): x is ArrayLike<unknown> {
  return Array.isArray(x) || (isList(x) && ArrayBuffer.isView(x))
}

/** Whether it is a list of entries, where a matrix would be a list of rows. */
export function isVector(x: unknown): x is ArrayLike<number> {
  const list = isArray(x) || (isList(x) && !isIterable(x) && !('data' in x))
  return list && !isObject(x[0])
}

/** Whether it is an object that says itself that it has one dimension. */
function saysVector(x: unknown): x is Fields {
  const shape = isObject(x) ? (x.shape ?? x.dims) : undefined
  return Array.isArray(shape) && shape.length === 1
}

/** {@link isVector}, and arrays and tensors of one dimension. */
export function isVectorLike(x: unknown): boolean {
  return saysVector(x) || isVector(x)
}

/** The entries of what {@link isVectorLike}, as one column. @throws TypeError if they cannot be read */
export function columnParts(x: unknown, name: string): MatrixParts {
  let list = x
  if (saysVector(x)) {
    const method = rowMethod(x)
    list = partsOf(x, name, true)?.data ?? (method === undefined ? x : (x[method] as () => unknown).call(x))
    if (!isArray(list)) throw wrongKind(name, 'a vector ({ data, shape: [n] } or an array of numbers)', x, advice(x))
  }
  const data = list as ArrayLike<number>
  return { rows: data.length, cols: 1, data }
}

/** @throws TypeError if it is no number, RangeError unless it is an integer >= 0 */
export function dimension(name: string, value: unknown): number {
  if (typeof value !== 'number') {
    const rows = isList(value) ? ': rows of numbers are read by Matrix.from(rows)' : ''
    throw new TypeError(`${name} must be a number, got ${typeof value}${rows}`)
  }
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} must be an integer >= 0, got ${value}`)
  return value
}

/** @throws OutOfMemoryError if there is no room for them */
export function zeros(length: number, single = false): Floats {
  try {
    return single ? new Float32Array(length) : new Float64Array(length)
  } catch (cause) {
    const gibibytes = (((single ? 4 : 8) * length) / 2 ** 30).toFixed(1)
    throw new OutOfMemoryError(
      `a matrix of ${length} numbers needs ${gibibytes} GiB, which there are not: take fewer rows or columns`,
      { cause },
    )
  }
}

/** What is at an index and not of type number. @throws TypeError unless it is a bigint that float64 holds exactly, RangeError beyond the list */
function otherEntry(list: ArrayLike<unknown>, at: number, name: string): number {
  const value = list[at]
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value)
  if (!(at >= 0 && at < list.length)) throw new RangeError(`${name} lies outside its data (index ${at} of ${list.length})`) // prettier-ignore
  const got = typeof value === 'bigint' ? `${value}n, which float64 does not hold` : describe(value)
  throw new TypeError(`${name} must be a number, got ${got}`)
}

/** Copies the entries of a list from `start` on, `step` apart, to a row of so many, which errors give the name. */
function copyRow(
  list: ArrayLike<unknown>,
  start: number,
  step: number,
  row: Floats,
  name: (j: number) => string,
): void {
  for (let j = 0; j < row.length; j++) {
    const value = list[start + j * step]
    row[j] = typeof value === 'number' ? value : otherEntry(list, start + j * step, name(j))
  }
}

/** What is a list. @throws TypeError unless it is, or RangeError if it has another length than `rows`, those of what `of` names */
export function listOf(
  x: unknown,
  name = 'data',
  expected = 'an array of numbers',
  of = '',
  rows?: number,
): ArrayLike<unknown> {
  if (!isList(x)) throw wrongKind(name, expected, x)
  if (rows === undefined || x.length === rows) return x
  throw new RangeError(`${of} has ${rows} rows but ${name} has ${x.length} entries`)
}

/**
 * The numbers of a list, copied unless they are float32 or float64.
 *
 * @param type - what an object says its entries are: by it the bits of float16 and bfloat16 are told from integers
 * @throws TypeError if it is no list of numbers
 */
export function numbersOf(data: unknown, type?: unknown): Floats {
  if (isFloats(data)) return data
  const list = listOf(data)
  const array = arrayClass(data)
  if (array === 'Uint16Array' && /^b?float16$/.test(String(type))) {
    return widened(list as ArrayLike<number>, type === 'float16' ? widenHalf : widenBrain)
  }
  const out = zeros(list.length, array === 'Float16Array' || (array === '' && type === 'float32'))
  copyRow(list, 0, 1, out, (i) => `entry ${i}`)
  return out
}

function rowOf(row: unknown, i: number, name: string): ArrayLike<unknown> {
  const where = `${name}: row ${i}`
  if (/^(Uint8Array|DataView|(Shared)?ArrayBuffer)$/.test(tagOf(row))) {
    throw new TypeError(
      `${where} is bytes (${describe(row)}): new Float32Array(Uint8Array.from(row).buffer) reads them as float32, Array.from(row) as numbers of one byte`,
    )
  }
  if (isArray(row)) return row
  if (isObject(row)) {
    const parts = partsOf(row, where, true)
    if (parts !== undefined) {
      if (parts.data.length === parts.cols) return parts.data
      throw new RangeError(`${where} needs ${parts.cols} numbers, got ${parts.data.length}`)
    }
    // Of an Arrow vector, toArray gives the bits of float16 and zeros for nulls; its iterator numbers and null.
    const list =
      typeof row.toArray === 'function' && !row.nullCount ? (row as { toArray(): unknown }).toArray() : undefined
    if (Array.isArray(list) || isFloats(list)) return list
    if (isIterable(row)) return [...row]
    if (isList(row)) return row
  }
  const vector = typeof row === 'number' ? '; a single vector is one row: [vector]' : ''
  throw wrongKind(where, 'an array of numbers', row, vector)
}

function fromRows(list: ArrayLike<unknown>, name: string, single = false): MatrixParts {
  const lists = Array.from(list, (row, i) => (Array.isArray(row) || isFloats(row) ? row : rowOf(row, i, name)))
  const rows = lists.length
  const cols = rows === 0 ? 0 : lists[0].length
  const data = zeros(rows * cols, rows > 0 && (single || lists.every(isFloat32)))
  lists.forEach((row, i) => {
    if (row.length !== cols) throw new RangeError(`${name}: row ${i} has ${row.length} entries, row 0 has ${cols}`)
    copyRow(row, 0, 1, data.subarray(i * cols, (i + 1) * cols), (j) => `${name}: entry (${i}, ${j})`)
  })
  return { rows, cols, data }
}

const rowMethod = (x: Fields): string | undefined => ROW_METHODS.find((method) => typeof x[method] === 'function')

/** The two lengths that an object states; for a row, one will do. */
function sizesOf(shape: unknown, name: string, isRow: boolean): number[] {
  const isShape = Array.isArray(shape)
  if (isShape) {
    const sizes = (isRow && shape.length === 1 ? [1, ...(shape as unknown[])] : shape) as number[]
    if (sizes.length === 2 && !(isRow && sizes[0] !== 1)) return sizes
  }
  const got = isShape ? `[${shape.join(', ')}]` : describe(shape)
  throw new TypeError(`${name} must ${isRow ? 'be one row' : 'have two dimensions, [n, d]'}, got shape ${got}`)
}

/**
 * What an object says of its numbers: `data` and `shape`, `dims`, or `rows` and `cols`; where they lie, by `stride` or `strides` (in entries) and
 * `offset`, or by `order`; what they are, by `type` or `dtype`. Undefined if it says nothing, or has an offset that it does not tell. A view with
 * strides of its own (transposed, reversed or cut out of a larger array) is copied unless it is all of its data, in order.
 */
function partsOf(x: Fields, name: string, isRow = false): MatrixParts | undefined {
  const stated = x.shape ?? x.dims
  const method = rowMethod(x)
  if (stated === undefined && (isRow || (typeof x.cols !== 'number' && method !== undefined))) return undefined
  const sync = typeof x.dataSync === 'function'
  // jax-js frees an array that is read, unless through a reference more.
  const data = sync ? ((x.ref ?? x) as { dataSync(): unknown }).dataSync() : x.data
  if (data === undefined || typeof data === 'function') return undefined
  const [rows, cols] = sizesOf(stated ?? [x.rows, x.cols], name, isRow)
  if (isList(data) && isObject(data[0])) {
    const parts = fromRows(data, name)
    if (parts.rows === rows && parts.cols === cols) return parts
    throw new RangeError(`${name}: its data are ${parts.rows} x ${parts.cols}, its shape says ${rows} x ${cols}`)
  }
  const type = x.dtype ?? x.type
  let strides: unknown = sync ? undefined : (x.stride ?? x.strides)
  if (typeof strides === 'function') strides = strides.call(x)
  if (strides === undefined) {
    if (x.order !== 'column-major' && x.order !== 'F') return { rows, cols, data: numbersOf(data, type) }
    strides = [1, rows]
  }
  if (isRow && isList(strides) && strides.length === 1) strides = [0, strides[0]]
  const length = dimension('rows', rows) * dimension('cols', cols)
  const start = (x.offset ?? 0) as number
  if (!Array.isArray(strides) || strides.length !== 2 || ![...(strides as unknown[]), start].every(Number.isInteger)) {
    throw new TypeError(
      `${name}: strides must be two integers and offset one, got ${describe(strides)} and ${describe(start)}`,
    )
  }
  const [si, sj] = strides as number[]
  // Integers as well as float16 are converted first, a plain array entry by entry: what lies outside of the view may be anything.
  const source = arrayClass(data) === '' ? listOf(data) : numbersOf(data, type)
  const inOrder = (sj === 1 || cols < 2) && (si === cols || rows < 2) && start === 0
  if (inOrder && source.length === length) return { rows, cols, data: numbersOf(source, type) }
  if (x.offset === undefined && method !== undefined) return undefined
  const out = zeros(length, isFloat32(source) || type === 'float32')
  for (let i = 0; i < rows; i++) {
    copyRow(source, start + i * si, sj, out.subarray(i * cols, (i + 1) * cols), (j) => `${name}: entry (${i}, ${j})`)
  }
  return { rows, cols, data: out }
}

/** What turns an object that is no matrix into one. */
function advice(x: unknown): string {
  if (!isObject(x)) return ''
  if (ArrayBuffer.isView(x)) return ': wrap it as { rows, cols, data }, or [vector] for one row'
  if (typeof x.then === 'function') return ': await it'
  if (typeof x.data === 'function') return ': give { data: await x.data(), shape }'
  if (tagOf(x) === 'Map') return ': give [...map.values()]'
  return 'schema' in x ? ': give a column of lists, table.getChild(name)' : ''
}

/**
 * Reads anything but a matrix of this package.
 *
 * @throws TypeError if it is no matrix, or an entry no number
 * @throws RangeError for ragged rows, or strides that lead outside of the data
 */
export function readMatrix(x: unknown, name: string): MatrixParts {
  let rows = x
  if (isObject(x)) {
    const parts = partsOf(x, name)
    if (parts !== undefined) return parts
    const method = rowMethod(x)
    if (method !== undefined && advice(x) === '') rows = (x[method] as () => unknown).call(x)
  }
  let cure = advice(rows)
  if (cure === '') {
    const list = isArray(rows) ? rows : isIterable(rows) ? [...rows] : rows
    // Of an array of numbers the rows are at fault, of anything else that has numbers the kind.
    if (list === rows || typeof (list as unknown[])[0] !== 'number') {
      if (isList(list)) return fromRows(list, name, isFloat32((x as Fields).data))
    } else cure = ': give [...x] where a vector is meant, [[...x]] for one row'
  }
  const expected = 'a matrix ({ rows, cols, data }, { data, shape }, { data, dims } or an array of rows)'
  throw wrongKind(name, expected, rows, cure)
}
