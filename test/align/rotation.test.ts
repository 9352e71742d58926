import { describe, expect, test } from 'vitest'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { matmul } from '../../src/linalg/matmul.js'
import { qr } from '../../src/linalg/qr.js'
import { Matrix } from '../../src/matrix.js'
import { recallAtK } from '../../src/metrics/index.js'
import { gaussian } from '../support/random.js'
import { maxDifference } from './support.js'

const [rows, d] = [60, 8]
const Q = qr(gaussian(d, d, 1)).Q
const shifted = (X: Matrix, by: number) =>
  new Matrix(
    X.rows,
    X.cols,
    Float64Array.from(X.data, (x) => x + by),
  )
const times = (X: Matrix, s: number) =>
  new Matrix(
    X.rows,
    X.cols,
    Float64Array.from(X.data, (x) => s * x),
  )
const X = shifted(gaussian(rows, d, 2), 5)
const fresh = shifted(gaussian(7, d, 3), 5)

describe.each([
  ['rotation', { scaling: false }, 1],
  ['rotation and scale', { scaling: true }, 2.5],
] as const)('translate is the %s', (_name, { scaling }, s) => {
  const exact = (A: Matrix, offset: number) => shifted(times(matmul(A, Q), s), offset)

  test('with means, both ways, for rows that were not fitted', () => {
    const model = new OrthogonalProcrustes({ scaling }).fit([X, exact(X, -3)])
    expect(maxDifference(model.translate(fresh, 0, 1).data, exact(fresh, -3).data)).toBeLessThan(1e-12)
    expect(maxDifference(model.translate(exact(fresh, -3), 1, 0).data, fresh.data)).toBeLessThan(1e-12)
  })

  test('without means where center is false', () => {
    const model = new OrthogonalProcrustes({ scaling, center: false }).fit([X, exact(X, 0)])
    expect(model.translate(fresh, 0, 1)).toEqual(model.transform(fresh, 0))
    expect(maxDifference(model.translate(fresh, 0, 1).data, exact(fresh, 0).data)).toBeLessThan(1e-12)
    expect(maxDifference(model.translate(exact(fresh, 0), 1, 0).data, fresh.data)).toBeLessThan(1e-12)
    expect(model.means[0]).toHaveLength(d)
  })

  test.each([true, false])('also of a model that was loaded, centred or not: %s', (center) => {
    const model = new OrthogonalProcrustes({ scaling, center }).fit([X, exact(X, 1)])
    for (const loaded of [
      loadAlignment(model.toBytes()),
      OrthogonalProcrustes.fromBytes(model.toBytes({ state: true })),
    ]) {
      expect(loaded.translate(fresh, 0, 1)).toEqual(model.translate(fresh, 0, 1))
      expect(loaded.translate(fresh, 1, 0)).toEqual(model.translate(fresh, 1, 0))
      expect(loaded.toBytes()).toEqual(model.toBytes())
    }
  })

  test('whatever the noise: an isometry, if for the scale', () => {
    const noisy = exact(X, 0)
    noisy.data.forEach((_, at) => (noisy.data[at] += gaussian(rows, d, 4).data[at]))
    const model = new OrthogonalProcrustes({ scaling }).fit([X, noisy])
    const back = model.translate(model.translate(fresh, 0, 1), 1, 0)
    expect(maxDifference(back.data, fresh.data)).toBeLessThan(1e-12)
    const [z, y] = [model.transform(fresh, 0), model.translate(fresh, 0, 1)]
    const moved = y.data.map((value, at) => value - model.means[1][at % d])
    expect(maxDifference(moved, z.data)).toBeLessThan(1e-13)
  })
})

test('it retrieves as transform does, from few and noisy pairs', () => {
  const width = 64
  const R = qr(gaussian(width, width, 5)).Q
  const noise = (X: Matrix, seed: number) => {
    const N = gaussian(X.rows, X.cols, seed)
    return new Matrix(
      X.rows,
      X.cols,
      matmul(X, R).data.map((x, at) => x + 0.7 * N.data[at]),
    )
  }
  const [seen, held] = [gaussian(100, width, 6), gaussian(400, width, 7)]
  const model = new OrthogonalProcrustes().fit([seen, noise(seen, 8)])
  const targets = noise(held, 9)
  const byTransform = recallAtK(model.transform(held, 0), model.transform(targets, 1), 1)
  expect(byTransform).toBeGreaterThan(0.5)
  expect(Math.abs(recallAtK(model.translate(held, 0, 1), targets, 1) - byTransform)).toBeLessThan(0.05)
})

test('a scale of zero, of a modality without variance, translates to the means', () => {
  const constant = new Matrix(rows, d, new Float64Array(rows * d).fill(2))
  const model = new OrthogonalProcrustes({ scaling: true }).fit([X, constant])
  for (const y of model.translate(fresh, 0, 1).data) expect(y).toBeCloseTo(2, 12)
  for (const [at, x] of model.translate(constant, 1, 0).data.entries())
    expect(x).toBeCloseTo(model.means[0][at % d], 12)
})
