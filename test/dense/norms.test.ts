import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { distance, mean, norm, unitRows } from '../../src/dense/norms.js'
import { randomStream } from '../../src/random/random-stream.js'
import '../metrics/arbitraries.js'

const vector = (...entries: number[]) => Float64Array.from(entries)
const LARGEST = Number.MAX_VALUE

describe('norm', () => {
  it.each([-1070, -1000, -540, -499, -1, 0, 1, 499, 540, 1000])('of 2^%i (3, 4) is exactly 2^e 5', (e) => {
    expect(norm(vector(3 * 2 ** e, 4 * 2 ** e))).toBe(5 * 2 ** e)
  })

  it('survives magnitudes that cannot be squared side by side', () => {
    expect(norm(vector(1e300, 1e-300))).toBe(1e300)
    expect(norm(vector(1e-300, 0, 1e-300)) / 1e-300).toBeCloseTo(Math.SQRT2, 14)
    expect(norm(vector(1, 1e-300))).toBe(1)
    expect(norm(vector(0, 0))).toBe(0)
    expect(norm(vector())).toBe(0)
  })

  it('is infinite only where the norm itself exceeds the largest double', () => {
    expect(norm(vector(LARGEST))).toBe(LARGEST)
    expect(norm(vector(LARGEST / 2, LARGEST / 2))).toBeLessThan(LARGEST)
    expect(norm(vector(LARGEST, LARGEST))).toBe(Infinity)
  })

  it('agrees with Math.hypot over the whole range of doubles', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }), (x) => {
        const expected = Math.hypot(...x)
        const actual = norm(Float64Array.from(x))
        // Subnormal results carry fewer digits: 5e-324 is their absolute spacing.
        if (expected === Infinity) expect(actual).toBeGreaterThan(LARGEST * (1 - 1e-15))
        else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(expected * 4e-15 + 1e-323)
      }),
    )
  })

  it('reads a range of a longer array', () => {
    expect(norm(vector(7, 3, 4, 7), 1, 2)).toBe(5)
    expect(norm(vector(1e300, 3e-200, 4e-200, 1e300), 1, 2)).toBeCloseTo(5e-200, 210)
  })
})

describe('distance', () => {
  const apart = (x: number[], y: number[]) => distance(Float64Array.from(x), 0, Float64Array.from(y), 0, x.length)

  it('is the norm of the difference', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
        ),
        (pairs) => {
          const difference = Float64Array.from(pairs, ([x, y]) => x - y)
          expect(
            apart(
              pairs.map(([x]) => x),
              pairs.map(([, y]) => y),
            ),
          ).toBe(norm(difference))
        },
      ),
    )
  })

  it('does not overflow where two entries differ by more than the largest double, unless the distance does', () => {
    expect(apart([LARGEST], [-LARGEST])).toBe(Infinity)
    expect(apart([1.2e308], [-5e307])).toBeCloseTo(1.7e308, -294)
    expect(apart([1.7e308, 1e308], [1e308, 1.7e308]) / 7e307).toBeCloseTo(Math.SQRT2, 13)
  })

  it('keeps a tiny difference beside huge entries that are equal', () => {
    expect(apart([1e300, 3e-300], [1e300, 0])).toBe(3e-300)
    expect(apart([LARGEST, 3e-200], [LARGEST, -1e-200])).toBe(4e-200)
  })

  it('reads both sides from where it is told to', () => {
    expect(distance(vector(9, 1, 1), 1, vector(9, 9, 4, 5), 2, 2)).toBe(5)
  })
})

describe('unitRows', () => {
  it('scales every row but zeros to length 1, at any magnitude', () => {
    const Z = Matrix.from([
      [3, 4],
      [0, 0],
      [LARGEST, LARGEST],
      [5e-324, 0],
      [3e-310, -4e-310],
    ])
    const unit = unitRows(Z)
    for (const i of [0, 2, 3, 4]) expect(norm(unit, 2 * i, 2)).toBeCloseTo(1, 15)
    expect([...unit.subarray(0, 4)]).toEqual([0.6, 0.8, 0, 0])
    expect(unit[8]).toBeCloseTo(0.6, 12)
    expect(unit[9]).toBeCloseTo(-0.8, 12)
  })

  it('gives parallel rows of powers of two the same bits', () => {
    const unit = unitRows(Matrix.from([0, 3, -4].flatMap((e) => [[0.1 * 2 ** e, 0.7 * 2 ** e]])))
    expect([unit[2], unit[3], unit[4], unit[5]]).toEqual([unit[0], unit[1], unit[0], unit[1]])
  })
})

describe('mean', () => {
  it('is exact where a plain sum is not', () => {
    expect(mean(vector(1, 1e100, 1, -1e100))).toBe(0.5)
    expect(mean(new Float64Array(1e6).fill(0.1))).toBe(0.1)
  })

  it('does not overflow', () => {
    expect(mean(new Float64Array(10).fill(LARGEST)) / LARGEST).toBeCloseTo(1, 15)
    expect(mean(vector(Infinity, 1))).toBe(Infinity)
  })

  it('is as accurate as rational arithmetic over many numbers', () => {
    const { uniform } = randomStream(1, 'mean')
    const x = Float64Array.from({ length: 20_000 }, uniform)
    // Every draw is a multiple of 2^-53: the sum in integers is exact.
    const sum = x.reduce((total, value) => total + BigInt(value * 2 ** 53), 0n)
    const exact = Number((sum * 2n ** 20n) / BigInt(x.length)) / 2 ** 73
    expect(Math.abs(mean(x) / exact - 1)).toBeLessThanOrEqual(4e-16)
  })
})
