import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { lstsq, matmul, matmulAsync, Matrix, norm, solve, solveAsync, solveTriangular } from '../src/index.js'
import type { MatrixLike } from '../src/index.js'

const ROWS = [
  [1, 2, 3],
  [4, 5, 6],
]
const TRANSPOSE = [
  [1, 4],
  [2, 5],
  [3, 6],
]
const SIX = [1, 2, 3, 4, 5, 6]

/** Of transformers.js: getters, and a method called stride. */
class Tensor {
  readonly #data: unknown
  readonly #dims: number[]
  constructor(data: unknown, dims: number[]) {
    this.#data = data
    this.#dims = dims
  }
  get data() {
    return this.#data
  }
  get dims() {
    return this.#dims
  }
  get type() {
    return 'float32'
  }
  stride() {
    return this.#dims.length === 1 ? [1] : [this.#dims[1], 1]
  }
  *[Symbol.iterator]() {
    yield* this.#data as number[]
  }
}

/** Of numpy-ts: its views share `data`, and only the library knows where they begin. */
function numpyView(data: Float32Array | Float64Array, shape: number[], strides: number[], offset: number) {
  const rows = Array.from({ length: shape[0] }, (_, i) =>
    Array.from({ length: shape[1] }, (_, j) => data[offset + i * strides[0] + j * strides[1]]),
  )
  return { data, shape, strides, dtype: 'float64', toArray: () => rows, rows: () => rows.length }
}

/** Of Arrow: a column without entries by index, whose `toArray` shows bits of float16 and zeros for nulls. */
function arrowVector(values: unknown[], toArray: () => unknown, nullCount = 0) {
  return {
    data: [{ length: values.length }],
    stride: 1,
    type: { typeId: 3 },
    length: values.length,
    nullCount,
    toArray,
    *[Symbol.iterator]() {
      yield* values
    },
  }
}

const list = (rows: unknown[]) => arrowVector(rows, () => rows)

const ACCEPTED: Record<string, [value: unknown, rows: number[][], float32?: boolean]> = {
  'a tensor with getters and a stride method': [new Tensor(Float32Array.from(SIX), [2, 3]), ROWS, true],
  'an ONNX tensor': [{ type: 'float32', dims: [2, 3], data: Float32Array.from(SIX), size: 6 }, ROWS, true],
  'float16 in a Uint16Array': [
    { type: 'float16', dims: [2, 2], data: Uint16Array.of(15360, 16384, 16896, 1) },
    [
      [1, 2],
      [3, 2 ** -24],
    ],
    true,
  ],
  'bfloat16 in a Uint16Array': [
    { dtype: 'bfloat16', shape: [2, 1], data: Uint16Array.of(0x3f80, 0xc000) },
    [[1], [-2]],
    true,
  ],
  'integers in a Uint16Array': [{ type: 'uint16', dims: [1, 2], data: Uint16Array.of(15360, 1) }, [[15360, 1]]],
  'a tensor of 64-bit integers': [{ type: 'int64', dims: [2, 3], data: BigInt64Array.from(SIX.map(BigInt)) }, ROWS],
  'strides of a transpose': [{ data: Float64Array.from(SIX), shape: [3, 2], strides: [1, 3], offset: 0 }, TRANSPOSE],
  'strides in float32 stay float32': [
    { data: Float32Array.from(SIX), shape: [3, 2], stride: [1, 3], offset: 0 },
    TRANSPOSE,
    true,
  ],
  'reversed rows': [
    { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], strides: [-2, 1], offset: 2 },
    [
      [3, 4],
      [1, 2],
    ],
  ],
  'one row cut out': [{ data: SIX, shape: [1, 3], strides: [3, 1], offset: 3 }, [[4, 5, 6]]],
  'a repeated row': [
    { data: Float64Array.of(1, 2), shape: [2, 2], strides: [0, 1] },
    [
      [1, 2],
      [1, 2],
    ],
  ],
  'strided 64-bit integers': [
    { data: BigInt64Array.from(SIX.map(BigInt)), shape: [3, 2], strides: [1, 3], offset: 0 },
    TRANSPOSE,
  ],
  'strided float16': [
    { data: Uint16Array.of(15360, 16384), dtype: 'float16', shape: [1, 2], strides: [2, -1], offset: 1 },
    [[2, 1]],
    true,
  ],
  'column order without strides': [{ data: SIX, shape: [3, 2], order: 'column-major' }, TRANSPOSE],
  'row order by name': [{ data: SIX, shape: [2, 3], order: 'row-major' }, ROWS],
  'an order that is no layout': [{ data: SIX, shape: [2, 3], stride: [3, 1], offset: 0, order: [0, 1] }, ROWS],
  'a transpose that tells no offset': [numpyView(Float64Array.from(SIX), [3, 2], [1, 3], 0), TRANSPOSE],
  'a view that tells no offset': [numpyView(Float64Array.from(SIX), [2, 2], [-3, 1], 4), [[5, 6], [2, 3]]], // prettier-ignore
  'a view of the first rows, float32': [numpyView(Float32Array.from(SIX), [1, 3], [3, 1], 3), [[4, 5, 6]], true],
  'a tensor of TensorFlow.js': [
    {
      shape: [2, 3],
      strides: [3],
      dtype: 'float32',
      data: () => Promise.resolve(),
      dataSync: () => Float32Array.from(SIX),
    },
    ROWS,
    true,
  ],
  'a matrix of ml-matrix': [
    { rows: 2, columns: 3, data: ROWS.map((row) => Float64Array.from(row)), to2DArray: () => ROWS },
    ROWS,
  ],
  'a view of ml-matrix': [{ rows: 3, columns: 2, matrix: {}, to2DArray: () => TRANSPOSE }, TRANSPOSE],
  'a matrix of math.js': [{ type: 'DenseMatrix', rows: () => [], columns: () => [], toArray: () => ROWS }, ROWS],
  'an array of numjs': [{ shape: [2, 3], dtype: 'float64', tolist: () => ROWS }, ROWS],
  'rows and a shape': [{ data: ROWS, shape: [2, 3] }, ROWS],
  'typed rows and a shape': [{ data: ROWS.map((row) => Float32Array.from(row)), rows: 2, cols: 3 }, ROWS, true],
  'an Arrow column of lists': [list(ROWS.map((row) => arrowVector(row, () => Float32Array.from(row)))), ROWS, true],
  'an Arrow column of float16 lists': [list([arrowVector([1, 2], () => Uint16Array.of(15360, 16384))]), [[1, 2]]],
  'an Arrow column of integer lists': [list([arrowVector([1n, 2n], () => BigInt64Array.of(1n, 2n))]), [[1, 2]]],
  'a set of rows': [new Set(ROWS), ROWS],
  'the values of a map': [new Map(ROWS.entries()).values(), ROWS],
  'rows that are sets': [ROWS.map((row) => new Set(row)), ROWS],
  'rows of 64-bit integers': [ROWS.map((row) => BigInt64Array.from(row.map(BigInt))), ROWS],
  'rows of bigints': [[[1n, 2n ** 53n]], [[1, 2 ** 53]]],
  'rows of clamped bytes': [[Uint8ClampedArray.of(1, 2)], [[1, 2]]],
  'rows that are tensors of one dimension': [ROWS.map((row) => new Tensor(Float32Array.from(row), [3])), ROWS, true],
  'rows that are tensors of one row': [ROWS.map((row) => new Tensor(Float32Array.from(row), [1, 3])), ROWS, true],
  'a row that is a column of an ndarray': [[{ data: SIX, shape: [2], stride: [3], offset: 1 }], [[2, 5]]],
  'rows of float16 that say so': [[{ type: 'float16', dims: [2], data: Uint16Array.of(15360, 16384) }], [[1, 2]], true],
  'an array-like of array-likes': [{ length: 1, 0: { length: 2, 0: 7, 1: 8 } }, [[7, 8]]],
  'bytes and a shape': [{ rows: 1, cols: 3, data: Uint8Array.of(1, 2, 255) }, [[1, 2, 255]]],
}

const REFUSED: Record<string, [value: unknown, ...says: string[]]> = {
  'rows that are Buffers': [
    [Buffer.from(Float32Array.of(1, 2).buffer)],
    'row 0 is bytes',
    'Buffer',
    'new Float32Array(',
  ],
  'rows that are bytes': [[Uint8Array.of(1, 2)], 'row 0 is bytes', 'Uint8Array', 'Array.from(row)'],
  'rows that are buffers': [[new ArrayBuffer(8)], 'row 0 is bytes', 'new Float32Array('],
  'a promise': [Promise.resolve(ROWS), 'class Promise', 'await it'],
  'what gives its data later': [{ shape: [2, 3], data: () => Promise.resolve([]) }, 'await x.data()'],
  'a map': [new Map([[1, 2]]), 'class Map', '[...map.values()]'],
  'an Arrow table': [{ schema: {}, toArray: () => [], data: [] }, 'table.getChild(name)'],
  'rows later': [{ toArray: () => Promise.resolve(ROWS) }, 'await it'],
  'an integer that is no number': [
    { dims: [1, 1], data: BigInt64Array.of(2n ** 53n + 1n) },
    'entry 0 must be a number',
    '9007199254740993n, which float64 does not hold',
  ],
  'a tensor of strings': [{ dims: [1, 1], type: 'string', data: ['1'] }, 'entry 0 must be a number, got a string'],
  'nulls in an Arrow list': [list([arrowVector([1, null], () => Float32Array.of(1, 0), 1)]), '(0, 1)', 'got null'],
  'a row that is a matrix': [[new Tensor(Float32Array.from(SIX), [2, 3])], 'row 0 must be one row, got shape [2, 3]'],
  'rows that are records': [[{ a: 1 }], 'row 0 must be an array of numbers, got an object of class Object'],
  'rows of text': [['ab'], 'row 0 must be an array of numbers, got a string'],
  'strides beyond two': [{ data: SIX, shape: [2, 3], strides: [3] }, 'strides must be two integers'],
  'half a stride': [{ data: SIX, shape: [2, 3], strides: [1.5, 1] }, 'strides must be two integers'],
  'packed complex numbers': [{ data: new Float64Array(12), shape: [2, 3], strides: [3, 1] , toArray: () => [[{ re: 1 }]] }, '(0, 0)'], // prettier-ignore
}

describe('objects of other libraries', () => {
  test.each(Object.entries(ACCEPTED))('%s', (_what, [value, rows, float32 = false]) => {
    const matrix = Matrix.from(value as MatrixLike)
    expect(matrix.toArray()).toEqual(rows)
    expect(matrix.data).toBeInstanceOf(float32 ? Float32Array : Float64Array)
  })

  test.each(Object.entries(REFUSED))('refuses %s', (_what, [value, ...says]) => {
    for (const part of says) expect(() => Matrix.from(value as MatrixLike)).toThrow(part)
    expect(() => Matrix.from(value as MatrixLike)).toThrow(TypeError)
  })

  test('data and a shape that do not fit each other', () => {
    const read = () => Matrix.from({ data: TRANSPOSE, shape: [2, 3] } as unknown as MatrixLike)
    expect(read).toThrow(new RangeError('matrix: its data are 3 x 2, its shape says 2 x 3'))
  })

  test('a row that does not hold what its shape says', () => {
    const read = () => Matrix.from([{ shape: [2], data: [1, 2, 3, 4] }] as unknown as MatrixLike)
    expect(read).toThrow(new RangeError('matrix: row 0 needs 2 numbers, got 4'))
  })

  test('a jax-js array is not used up', () => {
    let references = 1
    const array = {
      shape: [2, 3],
      get ref() {
        references++
        return array
      },
      dataSync() {
        if (references-- === 0) throw new Error('freed')
        return Float32Array.from(SIX)
      },
    }
    for (let i = 0; i < 3; i++) expect(Matrix.from(array).toArray()).toEqual(ROWS)
    expect(references).toBe(1)
  })

  test('numbers in order are not copied', () => {
    const data = Float32Array.from(SIX)
    for (const value of [
      { data, shape: [2, 3], strides: [3, 1] },
      { data, shape: [2, 3], stride: [3, 1], offset: 0 },
      new Tensor(data, [2, 3]),
    ]) {
      expect(Matrix.from(value as MatrixLike).data).toBe(data)
    }
  })
})

describe('JSON', () => {
  test('gives what Matrix.from reads, in the same precision', () => {
    for (const data of [Float64Array.of(0.1, 1e300, -5e-324), Float32Array.of(0.1, 1e30, -1e-45)]) {
      const read = Matrix.from(JSON.parse(JSON.stringify(new Matrix(1, 3, data))) as MatrixLike)
      expect(read).toEqual(new Matrix(1, 3, data))
    }
  })

  test('is a plain object', () => {
    expect(new Matrix(1, 2, [1, 2]).toJSON()).toStrictEqual({ rows: 1, cols: 2, dtype: 'float64', data: [1, 2] })
  })
})

describe('vectors', () => {
  const A = [
    [2, 0],
    [0, 4],
  ]
  const arrayLike = { length: 2, 0: 2, 1: 4 }

  test.each<[string, ArrayLike<number>]>([
    ['an array', [2, 4]],
    ['float32', Float32Array.of(2, 4)],
    ['bytes', Uint8Array.of(2, 4)],
    ['an array-like', arrayLike],
  ])('%s is a right-hand side and a factor', async (_what, x) => {
    const ones = Float64Array.of(1, 1)
    expect(solve(A, x)).toEqual(ones)
    expect(await solveAsync(A, x)).toEqual(ones)
    expect(solveTriangular(A, x)).toEqual(ones)
    expect(lstsq(A, x).X.map(Math.round)).toEqual(ones)
    expect(matmul(A, x)).toEqual(Float64Array.of(4, 16))
    expect(await matmulAsync(A, x)).toEqual(Float64Array.of(4, 16))
    expect(norm(x)).toBeCloseTo(Math.sqrt(20), 14)
  })

  test.each<[string, () => object]>([
    ['of transformers.js', () => new Tensor(Float32Array.of(2, 4), [2])],
    ['of ONNX Runtime', () => ({ data: Float32Array.of(2, 4), dims: [2], type: 'float32' })],
    ['of float16, in bits', () => ({ data: Uint16Array.of(0x4000, 0x4400), dims: [2], type: 'float16' })],
    ['of TensorFlow.js', () => ({ shape: [2], dataSync: () => Float32Array.of(2, 4), data: () => Promise.resolve() })],
    ['that is a view', () => ({ data: [9, 2, 9, 4], shape: [2], stride: [2], offset: 1 })],
    ['that goes backwards', () => ({ data: [4, 2], shape: [2], strides: [-1], offset: 1 })],
    ['without an offset, which gives its numbers', () => ({ data: [0, 2, 4], shape: [2], strides: [1], toArray: () => [2, 4] })], // prettier-ignore
    ['of numjs', () => ({ shape: [2], tolist: () => [2, 4] })],
  ])('an array of one dimension is one, by its own fields: %s', async (_what, make) => {
    const A = [[2, 0], [0, 4]] // prettier-ignore
    const b = make() as { data: number[]; shape: [number] }
    const x = Float64Array.of(1, 1)
    expect(solve(A, b)).toEqual(x)
    expect(await solveAsync(A, b)).toEqual(x)
    expect(await solveAsync(A, b, { copy: false })).toEqual(x)
    expect(solveTriangular(A, b)).toEqual(x)
    expect(lstsq(A, b).X.map((one) => Math.round(one * 1e12) / 1e12)).toEqual(x)
    expect(matmul(A, b)).toEqual(Float64Array.of(4, 16))
    expect(await matmulAsync(A, b)).toEqual(Float64Array.of(4, 16))
    expect(norm(b)).toBeCloseTo(Math.sqrt(20), 14)
  })

  test('what says that it has one dimension must be readable as that, and have as many entries', () => {
    const A = [[2, 0], [0, 4]] // prettier-ignore
    expect(() => solve(A, { data: [1, 2, 3], shape: [3] })).toThrow(
      'B must have 2 rows to fit the 2 x 2 matrix A, got 3 x 1',
    )
    expect(() => solve(A, { data: [1, 2], shape: [2], strides: [5] } as never)).toThrow(RangeError)
    const later = { shape: [2], data: () => Promise.resolve([1, 2]) } as never
    expect(() => solve(A, later)).toThrow(/B must be a vector .*await x\.data\(\)/)
    expect(() => solve(A, { shape: [2], tolist: () => 'no' } as never)).toThrow(TypeError)
    // Three dimensions are neither.
    expect(() => solve(A, { data: [1, 2], shape: [1, 2, 1] })).toThrow('must have two dimensions')
  })

  test('the types tell vectors from matrices by the shape, as far as they know it', () => {
    expectTypeOf(solve([[2]], { data: [4], shape: [1] as const })).toEqualTypeOf<Float64Array>()
    expectTypeOf(solve([[2]], { data: [4], shape: [1, 1] as const })).toEqualTypeOf<Matrix>()
    expectTypeOf(solve([[2]], { data: [4], shape: [1] as number[] })).toEqualTypeOf<Matrix | Float64Array>()
  })

  test('an empty system has the empty vector as its solution', () => {
    expect(solve([], [])).toEqual(new Float64Array())
    expect(matmul(new Matrix(2, 0), [])).toEqual(new Float64Array(2))
    expect(norm([])).toBe(0)
  })

  test('what is no vector of numbers is not called a row', () => {
    const text = ['1', '2'] as unknown as number[]
    for (const work of [() => solve(A, text), () => matmul(A, text), () => lstsq(A, text)]) {
      expect(work).toThrow(new TypeError('B: entry 0 must be a number, got a string'))
    }
    expect(() => norm(text)).toThrow(new TypeError('A: entry 0 must be a number, got a string'))
    expect(() => solve(A, [null, 1] as unknown as number[])).toThrow('B: entry 0 must be a number, got null')
    const cure = 'class Set: give [...x] where a vector is meant, [[...x]] for one row'
    expect(() => solve(A, new Set([1, 2]) as unknown as number[])).toThrow(cure)
    expect(() => Matrix.from(new Set([1, 2]) as unknown as MatrixLike)).toThrow(cure)
  })

  test('products with a vector follow the transposes and the precision', () => {
    const B = Matrix.from(ROWS)
    expect(matmul(B, [1, 1, 1])).toEqual(Float64Array.of(6, 15))
    expect(matmul(B, [1, 1], { transposeA: true })).toEqual(Float64Array.of(5, 7, 9))
    expect(matmul(B, [1, 1, 1], { transposeB: true })).toEqual(Float64Array.of(6, 15))
    expect(matmul(B, [1, 1, 1], { precision: 'f32' })).toEqual(Float32Array.of(6, 15))
    expect(() => matmul(B, [1, 1])).toThrow('2 x 3 times 2 x 1')
    expect(() => matmul([1, 2] as unknown as MatrixLike, B)).toThrow('[vector]')
  })

  test('the norms of a vector', () => {
    expect([norm([3, 4]), norm([3, -4], 1), norm([3, -4], 'inf'), norm([3, 4], 2)]).toEqual([5, 7, 4, 5])
  })
})

describe('another realm', () => {
  const foreign = runInNewContext('({ Float32Array, Float64Array, Array, Uint8Array })') as typeof globalThis

  test('float32 stays float32, without a copy', () => {
    const data = foreign.Float32Array.of(1, 2)
    expect(data).not.toBeInstanceOf(Float32Array)
    expect(new Matrix(1, 2, data).data).toBe(data)
    expect(Matrix.from({ data, dims: [1, 2] }).data).toBe(data)
    expect(Matrix.from([data, data]).data).toBeInstanceOf(Float32Array)
    expect(new Matrix(2, 1, data).transpose().data).toBeInstanceOf(Float32Array)
  })

  test('rows, vectors and bytes are what they are here', () => {
    expect(Matrix.from(foreign.Array.of(foreign.Array.of(1, 2))).toArray()).toEqual([[1, 2]])
    expect(solve([[2]], foreign.Float64Array.of(4))).toEqual(Float64Array.of(2))
    expect(() => Matrix.from([foreign.Uint8Array.of(1)])).toThrow('is bytes')
  })
})
