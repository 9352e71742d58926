import { describe, expect, it } from 'vitest'
import { oracleShrinkageSteps, shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { Matrix } from '../../src/matrix.js'
import { run } from '../../src/steps.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'
import { centeredOf, centred, frobenius, orthonormal, scaledBy, sharedLatents, times } from './support.js'

const shrinkage = (X: Matrix, m: number) => run(oracleShrinkageSteps(Engine.shared(), X, m))

/** The formula as published, on the covariance. */
function published(X: Matrix, m: number): number {
  const S = scaledBy(times(X.transpose(), X), 1 / m)
  const p = X.cols
  const t = Array.from({ length: p }, (_, j) => S.get(j, j)).reduce((a, b) => a + b, 0)
  const q = frobenius(S) ** 2
  return Math.min(1, ((1 - 2 / p) * q + t ** 2) / ((m + 1 - 2 / p) * (q - t ** 2 / p)))
}

describe('oracleShrinkage', () => {
  it.each([
    [10, 3],
    [50, 5],
    [8, 20],
    [400, 2],
  ])('is the published formula, %i x %i', (n, p) => {
    const X = centred(gaussian(n, p, 1))
    X.data.forEach((x, at) => (X.data[at] = x * (1 + (at % p))))
    expect(shrinkage(X, n - 1) / published(X, n - 1)).toBeCloseTo(1, 12)
  })

  it('goes to 0 with more rows of a graded covariance, and needs no shrinkage target to be exact', () => {
    const graded = (n: number) => {
      const X = gaussian(n, 4, 2)
      X.data.forEach((x, at) => (X.data[at] = x * 3 ** (at % 4)))
      return X
    }
    expect(shrinkage(graded(100_000), 100_000)).toBeLessThan(1e-4)
    expect(shrinkage(graded(10), 10)).toBeGreaterThan(0.05)
  })

  it.each([1e-200, 1e-30, 1e30, 1e200])('does not depend on the scale, %f', (scale) => {
    const X = gaussian(20, 5, 3)
    expect(shrinkage(scaledBy(X, scale), 20)).toBeCloseTo(shrinkage(X, 20), 12)
  })

  it('is 1 where there is nothing to shrink', () => {
    expect(shrinkage(new Matrix(5, 3), 5)).toBe(1)
    expect(shrinkage(gaussian(9, 1, 4), 9)).toBe(1)
    expect(shrinkage(Matrix.identity(6), 6)).toBe(1)
    expect(shrinkage(orthonormal(40, 7, 5), 40)).toBe(1)
  })
})

describe('shrinkageScales', () => {
  it('is the root of lambda ||X_m||_F^2 / d_m, and 0 for a constant modality', () => {
    const [X1, X2] = sharedLatents(40, [3, 6], 2, 0.5, 6)
    const constant = new Matrix(40, 2, new Float64Array(80).fill(3e7))
    const scales = run(shrinkageScaleSteps(Engine.shared(), centeredOf([X1, X2, constant])))
    ;[X1, X2].forEach((X, m) => {
      const gamma = (published(centred(X), 39) * frobenius(centred(X)) ** 2) / X.cols
      expect(scales[m] ** 2 / gamma).toBeCloseTo(1, 12)
    })
    expect(scales[2]).toBe(0)
  })
})
