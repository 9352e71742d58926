import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { effectiveRank, effectiveRankOfSpectrum, latentEnergy } from '../../src/metrics/index.js'
import { randomStream } from '../../src/random/random-stream.js'
import { latentsOf } from './arbitraries.js'
import { hadamard } from './hadamard.js'

/** n x k with the singular values `sigma`: its columns are columns of a Hadamard matrix, scaled, and then mixed. */
function withSpectrum(n: number, sigma: number[]): Matrix {
  const k = sigma.length
  const [U, V] = [hadamard(n), hadamard(k)]
  const Z = new Matrix(n, k)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      Z.set(
        i,
        j,
        sigma.reduce((sum, s, l) => sum + (U.get(i, l) * s * V.get(l, j)) / Math.sqrt(n * k), 0),
      )
    }
  }
  return Z
}

describe('latentEnergy', () => {
  it('is the mean square of each component', () => {
    expect([...latentEnergy([[3, 1], [4, 1]])]).toEqual([12.5, 1]) // prettier-ignore
    expect([...latentEnergy([[3, 1], [4, 1]], { center: true })]).toEqual([0.25, 0]) // prettier-ignore
  })

  it('is its centred form plus the square of the mean', () => {
    fc.assert(
      fc.property(latentsOf(7, 3), (Z) => {
        const energy = latentEnergy(Z)
        const variance = latentEnergy(Z, { center: true })
        for (let j = 0; j < 3; j++) {
          const mean = Z.reduce((sum, z) => sum + z[j], 0) / 7
          expect(Math.abs(energy[j] - (variance[j] + mean * mean))).toBeLessThanOrEqual(1e-13 * energy[j] + 1e-300)
        }
      }),
    )
  })

  it('keeps the variance of a component far from zero, and none of a constant one', () => {
    const Z = [1e9, 1e9 + 1, 1e9 + 2].map((x) => [x, 3e7 + 0.1])
    const [variance, none] = latentEnergy(Z, { center: true })
    expect(variance).toBeCloseTo(2 / 3, 14)
    expect(none).toBe(0)
  })

  it('neither over- nor underflows before the energy itself does', () => {
    expect(latentEnergy([[1.2e154], [1e154]])[0] / 1e308).toBeCloseTo(1.22, 13)
    expect(latentEnergy([[1e-150], [1e-150]])[0] / 1e-300).toBeCloseTo(1, 13)
    expect(latentEnergy([[1e300], [0]])[0]).toBe(Infinity)
    expect([...latentEnergy(new Matrix(3, 2))]).toEqual([0, 0])
  })

  it('refuses what has no latents', () => {
    expect(() => latentEnergy([])).toThrow(RangeError)
    expect(() => latentEnergy(new Matrix(2, 0))).toThrow(RangeError)
    expect(() => latentEnergy([[Infinity]])).toThrow(RangeError)
    expect(() => latentEnergy(3 as never)).toThrow(TypeError)
  })
})

describe('effectiveRankOfSpectrum', () => {
  it('counts equal singular values', () => {
    for (const r of [1, 2, 3, 10]) {
      expect(effectiveRankOfSpectrum([...Array<number>(r).fill(0.3), 0, 0])).toBeCloseTo(r, 12)
    }
    expect(effectiveRankOfSpectrum([0, 0])).toBe(0)
    expect(effectiveRankOfSpectrum([])).toBe(0)
  })

  it('is exp of the entropy of the normalised values, at any scale', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(1e-300, 1, 1e305),
        (sigma, scale) => {
          const sum = sigma.reduce((a, b) => a + b, 0)
          const entropy = -sigma.map((s) => s / sum).reduce((total, p) => total + p * Math.log(p), 0)
          const rank = effectiveRankOfSpectrum(sigma.map((s) => s * scale))
          expect(Math.abs(rank / Math.exp(entropy) - 1)).toBeLessThanOrEqual(1e-12)
          expect(rank).toBeGreaterThanOrEqual(1 - 1e-12)
          expect(rank).toBeLessThanOrEqual(sigma.length * (1 + 1e-12))
        },
      ),
    )
  })

  it('refuses what is no spectrum', () => {
    expect(() => effectiveRankOfSpectrum([1, -1])).toThrow(new RangeError('sigma[1] must be finite and >= 0, got -1'))
    expect(() => effectiveRankOfSpectrum([NaN])).toThrow(RangeError)
    expect(() => effectiveRankOfSpectrum(['1'] as never)).toThrow(TypeError)
    expect(() => effectiveRankOfSpectrum(1 as never)).toThrow(TypeError)
  })
})

describe('effectiveRank', () => {
  it.each([8, 16, 64])('is that of the singular values, for %i samples of 8 components', (n) => {
    for (const sigma of [
      [1, 1, 1, 1, 1, 1, 1, 1],
      [8, 7, 6, 5, 4, 3, 2, 1],
      [1, 1, 1e-3, 1e-9, 1e-12, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0],
    ]) {
      const Z = withSpectrum(n, sigma)
      expect(effectiveRank(Z)).toBeCloseTo(effectiveRankOfSpectrum(sigma), 11)
      expect(effectiveRank(Z.transpose())).toBeCloseTo(effectiveRankOfSpectrum(sigma), 11)
    }
  })

  it.each([1e-320, 1e-300, 1e-160, 1e160, 1e306])('does not change with the scale: %f', (scale) => {
    const Z = withSpectrum(16, [4, 3, 2, 1])
    const times = new Matrix(16, 4, Z.data.map((x) => x * scale)) // prettier-ignore
    // 1e-320 has three digits left.
    expect(effectiveRank(times)).toBeCloseTo(effectiveRank(Z), scale < 1e-310 ? 2 : 12)
  })

  it('is 0 for zeros, 1 on a line, and counts a lone sample as one direction', () => {
    expect(effectiveRank(new Matrix(5, 3))).toBe(0)
    expect(effectiveRank([[1, 2, 3]])).toBe(1)
    expect(effectiveRank([[5e-324, 0], [0, 0]])).toBe(1) // prettier-ignore
    const line = Array.from({ length: 20 }, (_, i) => [0.1, 0.7, 1 / 3].map((x) => x * (i - 7)))
    expect(effectiveRank(line)).toBeCloseTo(1, 12)
  })

  it('sees through an offset only when centred', () => {
    const { normal } = randomStream(3, 'offset')
    const Z = Array.from({ length: 500 }, () => [1e6 + normal(), 1e6 + normal(), 1e6 + normal()])
    expect(effectiveRank(Z)).toBeLessThan(1.001)
    expect(effectiveRank(Z, { center: true })).toBeGreaterThan(2.98)
    expect(effectiveRank(Z.map(() => [0.1, 3e7 + 0.1, 1 / 3]), { center: true })).toBe(0) // prettier-ignore
    expect(effectiveRank([[1.7e308, 1], [-1.7e308, 2]], { center: true })).toBe(1) // prettier-ignore
  })

  it('refuses what has no latents', () => {
    expect(() => effectiveRank([])).toThrow(RangeError)
    expect(() => effectiveRank([[NaN]])).toThrow(RangeError)
    expect(() => effectiveRank(null as never)).toThrow(TypeError)
  })
})
