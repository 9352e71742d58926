import fc from 'fast-check'
import { expect, test } from 'vitest'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { onEveryBinary } from '../support/binaries.js'
import { ones, scaleBoth } from '../support/constructed.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

/** What rounding may do to singular values: a multiple of eps times the largest. */
function absoluteBound(S: Float64Array, size: number): Float64Array {
  return S.map(() => 10 * size * EPS * S[0] + 2 ** -1073)
}
const DIMENSION = fc.nat(40)
const SEED = fc.nat(1_000_000)
const RUNS = { numRuns: 8, seed: 20250 }

onEveryBinary(() => {
  test('the transpose of a matrix that is not square swaps U and V, to the last bit', () => {
    fc.assert(
      fc.property(DIMENSION, DIMENSION, SEED, fc.constantFrom(...MATRIX_TYPES), (m, n, seed, type) => {
        fc.pre(m !== n)
        const A = matrixOfType(type, m, n, seed)
        const [a, t] = [svd(A), svd(A.transpose())]
        expect(t.S).toEqual(a.S)
        expect(t.U).toEqual(a.V)
        expect(t.V).toEqual(a.U)
      }),
      { ...RUNS, numRuns: 30 },
    )
  })

  test('the transpose of a square matrix has the same singular values', () => {
    for (const type of MATRIX_TYPES) {
      const A = matrixOfType(type, 33, 33, 5)
      const S = svdvals(A)
      expectWithin(svdvals(A.transpose()), S, absoluteBound(S, 33), type)
    }
  })

  test('a power of two scales singular values and nothing else', () => {
    for (const e of [-600, -100, -21, -3, 1, 20, 200, 600]) {
      const A = gaussian(40, 23, 1)
      const [a, b] = [svd(A), svd(scaleBoth(ones(40), A, ones(23).fill(2 ** e)))]
      expectSame(b.S, a.S.map((s) => s * 2 ** e), `2^${e}`) // prettier-ignore
      expect(b.U).toEqual(a.U)
      expect(b.V).toEqual(a.V)
      expect(b.rank).toBe(a.rank)
    }
  })

  test('signs of rows and columns do not change singular values', () => {
    const A = gaussian(30, 20, 1)
    const signs = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -1 : 1))
    const S = svdvals(A)
    expectWithin(svdvals(scaleBoth(signs(30), A, signs(20))), S, absoluteBound(S, 30), 'signs')
  })

  test('the sum of squares is the square of the Frobenius norm', () => {
    fc.assert(
      fc.property(DIMENSION, DIMENSION, SEED, (m, n, seed) => {
        const A = gaussian(m, n, seed)
        const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, y) => sum + y * y, 0)
        const total = squares(A.data)
        expect(Math.abs(squares(svdvals(A)) - total)).toBeLessThanOrEqual(10 * Math.max(m, n) * EPS * total)
      }),
      RUNS,
    )
  })
})
