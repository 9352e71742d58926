import { describe, expect, test } from 'vitest'
import { NotPositiveDefiniteError } from '../../src/errors.js'
import { cholesky } from '../../src/linalg/cholesky.js'
import { gram } from '../../src/linalg/gram.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_LEAF, LU_PANEL } from '../support/constants.js'
import { scaleBoth } from '../support/constructed.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { positiveDefinite } from '../support/factors.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { productRatio } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const EPS = Number.EPSILON

function failure(A: Matrix): NotPositiveDefiniteError {
  try {
    cholesky(A)
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return error
    throw error
  }
  throw new Error('no error')
}

onEveryBinary(() => {
  describe('cholesky', () => {
    test('A = L L^T at orders around leaf and panel', () => {
      for (const n of [0, 1, 2, 3, ...around(LU_LEAF, LU_PANEL), 2 * LU_PANEL + 5]) {
        const A = positiveDefinite(gaussian(n, n, n))
        const L = cholesky(A)
        expectSame(oracle.triangle(L, false).data, L.data, 'L is lower')
        for (let i = 0; i < n; i++) expect(L.get(i, i)).toBeGreaterThan(0)
        expect(productRatio(A, L, L.transpose()), `order ${n}`).toBeLessThanOrEqual(10)
      }
    })

    test('scaled by any powers of two the factor is the same to the last bit', () => {
      const n = 20
      const A = positiveDefinite(gaussian(n, n, 1))
      const L = cholesky(A)
      for (const range of [20, 250, 490]) {
        const d = Float64Array.from({ length: n }, (_, i) => 2 ** Math.round(range * Math.sin(3 * i)))
        const scaled = cholesky(scaleBoth(d, A, d))
        expectSame(scaled.data, scaleBoth(d, L, new Float64Array(n).fill(1)).data, `2^${range}`)
      }
    })

    test('a matrix that is not positive definite is an error with the leading minor', () => {
      for (const order of [1, 2, LU_LEAF + 1, LU_PANEL + 1]) {
        for (const value of [-1, 0]) {
          const A = Matrix.identity(LU_PANEL + 5)
          A.set(order - 1, order - 1, value)
          const error = failure(A)
          expect(error.leadingMinor).toBe(order)
          expect(error.message).toContain(`leading minor of order ${order}`)
        }
      }
      expect(failure(new Matrix(2, 2, [1, 1e300, 1e300, -1])).leadingMinor).toBe(2)
      expect(failure(new Matrix(2, 2, [1, 2, 2, 1])).leadingMinor).toBe(2)
    })

    test('symmetry is checked to rounding, and the worst pair is named', () => {
      const A = positiveDefinite(gaussian(5, 5, 2))
      A.set(3, 1, A.get(3, 1) + 1e-14)
      expect(cholesky(A).rows).toBe(5)
      A.set(3, 1, A.get(3, 1) + 1e-6)
      A.set(4, 0, A.get(4, 0) + 1e-3)
      expect(() => cholesky(A)).toThrow(/entry \(4, 0\) is .* and entry \(0, 4\) is/)
      const single = new Matrix(2, 2, Float32Array.of(2, 0.3, 0.30000001, 2))
      expect(cholesky(single).rows).toBe(2)
      expect(() => cholesky(new Matrix(2, 3))).toThrow(/square/)
    })
  })

  describe('gram', () => {
    test('A^T A, symmetric to the last bit', () => {
      for (const [m, n] of [
        ...SMALL,
        ...STRADDLING.slice(0, 12),
        [3, 2 * LU_PANEL + 1],
        [LU_PANEL, LU_PANEL],
      ] as const) {
        const A = gaussian(m, n, m + n)
        const G = gram(A)
        expectSame(G.transpose().data, G.data, `${m} x ${n}`)
        const bound = oracle.absoluteProduct(A.transpose(), A).data.map((x) => 2 * m * EPS * x)
        expectWithin(G.data, oracle.product(A.transpose(), A).data, bound, `${m} x ${n}`)
      }
    })

    test.each(MATRIX_TYPES.filter((type) => !type.startsWith('near')))(
      'has a Cholesky factor once shifted: %s',
      (type) => {
        const G = gram(matrixOfType(type, 30, 20, 1))
        const shift = 1e-10 * (1 + oracle.amax(G.data))
        for (let i = 0; i < 20; i++) G.set(i, i, G.get(i, i) + shift)
        const L = cholesky(G)
        expect(productRatio(G, L, L.transpose())).toBeLessThanOrEqual(10)
      },
    )
  })
})
