import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors, type SafetensorsDtype, type TypedArray } from '../../src/io/index.js'
import { Matrix } from '../../src/matrix.js'
import { fileBytes } from './numpy-files.js'
import { SAFETENSORS_FILES } from './safetensors-files.js'

const EVERY: Record<string, { shape: number[]; data: TypedArray; dtype: SafetensorsDtype }> = {
  u64: { shape: [1], data: BigUint64Array.of(2n ** 64n - 1n), dtype: 'U64' },
  i64: { shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n), dtype: 'I64' },
  f64: { shape: [], data: Float64Array.of(0.1), dtype: 'F64' },
  empty: { shape: [0, 3], data: new Float32Array(0), dtype: 'F32' },
  f32: { shape: [2, 2], data: Float32Array.of(1.5, -2, 3, 4), dtype: 'F32' },
  u32: { shape: [2], data: Uint32Array.of(0, 2 ** 32 - 1), dtype: 'U32' },
  i32: { shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1), dtype: 'I32' },
  f16: { shape: [3], data: Float32Array.of(1.5, 65504, 2 ** -24), dtype: 'F16' },
  u16: { shape: [2], data: Uint16Array.of(0, 65535), dtype: 'U16' },
  i16: { shape: [2], data: Int16Array.of(-32768, 32767), dtype: 'I16' },
  i8: { shape: [2], data: Int8Array.of(-128, 127), dtype: 'I8' },
  u8: { shape: [2], data: Uint8Array.of(0, 255), dtype: 'U8' },
  bool: { shape: [1, 2], data: Uint8Array.of(1, 0), dtype: 'BOOL' },
}

const ODD_NAMES = ['10', '9', '__proto__', 'constructor', '', '\uffee', '\u{1f600}', 'quote"\\/\n\x01\x7f\u2028']

const CLASSES: { dtype: SafetensorsDtype; make: (values: number[]) => TypedArray }[] = [
  { dtype: 'F64', make: (values) => Float64Array.from(values) },
  { dtype: 'F32', make: (values) => Float32Array.from(values) },
  { dtype: 'F16', make: (values) => Float32Array.from(values) },
  { dtype: 'BF16', make: (values) => Float32Array.from(values) },
  { dtype: 'I64', make: (values) => BigInt64Array.from(values, BigInt) },
  { dtype: 'U64', make: (values) => BigUint64Array.from(values, BigInt) },
  { dtype: 'I32', make: (values) => Int32Array.from(values) },
  { dtype: 'U32', make: (values) => Uint32Array.from(values) },
  { dtype: 'I16', make: (values) => Int16Array.from(values) },
  { dtype: 'U16', make: (values) => Uint16Array.from(values) },
  { dtype: 'I8', make: (values) => Int8Array.from(values) },
  { dtype: 'U8', make: (values) => Uint8Array.from(values) },
  { dtype: 'BOOL', make: (values) => Uint8Array.from(values, (value) => value % 2) },
]

/** Tensors of every class with up to three dimensions; the values are small enough to be exact in bfloat16. */
const anyTensor = fc
  .record({ kind: fc.constantFrom(...CLASSES), shape: fc.array(fc.nat(3), { maxLength: 3 }), first: fc.nat(100) })
  .map(({ kind: { dtype, make }, shape, first }) => {
    const count = shape.reduce((a, b) => a * b, 1)
    return { shape, data: make(Array.from({ length: count }, (_, i) => first + i)), dtype }
  })
const anyText = fc.string({ unit: 'grapheme', maxLength: 6 })
const anyContents = fc.record({
  tensors: fc.uniqueArray(fc.tuple(anyText, anyTensor), { maxLength: 6, selector: ([name]) => name }),
  metadata: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
})

function reversed<T>(values: Iterable<T>): T[] {
  return [...values].reverse()
}

describe('readSafetensors', () => {
  it('reads what the reference implementation wrote: every dtype', () => {
    const { tensors, metadata } = readSafetensors(fileBytes(SAFETENSORS_FILES.every))
    expect([...tensors]).toStrictEqual(Object.entries(EVERY))
    expect(Object.keys(metadata)).toEqual([])
  })

  it('reads names and metadata that mean something to JavaScript or to JSON as plain text', () => {
    const { tensors, metadata } = readSafetensors(fileBytes(SAFETENSORS_FILES.names))
    for (const [i, name] of ODD_NAMES.entries()) expect(tensors.get(name)?.data).toEqual(Uint8Array.of(i))
    expect(tensors.size).toBe(ODD_NAMES.length)
    expect(Object.entries(metadata)).toEqual([['__proto__', 'é "quoted"\n']])
    expect(metadata['constructor']).toBeUndefined()
    expect(Object.getPrototypeOf(metadata)).toBeNull()
  })

  it('widens bfloat16', () => {
    const { tensors, metadata } = readSafetensors(fileBytes(SAFETENSORS_FILES.brain))
    expect(tensors.get('w')).toStrictEqual({ shape: [3], data: Float32Array.of(1, -10, Infinity), dtype: 'BF16' })
    expect(metadata).toEqual({ a: 'b' })
  })

  it('reads a file at any offset of a larger buffer, and shares no memory with it', () => {
    const file = fileBytes(SAFETENSORS_FILES.every)
    for (let offset = 0; offset < 9; offset++) {
      const buffer = Buffer.alloc(file.length + 20, 0xaa)
      buffer.set(file, offset)
      const { tensors } = readSafetensors(buffer.subarray(offset, offset + file.length))
      buffer.fill(0)
      expect([...tensors]).toStrictEqual(Object.entries(EVERY))
    }
  })

  it('reads from shared memory', () => {
    const file = fileBytes(SAFETENSORS_FILES.brain)
    const shared = new Uint8Array(new SharedArrayBuffer(file.length))
    shared.set(file)
    expect(readSafetensors(shared)).toEqual(readSafetensors(file))
  })

  it('rejects what are no bytes', () => {
    for (const value of [new DataView(new ArrayBuffer(8)), '{}', null] as unknown[]) {
      expect(() => readSafetensors(value as Uint8Array)).toThrow(TypeError)
    }
  })
})

describe('writeSafetensors', () => {
  it.each(Object.keys(SAFETENSORS_FILES) as (keyof typeof SAFETENSORS_FILES)[])(
    'writes byte for byte what the reference implementation writes, in whatever order it is given the tensors: %s',
    (name) => {
      const file = fileBytes(SAFETENSORS_FILES[name])
      const { tensors, metadata } = readSafetensors(file)
      expect(writeSafetensors({ tensors, metadata })).toEqual(file)
      expect(writeSafetensors({ tensors: reversed(tensors), metadata })).toEqual(file)
    },
  )

  it('writes matrices', () => {
    const tensors = new Map([['map', new Matrix(2, 3, Float32Array.of(1, 2, 3, 4, 5, 6))]])
    const read = readSafetensors(writeSafetensors({ tensors })).tensors
    expect(read.get('map')).toStrictEqual({ shape: [2, 3], data: tensors.get('map')?.data, dtype: 'F32' })
  })

  it('round-trips anything, deterministically and aligned', () => {
    fc.assert(
      fc.property(anyContents, ({ tensors, metadata }) => {
        const file = writeSafetensors({ tensors, metadata })
        const read = readSafetensors(file)
        expect(read.tensors).toStrictEqual(new Map(tensors))
        expect({ ...read.metadata }).toEqual({ ...metadata })
        const shuffled = {
          tensors: reversed(tensors),
          metadata: Object.fromEntries(reversed(Object.entries(metadata))),
        }
        expect(Buffer.compare(writeSafetensors(shuffled), file)).toBe(0)
        expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0)
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  it('sorts metadata by key', () => {
    const file = writeSafetensors({ tensors: [], metadata: { b: '2', a: '1', 10: '3' } })
    expect(new TextDecoder().decode(file.subarray(8)).trimEnd()).toBe('{"__metadata__":{"10":"3","a":"1","b":"2"}}')
  })

  it('rejects names that the format cannot hold', () => {
    const tensor = { shape: [1], data: Float64Array.of(1) }
    const write = (...names: string[]): Uint8Array =>
      writeSafetensors({ tensors: names.map((name) => [name, tensor] as const) })
    expect(() => write('__metadata__')).toThrow(RangeError)
    expect(() => write('a', 'b', 'a')).toThrow('the tensor name "a" comes twice')
    expect(() => write('\ud800')).toThrow(RangeError)
    expect(() => write(5 as unknown as string)).toThrow(TypeError)
  })

  it('rejects metadata that are no text', () => {
    const write = (metadata: unknown): Uint8Array =>
      writeSafetensors({ tensors: [], metadata: metadata as Record<string, string> })
    expect(() => write({ a: 1 })).toThrow('metadata "a" must be a string, got 1')
    expect(() => write({ a: '\udc00' })).toThrow(RangeError)
    expect(() => write({ '\udc00': 'a' })).toThrow(RangeError)
    for (const value of [new Map([['a', 'b']]), ['a'], 'a', null])
      expect(() => write(value)).toThrow('must be an object of strings')
  })

  it('rejects tensors that are no list, rather than write none', () => {
    const tensors = { t: new Matrix(1, 1) } as unknown as Map<string, Matrix>
    expect(() => writeSafetensors({ tensors })).toThrow(/tensors must be a Map or a list .* Object.entries/)
  })

  it('rejects tensors that do not fit their shape or dtype', () => {
    const write = (tensor: unknown): Uint8Array => writeSafetensors({ tensors: [['t', tensor as Matrix]] })
    expect(() => write({ shape: [2], data: new Float32Array(3) })).toThrow(
      'tensor "t": an array of shape [2] does not hold 3',
    )
    expect(() => write({ shape: [2], data: new Float32Array(2), dtype: 'F64' })).toThrow(
      "dtype must be 'F16' or 'BF16' or 'F32' for this data, got 'F64'",
    )
    expect(() => write({ shape: [1], data: Uint8Array.of(2), dtype: 'BOOL' })).toThrow(RangeError)
    expect(() => write([1, 2])).toThrow(TypeError)
    expect(() => write(undefined)).toThrow(TypeError)
  })

  it('rejects a header that no reader would take', () => {
    const metadata = { text: 'x'.repeat(100_000_000) }
    expect(() => writeSafetensors({ tensors: [], metadata })).toThrow(
      /the header would take 1000\d+ bytes; at most 100000000/,
    )
  })
})

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'the file must be an object, got undefined'],
  ['null', null, 'the file must be an object, got null'],
  ['text', 'tensors', 'the file must be an object, got a string'],
  ['a tensor that is no pair', { tensors: [null] }, 'a tensor must be [name, tensor], got null'],
])('writeSafetensors refuses %s', (_, file, message) => {
  expect(() => writeSafetensors(file as never)).toThrow(TypeError)
  expect(() => writeSafetensors(file as never)).toThrow(message)
})
