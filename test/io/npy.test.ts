import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileFormatError, npyToMatrix, readNpy, writeNpy, type TypedArray } from '../../src/io/index.js'
import { Matrix, type MatrixLike } from '../../src/matrix.js'
import { fileBytes, NUMPY_FILES } from './numpy-files.js'

const MATRIX = [1.5, -2, 3, 4, 5.25, -6]
const RANGE = Array.from({ length: 24 }, (_, i) => i)

const EXPECTED: Record<keyof typeof NUMPY_FILES, { shape: number[]; dtype: string; data: TypedArray }> = {
  f8: { shape: [2, 3], dtype: 'f8', data: Float64Array.from(MATRIX) },
  f4: { shape: [2, 3], dtype: 'f4', data: Float32Array.from(MATRIX) },
  f2: {
    shape: [2, 3],
    dtype: 'f2',
    data: Float32Array.from([1.5, -2, 65504, 2 ** -24, Infinity, 0.0999755859375]),
  },
  i8: { shape: [3], dtype: 'i8', data: BigInt64Array.from([-(2n ** 63n), -1n, 2n ** 63n - 1n]) },
  u8BigEndian: { shape: [2], dtype: 'u8', data: BigUint64Array.from([1n, 2n ** 64n - 1n]) },
  i4BigEndian: { shape: [3], dtype: 'i4', data: Int32Array.from([1, -2, 2 ** 31 - 1]) },
  f8BigEndian: { shape: [2, 3], dtype: 'f8', data: Float64Array.from(MATRIX) },
  u4: { shape: [2], dtype: 'u4', data: Uint32Array.from([0, 2 ** 32 - 1]) },
  i2: { shape: [2], dtype: 'i2', data: Int16Array.from([-32768, 32767]) },
  u2: { shape: [1, 2], dtype: 'u2', data: Uint16Array.from([0, 65535]) },
  i1: { shape: [2], dtype: 'i1', data: Int8Array.from([-128, 127]) },
  u1: { shape: [2, 2], dtype: 'u1', data: Uint8Array.from([0, 1, 254, 255]) },
  b1: { shape: [3], dtype: 'b1', data: Uint8Array.from([1, 0, 1]) },
  fortran2d: { shape: [2, 3], dtype: 'f8', data: Float64Array.from(MATRIX) },
  fortran3d: { shape: [2, 3, 4], dtype: 'i2', data: Int16Array.from(RANGE) },
  fortran3dBigEndian: { shape: [2, 3, 4], dtype: 'f4', data: Float32Array.from(RANGE) },
  scalar: { shape: [], dtype: 'f8', data: Float64Array.of(7) },
  empty: { shape: [0, 5], dtype: 'f4', data: new Float32Array(0) },
  empty3d: { shape: [2, 0, 3], dtype: 'f8', data: new Float64Array(0) },
  version2: { shape: [2, 3], dtype: 'f8', data: Float64Array.from(MATRIX) },
  version3: { shape: [2, 3], dtype: 'f8', data: Float64Array.from(MATRIX) },
}

const NAMES = Object.keys(NUMPY_FILES) as (keyof typeof NUMPY_FILES)[]
const OTHER_LAYOUT = /BigEndian|fortran|version/

/** Every supported class of typed array, and the dtype it is stored as. */
const CLASSES: { dtype: string; wrap: (buffer: ArrayBuffer) => TypedArray; sizeBytes: number }[] = [
  { dtype: 'f8', wrap: (buffer) => new Float64Array(buffer), sizeBytes: 8 },
  { dtype: 'f4', wrap: (buffer) => new Float32Array(buffer), sizeBytes: 4 },
  { dtype: 'i8', wrap: (buffer) => new BigInt64Array(buffer), sizeBytes: 8 },
  { dtype: 'u8', wrap: (buffer) => new BigUint64Array(buffer), sizeBytes: 8 },
  { dtype: 'i4', wrap: (buffer) => new Int32Array(buffer), sizeBytes: 4 },
  { dtype: 'u4', wrap: (buffer) => new Uint32Array(buffer), sizeBytes: 4 },
  { dtype: 'i2', wrap: (buffer) => new Int16Array(buffer), sizeBytes: 2 },
  { dtype: 'u2', wrap: (buffer) => new Uint16Array(buffer), sizeBytes: 2 },
  { dtype: 'i1', wrap: (buffer) => new Int8Array(buffer), sizeBytes: 1 },
  { dtype: 'u1', wrap: (buffer) => new Uint8Array(buffer), sizeBytes: 1 },
]

function bits(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

describe('readNpy', () => {
  it.each(NAMES)('reads what NumPy wrote: %s', (name) => {
    expect(readNpy(fileBytes(NUMPY_FILES[name]))).toStrictEqual(EXPECTED[name])
  })

  it('reads a file at any offset of a larger buffer', () => {
    const file = fileBytes(NUMPY_FILES.f8)
    for (let offset = 0; offset < 9; offset++) {
      const buffer = new Uint8Array(file.length + 20).fill(0xaa)
      buffer.set(file, offset)
      expect(readNpy(buffer.subarray(offset, offset + file.length))).toStrictEqual(EXPECTED.f8)
    }
  })

  it('shares no memory with the file, a Node Buffer included', () => {
    for (const name of ['f8', 'u1', 'fortran2d', 'b1'] as const) {
      const file = Buffer.from(NUMPY_FILES[name], 'base64')
      const { data } = readNpy(file)
      file.fill(0)
      expect(data).toStrictEqual(EXPECTED[name].data)
      expect(data.buffer).not.toBe(file.buffer)
    }
  })

  it('reads from shared memory', () => {
    const file = fileBytes(NUMPY_FILES.f8)
    const shared = new Uint8Array(new SharedArrayBuffer(file.length))
    shared.set(file)
    expect(readNpy(shared)).toStrictEqual(EXPECTED.f8)
  })

  it('keeps the bits of every NaN in either byte order', () => {
    const patterns = BigUint64Array.of(0x7ff0000000000001n, 0xfff8dead0000beefn, 0x7ff8000000000000n)
    const file = writeNpy({ shape: [3], data: new Float64Array(patterns.buffer) })
    expect(bits(readNpy(file).data)).toEqual(bits(patterns))
    const swapped = file.slice()
    swapped.set([0x3e], Buffer.from(swapped).indexOf('<'))
    for (let i = 0; i < 3; i++) swapped.subarray(swapped.length - 24 + 8 * i, swapped.length - 16 + 8 * i).reverse()
    expect(bits(readNpy(swapped).data)).toEqual(bits(patterns))
  })

  it('rejects what are no bytes', () => {
    const wrong: unknown[] = ['NUMPY', null, undefined, [1], new Int8Array(4), new Uint8ClampedArray(4)]
    for (const value of wrong) expect(() => readNpy(value as Uint8Array)).toThrow(TypeError)
    expect(() => readNpy(new ArrayBuffer(8))).toThrow(FileFormatError)
  })
})

describe('writeNpy', () => {
  it.each(NAMES.filter((name) => !OTHER_LAYOUT.test(name)))('writes byte for byte what NumPy writes: %s', (name) => {
    expect(writeNpy(readNpy(fileBytes(NUMPY_FILES[name])))).toEqual(fileBytes(NUMPY_FILES[name]))
  })

  it('writes a matrix as its two-dimensional array', () => {
    expect(writeNpy(new Matrix(2, 3, MATRIX))).toEqual(fileBytes(NUMPY_FILES.f8))
    expect(writeNpy(new Matrix(2, 3, Float32Array.from(MATRIX)))).toEqual(fileBytes(NUMPY_FILES.f4))
  })

  it('round-trips every class, any shape and any bits', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
    const arrays = fc.tuple(fc.constantFrom(...CLASSES), shapes).chain(([kind, shape]) => {
      const length = shape.reduce((a, b) => a * b, kind.sizeBytes)
      return fc.record({
        kind: fc.constant(kind),
        shape: fc.constant(shape),
        raw: fc.uint8Array({ minLength: length, maxLength: length }),
      })
    })
    fc.assert(
      fc.property(arrays, ({ kind, shape, raw }) => {
        const data = kind.wrap(raw.slice().buffer)
        const array = readNpy(writeNpy({ shape, data }))
        expect(array.shape).toEqual(shape)
        expect(array.dtype).toBe(kind.dtype)
        expect(array.data.constructor).toBe(data.constructor)
        expect(Buffer.compare(bits(array.data), raw)).toBe(0)
      }),
      { seed: 2, numRuns: 400 },
    )
  })

  it('writes views of larger buffers', () => {
    const data = Float64Array.from([9, ...MATRIX, 9]).subarray(1, 7)
    expect(writeNpy({ shape: [2, 3], data })).toEqual(fileBytes(NUMPY_FILES.f8))
  })

  it('turns to format 2.0 where the header is too long for 1.0', () => {
    const shape = Array.from({ length: 30_000 }, () => 1)
    const file = writeNpy({ shape, data: Float64Array.of(3) })
    expect(file[6]).toBe(2)
    expect((file.length - 8) % 64).toBe(0)
    expect(readNpy(file)).toStrictEqual({ shape, data: Float64Array.of(3), dtype: 'f8' })
  })

  it('rejects data that do not fit their shape or dtype', () => {
    const data = new Float64Array(6)
    expect(() => writeNpy({ shape: [2, 2], data })).toThrow(RangeError)
    expect(() => writeNpy({ shape: [2, 2], data })).toThrow('array: an array of shape [2, 2] does not hold 6 elements')
    expect(() => writeNpy({ shape: [-2, -3], data })).toThrow(RangeError)
    expect(() => writeNpy({ shape: [1.5, 4], data })).toThrow(RangeError)
    expect(() => writeNpy({ shape: [2 ** 52, 0, 2 ** 52], data: new Float64Array(0) })).toThrow(RangeError)
    expect(() => writeNpy({ shape: [6], data, dtype: 'f4' })).toThrow("dtype must be 'f8' for this data, got 'f4'")
    expect(() => writeNpy({ shape: [2], data: Uint8Array.of(0, 2), dtype: 'b1' })).toThrow('element 1 is 2')
  })

  it('takes a matrix in every form that the package does, typed arrays as they are', () => {
    const expected = writeNpy(new Matrix(2, 3, MATRIX))
    const rows = [MATRIX.slice(0, 3), MATRIX.slice(3)]
    const transposed = [0, 1, 2].flatMap((j) => [rows[0][j], rows[1][j]])
    for (const form of [
      rows,
      { rows: 2, cols: 3, data: MATRIX },
      { rows: 2, cols: 3, data: Float64Array.from(MATRIX) },
      { data: MATRIX, shape: [2, 3] },
      { data: Float64Array.from(MATRIX), dims: [2, 3] },
      { data: Float64Array.from(transposed), shape: [2, 3], stride: [1, 2], offset: 0 },
    ]) {
      expect(writeNpy(form)).toEqual(expected)
    }
    const single = { data: Float32Array.from(RANGE), dims: [2, 3, 4] }
    expect(readNpy(writeNpy(single as never))).toEqual({ shape: [2, 3, 4], dtype: 'f4', data: single.data })
    expect(readNpy(writeNpy([]))).toMatchObject({ shape: [0, 0] })
  })

  it('rejects what it cannot write with a TypeError', () => {
    const wrong: unknown[] = [
      null,
      3,
      [1, 2],
      [['1', 2]],
      { shape: [2], data: [1, 2] },
      { shape: [2], data: new Uint8ClampedArray(2) },
      { shape: [8], data: new DataView(new ArrayBuffer(8)) },
      { shape: '2', data: new Float64Array(2) },
      { shape: ['2'], data: new Float64Array(2) },
      { data: new Float64Array(2) },
      { shape: [2], data: new Float64Array(2), dtype: 8 },
    ]
    for (const value of wrong) expect(() => writeNpy(value as Matrix)).toThrow(TypeError)
  })
})

describe('arrays of other libraries', () => {
  const strided = { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], strides: [1, 2], offset: 0 }
  const half = { type: 'float16', dims: [1, 2], data: Uint16Array.of(15360, 16384) }

  it.each<[string, MatrixLike, TypedArray]>([
    ['strides', strided, Float64Array.of(1, 3, 2, 4)],
    [
      'columns',
      { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], order: 'F' } as MatrixLike,
      Float64Array.of(1, 3, 2, 4),
    ],
    ['float16 in bits', half, Float32Array.of(1, 2)],
  ])('are written as they are read: %s', (_what, array, data) => {
    expect(readNpy(writeNpy(array)).data).toEqual(data)
  })

  it('are read by their strides', () => {
    expect(npyToMatrix(strided).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ])
  })
})

describe('npyToMatrix', () => {
  it.each<[string, () => unknown, string]>([
    ['no array', () => npyToMatrix(null as never), 'array must be an object, got null'],
    ['a number', () => npyToMatrix(3 as never, 'weights'), 'weights must be an object, got 3'],
    [
      'no options',
      () => npyToMatrix(new Matrix(1, 1) as never, 'x', null as never),
      'options must be an object, got null',
    ],
    [
      'a flatten that is no switch',
      () => npyToMatrix({ shape: [1, 1, 1], data: new Float64Array(1) }, 'x', { flatten: 'yes' as never }),
      'flatten must be true or false, got a string',
    ],
  ])('refuses %s', (_, work, message) => {
    expect(work).toThrow(TypeError)
    expect(work).toThrow(message)
  })

  it('shares float32 and float64 data, and converts the rest to float64', () => {
    for (const data of [Float64Array.from(MATRIX), Float32Array.from(MATRIX)]) {
      expect(npyToMatrix({ shape: [2, 3], data }).data).toBe(data)
    }
    for (const data of [
      Int8Array.of(-1, 2),
      Uint32Array.of(7, 2 ** 32 - 1),
      BigInt64Array.of(-(2n ** 53n), 2n ** 53n),
    ]) {
      const matrix = npyToMatrix({ shape: [1, 2], data })
      expect(matrix).toStrictEqual(new Matrix(1, 2, Float64Array.from(data, Number)))
    }
  })

  it('takes one dimension as a column', () => {
    const { rows, cols } = npyToMatrix(readNpy(fileBytes(NUMPY_FILES.i2)))
    expect([rows, cols]).toEqual([2, 1])
  })

  it('rejects 64-bit integers that float64 cannot hold', () => {
    const big = { shape: [2], data: BigInt64Array.of(0n, -(2n ** 53n) - 1n) }
    expect(() => npyToMatrix(big, 'labels')).toThrow('labels: element 1 is -9007199254740993; float64 holds integers')
    expect(() => npyToMatrix(readNpy(fileBytes(NUMPY_FILES.u8BigEndian)))).toThrow(RangeError)
  })

  it('flattens trailing axes only when asked', () => {
    const array = readNpy(fileBytes(NUMPY_FILES.fortran3d))
    expect(() => npyToMatrix(array, 'clips')).toThrow(RangeError)
    expect(() => npyToMatrix(array, 'clips')).toThrow(
      'clips has shape [2, 3, 4]; a matrix needs one dimension or two: reshape it to 2 x 12, or pass { flatten: true }',
    )
    expect(npyToMatrix(array, 'clips', { flatten: true })).toStrictEqual(new Matrix(2, 12, RANGE))
    expect(() => npyToMatrix(readNpy(fileBytes(NUMPY_FILES.scalar)), 'x', { flatten: true })).toThrow(
      'x is a single number',
    )
    expect(npyToMatrix(readNpy(fileBytes(NUMPY_FILES.empty3d)), 'x', { flatten: true }).cols).toBe(0)
  })
})
