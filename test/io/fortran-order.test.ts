import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromFortranOrder } from '../../src/io/fortran-order.js'

/** Element by element, by the definition of the two orders. */
function naive(bytes: Uint8Array, sizeBytes: number, shape: readonly number[]): Uint8Array {
  const out = new Uint8Array(bytes.length)
  const index = shape.map(() => 0)
  for (let to = 0; to < bytes.length / sizeBytes; to++) {
    let from = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis] + index[axis]
    out.set(bytes.subarray(from * sizeBytes, (from + 1) * sizeBytes), to * sizeBytes)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++
      if (index[axis] < shape[axis]) break
      index[axis] = 0
    }
  }
  return out
}

/** Every byte differs from its neighbours, and the 8-byte elements of 0xff are NaNs with payloads. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i % 16 < 8 ? 0xff : (i * 131) % 251))
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

function check(shape: readonly number[], sizeBytes: number): void {
  const bytes = pattern(product(shape) * sizeBytes)
  const before = bytes.slice()
  expect(Buffer.compare(fromFortranOrder(bytes, sizeBytes, shape), naive(bytes, sizeBytes, shape))).toBe(0)
  expect(Buffer.compare(bytes, before)).toBe(0)
}

describe('fromFortranOrder', () => {
  it.each([1, 2, 4, 8])('agrees with the definition around the tile size, %i bytes an element', (sizeBytes) => {
    for (const rows of [1, 2, 31, 32, 33, 65]) for (const cols of [1, 31, 32, 33]) check([rows, cols], sizeBytes)
    check([33, 3, 34], sizeBytes)
    check([2, 33, 2], sizeBytes)
  })

  it('agrees with the definition for any shape', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 })
    fc.assert(
      fc.property(shapes, fc.constantFrom(1, 2, 4, 8), (shape, sizeBytes) => {
        check(shape, sizeBytes)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('does not care how many axes of length 1 there are', () => {
    const ones = Array.from({ length: 100_000 }, () => 1)
    const bytes = pattern(48)
    expect(fromFortranOrder(bytes, 8, [...ones, 2, ...ones, 3, ...ones])).toEqual(naive(bytes, 8, [2, 3]))
  })
})
