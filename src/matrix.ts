import { OutOfMemoryError } from './errors.js'

/** The storage of a matrix: row-major, float64 or float32. */
export type MatrixData = Float64Array | Float32Array

/** What is computed with: float64 or float32. */
export type Precision = 'f64' | 'f32'

/**
 * Whatever a function of this package takes as a matrix. All forms are row-major: a {@link Matrix}, `{ rows, cols, data }`,
 * `{ data, shape }` (ndarray), `{ data, dims }` (a transformers.js Tensor), or an array of rows.
 */
export type MatrixLike =
  | Matrix
  | { readonly rows: number; readonly cols: number; readonly data: ArrayLike<number> }
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[] }
  | { readonly data: ArrayLike<number>; readonly dims: readonly number[] }
  | ArrayLike<ArrayLike<number>>

function dimension(name: string, value: number): number {
  if (typeof value !== 'number') {
    const rows = isList(value) ? ': rows of numbers are read by Matrix.from(rows)' : ''
    throw new TypeError(`${name} must be a number, got ${typeof value}${rows}`)
  }
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} must be an integer >= 0, got ${value}`)
  return value
}

/**
 * A dense row-major matrix: `data[i * cols + j]` is the entry in row i, column j. The constructor keeps a `Float64Array`
 * or `Float32Array` it is given, without a copy; any other list of numbers is copied to float64; no data means zeros.
 *
 * @throws TypeError if a dimension is not a number or `data` is not a list of numbers
 * @throws RangeError if a dimension is not an integer >= 0, or `data` does not hold rows * cols numbers
 */
export class Matrix {
  /** Number of rows. */
  readonly rows: number
  /** Number of columns. */
  readonly cols: number
  /** The entries, row by row. Writing to it writes to the matrix. */
  readonly data: MatrixData

  constructor(rows: number, cols: number, data?: ArrayLike<number>) {
    this.rows = dimension('rows', rows)
    this.cols = dimension('cols', cols)
    const length = rows * cols
    if (data === undefined) {
      this.data = zeros(length)
      return
    }
    if (!isList(data)) throw new TypeError(`data must be an array of numbers, got ${describe(data)}`)
    if (data.length !== length) {
      throw new RangeError(`a ${rows} x ${cols} matrix needs ${length} numbers, got ${data.length}`)
    }
    this.data = data instanceof Float64Array || data instanceof Float32Array ? data : copyNumbers(data)
  }

  /**
   * The matrix as a `Matrix`: the same object if it is one, otherwise a view of its data where that is float32 or float64.
   *
   * @throws TypeError if it is none, or an entry is no number; RangeError for ragged rows, or data that does not fit the shape
   */
  static from(x: MatrixLike): Matrix {
    return toMatrix(x, 'matrix')
  }

  /** The n x n identity. */
  static identity(n: number): Matrix {
    const result = new Matrix(n, n)
    for (let i = 0; i < n; i++) result.data[i * n + i] = 1
    return result
  }

  /** Entry (i, j). @throws RangeError outside the matrix */
  get(i: number, j: number): number {
    return this.data[this.#index(i, j)]
  }

  /** Writes entry (i, j). @throws RangeError outside the matrix */
  set(i: number, j: number, value: number): this {
    this.data[this.#index(i, j)] = value
    return this
  }

  /** Row i as a view: writing to it writes to the matrix. @throws RangeError outside the matrix */
  row(i: number): MatrixData {
    if (!(Number.isInteger(i) && i >= 0 && i < this.rows))
      throw new RangeError(`row ${i} is outside 0 .. ${this.rows - 1}`)
    return this.data.subarray(i * this.cols, (i + 1) * this.cols)
  }

  /** The transpose, as a new matrix of the same precision. */
  transpose(): Matrix {
    const { rows, cols, data } = this
    const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
    // Tiles keep both sides in cache: a plain double loop misses on every write once a row exceeds the L1 cache.
    const TILE = 32
    for (let i0 = 0; i0 < rows; i0 += TILE) {
      const i1 = Math.min(i0 + TILE, rows)
      for (let j0 = 0; j0 < cols; j0 += TILE) {
        const j1 = Math.min(j0 + TILE, cols)
        for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) out[j * rows + i] = data[i * cols + j]
      }
    }
    return new Matrix(cols, rows, out)
  }

  /** The entries as an array of rows. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)))
  }

  #index(i: number, j: number): number {
    const { rows, cols } = this
    if (!(Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < rows && j < cols)) {
      throw new RangeError(`entry (${i}, ${j}) is outside a ${rows} x ${cols} matrix`)
    }
    return i * cols + j
  }
}

function zeros(length: number): Float64Array {
  try {
    return new Float64Array(length)
  } catch (cause) {
    const gibibytes = ((8 * length) / 2 ** 30).toFixed(1)
    throw new OutOfMemoryError(`a matrix of ${length} numbers needs ${gibibytes} GiB, which there are not`, { cause })
  }
}

function isList(x: unknown): x is ArrayLike<unknown> {
  return typeof x === 'object' && x !== null && typeof (x as { length?: unknown }).length === 'number'
}

function copyNumbers(data: ArrayLike<unknown>): Float64Array {
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) {
    const value = data[i]
    if (typeof value !== 'number') throw new TypeError(`entry ${i} must be a number, got ${describe(value)}`)
    out[i] = value
  }
  return out
}

function className(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  return typeof constructor === 'function' ? constructor.name : 'none'
}

/** What a value is, in an error message's words. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (typeof value === 'object') return `an object of class ${className(value)}`
  return typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`
}

function fromRows(rows: ArrayLike<unknown>, name: string): Matrix {
  const n = rows.length
  if (n === 0) return new Matrix(0, 0)
  const first = rows[0]
  if (!isList(first)) {
    throw new TypeError(
      `${name}: row 0 must be an array of numbers, got ${describe(first)}; a single vector is one row: [vector]`,
    )
  }
  const cols = first.length
  const float32 = Array.prototype.every.call(rows, (row: unknown) => row instanceof Float32Array)
  const out = float32 ? new Float32Array(n * cols) : new Float64Array(n * cols)
  for (let i = 0; i < n; i++) {
    const row = rows[i]
    if (!isList(row)) throw new TypeError(`${name}: row ${i} must be an array of numbers, got ${describe(row)}`)
    if (row.length !== cols) throw new RangeError(`${name}: row ${i} has ${row.length} entries, row 0 has ${cols}`)
    for (let j = 0; j < cols; j++) {
      const value = row[j]
      if (typeof value !== 'number') {
        throw new TypeError(`${name}: entry (${i}, ${j}) must be a number, got ${describe(value)}`)
      }
      out[i * cols + j] = value
    }
  }
  return new Matrix(n, cols, out)
}

interface StridedArray {
  readonly data: unknown
  readonly shape: readonly number[]
  readonly stride: unknown
  readonly offset?: unknown
}

/** An ndarray: a view with strides of its own, transposed or cut out of a larger one. */
function fromStrides({ data, shape, stride, offset = 0 }: StridedArray, name: string): Matrix {
  if (!isList(data)) throw new TypeError(`${name}: data must be an array of numbers, got ${describe(data)}`)
  if (!Array.isArray(stride) || stride.length !== 2 || ![...(stride as unknown[]), offset].every(Number.isInteger)) {
    throw new TypeError(
      `${name}: stride must be two integers and offset one, got ${describe(stride)} and ${describe(offset)}`,
    )
  }
  const [si, sj] = stride as number[]
  const copy = new Matrix(shape[0], shape[1])
  for (let i = 0; i < copy.rows; i++) {
    for (let j = 0; j < copy.cols; j++) {
      const at = (offset as number) + i * si + j * sj
      if (!(at in data)) {
        throw new RangeError(`${name}: entry (${i}, ${j}) lies outside its data (index ${at} of ${data.length})`)
      }
      const value = data[at]
      if (typeof value !== 'number') {
        throw new TypeError(`${name}: entry (${i}, ${j}) must be a number, got ${describe(value)}`)
      }
      copy.data[i * copy.cols + j] = value
    }
  }
  return copy
}

/**
 * Reads any {@link MatrixLike} as a {@link Matrix}. Float32 and float64 data are not copied.
 *
 * @throws TypeError for anything else, null entries and holes included
 * @throws RangeError for ragged rows, or data that does not fit the shape
 */
export function toMatrix(x: unknown, name: string): Matrix {
  if (x instanceof Matrix) {
    // A typed array whose buffer was transferred is empty, and WebAssembly memory would be read as it happens to be.
    if (x.data.length === x.rows * x.cols) return x
    throw new RangeError(
      `${name}: of the ${x.rows} x ${x.cols} numbers ${x.data.length} are left; their buffer was transferred (to a worker?): transfer a copy, data.slice()`,
    )
  }
  if (typeof x !== 'object' || x === null) throw new TypeError(`${name} must be a matrix, got ${describe(x)}`)
  const like = x as {
    rows?: unknown
    cols?: unknown
    data?: unknown
    shape?: unknown
    dims?: unknown
    stride?: unknown
    length?: unknown
  }
  if (like.data !== undefined) {
    const shape = like.shape ?? like.dims ?? [like.rows, like.cols]
    if (!Array.isArray(shape) || shape.length !== 2) {
      throw new TypeError(
        `${name} must have two dimensions, got shape ${Array.isArray(shape) ? `[${shape.join(', ')}]: one row a sample, [n, d]` : describe(shape)}`,
      )
    }
    try {
      if (like.stride !== undefined) return fromStrides({ ...(like as StridedArray), shape: shape as number[] }, name)
      return new Matrix(shape[0] as number, shape[1] as number, like.data as ArrayLike<number>)
    } catch (error) {
      if (error instanceof Error && !error.message.startsWith(name)) error.message = `${name}: ${error.message}`
      throw error
    }
  }
  if (typeof like.length === 'number') {
    if (ArrayBuffer.isView(x)) {
      throw new TypeError(
        `${name} must be a matrix, got a ${x.constructor.name}: wrap it as { rows, cols, data }, or [vector] for one row`,
      )
    }
    return fromRows(x as ArrayLike<ArrayLike<number>>, name)
  }
  throw new TypeError(
    `${name} must be a matrix ({ rows, cols, data }, { data, shape }, { data, dims } or an array of rows), got ${describe(x)}`,
  )
}
