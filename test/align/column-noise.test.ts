import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import type { LinearAlignment } from '../../src/align/model/linear-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { canonicalCorrelations, canonicalCorrelationsAsync } from '../../src/comparison/canonical-correlations.js'
import { collapseRatio } from '../../src/comparison/collapse-ratio.js'
import { Matrix } from '../../src/matrix.js'
import { cmae } from '../../src/metrics/alignment.js'
import { gaussian } from '../support/random.js'
import { beside, times, toFloat32 } from './support.js'

/** Two waves, and columns that are large: of which float32 keeps little. */
function waves(
  rows: number,
  large: readonly ((i: number) => number)[],
  store: (X: Matrix) => Matrix,
): [Matrix, Matrix] {
  const signal = Array.from({ length: rows }, (_, i) => [Math.sin(i), Math.cos(1.7 * i)])
  const X = Matrix.from(signal.map((row, i) => [...row, ...large.map((column) => column(i))]))
  return [store(X), store(Matrix.from(signal))]
}

const seconds = (i: number) => 1.7e9 + 60 * i
const days = (i: number) => 4e6 + (i % 17)
const nanoseconds = (i: number) => 1.7e18 + 6e10 * i

describe.each([
  ['seconds in float32', [seconds], toFloat32],
  ['seconds twice, and days, in float32', [seconds, seconds, days], toFloat32],
  ['nanoseconds in float64', [nanoseconds], (X: Matrix) => X],
] as const)('beside %s', (_, large, store) => {
  const [X, Y] = waves(100, large, store)

  it('comparisons find the signal', async () => {
    for (const rho of canonicalCorrelations(X, Y)) expect(rho).toBeCloseTo(1, 6)
    for (const rho of await canonicalCorrelationsAsync(Y, X)) expect(rho).toBeCloseTo(1, 6)
    expect(collapseRatio(Y, X)).toBeCloseTo(1, 6)
  })

  it.each<[string, () => LinearAlignment]>([
    ['LeastSquares', () => new LeastSquares()],
    ['CanonicalCorrelation', () => new CanonicalCorrelation({ nComponents: 2 })],
    ['PerfectAlignment', () => new PerfectAlignment({ nComponents: 2 })],
    ['PerfectAlignment without scale', () => new PerfectAlignment({ nComponents: 2, scale: false, selection: 'informative', center: true })], // prettier-ignore
  ])('%s finds it too', (_name, make) => {
    const model = make().fit([X, Y])
    expect(cmae(model.translate(X, 0, 1), Y)).toBeLessThan(1e-4)
  })
})

describe('float32', () => {
  it('has the rank that rounding left of equal columns, whatever their units', () => {
    // Rank 3 but for rounding, in 5 columns of which each has its own unit.
    const low = times(gaussian(80, 3, 1), gaussian(3, 5, 2))
    const units = [1, 1e6, 1e-5, 30, 1e3]
    const X = toFloat32(new Matrix(80, 5, low.data.map((x, at) => x * units[at % 5]))) // prettier-ignore
    const unrelated = gaussian(80, 5, 3)
    // Three directions of five: no correlation beyond them.
    expect(canonicalCorrelations(X, unrelated).filter((rho) => rho > 0)).toHaveLength(3)
    expect(
      canonicalCorrelations(X, beside(low, unrelated))
        .slice(0, 3)
        .every((rho) => rho > 0.999999),
    ).toBe(true)
  })
})
