import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { gaussianMixture, type GaussianMixtureOptions } from '../../src/synthetic/index.js'
import { correlationScore, kolmogorovSmirnov, KS_LIMIT, moments, normalCdf, SIGMAS } from '../support/statistics.js'

const MEANS = [[0, 1], [4, 5]] // prettier-ignore
const N = 40_000
const component = (Z: Matrix, labels: Int32Array, label: number, j: number) =>
  Float64Array.from(
    [...labels.keys()].filter((i) => labels[i] === label),
    (i) => Z.get(i, j),
  )

describe('gaussianMixture', () => {
  it('draws each component with its share, its mean, unit variance and no correlation', () => {
    const { Z, labels } = gaussianMixture({ n: N, means: MEANS, seed: 1 })
    expect([Z.rows, Z.cols, labels.length]).toEqual([N, 2, N])
    for (const label of [0, 1]) {
      const [x, y] = [0, 1].map((j) => component(Z, labels, label, j))
      expect(Math.abs(x.length / N - 0.5) * 2 * Math.sqrt(N)).toBeLessThan(SIGMAS)
      for (const [j, sample] of [x, y].entries()) {
        const { mean, variance, n } = moments(sample)
        expect(Math.abs(mean - MEANS[label][j]) * Math.sqrt(n)).toBeLessThan(SIGMAS)
        expect(Math.abs(variance - 1) * Math.sqrt(n / 2)).toBeLessThan(SIGMAS)
        expect(kolmogorovSmirnov(sample, (v) => normalCdf(v - MEANS[label][j]))).toBeLessThan(KS_LIMIT)
      }
      expect(Math.abs(correlationScore(x, y))).toBeLessThan(SIGMAS)
    }
  })

  it('draws the number per component at random', () => {
    const counts = Float64Array.from({ length: 300 }, (_, seed) =>
      gaussianMixture({ n: 100, means: MEANS, seed }).labels.reduce((a, b) => a + b, 0),
    )
    const { mean, variance } = moments(counts)
    expect(Math.abs(mean - 50) / (5 / Math.sqrt(300))).toBeLessThan(SIGMAS)
    expect(Math.abs(variance / 25 - 1) * Math.sqrt(300 / 2)).toBeLessThan(SIGMAS)
  })

  it('takes weights in proportion, and never a component of weight 0', () => {
    const means = Matrix.identity(4)
    const { labels } = gaussianMixture({ n: N, means, weights: [0, 30, 10, 0], seed: 2 })
    const share = labels.filter((label) => label === 1).length / N
    expect(Math.abs(share - 0.75) / Math.sqrt((0.75 * 0.25) / N)).toBeLessThan(SIGMAS)
    expect(new Set(labels)).toEqual(new Set([1, 2]))
    // A draw times this sum rounds up to the sum itself, half of the time.
    const smallest = gaussianMixture({ n: 50, means, weights: [0, 5e-324, 0, 0], seed: 2 })
    expect(new Set(smallest.labels)).toEqual(new Set([1]))
  })

  it('is determined by the seed', () => {
    expect(gaussianMixture({ n: 50, means: MEANS, seed: 's' })).toEqual(
      gaussianMixture({ n: 50, means: MEANS, seed: 's' }),
    )
    expect(gaussianMixture({ n: 50, means: MEANS, seed: 't' })).not.toEqual(
      gaussianMixture({ n: 50, means: MEANS, seed: 's' }),
    )
  })

  it('only appends for a larger n, and keeps deviations when means or weights change', () => {
    const few = gaussianMixture({ n: 50, means: MEANS, seed: 3 })
    const many = gaussianMixture({ n: 80, means: MEANS, seed: 3 })
    expect(many.Z.data.slice(0, 100)).toEqual(few.Z.data)
    expect(many.labels.slice(0, 50)).toEqual(few.labels)
    const origin = gaussianMixture({ n: 50, means: [[0, 0]], seed: 3 })
    few.labels.forEach((label, i) => {
      for (const j of [0, 1]) expect(few.Z.get(i, j)).toBe(MEANS[label][j] + origin.Z.get(i, j))
    })
  })

  it('refuses what is no mixture', () => {
    const draw = (options: Partial<GaussianMixtureOptions>) => () =>
      gaussianMixture({ n: 5, means: MEANS, seed: 1, ...options })
    expect(draw({ n: 0 })).toThrow(RangeError)
    expect(draw({ n: 1.5 })).toThrow(RangeError)
    expect(draw({ n: '5' as never })).toThrow(TypeError)
    expect(draw({ means: [] })).toThrow(RangeError)
    expect(draw({ means: [[NaN, 0]] })).toThrow(RangeError)
    expect(draw({ means: 4 as never })).toThrow(TypeError)
    expect(draw({ weights: [1] })).toThrow(new RangeError('means has 2 rows but weights has 1 entries'))
    expect(draw({ weights: [1, -1] })).toThrow(new RangeError('weights[1] must be finite and at least 0, got -1'))
    expect(draw({ weights: [0, 0] })).toThrow(/positive, finite sum/)
    expect(draw({ weights: [1.7e308, 1.7e308] })).toThrow(/positive, finite sum/)
    expect(draw({ weights: [1, '1'] as never })).toThrow(TypeError)
    expect(draw({ weights: 3 as never })).toThrow(TypeError)
    expect(draw({ seed: undefined })).toThrow(TypeError)
  })
})
