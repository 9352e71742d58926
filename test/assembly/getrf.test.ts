import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_LEAF, LU_PANEL, NC } from '../support/constants.js'
import { kahan } from '../support/constructed.js'
import { expectSame } from '../support/expectations.js'
import { permuteRows, unitLowerTrapezoid, upperTrapezoid } from '../support/factors.js'
import { AWKWARD, finish, gecon, getrf, type Eliminated } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { productRatio } from '../support/ratios.js'

const BOUND = 10

function factor(A: Matrix, layout = AWKWARD): Eliminated {
  const memory = new KernelMemory()
  return finish(memory, getrf(memory, A, layout))
}

/** The order of the rows after the exchanges. */
function orderOf(exchanges: Int32Array, m: number): number[] {
  const order = Array.from({ length: m }, (_, i) => i)
  exchanges.forEach((row, i) => {
    expect(row, `exchange ${i}`).toBeGreaterThanOrEqual(i)
    ;[order[i], order[row]] = [order[row], order[i]]
  })
  return order
}

function check(A: Matrix, what: string, layout = AWKWARD): void {
  const { factored, exchanges, zeroPivot } = factor(A, layout)
  const k = Math.min(A.rows, A.cols)
  const [L, U] = [unitLowerTrapezoid(factored, k), upperTrapezoid(factored, k)]
  expect(oracle.amax(L.data), `multipliers, ${what}`).toBeLessThanOrEqual(1)
  const permuted = permuteRows(A, orderOf(exchanges, A.rows))
  expect(productRatio(permuted, L, U), `P A = L U, ${what}`).toBeLessThanOrEqual(BOUND)
  const zeros = Array.from({ length: k }, (_, j) => j).filter((j) => U.get(j, j) === 0)
  expect(zeroPivot, `zero pivot, ${what}`).toBe(zeros[0] ?? -1)
}

/** norm(A^-1) in the 1-norm, from the inverse that substitution gives. */
function inverseNorm({ factored }: Eliminated): number {
  const n = factored.rows
  const Y = oracle.triangularSolve(false, unitLowerTrapezoid(factored, n), Matrix.identity(n))
  const X = oracle.triangularSolve(true, oracle.triangle(factored, true), Y).transpose()
  return Math.max(...Array.from({ length: n }, (_, j) => Array.from(X.row(j)).reduce((sum, x) => sum + Math.abs(x), 0)))
}

onEveryBinary(() => {
  test('shapes around its leaf and its panel', () => {
    const sizes = [0, 1, 2, ...around(LU_LEAF), ...around(LU_PANEL)]
    for (const m of sizes) for (const n of sizes) check(gaussian(m, n, m + n), `${m} x ${n}`)
    for (const n of around(2 * LU_PANEL)) check(gaussian(n, n, n), `order ${n}`, { gap: 0, offset: 0 })
  })

  test('tall and wide', () => {
    check(gaussian(5 * LU_PANEL + 1, LU_PANEL + 3, 1), 'tall')
    check(gaussian(LU_PANEL + 3, NC + LU_PANEL + 1, 2), 'wide')
    check(gaussian(3, NC + 1, 3), 'three rows')
  })

  test.each(MATRIX_TYPES.filter((type) => type !== 'near overflow'))('%s', (type) => {
    for (const [m, n] of [[LU_PANEL + 9, LU_PANEL + 2], [7, 11], [11, 7]]) check(matrixOfType(type, m, n, m), `${m} x ${n}`) // prettier-ignore
  })

  test('whole numbers whose pivots are powers of two come out exactly', () => {
    const n = LU_PANEL + LU_LEAF + 1
    const L = unitLowerTrapezoid(
      new Matrix(
        n,
        n,
        gaussian(n, n, 1).data.map((x) => Math.max(-0.5, Math.min(0.5, Math.round(x) / 2))),
      ),
      n,
    )
    // A bidiagonal U keeps the products short of any rounding; its diagonal exceeds what the multipliers leave below.
    const U = new Matrix(n, n)
    for (let i = 0; i < n; i++) for (let j = i; j < Math.min(n, i + 2); j++) U.set(i, j, i === j ? 4 : 1)
    const { factored, exchanges } = factor(oracle.product(L, U))
    expectSame(exchanges, Int32Array.from({ length: n }, (_, i) => i), 'no exchange') // prettier-ignore
    expectSame(unitLowerTrapezoid(factored, n).data, L.data, 'L')
    expectSame(oracle.triangle(factored, true).data, U.data, 'U')
  })

  test('columns beside a square matrix come out as L^-1 P B', () => {
    const n = LU_PANEL + 5
    const [A, B] = [gaussian(n, n, 1), gaussian(n, 9, 2)]
    const both = new Matrix(n, n + 9)
    for (let i = 0; i < n; i++) both.data.set([...A.row(i), ...B.row(i)], i * (n + 9))
    const { factored, exchanges } = factor(both)
    const alone = factor(A)
    expect(Array.from(exchanges)).toEqual(Array.from(alone.exchanges))
    const Y = new Matrix(9, n, factored.transpose().data.slice(n * n)).transpose()
    const ratio = productRatio(permuteRows(B, orderOf(exchanges, n)), unitLowerTrapezoid(factored, n), Y)
    expect(ratio).toBeLessThanOrEqual(BOUND)
  })

  test('dgecon: never above the norm of the inverse, seldom far below', () => {
    const ratios: number[] = []
    for (let seed = 0; seed < 60; seed++) {
      const n = 1 + (seed % 23)
      const factors = factor(gaussian(n, n, seed))
      const memory = new KernelMemory()
      const ratio = finish(memory, gecon(memory, factors.factored)) / inverseNorm(factors)
      expect(ratio, `order ${n}, seed ${seed}`).toBeLessThanOrEqual(1 + 1e-9)
      // Higham 1988 saw no estimate below a tenth in his experiments.
      expect(ratio, `order ${n}, seed ${seed}`).toBeGreaterThan(0.1)
      ratios.push(ratio)
    }
    expect(ratios.filter((ratio) => ratio > 0.9).length).toBeGreaterThan(45)
  })

  test("dgecon: Kahan's matrix, a diagonal, and orders around a vector", () => {
    for (const A of [kahan(40, 0.3), kahan(LU_PANEL + 1, 0.1), oracle.triangle(kahan(1, 0.5), true)]) {
      const factors = { factored: A, exchanges: new Int32Array(A.rows), zeroPivot: -1 }
      const memory = new KernelMemory()
      const ratio = finish(memory, gecon(memory, A)) / inverseNorm(factors)
      expect(ratio).toBeGreaterThan(0.3)
      expect(ratio).toBeLessThanOrEqual(1 + 1e-9)
    }
    const D = Matrix.identity(7)
    D.set(4, 4, 2 ** -30)
    const memory = new KernelMemory()
    expect(finish(memory, gecon(memory, D))).toBe(2 ** 30)
    const empty = new KernelMemory()
    expect(finish(empty, gecon(empty, new Matrix(0, 0)))).toBe(0)
  })
})
