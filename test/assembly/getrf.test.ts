import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_LEAF, LU_PANEL, NC } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { permuteRows, unitLowerTrapezoid, upperTrapezoid } from '../support/factors.js'
import { AWKWARD, finish, getrf, type Eliminated } from '../support/jobs.js'
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

  test('dgetrs: L U x = b and its transpose, for a vector between others', () => {
    for (const n of [0, 1, 2, 3, 7, 33]) {
      const { factored } = factor(gaussian(n, n, n))
      const [L, U] = [unitLowerTrapezoid(factored, n), upperTrapezoid(factored, n)]
      for (const transposed of [0, 1]) {
        const memory = new KernelMemory()
        const a = memory.place(factored, { cs: n + 3, offset: 1 })
        const b = gaussian(n, 1, n + 1)
        const x = memory.vector(b.data, 1)
        memory.run([x], () => {
          memory.kernels.dgetrs(transposed, n, a.pointer, a.cs, x.pointer)
        })
        const [first, second] = transposed === 1 ? [U.transpose(), L.transpose()] : [L, U]
        const expected = oracle.triangularSolve(true, second, oracle.triangularSolve(false, first, b))
        const scale = Math.max(1, oracle.amax(expected.data))
        const bound = expected.data.map(() => 1e3 * (n + 1) * Number.EPSILON * scale)
        expectWithin(memory.read(x).data, expected.data, bound, `order ${n}, transposed ${transposed}`)
      }
    }
  })
})
