import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignmentLoss, modalityGap, ncmae, uniformityLoss } from '../../src/metrics/index.js'
import { randomStream } from '../../src/random/random-stream.js'
import { latentsOf, pairOfLatents } from './arbitraries.js'

const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
const length = (x: number[]) => Math.hypot(...x)
const unit = (x: number[]) => x.map((v) => v / (length(x) || 1))

/** Squared distance of directions; 2 where one is missing. */
function squaredDistance(x: number[], y: number[]): number {
  if (length(x) === 0 || length(y) === 0) return 2
  const [u, v] = [unit(x), unit(y)]
  return u.reduce((sum, a, l) => sum + (a - v[l]) ** 2, 0)
}

describe('alignmentLoss', () => {
  it('is the mean power of the distance between directions', () => {
    fc.assert(
      fc.property(pairOfLatents(), fc.constantFrom(0.5, 1, 2, 3), ([Z1, Z2], alpha) => {
        const expected = average(Z1.map((x, i) => squaredDistance(x, Z2[i]) ** (alpha / 2)))
        expect(alignmentLoss(Z1, Z2, { alpha })).toBeCloseTo(expected, 7)
        expect(alignmentLoss(Z1, Z2, { alpha: 1 })).toBe(ncmae(Z1, Z2))
        expect(alignmentLoss(Z1, Z2)).toBe(alignmentLoss(Z1, Z2, { alpha: 2 }))
      }),
    )
  })

  it('says what is wrong with its arguments', () => {
    expect(() => alignmentLoss([[1]], [[1, 2]])).toThrow(RangeError)
    expect(() => alignmentLoss([], [])).toThrow(RangeError)
    expect(() => alignmentLoss([[NaN]], [[1]])).toThrow(RangeError)
    expect(() => alignmentLoss([[1]], [[1]], { alpha: 0 })).toThrow('alpha must be finite and above 0, got 0')
    expect(() => alignmentLoss([[1]], [[1]], { alpha: '1' as never })).toThrow(TypeError)
  })
})

describe('uniformityLoss', () => {
  it('is the logarithm of the mean Gaussian potential over all pairs', () => {
    const samples = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 4 }))
    fc.assert(
      fc.property(
        samples.chain(([n, k]) => latentsOf(n, k)),
        fc.constantFrom(0.5, 2, 5),
        (Z, t) => {
          // prettier-ignore
          const pairs = Z.flatMap((x, i) => Z.slice(i + 1).map((y) => Math.exp(-t * squaredDistance(x, y))))
          expect(uniformityLoss(Z, { t })).toBeCloseTo(Math.log(average(pairs)), 12)
        },
      ),
    )
  })

  it('is 0 where all have one direction, and -4 t for two opposite ones', () => {
    expect(uniformityLoss([[1, 2], [2, 4], [5, 10]])).toBeCloseTo(0, 14) // prettier-ignore
    expect(uniformityLoss([[1, 2], [-3, -6]])).toBeCloseTo(-8, 14) // prettier-ignore
    expect(uniformityLoss([[1e300, 2e300], [-3e-300, -6e-300]])).toBeCloseTo(-8, 14) // prettier-ignore
    expect(uniformityLoss([[0, 0], [1, 0]])).toBeCloseTo(-4, 14) // prettier-ignore
    expect(uniformityLoss([[0, 0], [0, 0]])).toBeCloseTo(-4, 14) // prettier-ignore
  })

  it('does not underflow for any t', () => {
    const { normal } = randomStream(2, 'uniformity')
    const Z = Array.from({ length: 20 }, () => [normal(), normal(), normal()])
    const nearest = Math.min(...Z.flatMap((x, i) => Z.slice(i + 1).map((y) => squaredDistance(x, y))))
    const t = 1e6
    expect(uniformityLoss(Z, { t })).toBeCloseTo(-t * nearest - Math.log(190), 3)
  })

  it('nears -2 t where directions are spread evenly in many dimensions', () => {
    const { normal } = randomStream(3, 'uniformity')
    const Z = Array.from({ length: 60 }, () => Array.from({ length: 400 }, normal))
    expect(uniformityLoss(Z)).toBeGreaterThan(-4.1)
    expect(uniformityLoss(Z)).toBeLessThan(-3.9)
  })

  it('says what is wrong with its arguments', () => {
    expect(() => uniformityLoss([[1, 2]])).toThrow(/expected at least 2/)
    expect(() => uniformityLoss([])).toThrow(RangeError)
    expect(() => uniformityLoss([[1], [NaN]])).toThrow(RangeError)
    expect(() => uniformityLoss([[1], [2]], { t: -1 })).toThrow('t must be finite and above 0, got -1')
  })
})

describe('modalityGap', () => {
  it('is the distance between the mean directions, paired or not', () => {
    const sides = fc.integer({ min: 1, max: 5 }).chain((k) => fc.tuple(latentsOf(4, k), latentsOf(7, k)))
    fc.assert(
      fc.property(sides, ([Z1, Z2]) => {
        const centroid = (Z: number[][]) => Z[0].map((_, l) => average(Z.map((z) => unit(z)[l])))
        const [a, b] = [centroid(Z1), centroid(Z2)]
        expect(modalityGap(Z1, Z2)).toBeCloseTo(length(a.map((x, l) => x - b[l])), 13)
      }),
    )
  })

  it('does not change with scale, and is 0 where everything collapsed to zero', () => {
    const Z = [[1, 2], [3, -1], [0.5, 4]] // prettier-ignore
    const Y = [[2, 2], [1, 0], [-3, 1]] // prettier-ignore
    const shrunk = (X: number[][]) => X.map((row) => row.map((x) => x * 2 ** -30))
    expect(modalityGap(shrunk(Z), shrunk(Y))).toBe(modalityGap(Z, Y))
    expect(modalityGap([[0, 0]], [[0, 0]])).toBe(0)
  })

  it('is 0 for one set of directions, 2 for opposite ones, 1 for a direction against none', () => {
    const Z = [[1, 2], [3, -1]] // prettier-ignore
    expect(modalityGap(Z, Z.map((z) => z.map((x) => x * 1e-200)))).toBeCloseTo(0, 15) // prettier-ignore
    expect(modalityGap([[1e300, 0]], [[-2, 0], [-3, 0]])).toBe(2) // prettier-ignore
    expect(modalityGap([[3, 4]], [[0, 0]])).toBeCloseTo(1, 15)
  })

  it('says what is wrong with its arguments', () => {
    expect(() => modalityGap([[1]], [[1, 2]])).toThrow(/Z1 has 1 columns and Z2 has 2/)
    expect(() => modalityGap([], [[1]])).toThrow(RangeError)
    expect(() => modalityGap([[Infinity]], [[1]])).toThrow(RangeError)
    expect(() => modalityGap(1 as never, [[1]])).toThrow(TypeError)
  })
})
