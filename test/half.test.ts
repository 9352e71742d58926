import { describe, expect, it } from 'vitest'
import { narrowToBrain, narrowToHalf, widenBrain, widenHalf } from '../src/half.js'

const scratch = new DataView(new ArrayBuffer(4))

function floatOf(bits: number): number {
  scratch.setUint32(0, bits)
  return scratch.getFloat32(0)
}

function bitsOf(float: number): number {
  scratch.setFloat32(0, float)
  return scratch.getUint32(0)
}

/** IEEE 754 binary16 by its definition. */
function halfValue(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

const PATTERNS = Array.from({ length: 65536 }, (_, bits) => bits)

describe('binary16', () => {
  it('widens every pattern to its value', () => {
    const wrong = PATTERNS.filter((half) => !Object.is(floatOf(widenHalf(half)), halfValue(half)))
    expect(wrong).toEqual([])
  })

  it('narrows every widened pattern back, NaN payloads included', () => {
    expect(PATTERNS.filter((half) => narrowToHalf(widenHalf(half)) !== half)).toEqual([])
  })

  it('rounds to nearest, ties to even, between any two neighbours', () => {
    const wrong: number[] = []
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (halfValue(half) + halfValue(half + 1)) / 2
      const even = half % 2 === 0 ? half : half + 1
      const bits = bitsOf(middle)
      if (floatOf(bits) !== middle) throw new Error('the middle must be a float32 for this test to mean anything')
      if (narrowToHalf(bits - 1) !== half || narrowToHalf(bits) !== even || narrowToHalf(bits + 1) !== half + 1) {
        wrong.push(half)
      }
    }
    expect(wrong).toEqual([])
  })

  it('is infinite from 65520 on, and zero with the sign up to 2^-25', () => {
    expect(narrowToHalf(bitsOf(65520))).toBe(0x7c00)
    expect(narrowToHalf(bitsOf(65520) - 1)).toBe(0x7bff)
    expect(narrowToHalf(bitsOf(-3e38))).toBe(0xfc00)
    expect(narrowToHalf(bitsOf(-(2 ** -25)))).toBe(0x8000)
    expect(narrowToHalf(bitsOf(-(2 ** -149)))).toBe(0x8000)
  })

  it('keeps a NaN a NaN whose payload lies in the bits that are lost', () => {
    expect(halfValue(narrowToHalf(0x7f800001))).toBeNaN()
    expect(halfValue(narrowToHalf(0xff800001))).toBeNaN()
  })
})

describe('bfloat16', () => {
  it('narrows every widened pattern back', () => {
    expect(PATTERNS.filter((brain) => narrowToBrain(widenBrain(brain)) !== brain)).toEqual([])
  })

  it('rounds to nearest, ties to even, between any two neighbours', () => {
    const wrong = PATTERNS.filter((brain) => {
      if ((brain & 0x7fff) >= 0x7f80) return false
      const middle = brain * 65536 + 0x8000
      const even = brain % 2 === 0 ? brain : brain + 1
      return (
        narrowToBrain(middle - 1) !== brain || narrowToBrain(middle) !== even || narrowToBrain(middle + 1) !== brain + 1
      )
    })
    expect(wrong).toEqual([])
  })

  it('keeps a NaN a NaN whose payload lies in the bits that are lost', () => {
    expect(floatOf(widenBrain(narrowToBrain(0x7f800001)))).toBeNaN()
    expect(floatOf(widenBrain(narrowToBrain(0xffffffff)))).toBeNaN()
  })
})
