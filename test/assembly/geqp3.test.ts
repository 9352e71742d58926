import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, MC, NC, PANEL } from '../support/constants.js'
import { identity, permuteColumns, pivotExcess, upperTrapezoid } from '../support/factors.js'
import { AWKWARD, finish, geqp3 } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { orthogonalityRatio, productRatio } from '../support/ratios.js'

const BOUND = 10

/** A P = Q R with Q formed by the oracle; rows of R beyond the reflectors made are zero. Returns the factors. */
function check(A: Matrix, what: string, layout = AWKWARD) {
  const memory = new KernelMemory()
  const { factored, tau, pivots } = finish(memory, geqp3(memory, A, layout))
  const [k, rank] = [Math.min(A.rows, A.cols), tau.length]
  const Q = oracle.applyReflectors(factored, tau, identity(A.rows, k))
  const R = upperTrapezoid(factored, k)
  expect(orthogonalityRatio(Q), `orthogonality, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(productRatio(permuteColumns(A, pivots), Q, R), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(pivotExcess(R), `pivots, ${what}`).toBeLessThanOrEqual(1 + 1e-7)
  expect(R.data.slice(rank * A.cols).every((x) => x === 0)).toBe(true)
  return { R, rank, pivots }
}

onEveryBinary(() => {
  test('shapes around its panel', () => {
    const sizes = [0, 1, 2, ...around(PANEL), 2 * PANEL + 3]
    for (const m of sizes) {
      for (const n of sizes) expect(check(gaussian(m, n, m + n), `${m} x ${n}`).rank).toBe(Math.min(m, n))
    }
    for (const m of around(2 * PANEL)) check(gaussian(m, m, m), `${m} x ${m}`, { gap: 0, offset: 0 })
  })

  test('tall and wide beyond the blocks of the matrix product', () => {
    for (const m of around(MC)) check(gaussian(m, PANEL + 1, m), `m = ${m}`)
    for (const n of around(NC)) check(gaussian(PANEL + 1, n + PANEL, n), `n = ${n}`)
  })

  test.each(MATRIX_TYPES)('%s', (type) => {
    for (const [m, n] of [
      [PANEL + 9, PANEL + 2],
      [7, 11],
      [2 * PANEL, 3],
      [3, 2 * PANEL + 1],
    ]) {
      check(matrixOfType(type, m, n, m * n), `${m} x ${n}`)
    }
  })

  test('stops where nothing but zero is left, in the first panel or a later one', () => {
    for (const rank of [0, 1, PANEL - 1, PANEL, PANEL + 1]) {
      const [m, n] = [2 * PANEL + 1, PANEL + 9]
      const A = gaussian(m, n, rank)
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) if ((j * 5) % n >= rank) A.set(i, j, 0)
      const result = check(A, `${rank} columns`)
      expect(result.rank).toBe(rank)
    }
  })

  test('makes as few reflectors of equal rows as it takes to know that nothing is left', () => {
    // What the first leaves is rounding, with equal rows again (but for those that are no part of a vector), smaller by eps: without an end
    // that goes on into subnormal numbers. eps^4 below the smallest entries it is over.
    const [m, n] = [2 * PANEL + 1, 2 * PANEL + 9]
    for (const distinct of [1, 2, 3]) {
      const rows = gaussian(distinct, n, distinct)
      for (const scale of [1e-280, 1, 1e280]) {
        const A = new Matrix(m, n)
        for (let i = 0; i < m; i++) A.row(i).set(rows.row(i % distinct).map((x) => x * scale))
        const { rank } = check(A, `${distinct} distinct rows, scale ${scale}`)
        expect(rank).toBeGreaterThanOrEqual(distinct)
        expect(rank, `${distinct} distinct rows, scale ${scale}`).toBeLessThanOrEqual(12 * distinct)
      }
    }
  })

  test('the same in float32', () => {
    const memory = new KernelMemory('f32')
    const [m, n] = [2 * PANEL + 1, 2 * PANEL + 9]
    for (const distinct of [1, 2, 3]) {
      const rows = gaussian(distinct, n, distinct)
      for (const scale of [1e-25, 1, 1e25]) {
        const A = new Matrix(m, n, new Float32Array(m * n))
        for (let i = 0; i < m; i++) A.row(i).set(rows.row(i % distinct).map((x) => x * scale))
        const rank = finish(memory, geqp3(memory, A)).tau.length
        expect(rank).toBeGreaterThanOrEqual(distinct)
        expect(rank, `${distinct} distinct rows, scale ${scale}`).toBeLessThanOrEqual(12 * distinct)
      }
    }
  })

  test('keeps columns that are small because rows or columns are', () => {
    const n = PANEL + 5
    const B = gaussian(n, n, 1)
    for (const [rows, cols] of [
      [1, 0],
      [0, 1],
      [1, 1],
      [1, -1],
    ]) {
      // prettier-ignore
      const A = new Matrix(n, n)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) A.set(i, j, B.get(i, j) * 2 ** (-12 * (rows * i + cols * j)))
      }
      expect(check(A, `${rows}, ${cols}`).rank).toBe(n)
    }
  })

  test('takes columns by their norms where they are orthogonal', () => {
    const n = PANEL + 5
    const order = Array.from({ length: n }, (_, j) => (j * 7) % n)
    const A = new Matrix(n, n)
    order.forEach((place, j) => A.set((j * 3) % n, j, 2 ** -place))
    const { pivots, R } = check(A, 'scaled permutation')
    expect(Array.from(pivots)).toEqual(order.map((_, place) => order.indexOf(place)))
    for (let i = 0; i < n; i++) expect(Math.abs(R.get(i, i))).toBe(2 ** -i)
  })

  test('recomputes norms that cancellation has spoilt', () => {
    // All columns nearly the same: the first reflector leaves 1e-10 of their norms, far below what downdating can know.
    const [m, n] = [PANEL + 20, PANEL + 3]
    const base = gaussian(m, 1, 1)
    const noise = gaussian(m, n, 2)
    const A = new Matrix(m, n)
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) A.set(i, j, base.data[i] + 1e-10 * (1 + j) * noise.get(i, j))
    }
    const { R } = check(A, 'nearly equal columns')
    expect(Math.abs(R.get(1, 1))).toBeLessThan(1e-8 * Math.abs(R.get(0, 0)))
  })
})
