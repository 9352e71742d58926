import {
  type CollimateError,
  Matrix,
  type NotPositiveDefiniteError,
  type ConvergenceError,
  type SingularMatrixError,
  type MatrixLike,
} from '../../src/index.js'

export type Kind =
  | typeof TypeError
  | typeof RangeError
  | typeof CollimateError
  | typeof ConvergenceError
  | typeof SingularMatrixError
  | typeof NotPositiveDefiniteError

/** An array whose other entries were never there. */
export function withHoles(length: number, entries: Record<number, unknown>): unknown[] {
  return Object.assign(new Array<unknown>(length), entries)
}

/** Things that are no matrix: what it is, the class of the error, what the message says beside the argument's name. */
export const NO_MATRIX: readonly [what: string, value: unknown, kind: Kind, ...says: string[]][] = [
  ['undefined', undefined, TypeError, 'must be a matrix', 'got undefined'],
  ['null', null, TypeError, 'must be a matrix', 'got null'],
  ['a number', 3, TypeError, 'must be a matrix', 'got 3'],
  ['a string', 'matrix', TypeError, 'must be a matrix', 'got a string'],
  ['a function', () => 0, TypeError, 'must be a matrix', 'got a function'],
  ['an object without data', { rows: 1, cols: 1 }, TypeError, 'must be a matrix', '{ rows, cols, data }'],
  ['a Map', new Map(), TypeError, 'must be a matrix', 'Map'],
  ['an object without a prototype', Object.create(null), TypeError, 'must be a matrix'],
  ['a vector', [1, 2, 3], TypeError, 'row 0 must be an array of numbers, got 1', '[vector]'],
  ['a typed vector', Float64Array.of(1, 2), TypeError, 'class Float64Array', '[vector]'],
  ['a row that is null', [[1, 2], null], TypeError, 'row 1', 'got null'],
  ['a row that is a number', [[1, 2], 3], TypeError, 'row 1', 'got 3'],
  ['a missing row', withHoles(3, { 0: [1, 2], 2: [3, 4] }), TypeError, 'row 1', 'got undefined'],
  ['ragged rows', [[1, 2], [3, 4], [5]], RangeError, 'row 2 has 1 entries', 'row 0 has 2'],
  [
    'null among the numbers',
    [
      [1, 2],
      [3, null],
    ],
    TypeError,
    '(1, 1)',
    'must be a number',
    'got null',
  ],
  ['a hole among the numbers', [[1, 2], withHoles(2, { 1: 4 })], TypeError, '(1, 0)', 'got undefined'],
  ['a string among the numbers', [[1, '2']], TypeError, '(0, 1)', 'got a string'],
  ['a bigint among the numbers that is none', [[2n ** 53n + 1n]], TypeError, '(0, 0)', 'got 9007199254740993n'],
  ['three dimensions', { data: [1, 2], shape: [1, 2, 1] }, TypeError, 'two dimensions', '[1, 2, 1]'],
  ['one dimension', { data: [1, 2], dims: [2] }, TypeError, 'two dimensions', '[2]'],
  ['a shape that is a number', { data: [1, 2], shape: 2 }, TypeError, 'two dimensions', 'got shape 2'],
  ['too few numbers', { rows: 2, cols: 3, data: [1, 2, 3, 4, 5] }, RangeError, '2 x 3', 'needs 6', 'got 5'],
  ['too many numbers', { data: new Float32Array(7), shape: [2, 3] }, RangeError, '2 x 3', 'needs 6', 'got 7'],
  ['data that is null', { rows: 1, cols: 1, data: null }, TypeError, 'data must be an array of numbers', 'got null'],
  ['data that is a string', { rows: 1, cols: 1, data: '1' }, TypeError, 'data must be an array', 'got a string'],
  ['null in the data', { rows: 1, cols: 3, data: [1, 2, null] }, TypeError, 'entry 2', 'got null'],
  [
    'bigints in the data that are none',
    { rows: 1, cols: 1, data: BigInt64Array.of(2n ** 53n + 1n) },
    TypeError,
    'entry 0',
    'float64',
  ],
  ['rows that are no number', { rows: '2', cols: 1, data: [1, 2] }, TypeError, 'rows must be a number', 'got string'],
  ['rows that are missing', { data: [1, 2] }, TypeError, 'rows must be a number', 'got undefined'],
  ['negative columns', { rows: 1, cols: -1, data: [] }, RangeError, 'cols must be an integer >= 0', 'got -1'],
  ['half a row', { rows: 1.5, cols: 2, data: [1, 2, 3] }, RangeError, 'rows must be an integer >= 0', 'got 1.5'],
  ['NaN rows', { rows: NaN, cols: 1, data: [] }, RangeError, 'rows must be an integer >= 0', 'got NaN'],
  [
    'a strided view beyond its data',
    { data: [1, 2, 3, 4], shape: [2, 2], stride: [1, 3] },
    RangeError,
    '(1, 1)',
    'index 4 of 4',
  ],
  ['null in a strided view', { data: [1, null, 3, 4], shape: [2, 2], stride: [1, 2] }, TypeError, '(1, 0)', 'got null'],
]

/** Matrices with entries that no algorithm can use; the first of them is named. */
export const NOT_FINITE: readonly [what: string, value: MatrixLike, ...says: string[]][] = [
  [
    'NaN',
    [
      [1, 2, 3],
      [4, NaN, 6],
    ],
    '(1, 1) is NaN',
    'must be finite',
  ],
  ['Infinity', [[1, Infinity]], '(0, 1) is Infinity', 'must be finite'],
  ['-Infinity', [[1], [2], [-Infinity]], '(2, 0) is -Infinity', 'must be finite'],
  [
    'the first of several',
    [
      [1, NaN],
      [Infinity, NaN],
    ],
    '(0, 1) is NaN',
  ],
  ['NaN in float32', new Matrix(2, 2, Float32Array.of(1, 2, 3, NaN)), '(1, 1) is NaN'],
  ['too large for float32', new Matrix(1, 2, Float32Array.of(1, 1e39)), '(0, 1) is Infinity'],
]
