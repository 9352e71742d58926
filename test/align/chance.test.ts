import { describe, expect, it } from 'vitest'
import { upperEdge } from '../../src/align/perfect/chance.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { spectrum } from '../../src/model-selection/spectrum.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { rowRanges, sharedLatents } from './support.js'

/** Unrelated modalities, whose columns fade as j^-fade. */
function unrelated(n: number, widths: readonly number[], fade: number, seed: number): Matrix[] {
  return widths.map((d, m) => {
    const X = gaussian(n, d, 1000 * seed + 17 * m + 1)
    return new Matrix(n, d, X.data.map((x, at) => x * (1 + (at % d)) ** -fade)) // prettier-ignore
  })
}

const strongest = (modalities: readonly Matrix[]) => {
  const { sharedStrength, chanceStrength } = new PerfectAlignment({ nComponents: 1, selection: 'balanced' }).fit(
    modalities,
  )
  return { strength: sharedStrength[0], chance: chanceStrength }
}

describe('chanceStrength', () => {
  it.each([
    [400, [20, 20], 0],
    [60, [40, 30], 0],
    [100, [30, 20], 1],
    [200, [20, 10], 2],
    [150, [10, 10, 10], 0],
    [20, [1, 1], 0],
  ] as const)('is exceeded by few of unrelated modalities: %i rows of %j columns fading as %i', (n, widths, fade) => {
    const draws = Array.from({ length: 20 }, (_, seed) => strongest(unrelated(n, widths, fade, seed + 1)))
    // Expected is 1 of 20; more than 5 are one in 3000.
    expect(draws.filter(({ strength, chance }) => strength > chance).length).toBeLessThanOrEqual(5)
    // And not far above what they reach.
    const most = Math.max(...draws.map(({ strength }) => strength))
    expect(draws[0].chance).toBeLessThan(1.3 * most)
    expect(draws[0].chance / spectrum(unrelated(n, widths, fade, 1)).chance).toBeGreaterThan(0.7)
  })

  it('is below what related modalities share, and above them shuffled', () => {
    const [X, Y] = sharedLatents(200, [15, 12], 3, 0.5, 3)
    const paired = new PerfectAlignment({ nComponents: 3 }).fit([X, Y])
    expect([...paired.sharedStrength].every((strength) => strength > paired.chanceStrength)).toBe(true)
    const shuffled = new PerfectAlignment({ nComponents: 3 }).fit([X, Matrix.from([...Y.toArray().slice(7), ...Y.toArray().slice(0, 7)])]) // prettier-ignore
    expect([...shuffled.sharedStrength].every((strength) => strength < shuffled.chanceStrength)).toBe(true)
    expect(shuffled.chanceStrength).toBeGreaterThan(shuffled.unrelatedStrength / 2)
  })

  it('is that of the edge of two projections: sin of the sum of their angles (Wachter 1980)', () => {
    const [p, a, b] = [20000, 4000, 2000]
    const rho = Math.sin(Math.asin(Math.sqrt(a / p)) + Math.asin(Math.sqrt(b / p)))
    const edge = upperEdge([new Float64Array(a).fill(1), new Float64Array(b).fill(1)], p)
    expect(Math.abs(edge - 1 - rho)).toBeLessThan(3e-3)
  })

  it('stays in files if it was asked for, or with the state', () => {
    const modalities = sharedLatents(50, [5, 4], 2, 0.2, 5)
    const model = new PerfectAlignment({ nComponents: 2 }).fit(modalities)
    const without = PerfectAlignment.fromBytes(model.toBytes())
    expect(() => without.chanceStrength).toThrow('without its chance level')
    const withState = PerfectAlignment.fromBytes(model.toBytes({ state: true }))
    expect(withState.chanceStrength).toBeCloseTo(model.chanceStrength, 12)
    expect(PerfectAlignment.fromBytes(model.toBytes()).chanceStrength).toBe(model.chanceStrength)
    const before = model.chanceStrength
    expect(model.partialFit(rowRanges(modalities, 0, 30)).chanceStrength).toBeLessThan(before)
  })

  it('is finite whatever the data', () => {
    for (const modalities of [
      [gaussian(2, 3, 1), gaussian(2, 2, 2)],
      [gaussian(5, 30, 3), gaussian(5, 20, 4)],
      [new Matrix(10, 3), gaussian(10, 2, 5)],
      [new Matrix(10, 3), new Matrix(10, 2)],
    ]) {
      const { chance } = strongest(modalities)
      expect(Number.isFinite(chance) && chance >= 0).toBe(true)
    }
  })
})
