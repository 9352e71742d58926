import { describe, expect, test } from 'vitest'
import { cond, rcond, rcondAsync } from '../../src/linalg/condition.js'
import { det, slogdet } from '../../src/linalg/determinant.js'
import { inv } from '../../src/linalg/solve.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_PANEL } from '../support/constants.js'
import { hadamard, integerRotation, scaleBoth, ones, withSingularValues } from '../support/constructed.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

/** Laplace expansion along the first row: the definition. */
function expansion(A: readonly (readonly number[])[]): number {
  if (A.length === 0) return 1
  return A[0].reduce((sum, x, j) => {
    const minor = A.slice(1).map((row) => row.filter((_, q) => q !== j))
    return sum + (j % 2 === 0 ? x : -x) * expansion(minor)
  }, 0)
}

onEveryBinary(() => {
  describe('det and slogdet', () => {
    test('the definition, up to order 6', () => {
      for (let n = 0; n <= 6; n++) {
        for (let seed = 0; seed < 5; seed++) {
          const A = new Matrix(
            n,
            n,
            gaussian(n, n, seed).data.map((x) => Math.round(3 * x)),
          )
          const exact = expansion(A.toArray())
          const size = Math.max(1, oracle.nrm2(A.data)) ** n
          expect(Math.abs(det(A) - exact), `order ${n}`).toBeLessThanOrEqual(10 * n * EPS * size)
        }
      }
    })

    test('known values: Hadamard, rotations, a permutation, a diagonal', () => {
      expect(det(hadamard(3)) / 4096).toBeCloseTo(1, 13)
      expect(slogdet(integerRotation(6)).logAbsDet).toBeCloseTo(64 * 6 * Math.log(5), 9)
      expect(det([[0, 1, 0], [0, 0, 1], [1, 0, 0]])).toBe(1) // prettier-ignore
      expect(det([[0, 1], [1, 0]])).toBe(-1) // prettier-ignore
      expect(det([[3, 0], [0, -5]])).toBe(-15) // prettier-ignore
      expect(det([[1, 2], [2, 4]])).toBe(0) // prettier-ignore
      expect(slogdet(new Matrix(3, 3))).toEqual({ sign: 0, logAbsDet: -Infinity })
      expect([det(new Matrix(0, 0)), slogdet(new Matrix(0, 0))]).toEqual([1, { sign: 1, logAbsDet: 0 }])
    })

    test('nothing over- or underflows on the way', () => {
      const n = 300
      const D = scaleBoth(ones(n), Matrix.identity(n), Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1e300 : 1e-300))) // prettier-ignore
      expect(det(D)).toBeCloseTo(1, 10)
      const large = scaleBoth(ones(n), Matrix.identity(n), ones(n).fill(-1e300))
      expect([det(large), slogdet(large).sign]).toEqual([Infinity, 1])
      expect(slogdet(large).logAbsDet / (300 * 300 * Math.LN10)).toBeCloseTo(1, 12)
      expect(det([[1e-200, 0], [0, 1e-200]])).toBe(0) // prettier-ignore
      expect(slogdet([[1e-200, 0], [0, 1e-200]]).logAbsDet).toBeCloseTo(-400 * Math.LN10, 9) // prettier-ignore
      expect(det([[5e-324]])).toBe(5e-324)
    })

    test('the product of the singular values, and one over the inverse', () => {
      for (const n of [1, 2, 20, ...around(LU_PANEL)]) {
        const A = gaussian(n, n, n)
        const sum = svdvals(A).reduce((total, sigma) => total + Math.log(sigma), 0)
        expect(Math.abs(slogdet(A).logAbsDet - sum)).toBeLessThan(10 * n * n * EPS * cond(A))
        expect(Math.abs(slogdet(A).logAbsDet + slogdet(inv(A)).logAbsDet)).toBeLessThan(10 * n * n * EPS * cond(A))
        expect(slogdet(inv(A)).sign).toBe(slogdet(A).sign)
        expect(slogdet(A.transpose()).sign).toBe(slogdet(A).sign)
      }
    })

    test('refuse what is not square', () => {
      expect(() => det(new Matrix(2, 3))).toThrow(/det needs a square matrix, got 2 x 3/)
      expect(() => slogdet([[NaN]])).toThrow(RangeError)
    })
  })

  describe('cond', () => {
    test('2: the ratio of the singular values, for any shape', () => {
      for (const smallest of [1, 1e-3, 1e-9]) {
        const A = withSingularValues(20, 12, [...ones(11), smallest], 1)
        expect(Math.abs((cond(A) * smallest) - 1)).toBeLessThan(100 * EPS / smallest) // prettier-ignore
        expect(Math.abs(cond(A.transpose()) / cond(A) - 1)).toBeLessThan((100 * EPS) / smallest)
      }
      expect(cond(hadamard(4))).toBeCloseTo(1, 13)
      expect(cond([[1e-200, 0], [0, 1e100]])).toBeCloseTo(1e300, -287) // prettier-ignore
    })

    test('1, inf and fro: norms of A and its inverse', async () => {
      const A = [[1, 2], [3, 4]] // prettier-ignore
      expect(cond(A, 1)).toBeCloseTo(21, 12)
      expect(cond(A, 'inf')).toBeCloseTo(21, 12)
      expect(cond(A, Infinity)).toBe(cond(A, 'inf'))
      expect(rcond(A)).toBe(1 / cond(A, 1))
      expect(await rcondAsync(A)).toBe(rcond(A))
      expect(cond(A, 'fro')).toBeCloseTo(15, 12)
      for (const kind of [1, 'inf', 'fro'] as const) {
        const B = gaussian(30, 30, 2)
        expect(cond(B, kind)).toBeGreaterThan(cond(B) * 0.1)
        expect(cond(B, kind)).toBeLessThan(cond(B) * 31)
        expect(cond(withSingularValues(6, 6, [1, 1, 1, 1, 1, 1e-15], 1), kind)).toBeGreaterThan(1e14)
        expect(() => cond(new Matrix(2, 3, ones(6)), kind)).toThrow(/square/)
      }
    })

    test('Infinity for a singular matrix, in every norm; an error for an empty one', () => {
      for (const kind of [1, 2, 'inf', 'fro'] as const) {
        expect(cond([[1, 0], [0, 0]], kind)).toBe(Infinity) // prettier-ignore
        expect(() => cond(new Matrix(0, 0), kind)).toThrow(RangeError)
      }
      expect(rcond([[1, 0], [0, 0]])).toBe(0) // prettier-ignore
      expect(() => rcond([[1, 2]])).toThrow(/square/)
      expect(() => cond([[1]], 'nuc' as never)).toThrow(RangeError)
    })

    test.each(MATRIX_TYPES)('does not change with a power of two: %s', (type) => {
      const A = matrixOfType(type, 9, 9, 3)
      const half = new Matrix(
        9,
        9,
        Float64Array.from(A.data, (x) => x * 0.5),
      )
      if (type !== 'near underflow') for (const kind of [1, 2, 'fro'] as const) expect(cond(half, kind)).toBe(cond(A, kind)) // prettier-ignore
      expect(cond(A)).toBeGreaterThanOrEqual(1)
    })
  })
})
