import { named } from './describe.js'
import { dimension, listOf, numbersOf, readMatrix, zeros } from './matrix-input.js'
import { isFloat32 } from './typed-arrays.js'

export { describe } from './describe.js'

/** The storage of a matrix: row-major, float64 or float32. */
export type MatrixData = Float64Array | Float32Array

/** What is computed with: float64 or float32. */
export type Precision = 'f64' | 'f32'

/**
 * Whatever a function of this package takes as a matrix:
 *
 * - a {@link Matrix}, or `{ rows, cols, data }`, row-major;
 * - `{ data, shape }` or `{ data, dims }`, row-major unless `stride` or `strides` (in entries, with `offset`) or `order: 'column-major'` say
 *   otherwise: the arrays of numpy-ts, vectorious, stdlib and scijs, the tensors of ONNX Runtime and transformers.js;
 * - an array, or anything iterable, of rows: arrays, typed arrays, tensors of one row, lists of an Arrow column;
 * - what gives its numbers or rows at once: tensors of TensorFlow.js and arrays of jax-js (`dataSync`; from a graphics processor it waits), matrices
 *   of ml-matrix, numjs and math.js.
 *
 * Entries are numbers, or bigints that are numbers exactly. float16 and bfloat16 are read from their bits where `type` or `dtype` says so. Rows
 * of bytes are refused, since they may be integers as well as float32.
 */
export type MatrixLike =
  | Matrix
  | { readonly rows: number; readonly cols: number; readonly data: ArrayLike<number | bigint> }
  | { readonly data: ArrayLike<number | bigint>; readonly shape: readonly number[] }
  | { readonly data: ArrayLike<unknown>; readonly dims: readonly number[] }
  | { readonly shape: readonly number[]; readonly dataSync: () => ArrayLike<unknown> }
  | { readonly to2DArray: () => number[][] }
  | { readonly tolist: () => unknown[] }
  | { readonly toArray: () => ArrayLike<unknown> }
  | ArrayLike<ArrayLike<number | bigint>>
  | Iterable<ArrayLike<number | bigint>>

/** Rows [from, to) of `data` (rows x cols) as columns of `out` (cols x rows). @internal */
export function transposeRows(
  data: MatrixData,
  rows: number,
  cols: number,
  from: number,
  to: number,
  out: MatrixData,
): void {
  // Tiles keep both sides in cache: a plain double loop misses on every write once a row exceeds the L1 cache.
  const TILE = 32
  for (let i0 = from; i0 < to; i0 += TILE) {
    const i1 = Math.min(i0 + TILE, to)
    for (let j0 = 0; j0 < cols; j0 += TILE) {
      const j1 = Math.min(j0 + TILE, cols)
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) out[j * rows + i] = data[i * cols + j]
    }
  }
}

/**
 * A dense row-major matrix: `data[i * cols + j]` is the entry in row i, column j. The constructor keeps a `Float64Array`
 * or `Float32Array` it is given, of whatever realm, without a copy; a `Float16Array` is copied to float32, any other list of numbers to float64; no
 * data means zeros.
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
    if (data !== undefined && listOf(data).length !== length) {
      throw new RangeError(`a ${rows} x ${cols} matrix needs ${length} numbers, got ${data.length}`)
    }
    this.data = data === undefined ? zeros(length) : numbersOf(data)
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
    return this.data[indexOf(this, i, j)]
  }

  /** Writes entry (i, j). @throws RangeError outside the matrix */
  set(i: number, j: number, value: number): this {
    this.data[indexOf(this, i, j)] = value
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
    const out = zeros(data.length, isFloat32(data))
    transposeRows(data, rows, cols, 0, rows, out)
    return new Matrix(cols, rows, out)
  }

  /** The entries as an array of rows. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)))
  }

  /** What JSON keeps of it: {@link Matrix.from} reads it back, in the same precision. A plain object, which may be a prop of a client component. */
  toJSON(): { rows: number; cols: number; dtype: 'float32' | 'float64'; data: number[] } {
    const { rows, cols, data } = this
    return { rows, cols, dtype: isFloat32(data) ? 'float32' : 'float64', data: Array.from(data) }
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }
}

/** Where entry (i, j) is. @throws RangeError outside the matrix */
function indexOf({ rows, cols }: Matrix, i: number, j: number): number {
  if (!(Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < rows && j < cols)) {
    throw new RangeError(`entry (${i}, ${j}) is outside a ${rows} x ${cols} matrix`)
  }
  return i * cols + j
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
  return named(name, () => {
    const { rows, cols, data } = readMatrix(x, name)
    return new Matrix(rows, cols, data)
  })
}
