import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_LEAF, LU_PANEL, MC } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { positiveDefinite } from '../support/factors.js'
import { AWKWARD, finish, potrf, type CholeskyFactor } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { productRatio } from '../support/ratios.js'

/** Factors the lower triangle; above it stands NaN, which must not be read. */
function factor(A: Matrix, layout = AWKWARD): CholeskyFactor {
  const lower = new Matrix(A.rows, A.cols, Float64Array.from(A.data))
  for (let i = 0; i < A.rows; i++) for (let j = i + 1; j < A.cols; j++) lower.set(i, j, NaN)
  const memory = new KernelMemory()
  return finish(memory, potrf(memory, lower, layout))
}

const ORDERS = [0, 1, 2, 3, ...around(LU_LEAF, LU_PANEL, MC, 2 * LU_PANEL), 3 * LU_PANEL + 1]

onEveryBinary(() => {
  test.each(ORDERS)('A = L L^T at order %i', (n) => {
    const A = positiveDefinite(gaussian(n, n, n))
    for (const layout of [AWKWARD, { gap: 0, offset: 0 }]) {
      const { factored, failed } = factor(A, layout)
      const L = oracle.triangle(factored, false)
      expect(failed).toBe(0)
      expect(productRatio(A, L, L.transpose())).toBeLessThanOrEqual(10)
    }
  })

  test('a factor of whole numbers comes out exactly', () => {
    const n = LU_PANEL + LU_LEAF + 3
    const L = oracle.triangle(new Matrix(n, n, gaussian(n, n, 2).data.map(Math.round)), false)
    for (let i = 0; i < n; i++) L.set(i, i, 2 ** (i % 3))
    const { factored } = factor(oracle.product(L, L.transpose()))
    expectSame(oracle.triangle(factored, false).data, L.data, 'L')
  })

  test('the leading minor that is not positive', () => {
    const n = LU_PANEL + 20
    for (const order of [1, 2, LU_LEAF, LU_LEAF + 1, LU_PANEL, LU_PANEL + 1, n]) {
      for (const value of [-1, 0, NaN]) {
        const A = Matrix.identity(n)
        A.set(order - 1, order - 1, value)
        expect(factor(A).failed, `${value} at ${order}`).toBe(order)
      }
    }
  })
})
