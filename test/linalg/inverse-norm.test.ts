import { expect, test } from 'vitest'
import { inverseNormSteps } from '../../src/linalg/inverse-norm.js'
import { lu, type LU } from '../../src/linalg/index.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { allocateColumns, writeTransposedSteps } from '../../src/runtime/marshal.js'
import { run } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { kahan } from '../support/constructed.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

type Factors = Pick<LU, 'L' | 'U'>

/** U on and above the diagonal, the multipliers below, as the elimination leaves them. */
function estimate({ L, U }: Factors): number {
  const n = U.rows
  const factored = new Matrix(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) factored.set(i, j, (j < i ? L : U).get(i, j))
  const engine = Engine.shared()
  return engine.scope(() => {
    const a = allocateColumns(engine, n, n)
    const vector = engine.allocateDoubles(n)
    run(writeTransposedSteps(engine, factored.transpose(), a))
    return run(inverseNormSteps(engine, a, vector))
  })
}

/** norm(A^-1) in the 1-norm, from the inverse that substitution gives; row exchanges do not change it. */
function inverseNorm({ L, U }: Factors): number {
  const Y = oracle.triangularSolve(false, L, Matrix.identity(L.rows))
  const columns = oracle.triangularSolve(true, U, Y).transpose()
  return Math.max(
    ...Array.from({ length: L.rows }, (_, j) => Array.from(columns.row(j)).reduce((sum, x) => sum + Math.abs(x), 0)),
  )
}

onEveryBinary(() => {
  test('never above the norm of the inverse, seldom far below', () => {
    const ratios: number[] = []
    for (let seed = 0; seed < 60; seed++) {
      const n = 1 + (seed % 23)
      const factors = lu(gaussian(n, n, seed))
      const ratio = estimate(factors) / inverseNorm(factors)
      expect(ratio, `order ${n}, seed ${seed}`).toBeLessThanOrEqual(1 + 1e-9)
      // Higham 1988 saw no estimate below a tenth in his experiments.
      expect(ratio, `order ${n}, seed ${seed}`).toBeGreaterThan(0.1)
      ratios.push(ratio)
    }
    expect(ratios.filter((ratio) => ratio > 0.9).length).toBeGreaterThan(45)
  })

  test("Kahan's matrix, which hides its condition, and a diagonal", () => {
    for (const U of [kahan(40, 0.3), kahan(65, 0.1), oracle.triangle(kahan(1, 0.5), true)]) {
      const factors = { L: Matrix.identity(U.rows), U }
      const ratio = estimate(factors) / inverseNorm(factors)
      expect(ratio).toBeGreaterThan(0.3)
      expect(ratio).toBeLessThanOrEqual(1 + 1e-9)
    }
    const D = Matrix.identity(7)
    D.set(4, 4, 2 ** -30)
    expect(estimate({ L: Matrix.identity(7), U: D })).toBe(2 ** 30)
  })

  test('nothing for an empty matrix, and no number that could pass where the solves overflow', () => {
    expect(estimate({ L: new Matrix(0, 0), U: new Matrix(0, 0) })).toBe(0)
    const tiny = Matrix.identity(3)
    for (let i = 0; i < 3; i++) tiny.set(i, i, 5e-324)
    expect(estimate({ L: Matrix.identity(3), U: tiny })).not.toBeLessThan(Infinity)
  })
})
