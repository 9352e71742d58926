import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { qr, type QR, type QrMode } from '../../src/linalg/qr.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { kahan, withSingularValues } from '../support/constructed.js'
import { KC, PANEL } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { permuteColumns, pivotExcess } from '../support/factors.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { gramRatio, orthogonalityRatio, productRatio } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const BOUND = 10
const DIMENSION = fc.nat(40)
const SEED = fc.nat(1_000_000)
const RUNS = { numRuns: 8, seed: 20251 }
const MODES: readonly QrMode[] = ['thin', 'full', 'r']

function checkQ(A: Matrix, { Q, R }: QR<QrMode, boolean>, mode: QrMode, what: string): void {
  const { rows: m, cols: n } = A
  if (Q === undefined) {
    expect(mode, what).toBe('r')
    return
  }
  expect([Q.rows, Q.cols], `shape of Q, ${what}`).toEqual([m, mode === 'full' ? m : Math.min(m, n)])
  expect(orthogonalityRatio(Q), `orthogonality, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(productRatio(A, Q, R), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
}

/** All that holds for any matrix in one mode, with or without pivoting. */
function check(A: Matrix, mode: QrMode, pivoting: boolean, what: string): void {
  const { rows: m, cols: n } = A
  const factors = qr(A, { mode, pivoting })
  const { R, pivots } = factors
  const name = `${what}, ${mode}${pivoting ? ' with pivoting' : ''}`
  expect([R.rows, R.cols], `shape of R, ${name}`).toEqual([mode === 'full' ? m : Math.min(m, n), n])
  expectSame(oracle.triangle(R, true).data, R.data, `zeros below the diagonal, ${name}`)
  expect(pivots === undefined, `pivots, ${name}`).toBe(!pivoting)
  const permuted = pivots === undefined ? A : permuteColumns(A, pivots)
  expect(gramRatio(permuted, R), `R^T R, ${name}`).toBeLessThanOrEqual(BOUND)
  checkQ(permuted, factors, mode, name)
  if (pivoting) expect(pivotExcess(R), `diagonal, ${name}`).toBeLessThanOrEqual(1 + 1e-7)
}

function checkAll(A: Matrix, what: string, modes = MODES): void {
  for (const mode of modes) for (const pivoting of [false, true]) check(A, mode, pivoting, what)
}

onEveryBinary(() => {
  describe.each(MATRIX_TYPES)('%s', (type) => {
    test('any shape, in every mode', () => {
      fc.assert(
        fc.property(DIMENSION, DIMENSION, SEED, (m, n, seed) => {
          checkAll(matrixOfType(type, m, n, seed), `${m} x ${n}, seed ${seed}`)
        }),
        RUNS,
      )
    })

    test('empty, one row, one column', () => {
      for (const [m, n] of SMALL) checkAll(matrixOfType(type, m, n, 1), `${m} x ${n}`)
    })
  })

  test.each(STRADDLING.map(([m, n], i) => ({ m, n, i })))('$m x $n', ({ m, n, i }) => {
    const type = MATRIX_TYPES[i % MATRIX_TYPES.length]
    checkAll(matrixOfType(type, m, n, i), `${m} x ${n} ${type}`, ['thin', 'r'])
  })

  test.each([
    [PANEL + 1, 3],
    [KC + 1, 5],
    [3, KC + 1],
    [2 * PANEL, 2 * PANEL + 1],
  ])('full, %i x %i', (m, n) => {
    checkAll(gaussian(m, n, m), `${m} x ${n}`, ['full'])
  })

  describe('R alone', () => {
    test.each(MATRIX_TYPES)(
      'of a tall matrix comes by streaming, and is the R of the thin factorisation: %s',
      (type) => {
        for (const [m, n] of [
          [2 * PANEL, PANEL],
          [KC, 17],
          [KC + 1, PANEL + 1],
          [2 * KC + 1, 3],
        ]) {
          const A = matrixOfType(type, m, n, n)
          check(A, 'r', false, `${m} x ${n}`)
          expect(gramRatio(qr(A).R, qr(A, { mode: 'r' }).R)).toBeLessThanOrEqual((BOUND * m) / n)
        }
      },
    )

    test('equals the R of the thin factorisation up to the signs of its rows', () => {
      for (const [m, n] of [
        [100, 40],
        [600, 40],
        [79, 40],
      ]) {
        const A = gaussian(m, n, 3)
        const [streamed, thin] = [qr(A, { mode: 'r' }).R, qr(A).R]
        for (let i = 0; i < n; i++) {
          const sign = Math.sign(streamed.get(i, i) * thin.get(i, i))
          for (let j = i; j < n; j++) {
            expect(Math.abs(streamed.get(i, j) - sign * thin.get(i, j))).toBeLessThan(1e-12 * Math.sqrt(m))
          }
        }
      }
    })
  })

  describe('pivoting', () => {
    test('finds the rank of a matrix whose rank is plain to see', () => {
      const A = withSingularValues(40, 30, [5, 4, 3, 2, 1], 1)
      const { R } = qr(A, { pivoting: true })
      expect(Math.abs(R.get(4, 4))).toBeGreaterThan(0.1)
      expect(Math.abs(R.get(5, 5))).toBeLessThan(1e-13)
    })

    test("leaves Kahan's matrix in its order", () => {
      const { pivots, R } = qr(kahan(60, 0.3), { pivoting: true })
      expect(Array.from(pivots)).toEqual(Array.from({ length: 60 }, (_, j) => j))
      expect(Math.abs(R.get(59, 59))).toBeGreaterThan(0.01)
    })

    test('gives exact zeros beyond columns that are exactly zero', () => {
      const A = matrixOfType('zero rows and columns', 20, 16, 1)
      const { R, pivots } = qr(A, { pivoting: true })
      expect(Array.from(pivots).slice(12).sort((a, b) => a - b)).toEqual([2, 6, 10, 14]) // prettier-ignore
      for (let i = 0; i < 16; i++) for (let j = 12; j < 16; j++) expect(R.get(i, j)).toBe(0)
    })
  })

  describe('as a function', () => {
    const A = gaussian(70, 33, 9)
    const OPTIONS = MODES.flatMap((mode) => [true, false].map((pivoting) => ({ mode, pivoting })))

    test('gives the same bits for the same input, and keeps them', () => {
      for (const options of OPTIONS) {
        const first = qr(A, options)
        const copy = structuredClone(first.R.data)
        qr(gaussian(90, 80, 1), { pivoting: true })
        expect(qr(A, options)).toEqual(first)
        expect(first.R.data).toEqual(copy)
        for (const M of [first.Q, first.R]) expect(M?.data.buffer).not.toBe(Engine.shared().memory.buffer)
      }
    })

    test('does not change its input', () => {
      const before = A.data.slice()
      for (const options of OPTIONS) qr(A, options)
      expect(A.data).toEqual(before)
    })

    test('takes float32 as the numbers it holds', () => {
      const single = Float32Array.from(A.data)
      for (const options of OPTIONS) {
        const double = new Matrix(70, 33, Float64Array.from(single))
        expect(qr(new Matrix(70, 33, single), options)).toEqual(qr(double, options))
      }
    })
  })
})

test.each([
  ['near overflow', 2 ** 1020],
  ['near underflow', 2 ** -1000],
])('entries %s are factored at another scale', (_what, scale) => {
  const A = new Matrix(12, 7, gaussian(12, 7, 5).data.map((x) => x * scale)) // prettier-ignore
  const { Q, R } = qr(A)
  expect(orthogonalityRatio(Q)).toBeLessThanOrEqual(10)
  expect(productRatio(A, Q, R)).toBeLessThanOrEqual(10)
})

test('an R beyond float64 is refused', () => {
  const largest = Number.MAX_VALUE
  expect(() => qr([[largest, largest], [largest, largest]])).toThrow(/R is beyond the largest number/) // prettier-ignore
})
