import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { norm } from '../../src/linalg/norm.js'
import { polar } from '../../src/linalg/polar.js'
import { orthogonalProcrustes } from '../../src/linalg/procrustes.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { orthonormal } from '../support/constructed.js'
import { expectSame } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { orthogonalityRatio, productRatio } from '../support/ratios.js'
import { SMALL } from '../support/shapes.js'
import { relativeDistance } from '../support/systems.js'

const BOUND = 10
const RUNS = { numRuns: 8, seed: 20256 }

function check(A: Matrix, what: string): void {
  for (const side of ['right', 'left'] as const) {
    const { U, P } = polar(A, { side })
    const order = side === 'right' ? A.cols : A.rows
    expect([U.rows, U.cols, P.rows, P.cols], what).toEqual([A.rows, A.cols, order, order])
    expect(orthogonalityRatio(A.rows >= A.cols ? U : U.transpose()), `U, ${what}`).toBeLessThanOrEqual(BOUND)
    expectSame(P.transpose().data, P.data, `P is symmetric, ${what}`)
    const [left, right] = side === 'right' ? [U, P] : [P, U]
    expect(productRatio(A, left, right), `A, ${what}`).toBeLessThanOrEqual(BOUND)
  }
}

onEveryBinary(() => {
  describe('polar', () => {
    test.each(MATRIX_TYPES)('%s', (type) => {
      for (const [m, n] of SMALL) check(matrixOfType(type, m, n, 2), `${m} x ${n}`)
      fc.assert(
        fc.property(fc.nat(30), fc.nat(30), fc.nat(1e6), (m, n, seed) => {
          check(matrixOfType(type, m, n, seed), `${m} x ${n}, seed ${seed}`)
        }),
        RUNS,
      )
    })

    test('an orthogonal matrix is its own factor, and P has the singular values of A', () => {
      const Q = orthonormal(12, 12, 1)
      expect(relativeDistance(Q, polar(Q).U)).toBeLessThan(1e-14)
      expect(relativeDistance(Matrix.identity(12), polar(Q).P)).toBeLessThan(1e-14)
      const A = gaussian(14, 9, 2)
      const [sigma, ofP] = [svdvals(A), svdvals(polar(A).P)]
      sigma.forEach((x, i) => {
        expect(Math.abs(ofP[i] - x)).toBeLessThan(1e-13 * sigma[0])
      })
      expect(() => polar(A, { side: 'up' as never })).toThrow(/'right', 'left'/)
    })
  })

  describe('orthogonalProcrustes', () => {
    test('finds the rotation or reflection that there is, at any scale', () => {
      for (const n of [1, 2, 5, 20]) {
        const [A, Q] = [gaussian(3 * n, n, n), orthonormal(n, n, n + 1)]
        for (const factor of [1, 1e300, 1e-300]) {
          const B = new Matrix(
            3 * n,
            n,
            Float64Array.from(oracle.product(A, Q).data, (x) => x * factor),
          )
          const { R, scale } = orthogonalProcrustes(A, B)
          expect(relativeDistance(Q, R)).toBeLessThan(1e-12)
          expect(scale / factor / norm(A) ** 2).toBeCloseTo(1, 12)
        }
      }
    })

    test('no other orthogonal matrix comes nearer, rank-deficient data included', () => {
      for (const type of MATRIX_TYPES.filter((t) => !t.startsWith('near'))) {
        const [A, B] = [matrixOfType(type, 15, 6, 1), gaussian(15, 6, 2)]
        const { R, scale } = orthogonalProcrustes(A, B)
        expect(orthogonalityRatio(R), type).toBeLessThanOrEqual(BOUND)
        const distance = (Q: Matrix) => oracle.nrm2(oracle.axpy(-1, B.data, oracle.product(A, Q).data))
        const best = distance(R)
        expect(Math.abs(best ** 2 - (norm(A) ** 2 + norm(B) ** 2 - 2 * scale))).toBeLessThan(1e-12 * (norm(A) + norm(B)) ** 2) // prettier-ignore
        for (let seed = 0; seed < 10; seed++) expect(distance(orthonormal(6, 6, seed))).toBeGreaterThan(best - 1e-12)
      }
    })

    test('empty data, and shapes that differ', () => {
      expect(orthogonalProcrustes(new Matrix(0, 0), new Matrix(0, 0))).toEqual({ R: new Matrix(0, 0), scale: 0 })
      const { R } = orthogonalProcrustes(new Matrix(0, 3), new Matrix(0, 3))
      expect(orthogonalityRatio(R)).toBeLessThanOrEqual(BOUND)
      expect(() => orthogonalProcrustes(new Matrix(4, 2), new Matrix(4, 3))).toThrow(/4 x 2 and 4 x 3/)
    })
  })
})
