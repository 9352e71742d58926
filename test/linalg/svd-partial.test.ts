import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { svd } from '../../src/linalg/svd.js'
import { svdPartial, type SvdPart } from '../../src/linalg/svd-partial.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { withSingularValues } from '../support/constructed.js'
import { expectWithin } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'

const BOUND = 10
const EPS = Number.EPSILON
const ENDS: readonly SvdPart[] = ['largest', 'smallest']
const RUNS = { numRuns: 6, seed: 20252 }

/** Singular values at an end of the spectrum, orthonormal vectors, and A V = U diag(S) and its mirror image to rounding. */
function check(A: Matrix, k: number, which: SvdPart, what: string): void {
  const size = Math.max(A.rows, A.cols)
  const r = Math.min(A.rows, A.cols)
  const { U, S, V } = svdPartial(A, k, { which })
  expect([U.rows, U.cols, S.length, V.rows, V.cols], what).toEqual([A.rows, k, k, A.cols, k])
  const all = svd(A, { vectors: 'none' }).S
  const expected = which === 'largest' ? all.slice(0, k) : all.slice(r - k)
  expectWithin(S, expected, expected.map(() => BOUND * size * EPS * all[0] + 2 ** -1072), `S, ${what}`) // prettier-ignore
  expect(
    S.every((sigma, i) => sigma >= 0 && (i === 0 || sigma <= S[i - 1])),
    what,
  ).toBe(true)
  expect(orthogonalityRatio(U), `U, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(orthogonalityRatio(V), `V, ${what}`).toBeLessThanOrEqual(BOUND)
  if (all.length === 0 || all[0] === 0 || k === 0) return
  // In units of the largest singular value nothing over- or underflows.
  const unit = new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x) => x / all[0]),
  )
  for (const [M, X, Y] of [[unit, V, U], [unit.transpose(), U, V]] as const) {
    const residual = oracle.product(M, X).data.map((x, at) => x - Y.data[at] * (S[at % k] / all[0]))
    // Quotients of subnormal numbers keep fewer digits.
    expect(oracle.nrm2(residual), `triplets, ${what}`).toBeLessThanOrEqual(BOUND * size * EPS * Math.sqrt(r))
  } // prettier-ignore
}

onEveryBinary(() => {
  describe.each(MATRIX_TYPES)('%s', (type) => {
    test('any shape, either end', () => {
      fc.assert(
        fc.property(fc.nat(30), fc.nat(70), fc.boolean(), fc.nat(9999), (short, more, wide, seed) => {
          const A = matrixOfType(type, short + more, short, seed)
          for (const which of ENDS) {
            check(wide ? A.transpose() : A, seed % (short + 1), which, `${short + more} x ${short} ${which} ${seed}`)
          }
        }),
        RUNS,
      )
    })
  })

  test('all of them rebuild A', () => {
    for (const [m, n] of [[70, 33], [33, 33], [33, 70], [40, 30]]) {
      const A = gaussian(m, n, 1)
      for (const which of ENDS) {
        const { U, S, V } = svdPartial(A, Math.min(m, n), { which })
        expect(factorisationRatio(A, U, S, V), `${m} x ${n}`).toBeLessThanOrEqual(BOUND)
      }
    }
  }) // prettier-ignore

  test('the smallest span the null space, though k cuts it', () => {
    const sigma = Float64Array.from({ length: 20 }, (_, i) => (i < 8 ? 1 : 0))
    const A = withSingularValues(90, 20, sigma, 4)
    for (const k of [1, 5, 12]) {
      const { S, V } = svdPartial(A, k, { which: 'smallest' })
      expect(Math.max(...S)).toBeLessThan(BOUND * 90 * EPS)
      expect(oracle.nrm2(oracle.product(A, V).data)).toBeLessThan(BOUND * 90 * EPS)
    }
  })

  test('small singular values keep their relative accuracy where rows or columns are scaled, in any order', () => {
    const G = gaussian(80, 20, 7)
    const shuffled = (i: number, size: number) => 2 ** (-3 * ((37 * i) % size))
    const cases = [
      ['rows', G.data.map((x, at) => x * shuffled(Math.floor(at / 20), 80))],
      ['columns', G.data.map((x, at) => x * shuffled(at % 20, 20))],
    ] as const
    for (const [what, data] of cases) {
      const A = new Matrix(80, 20, data)
      const expected = svd(A).S.slice(14)
      expect(expected[5] / svd(A).S[0], 'beyond what an absolute error would leave').toBeLessThan(1e-15)
      const bound = expected.map((x) => 1e-12 * x)
      for (const M of [A, A.transpose()]) expectWithin(svdPartial(M, 6, { which: 'smallest' }).S, expected, bound, what)
    }
  })

  test('the long side costs m (n + k + 40) doubles', () => {
    const [m, n, k] = [6000, 60, 4]
    const A = gaussian(m, n, 1)
    Engine.use(Engine.shared().binary)
    const before = Engine.shared().memoryBytes
    svdPartial(A, k)
    expect(Engine.shared().memoryBytes - before).toBeLessThan(8 * (m * (n + k + 40) + 6 * n * n))
  })

  test('refuses what is no count, and which it does not know; leaves its input alone', () => {
    const A = gaussian(30, 5, 1)
    const before = A.data.slice()
    for (const k of [-1, 6, 1.5, NaN]) expect(() => svdPartial(A, k)).toThrow(/k must be an integer from 0 to 5/)
    expect(() => svdPartial(A, '2' as never)).toThrow(TypeError)
    expect(() => svdPartial(A, 2, { which: 'middle' as never })).toThrow(/'largest', 'smallest'/)
    expect(svdPartial(A, 2)).toEqual(svdPartial(A, 2, { which: 'largest' }))
    expect(A.data).toEqual(before)
  })
})
