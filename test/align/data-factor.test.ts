import { describe, expect, it } from 'vitest'
import { centeredFactorSteps, rankThreshold, uncenteredFactorSteps } from '../../src/align/factor/data-factor.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { beside, centeredOf, centred, sharedLatents, toFloat32 } from './support.js'
import { run } from '../../src/steps.js'

const shifted = (X: Matrix, offset: number) =>
  new Matrix(
    X.rows,
    X.cols,
    Float64Array.from(X.data, (x, at) => x + offset * (1 + (at % X.cols))),
  )

describe('centeredFactorSteps', () => {
  it('has the singular values of the centred data', () => {
    const modalities = [gaussian(60, 3, 1), shifted(gaussian(60, 4, 2), 10)]
    const expected = svdvals(beside(...modalities.map(centred)))
    svdvals(centeredOf(modalities).R).forEach((sigma, i) => {
      expect(Math.abs(sigma / expected[i] - 1)).toBeLessThan(1e-13)
    })
  })

  it('makes a constant column exactly zero, and no other', () => {
    const X = gaussian(500, 3, 3)
    for (let i = 0; i < 500; i++) {
      X.set(i, 0, 3e7)
      X.set(i, 1, 3e7 + 1e-3 * X.get(i, 1))
    }
    const { R } = centeredOf([X, gaussian(500, 2, 4)])
    expect(R.transpose().row(0)).toEqual(new Float64Array(5))
    expect(Math.hypot(...R.transpose().row(1)) / Math.sqrt(500)).toBeCloseTo(1e-3, 4)
  })

  it('takes a column of one float32 value with other rounding for constant', () => {
    const X = gaussian(100, 2, 5)
    for (let i = 0; i < 100; i++) X.set(i, 0, i % 3 === 0 ? Math.fround(1 / 3) : Math.fround(1 / 3) + 2 ** -26)
    expect(centeredOf([toFloat32(X), gaussian(100, 1, 6)]).R.get(0, 0)).toBe(0)
    expect(centeredOf([X, gaussian(100, 1, 6)]).R.get(0, 0)).not.toBe(0)
  })

  it('knows how many rows are free', () => {
    const joint = new JointFactor([1, 1]).update([gaussian(5, 1, 7), gaussian(5, 1, 8)])
    expect([run(uncenteredFactorSteps(joint)).freeRows, run(centeredFactorSteps(joint)).freeRows]).toEqual([5, 4])
    expect(run(centeredFactorSteps(new JointFactor([1, 1]))).freeRows).toBe(0)
  })
})

describe('rankThreshold', () => {
  const widths = [20, 30]
  const cases = [
    ['float64', (X: Matrix) => X],
    ['float32', toFloat32],
  ] as const
  describe.each(cases)('%s', (_, store) => {
    it.each([0, 1, 1e3, 1e5])('parts signal from rounding, with means of %d deviations', (offset) => {
      for (const n of [60, 400]) {
        const modalities = sharedLatents(n, widths, 6, 0, 11).map((X) => store(shifted(X, offset)))
        const joint = new JointFactor(widths).update(modalities)
        for (const factor of offset === 0
          ? [run(centeredFactorSteps(joint)), run(uncenteredFactorSteps(joint))]
          : [run(centeredFactorSteps(joint))]) {
          const S = svdvals(factor.R)
          const threshold = rankThreshold(factor, S[0])
          // Far from either side: neither luck nor the seed decides.
          expect(S[6]).toBeLessThan(threshold / 1.5)
          if (offset < 1e5 || store !== toFloat32) expect(S[5]).toBeGreaterThan(10 * threshold)
        }
      }
    })
  })

  it('is max(n, d) eps sigma_1 in float64, sqrt(d) 2^-24 sigma_1 in float32, tolerance sigma_1 if that is given', () => {
    const modalities = sharedLatents(70, [2, 2], 2, 0, 12)
    const factor = run(uncenteredFactorSteps(new JointFactor([2, 2]).update(modalities)))
    expect(rankThreshold(factor, 3)).toBe(70 * Number.EPSILON * 3)
    expect(rankThreshold({ ...factor, float32: [false, true] }, 3)).toBe(Math.sqrt(4) * 2 ** -24 * 3)
    expect(rankThreshold({ ...factor, float32: [false, true] }, 3, 1e-3)).toBe(3e-3)
  })
})
