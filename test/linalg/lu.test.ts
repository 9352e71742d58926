import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lq } from '../../src/linalg/lq.js'
import { lu } from '../../src/linalg/lu.js'
import { qr } from '../../src/linalg/qr.js'
import { transpose } from '../../src/linalg/transpose.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_PANEL } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { permuteRows } from '../support/factors.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { orthogonalityRatio, productRatio } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const BOUND = 10
const DIMENSION = fc.nat(40)
const SEED = fc.nat(1_000_000)
const RUNS = { numRuns: 8, seed: 20253 }

function checkLu(A: Matrix, what: string): void {
  const { L, U, pivots } = lu(A)
  const k = Math.min(A.rows, A.cols)
  expect([L.rows, L.cols, U.rows, U.cols], what).toEqual([A.rows, k, k, A.cols])
  expectSame(oracle.triangle(L, false).data, L.data, `L is lower, ${what}`)
  expectSame(oracle.triangle(U, true).data, U.data, `U is upper, ${what}`)
  for (let i = 0; i < k; i++) expect(L.get(i, i)).toBe(1)
  expect(oracle.amax(L.data), `multipliers, ${what}`).toBeLessThanOrEqual(1)
  expect(productRatio(permuteRows(A, pivots), L, U), `P A = L U, ${what}`).toBeLessThanOrEqual(BOUND)
}

function checkLq(A: Matrix, what: string): void {
  const k = Math.min(A.rows, A.cols)
  for (const mode of ['thin', 'full'] as const) {
    const { L, Q } = lq(A, { mode })
    if (Q === undefined) throw new Error('no Q')
    const inner = mode === 'full' ? A.cols : k
    expect([L.rows, L.cols, Q.rows, Q.cols], what).toEqual([A.rows, inner, inner, A.cols])
    expectSame(oracle.triangle(L, false).data, L.data, `L is lower, ${what}`)
    expect(orthogonalityRatio(Q.transpose()), `orthogonality, ${what}`).toBeLessThanOrEqual(BOUND)
    expect(productRatio(A, L, Q), `A = L Q, ${what}`).toBeLessThanOrEqual(BOUND)
  }
  const alone = lq(A, { mode: 'l' })
  expect(alone.Q).toBeUndefined()
  expectSame(alone.L.data, qr(A.transpose(), { mode: 'r' }).R.transpose().data, `L alone, ${what}`)
}

onEveryBinary(() => {
  describe.each([
    ['lu', checkLu],
    ['lq', checkLq],
  ] as const)('%s', (_name, check) => {
    test.each(MATRIX_TYPES)('%s, any shape', (type) => {
      for (const [m, n] of SMALL) check(matrixOfType(type, m, n, 1), `${m} x ${n}`)
      fc.assert(
        fc.property(DIMENSION, DIMENSION, SEED, (m, n, seed) => {
          check(matrixOfType(type, m, n, seed), `${m} x ${n}, seed ${seed}`)
        }),
        RUNS,
      )
    })

    test('shapes around the panels', () => {
      for (const [m, n] of STRADDLING.slice(0, 12)) check(gaussian(m, n, m), `${m} x ${n}`)
      for (const n of around(LU_PANEL)) check(gaussian(n, n, n), `order ${n}`)
    })
  })

  test('lu at both ends of the range', () => {
    for (const e of [-1060, -700, 700, 1015]) {
      const A = gaussian(9, 9, 4)
      const { U, pivots } = lu(
        new Matrix(
          9,
          9,
          Float64Array.from(A.data, (x) => x * 2 ** (e / 2) * 2 ** (e - e / 2)),
        ),
      )
      expect(Array.from(pivots), `2^${e}`).toEqual(Array.from(lu(A).pivots))
      expect(Math.abs(U.get(0, 0)) / 2 ** (e / 2) / 2 ** (e - e / 2) / Math.abs(lu(A).U.get(0, 0))).toBeCloseTo(1, 3)
    }
    const growing = [
      [1e308, 1.7e308],
      [-1e308, 1.7e308],
    ]
    expect(() => lu(growing)).toThrow(RangeError)
  })

  test('lu of a singular matrix has a zero on the diagonal of U', () => {
    const { U } = lu([[1, 2], [2, 4]]) // prettier-ignore
    expect(U.toArray()).toEqual([[2, 4], [0, 0]]) // prettier-ignore
  })

  test('the same bits for the same input, which stays as it is', () => {
    const A = gaussian(70, 33, 9)
    const before = A.data.slice()
    expect(lu(A)).toEqual(lu(A))
    expect(lq(A)).toEqual(lq(A))
    expect(A.data).toEqual(before)
  })
})

test('transpose', () => {
  expect(transpose([[1, 2, 3], [4, 5, 6]]).toArray()).toEqual([[1, 4], [2, 5], [3, 6]]) // prettier-ignore
  expect(transpose(new Matrix(2, 1, Float32Array.of(1, 2))).data).toBeInstanceOf(Float32Array)
  expect([transpose(new Matrix(0, 3)).rows, transpose(new Matrix(0, 3)).cols]).toEqual([3, 0])
})
