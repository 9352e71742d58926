import { SingularValueDecomposition, Matrix as Oracle } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { balancedSteps, sharedStrengthSteps, unrelatedStrength } from '../../src/align/perfect/balanced.js'
import { scaleColumns } from '../../src/dense/arithmetic.js'
import { columnRange, perColumn, stackRows } from '../../src/dense/slices.js'
import { modalityNormsSteps, type DataFactor } from '../../src/align/factor/data-factor.js'
import { helmertSteps } from '../../src/align/factor/helmert.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { qr } from '../../src/linalg/qr.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import {
  beside,
  centeredOf,
  centred,
  maxDifference,
  minus,
  scaledBy,
  sharedLatents,
  subspaceDistance,
  times,
} from './support.js'

const balanced = (factor: DataFactor, k: number, roots = run(shrinkageScaleSteps(Engine.shared(), factor))) =>
  run(balancedSteps(Engine.shared(), factor, k, roots)).A
const strength = (factor: DataFactor, A: Matrix, roots = run(shrinkageScaleSteps(Engine.shared(), factor))) =>
  run(sharedStrengthSteps(Engine.shared(), factor, A, roots))
const tinyRoots = (factor: DataFactor, share: number) =>
  run(modalityNormsSteps(factor)).map((size) => Math.sqrt(share) * size)

/** The derivation to the letter, with the full V of the stack: two singular value decompositions. */
function bySvd(factor: DataFactor, k: number): { A: Matrix; mu: Float64Array } {
  const { widths, R } = factor
  const c = perColumn(widths, run(shrinkageScaleSteps(Engine.shared(), factor)).map((root) => 1 / root)) // prettier-ignore
  const { S, V } = svd(scaleColumns(stackRows(run(helmertSteps(factor))), c))
  const F = scaleColumns(V, S.map((sigma) => 1 / Math.hypot(sigma, 1))) // prettier-ignore
  const { S: roots, V: W } = svd(scaledBy(times(scaleColumns(R, c), F), 1 / widths.length))
  const A = scaleColumns(times(F, columnRange(W, 0, k)).transpose(), c)
  return { A, mu: roots.slice(0, k).map((root) => root ** 2) }
}

describe('balancedSteps', () => {
  it.each([
    ['tall', 80, [6, 5], 3],
    ['wide', 12, [20, 15], 4],
    ['three modalities', 60, [5, 4, 6], 3],
    ['four modalities, wide', 15, [8, 9, 7, 10], 5],
    ['k = d', 40, [3, 4], 7],
  ] as const)('gives what two singular value decompositions give: %s', (_, n, widths, k) => {
    const factor = centeredOf(sharedLatents(n, widths, 3, 0.3, 21))
    const { A, mu } = bySvd(factor, k)
    const ours = balanced(factor, k)
    expect(maxDifference(strength(factor, ours), mu)).toBeLessThan(1e-11 * mu[0])
    // Directions of no strength at all are any: only those that have some are one-dimensional and comparable.
    for (let j = 0; j < k && mu[j] > 1e-3 * mu[0]; j++) {
      const row = (M: Matrix) => new Matrix(1, M.cols, M.row(j))
      expect(subspaceDistance(row(ours), row(A))).toBeLessThan(1e-10)
    }
  })

  it('has the highest strength of all directions, and strengths that descend', () => {
    const factor = centeredOf(sharedLatents(50, [5, 6], 3, 0.5, 22))
    const mu = strength(factor, balanced(factor, 4))
    expect(Array.from(mu)).toEqual(Array.from(mu).sort((a, b) => b - a))
    const random = strength(factor, gaussian(2000, 11, 23))
    expect(Math.max(...random)).toBeLessThan(mu[0])
    expect(Math.max(...random)).toBeGreaterThan(0.05 * mu[0])
  })

  it('is canonical correlation analysis as the shrinkage goes to 0, mu = (1 + rho) / (4 (1 - rho))', () => {
    const modalities = sharedLatents(300, [5, 4], 3, 1, 24).map(centred)
    const [Q1, Q2] = modalities.map((X) => qr(X).Q)
    const oracle = new SingularValueDecomposition(new Oracle(times(Q1.transpose(), Q2).toArray()))
    const factor = centeredOf(modalities)
    const roots = tinyRoots(factor, 1e-12)
    const A = balanced(factor, 4, roots)
    const mu = strength(factor, A, roots)
    oracle.diagonal.forEach((rho, j) => {
      expect(Math.abs(mu[j] / ((1 + rho) / (4 * (1 - rho))) - 1)).toBeLessThan(1e-9)
      const direction = new Matrix(1, 5, columnRange(A, 0, 5).row(j))
      const latent = times(modalities[0], direction.transpose()).transpose()
      const u = new Matrix(5, 1, oracle.leftSingularVectors.getColumn(j))
      expect(subspaceDistance(latent, times(Q1, u).transpose())).toBeLessThan(1e-6)
    })
    // The approach is linear in the shrinkage.
    const errors = [1e-4, 1e-6].map((share) => {
      const wide = tinyRoots(factor, share)
      return (
        1 -
        (strength(factor, balanced(factor, 1, wide), wide)[0] * (4 * (1 - oracle.diagonal[0]))) /
          (1 + oracle.diagonal[0])
      )
    })
    expect(errors[0] / errors[1]).toBeGreaterThan(90)
    expect(errors[0] / errors[1]).toBeLessThan(110)
  })

  it('is informative in an exact null space', () => {
    const modalities = sharedLatents(200, [7, 6], 4, 0, 25)
    const informative = new PerfectAlignment({ nComponents: 4, selection: 'informative', center: true }).fit(modalities)
    expect(informative.selected).toBe('informative')
    const exact = beside(...informative.maps)
    const factor = centeredOf(modalities)
    const distances = [1e-4, 1e-6, 1e-8].map((share) =>
      subspaceDistance(balanced(factor, 4, tinyRoots(factor, share)), exact),
    )
    expect(distances[0]).toBeLessThan(1e-2)
    expect(distances[1]).toBeLessThan(distances[0] / 50)
    expect(distances[2]).toBeLessThan(distances[1] / 50)
  })

  it('does not depend on the scale of a modality', () => {
    const [X1, X2] = sharedLatents(60, [5, 6], 3, 0.3, 26)
    const factor = centeredOf([X1, X2])
    const scaled = centeredOf([scaledBy(X1, 1e9), scaledBy(X2, 1e-7)])
    const [A, B] = [balanced(factor, 3), balanced(scaled, 3)]
    expect(maxDifference(strength(scaled, B), strength(factor, A))).toBeLessThan(1e-11)
    const back = beside(scaledBy(columnRange(B, 0, 5), 1e9), scaledBy(columnRange(B, 5, 11), 1e-7))
    for (let j = 0; j < 3; j++) {
      const row = (M: Matrix) => new Matrix(1, 11, M.row(j))
      expect(subspaceDistance(row(A), row(back))).toBeLessThan(1e-11)
    }
  })

  it('leaves out a modality without variance, and maps nothing where none has any', () => {
    const [X1, X2] = sharedLatents(40, [3, 3], 2, 0.1, 27)
    const constant = new Matrix(40, 2, new Float64Array(80).fill(-7))
    const A = balanced(centeredOf([X1, constant, X2]), 2)
    expect(columnRange(A, 3, 5).data.every((x) => x === 0)).toBe(true)
    expect(A.data.every(Number.isFinite)).toBe(true)
    const nothing = centeredOf([constant, constant])
    expect(balanced(nothing, 2).data).toEqual(new Float64Array(8))
    expect(strength(nothing, balanced(nothing, 2))).toEqual(new Float64Array(2))
  })

  it('has orthogonal rows in the metric of the denominator', () => {
    const factor = centeredOf(sharedLatents(30, [4, 5], 3, 0.3, 28))
    const A = balanced(factor, 5)
    const loss = times(stackRows(run(helmertSteps(factor))), A.transpose())
    const penalty = scaleColumns(
      A,
      perColumn(factor.widths, run(shrinkageScaleSteps(Engine.shared(), factor))),
    ).transpose()
    const rows = stackRows([loss, penalty])
    const metric = times(rows.transpose(), rows)
    expect(maxDifference(minus(metric, Matrix.identity(5)).data, new Float64Array(25))).toBeLessThan(1e-12)
  })
})

describe('unrelatedStrength', () => {
  it.each([2, 3, 4])('is what unrelated latents of %i modalities have', (M) => {
    const modalities = Array.from({ length: M }, (_, m) => gaussian(20_000, 2, 31 + m))
    const factor = centeredOf(modalities)
    const roots = tinyRoots(factor, 1e-9)
    const mu = strength(factor, balanced(factor, 2, roots), roots)
    expect(mu[1] / unrelatedStrength(M)).toBeGreaterThan(1)
    expect(mu[0] / unrelatedStrength(M)).toBeLessThan(1.1)
    // With the shrinkage that the data asks for, it is not reached.
    expect(strength(factor, balanced(factor, 2))[0]).toBeLessThan(unrelatedStrength(M))
  })
})
