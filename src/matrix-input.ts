import { describe } from './describe.js'
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
  return Array.isArray(x) || (isList(x) && arrayClass(x) !== '')
}

/** Whether it is a list of entries, where a matrix would be a list of rows. */
export function isVector(x: unknown): x is ArrayLike<number> {
  const list = isArray(x) || (isList(x) && !isIterable(x) && !('data' in x))
  return list && !isObject(x[0])
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
    throw new OutOfMemoryError(`a matrix of ${length} numbers needs ${gibibytes} GiB, which there are not`, { cause })
  }
}

/** A value that is not of type number. @throws TypeError unless it is a bigint that float64 holds exactly */
function fromBigint(value: unknown, where: string): number {
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value)
  const got = typeof value === 'bigint' ? `${value}n, which float64 does not hold` : describe(value)
  throw new TypeError(`${where} must be a number, got ${got}`)
}

/** Data that are a list. @throws TypeError unless they are */
export function listOf(data: unknown): ArrayLike<unknown> {
  if (isList(data)) return data
  throw new TypeError(`data must be an array of numbers, got ${describe(data)}`)
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
  if (array === 'Uint16Array' && type === 'float16') return widened(list as ArrayLike<number>, widenHalf)
  if (array === 'Uint16Array' && type === 'bfloat16') return widened(list as ArrayLike<number>, widenBrain)
  const out = zeros(list.length, array === 'Float16Array' || (array === '' && type === 'float32'))
  for (let i = 0; i < out.length; i++) {
    const value = list[i]
    out[i] = typeof value === 'number' ? value : fromBigint(value, `entry ${i}`)
  }
  return out
}

function rowOf(row: unknown, i: number, name: string): ArrayLike<unknown> {
  if (Array.isArray(row) || isFloats(row)) return row
  const where = `${name}: row ${i}`
  if (/^(Uint8Array|DataView|(Shared)?ArrayBuffer)$/.test(tagOf(row))) {
    throw new TypeError(
      `${where} is bytes (${describe(row)}): new Float32Array(Uint8Array.from(row).buffer) reads them as float32, Array.from(row) as numbers of one byte`,
    )
  }
  if (isArray(row)) return row
  if (isObject(row)) {
    const parts = partsOf(row, where, true)
    if (parts !== undefined && parts.data.length === parts.cols) return parts.data
    if (parts !== undefined) throw new RangeError(`${where} needs ${parts.cols} numbers, got ${parts.data.length}`)
    // Of an Arrow vector, toArray gives the bits of float16 and zeros for nulls; its iterator numbers and null.
    const list =
      typeof row.toArray === 'function' && !row.nullCount ? (row as { toArray(): unknown }).toArray() : undefined
    if (Array.isArray(list) || isFloats(list)) return list
    if (isIterable(row)) return [...row]
    if (isList(row)) return row
  }
  const vector = typeof row === 'number' ? '; a single vector is one row: [vector]' : ''
  throw new TypeError(`${where} must be an array of numbers, got ${describe(row)}${vector}`)
}

function fromRows(list: ArrayLike<unknown>, name: string, single = false): MatrixParts {
  const rows = Array.from(list, (row, i) => rowOf(row, i, name))
  const n = rows.length
  const cols = n === 0 ? 0 : rows[0].length
  const data = zeros(n * cols, n > 0 && (single || rows.every(isFloat32)))
  for (let i = 0; i < n; i++) {
    const row = rows[i]
    if (row.length !== cols) throw new RangeError(`${name}: row ${i} has ${row.length} entries, row 0 has ${cols}`)
    for (let j = 0; j < cols; j++) {
      const value = row[j]
      data[i * cols + j] = typeof value === 'number' ? value : fromBigint(value, `${name}: entry (${i}, ${j})`)
    }
  }
  return { rows: n, cols, data }
}

const rowMethod = (x: Fields): string | undefined => ROW_METHODS.find((method) => typeof x[method] === 'function')

/** The two lengths that an object states; for a row, one will do. */
function sizesOf(shape: unknown, name: string, isRow: boolean): [number, number] {
  if (isRow && Array.isArray(shape) && shape.length === 1) return [1, shape[0] as number]
  if (Array.isArray(shape) && shape.length === 2 && !(isRow && shape[0] !== 1)) return shape as [number, number]
  const got = Array.isArray(shape) ? `[${shape.join(', ')}]` : describe(shape)
  if (isRow) throw new TypeError(`${name} must be one row, got shape ${got}`)
  throw new TypeError(
    `${name} must have two dimensions, got shape ${got}${Array.isArray(shape) ? ': one row a sample, [n, d]' : ''}`,
  )
}

/**
 * What an object says of its numbers: `data` and `shape`, `dims`, or `rows` and `cols`; where they lie, by `stride` or `strides` (in entries) and
 * `offset`, or by `order`; what they are, by `type` or `dtype`. Undefined if it says nothing, or has an offset that it does not tell.
 */
function partsOf(x: Fields, name: string, isRow = false): MatrixParts | undefined {
  const stated = x.shape ?? x.dims
  if (stated === undefined && (isRow || (typeof x.cols !== 'number' && rowMethod(x) !== undefined))) return undefined
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
  const given = sync ? undefined : (x.stride ?? x.strides)
  const strides: unknown = typeof given === 'function' ? given.call(x) : given
  const byColumns = strides === undefined && (x.order === 'column-major' || x.order === 'F')
  if (strides === undefined && !byColumns) return { rows, cols, data: numbersOf(data, type) }
  const layout = byColumns ? [1, rows] : isRow && isList(strides) && strides.length === 1 ? [0, strides[0]] : strides
  return strided(x, rows, cols, data, type, layout, name)
}

/** A view with strides of its own: transposed, reversed or cut out of a larger array. It is copied unless it is all of its data, in order. */
function strided(
  x: Fields,
  rows: number,
  cols: number,
  data: unknown,
  type: unknown,
  strides: unknown,
  name: string,
): MatrixParts | undefined {
  const length = dimension('rows', rows) * dimension('cols', cols)
  const start = x.offset ?? 0
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
  if (x.offset === undefined && rowMethod(x) !== undefined) return undefined
  const out = zeros(length, isFloat32(source) || type === 'float32')
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = (start as number) + i * si + j * sj
      if (!(at in source)) {
        throw new RangeError(`${name}: entry (${i}, ${j}) lies outside its data (index ${at} of ${source.length})`)
      }
      const value = source[at]
      out[i * cols + j] = typeof value === 'number' ? value : fromBigint(value, `${name}: entry (${i}, ${j})`)
    }
  }
  return { rows, cols, data: out }
}

/** What turns an object that is no matrix into one. */
function advice(x: Fields): string {
  if (typeof x.then === 'function') return ': await it'
  if (typeof x.data === 'function') return ': give { data: await x.data(), shape }'
  if (tagOf(x) === 'Map') return ': give [...map.values()]'
  return 'schema' in x ? ': give a column of lists, table.getChild(name)' : ''
}

/** @throws TypeError with what is accepted, what was given, and what to do about it */
function refuse(x: unknown, name: string): never {
  throw new TypeError(
    `${name} must be a matrix ({ rows, cols, data }, { data, shape }, { data, dims } or an array of rows), got ${describe(x)}${isObject(x) ? advice(x) : ''}`,
  )
}

function rowsOf(x: Fields, name: string): ArrayLike<unknown> {
  if (arrayClass(x) !== '') {
    throw new TypeError(
      `${name} must be a matrix, got a ${x.constructor.name}: wrap it as { rows, cols, data }, or [vector] for one row`,
    )
  }
  if (advice(x) !== '') refuse(x, name)
  const method = rowMethod(x)
  const rows = method === undefined ? x : (x[method] as () => unknown).call(x)
  if (isArray(rows)) return rows
  if (isIterable(rows)) return [...rows]
  return isList(rows) ? rows : refuse(rows, name)
}

/**
 * Reads anything but a matrix of this package.
 *
 * @throws TypeError if it is no matrix, or an entry no number
 * @throws RangeError for ragged rows, or strides that lead outside of the data
 */
export function readMatrix(x: unknown, name: string): MatrixParts {
  if (!isObject(x)) refuse(x, name)
  return partsOf(x, name) ?? fromRows(rowsOf(x, name), name, isFloat32(x.data))
}
