import { describe, expect, it } from 'vitest'
import { linearBoundaryClasses, type LinearBoundaryOptions } from '../../src/synthetic/index.js'
import { correlationScore, kolmogorovSmirnov, KS_LIMIT, SIGMAS, uniformCdf } from '../support/statistics.js'

describe('linearBoundaryClasses', () => {
  it("draws the paper's 2000 points, 1000 on either side of y = x - 10, by at most 10", () => {
    const { Z, labels } = linearBoundaryClasses({ seed: 1 })
    expect([Z.rows, Z.cols]).toEqual([2000, 2])
    expect(labels.filter((label) => label === 1)).toHaveLength(1000)
    labels.forEach((label, i) => {
      const above = Z.get(i, 1) - (Z.get(i, 0) - 10)
      expect(label).toBe(above > 0 ? 1 : 0)
      expect(Math.abs(above)).toBeLessThanOrEqual(10)
    })
  })

  it('is uniform along the line and across it, independently, on both sides', () => {
    const options = { n: 20_000, slope: -2, intercept: 3, margin: 0.5, xRange: [-1, 4], seed: 2 } as const
    const { Z, labels } = linearBoundaryClasses(options)
    for (const label of [0, 1]) {
      const rows = [...labels.keys()].filter((i) => labels[i] === label)
      const x = Float64Array.from(rows, (i) => Z.get(i, 0))
      const offset = Float64Array.from(rows, (i) => Z.get(i, 1) + 2 * Z.get(i, 0) - 3)
      expect(kolmogorovSmirnov(x, uniformCdf(-1, 4))).toBeLessThan(KS_LIMIT)
      expect(kolmogorovSmirnov(offset, label === 1 ? uniformCdf(0, 0.5) : uniformCdf(-0.5, 0))).toBeLessThan(KS_LIMIT)
      expect(Math.abs(correlationScore(x, offset))).toBeLessThan(SIGMAS)
    }
  })

  it('is determined by the seed, and only appends for a larger n', () => {
    const few = linearBoundaryClasses({ n: 31, seed: 'a' })
    const many = linearBoundaryClasses({ n: 64, seed: 'a' })
    expect(linearBoundaryClasses({ n: 31, seed: 'a' })).toEqual(few)
    expect(many.Z.data.slice(0, 62)).toEqual(few.Z.data)
    expect(linearBoundaryClasses({ n: 31, seed: 'b' })).not.toEqual(few)
    expect(few.labels.filter((label) => label === 0)).toHaveLength(16)
  })

  it('keeps x when the line or the margin changes', () => {
    const column = (options: Partial<LinearBoundaryOptions>) =>
      linearBoundaryClasses({ n: 10, seed: 1, ...options }).Z.toArray().map(([x]) => x) // prettier-ignore
    expect(column({ slope: 7, intercept: 0, margin: 1 })).toEqual(column({}))
  })

  it('refuses what is no strip', () => {
    const draw = (options: Partial<LinearBoundaryOptions>) => () => linearBoundaryClasses({ seed: 1, ...options })
    expect(draw({ n: 0 })).toThrow(RangeError)
    expect(draw({ margin: 0 })).toThrow(new RangeError('margin must be above 0, got 0'))
    expect(draw({ margin: NaN })).toThrow(RangeError)
    expect(draw({ slope: Infinity })).toThrow(RangeError)
    expect(draw({ intercept: '1' as never })).toThrow(TypeError)
    expect(draw({ xRange: [1, 0] })).toThrow(/xRange\[0\] must not exceed xRange\[1\]/)
    expect(draw({ xRange: [-1.7e308, 1.7e308] })).toThrow(RangeError)
    expect(draw({ xRange: [1] as never })).toThrow(RangeError)
    expect(draw({ xRange: 10 as never })).toThrow(TypeError)
    expect(draw({ seed: null as never })).toThrow(TypeError)
  })
})
