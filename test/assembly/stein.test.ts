import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { PANEL } from '../support/constants.js'
import { jacobiEigenvalues } from '../support/jacobi-eigenvalues.js'
import { KernelMemory } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { symmetric } from '../support/symmetric-types.js'

const EPS = Number.EPSILON

interface Tridiagonal {
  readonly d: Float64Array
  readonly e: Float64Array
}

const random = (n: number): Tridiagonal => ({
  d: Float64Array.from(gaussian(n, 1, 1).data),
  e: Float64Array.from(gaussian(n, 1, 2).data).subarray(1),
})
const constant = (n: number, diagonal: number, beside: number): Tridiagonal => ({
  d: new Float64Array(n).fill(diagonal),
  e: new Float64Array(Math.max(0, n - 1)).fill(beside),
})

const CASES: readonly (readonly [string, Tridiagonal])[] = [
  ...[1, 2, 3, 4, 9, 40].map((n) => [`random, ${n}`, random(n)] as const),
  ['zero', constant(6, 0, 0)],
  ['diagonal, all equal', constant(7, 2, 0)],
  ['the second difference', constant(30, -2, 1)],
  ['zeros on the diagonal: every pivot is exchanged', constant(8, 0, 1)],
  ['two parts', { ...random(20), e: random(20).e.map((x, i) => (i === 9 ? 0 : x)) }],
  ['Wilkinson', { d: Float64Array.from({ length: 21 }, (_, i) => Math.abs(i - 10)), e: new Float64Array(20).fill(1) }],
  ['graded', { d: Float64Array.from({ length: 20 }, (_, i) => 10 ** -i), e: Float64Array.from({ length: 19 }, (_, i) => 10 ** (-i - 2)) }],
] // prettier-ignore

const matrixOf = ({ d, e }: Tridiagonal): Matrix =>
  symmetric(d.length, (i, j) => (i === j ? d[i] : i - j === 1 ? e[j] : 0))

onEveryBinary(() => {
  describe('dstein', () => {
    test.each(CASES)('two steps end at an eigenvector of any eigenvalue: %s', (_, T) => {
      const A = matrixOf(T)
      const n = A.rows
      const values = jacobiEigenvalues(A)
      const size = Math.max(...values.map(Math.abs))
      for (const lambda of values) {
        const memory = new KernelMemory()
        const [d, e] = [memory.vector(T.d), memory.vector(T.e)]
        const x = memory.vector(gaussian(n, 1, 3).data)
        const scratch = memory.scratch(24 * n)
        for (let step = 0; step < 2; step++) {
          memory.run([x, scratch], () => {
            memory.kernels.dstein(n, d.pointer, e.pointer, lambda, EPS * (size || 1), x.pointer, scratch.pointer)
          })
        }
        const { data } = memory.read(x)
        expect(Math.abs(Math.hypot(...data) - 1)).toBeLessThan(n * EPS)
        for (let i = 0; i < n; i++) {
          let residual = -lambda * data[i]
          for (let j = 0; j < n; j++) residual += A.get(i, j) * data[j]
          expect(Math.abs(residual)).toBeLessThanOrEqual(10 * n * EPS * size)
        }
      }
    })

    test('with the tridiagonal form and its eigenvalues before it: eigenvectors of a symmetric matrix', () => {
      for (const n of [2, PANEL, 2 * PANEL + 5]) {
        const A = symmetric(n, (i, j) => gaussian(n, n, 5).get(i, j))
        const memory = new KernelMemory()
        const { kernels } = memory
        const a = memory.place(A, { cs: n + 3 })
        const [d, e, tau, values, off] = [1, 2, 3, 4, 5].map(() => memory.doubles(n))
        const scratch = memory.scratch(Math.max(kernels.dsytrdWorkspace(n), kernels.dsterfWorkspace()))
        const all = [a, d, e, tau, values, off, scratch]
        memory.run(all, () => {
          const state = kernels.dsytrdInit(n, a.pointer, a.cs, d.pointer, e.pointer, tau.pointer, scratch.pointer)
          let column = 0
          while (kernels.dsytrdStep(state) !== 0) {
            expect(kernels.dsytrdColumn(state)).toBeGreaterThanOrEqual(column)
            column = kernels.dsytrdColumn(state)
          }
          expect(kernels.dsytrdColumn(state)).toBe(n)
          for (const [from, to] of [[d, values], [e, off]]) memory.engine.doubles(to.pointer, n).set(memory.engine.doubles(from.pointer, n)) // prettier-ignore
          const ql = kernels.dsterfInit(n, values.pointer, off.pointer, scratch.pointer)
          while (kernels.dsterfStep(ql) > 0);
        })
        const found = Float64Array.from(memory.read(values).data).sort()
        const expected = Float64Array.from(jacobiEigenvalues(A)).sort()
        for (let i = 0; i < n; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(1e-13 * n)
      }
    })
  })

  describe('level 2', () => {
    test('dgemv and its transpose', () => {
      const [m, k] = [13, 6]
      const [A, w, v] = [gaussian(m, k, 1), gaussian(k, 1, 2), gaussian(m, 1, 3)]
      const memory = new KernelMemory()
      const a = memory.place(A, { cs: m + 2 })
      const [x, y, u, t] = [memory.vector(w.data), memory.doubles(m), memory.vector(v.data), memory.doubles(k)]
      memory.run([y, t], () => {
        memory.kernels.dgemv(m, k, a.pointer, a.cs, x.pointer, y.pointer)
        memory.kernels.dgemvTransposed(m, k, a.pointer, a.cs, u.pointer, t.pointer)
      })
      const [Aw, Av] = [oracle.product(A, w), oracle.product(A.transpose(), v)]
      memory.read(y).data.forEach((value, i) => {
        expect(Math.abs(value - Aw.data[i])).toBeLessThan(1e-14)
      })
      memory.read(t).data.forEach((value, i) => {
        expect(Math.abs(value - Av.data[i])).toBeLessThan(1e-14)
      })
    })

    test('xgeqrfColumn tells how far the factorisation has come', () => {
      const n = 2 * PANEL + 1
      const memory = new KernelMemory()
      const a = memory.place(gaussian(n, n, 4), { cs: n })
      const tau = memory.doubles(n)
      const scratch = memory.scratch(memory.kernels.xgeqrfWorkspace(n, n))
      memory.run([a, tau, scratch], () => {
        const { kernels } = memory
        const state = kernels.xgeqrfInit(n, n, a.pointer, a.cs, tau.pointer, scratch.pointer)
        expect(kernels.xgeqrfColumn(state)).toBe(0)
        while (kernels.xgeqrfStep(state) !== 0) expect(memory.kernels.xgeqrfColumn(state)).toBeLessThan(n)
        expect(kernels.xgeqrfColumn(state)).toBe(n)
      })
    })
  })
})
