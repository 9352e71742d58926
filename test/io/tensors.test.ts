import { describe, expect, test } from 'vitest'
import { FileFormatError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { finiteFloats, readTensors, tensorBytes, writeParts } from '../../src/io/tensors.js'

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** A file with a header as given, and bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + json.length + dataBytes)
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true)
  out.set(json, 8)
  return out
}

const tensor = (begin: number, end: number, shape: unknown = [end - begin], dtype: unknown = 'U8') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

test('writes what the reader of collimate/io reads, and reads what its writer writes', () => {
  const data = Float32Array.of(1, -2, 3, 4, 5, 6)
  const codes = Int8Array.of(1, 2, -3)
  const written = writeParts(
    [
      { name: 'a', dtype: 'F32', shape: [2, 3], fill: (out) => { out.set(bytesOf(data)) } },
      { name: 'b', dtype: 'I8', shape: [3], fill: (out) => { out.set(bytesOf(codes)) } },
    ],
    { kind: 'x' },
  ) // prettier-ignore
  const { tensors, metadata } = readSafetensors(written)
  expect({ ...metadata }).toEqual({ kind: 'x' })
  expect(tensors.get('a')).toEqual({ dtype: 'F32', shape: [2, 3], data })
  expect(tensors.get('b')).toEqual({ dtype: 'I8', shape: [3], data: codes })

  const read = readTensors(writeSafetensors({ tensors, metadata: { kind: 'x', __proto__x: 'y' } }))
  expect(read.metadata).toEqual({ kind: 'x', __proto__x: 'y' })
  expect(finiteFloats(read, 'a', [2, 3])).toEqual(data)
  expect(tensorBytes(read, 'b', ['I8'], [3])).toEqual(Uint8Array.of(1, 2, 253))
})

describe('refuses', () => {
  test.each([
    ['no bytes', new Uint8Array(0)],
    ['half a length', new Uint8Array(7)],
    ['a header longer than the file', bytesOf(BigUint64Array.of(2n ** 63n))],
    ['no JSON', file('{')],
    ['no UTF-8', file('"\u0080').map((byte) => (byte === 0xc2 ? 0xff : byte))],
    ['metadata that are no texts', file({ __metadata__: { a: 1 } })],
    ['a tensor that is null', file({ a: null })],
    ['a tensor without a type', file({ a: { shape: [1], data_offsets: [0, 1] } }, 1)],
    ['a negative length', file({ a: tensor(0, 1, [-1]) }, 1)],
    ['half a length', file({ a: tensor(0, 1, [0.5]) }, 1)],
    ['offsets that are texts', file({ a: { ...tensor(0, 1), data_offsets: ['0', '1'] } }, 1)],
    ['one offset', file({ a: { ...tensor(0, 1), data_offsets: [0] } }, 1)],
    ['a hole', file({ a: tensor(0, 1), b: tensor(2, 3) }, 3)],
    ['an overlap', file({ a: tensor(0, 2), b: tensor(1, 3) }, 3)],
    ['an end before the begin', file({ a: tensor(0, 2), b: tensor(2, 1, [1]) }, 1)],
    ['data that belong to no tensor', file({ a: tensor(0, 2) }, 3)],
    ['data that are not there', file({ a: tensor(0, 2) }, 1)],
    ['data of no tensor at all', file([], 1)],
    ['two tensors of one name', file(`{"a":${JSON.stringify(tensor(0, 1))},"a":${JSON.stringify(tensor(1, 2))}}`, 2)],
  ])('%s', (_what, bytes) => {
    expect(() => readTensors(bytes)).toThrow(FileFormatError)
  })

  test('a tensor of another type, shape or length, where it is asked for', () => {
    const read = readTensors(
      file({ a: tensor(0, 4, [1, 4]), b: tensor(4, 8, [3]), c: tensor(8, 9, [1], 'F8_E4M3') }, 9),
    )
    expect(tensorBytes(read, 'a', ['U8'], [1, 4])).toHaveLength(4)
    expect(() => tensorBytes(read, 'a', ['I8'], [1, 4])).toThrow("tensor 'a' has type U8, expected I8")
    expect(() => tensorBytes(read, 'a', ['U8'], [4])).toThrow("tensor 'a' has shape [1, 4], expected [4]")
    expect(() => tensorBytes(read, 'b', ['U8'], [3])).toThrow("tensor 'b' has 4 bytes, its shape needs 3")
    expect(() => tensorBytes(read, 'd', ['U8'], [3])).toThrow("tensor 'd' is missing")
    expect(() => finiteFloats(read, 'c', [1])).toThrow(FileFormatError)
  })

  test('numbers that are not finite', () => {
    const bytes = file({ a: tensor(0, 8, [2], 'F32') }, 8)
    bytes.set(bytesOf(Float32Array.of(1, NaN)), bytes.length - 8)
    expect(() => finiteFloats(readTensors(bytes), 'a', [2])).toThrow(new RangeError("tensor 'a' has the entry NaN at index 1, expected finite numbers")) // prettier-ignore
  })
})
