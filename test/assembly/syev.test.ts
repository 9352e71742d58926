import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, PANEL, VECTOR_LENGTHS } from '../support/constants.js'
import { expectWithin } from '../support/expectations.js'
import { identity } from '../support/factors.js'
import { jacobiEigenvalues } from '../support/jacobi-eigenvalues.js'
import { finish, steqr, syev, sytrd, type Tridiagonal } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'
import { symmetric, SYMMETRIC_TYPES, symmetricOfType, wilkinson } from '../support/symmetric-types.js'

const BOUND = 10
const EPS = Number.EPSILON

/** The kernels read the lower triangle only: NaN above it must not matter. */
function lowerOnly(A: Matrix): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x, at) => (at % A.cols > Math.floor(at / A.cols) ? NaN : x)),
  )
}

function tridiagonal({ d, e }: { d: ArrayLike<number>; e: ArrayLike<number> }): Matrix {
  return symmetric(d.length, (i, j) => (i === j ? d[i] : i - j === 1 ? e[j] : 0))
}

/** Q from the reflectors, one after the other: row and column 0 are those of the identity. */
function formQ({ factored, tau }: Tridiagonal): Matrix {
  const n = factored.rows
  const Q = identity(n, n)
  if (n < 2) return Q
  const below = new Matrix(n - 1, n)
  for (let i = 1; i < n; i++) below.row(i - 1).set(factored.row(i))
  const inner = oracle.applyReflectors(below, tau, identity(n - 1, n - 1))
  for (let i = 1; i < n; i++) Q.row(i).set(inner.row(i - 1), 1)
  return Q
}

onEveryBinary(() => {
  describe('level 2', () => {
    const widths = [0, 1, 2, 3, 4, 5, 7, 8, 9]

    test.each(widths)('dgemv and its transpose, %i columns', (k) => {
      for (const m of VECTOR_LENGTHS) {
        for (const offset of [0, 1]) {
          const memory = new KernelMemory()
          const [A, x, y, u] = [gaussian(m, k, 1), gaussian(k, 1, 2), gaussian(m, 1, 3), gaussian(m, 1, 4)]
          const a = memory.place(A, { cs: m + 3, offset })
          const [px, py, pu] = [x, y, u].map(({ data }) => memory.vector(data, offset))
          const pv = memory.vector(new Float64Array(k), offset)
          memory.run([py], () => {
            memory.kernels.xgemv(m, k, a.pointer, a.cs, px.pointer, py.pointer)
          })
          memory.run([pv], () => {
            memory.kernels.xgemvTransposed(m, k, a.pointer, a.cs, pu.pointer, pv.pointer)
          })
          const sizes = oracle.absoluteProduct(A, x).data
          const error = sizes.map((size, i) => (k + 2) * EPS * (size + Math.abs(y.data[i])))
          expectWithin(memory.read(py).data, oracle.gemm(1, A, x, 1, y).data, error, `A x, m = ${m}`)
          const sizesT = oracle.absoluteProduct(A.transpose(), u).data
          const expectedT = oracle.product(A.transpose(), u).data
          expectWithin(memory.read(pv).data, expectedT, sizesT.map((size) => (m + 2) * EPS * size), `A^T x, m = ${m}`) // prettier-ignore
        }
      }
    })

    test('dsymv reads the lower triangle only', () => {
      for (const n of VECTOR_LENGTHS) {
        for (const offset of [0, 1]) {
          const memory = new KernelMemory()
          const [A, x] = [symmetricOfType('random', n, n), gaussian(n, 1, 2)]
          const a = memory.place(lowerOnly(A), { cs: n + 1, offset })
          const px = memory.vector(x.data, offset)
          const py = memory.vector(new Float64Array(n).fill(NaN), offset)
          memory.run([py], () => {
            memory.kernels.xsymv(n, a.pointer, a.cs, px.pointer, py.pointer)
          })
          const error = oracle.absoluteProduct(A, x).data.map((size) => (n + 2) * EPS * size)
          expectWithin(memory.read(py).data, oracle.product(A, x).data, error, `n = ${n}, offset ${offset}`)
        }
      }
    })
  })

  describe('dsytrd: A = Q T Q^T', () => {
    function check(A: Matrix, what: string): void {
      const memory = new KernelMemory()
      const reduced = finish(memory, sytrd(memory, lowerOnly(A)))
      const Q = formQ(reduced)
      expect(orthogonalityRatio(Q), what).toBeLessThanOrEqual(BOUND)
      const QT = oracle.product(Q, tridiagonal(reduced))
      const ones = new Float64Array(A.rows).fill(1)
      expect(factorisationRatio(A, QT, ones, Q), what).toBeLessThanOrEqual(BOUND)
    }

    test('around the panel and the columns of an update', () => {
      for (const n of [1, 2, 3, 4, 5, 7, ...around(PANEL, 2 * PANEL, 3 * PANEL), 129, 161]) {
        check(symmetricOfType('random', n, n), `n = ${n}`)
      }
    })

    test.each(SYMMETRIC_TYPES.filter((type) => !type.startsWith('near')))('%s', (type) => {
      for (const n of [6, PANEL + 5]) check(symmetricOfType(type, n, n), `n = ${n}`)
    })
  })

  describe('dsteqr', () => {
    /** T = V diag(values) V^T, for Z with any number of rows: Z V. */
    function check(d: ArrayLike<number>, e: ArrayLike<number>, what: string): void {
      const memory = new KernelMemory()
      const n = d.length
      const T = tridiagonal({ d, e })
      const { values, Z } = finish(memory, steqr(memory, { d, e }, identity(n, n)))
      expect(orthogonalityRatio(Z), what).toBeLessThanOrEqual(BOUND)
      expect(factorisationRatio(T, Z, values, Z), what).toBeLessThanOrEqual(BOUND)
      const expected = jacobiEigenvalues(T)
      const size = n === 0 ? 0 : Math.max(Math.abs(expected[0]), Math.abs(expected[n - 1]))
      const error = expected.map(() => BOUND * n * EPS * size)
      expectWithin(values.slice().sort(), expected, error, what)
      const without = finish(memory, steqr(memory, { d, e }, new Matrix(0, n)))
      expectWithin(without.values, values, new Float64Array(n), `without vectors, ${what}`)
    }

    test('random, graded either way, zero diagonals, decoupled blocks', () => {
      for (const n of [1, 2, 3, 4, 5, 8, 9, 33, 70]) {
        const [d, e] = [gaussian(n, 1, n).data, gaussian(n, 1, n + 1).data]
        const grade = (x: number, i: number) => x * 2 ** ((-60 * i) / n)
        check(d, e, `random ${n}`)
        check(d.map(grade), e.map(grade), `down ${n}`)
        check(d.map(grade).reverse(), e.map(grade).reverse().subarray(1), `up ${n}`)
        check(new Float64Array(n), e, `zero diagonal ${n}`)
        check(d, e.map((x, i) => (i % 4 === 2 ? 0 : x)), `blocks ${n}`) // prettier-ignore
        check(new Float64Array(n).fill(1), e.map((x) => x * 1e-9), `cluster ${n}`) // prettier-ignore
        check(d.map((x) => x * 1e-200), new Float64Array(n).fill(1e-180).fill(1, 0, 1), `tiny ${n}`) // prettier-ignore
      }
      const W = wilkinson(21)
      check(W.data.filter((_, at) => at % 22 === 0), new Float64Array(20).fill(1), 'W21+') // prettier-ignore
    })

    test('rotates any number of rows, a strip of eight and less', () => {
      const [d, e] = [gaussian(20, 1, 1).data, gaussian(20, 1, 2).data]
      const memory = new KernelMemory()
      const V = finish(memory, steqr(memory, { d, e }, identity(20, 20))).Z
      for (const rows of [1, 2, 7, 8, 9, 16, 23]) {
        const Z = gaussian(rows, 20, rows)
        const rotated = finish(memory, steqr(memory, { d, e }, Z)).Z
        const error = oracle.absoluteProduct(Z, V).data.map((size) => 40 * EPS * (size + 1))
        expectWithin(rotated.data, oracle.product(Z, V).data, error, `${rows} rows`)
      }
    })

    test('ends with an error where it cannot converge', () => {
      for (const rows of [0, 5]) {
        const memory = new KernelMemory()
        const job = steqr(memory, { d: [1, 2, NaN, 4, 5], e: [1, 1, 1, 1] }, new Matrix(rows, 5))
        let left = 1
        for (let calls = 0; left > 0; calls++) {
          expect(calls).toBeLessThan(100)
          left = job.step()
        }
        expect(left).toBe(-1)
      }
    })
  })

  describe('dsyev', () => {
    test('counts its sweeps: none where T is diagonal, about two for each eigenvalue otherwise', () => {
      const n = 60
      for (const wantZ of [false, true]) {
        const memory = new KernelMemory()
        const sweeps = (A: Matrix) => finish(memory, syev(memory, A, wantZ)).iterations
        expect(sweeps(symmetricOfType('diagonal', n, 1))).toBe(0)
        const random = sweeps(symmetricOfType('random', n, 1))
        expect(random).toBeGreaterThanOrEqual(n)
        expect(random).toBeLessThan(3 * n)
      }
    })

    test.each(SYMMETRIC_TYPES)('%s', (type) => {
      for (const n of [1, 2, 9, PANEL + 2]) {
        const A = symmetricOfType(type, n, n)
        const memory = new KernelMemory()
        const { values, Z } = finish(memory, syev(memory, lowerOnly(A), true))
        expect(values.every((x, i) => i === 0 || x >= values[i - 1])).toBe(true)
        expect(orthogonalityRatio(Z)).toBeLessThanOrEqual(BOUND)
        expect(factorisationRatio(A, Z, values, Z)).toBeLessThanOrEqual(BOUND)
        const without = finish(memory, syev(memory, lowerOnly(A), false))
        expectWithin(without.values, values, new Float64Array(n), 'the same values without vectors')
      }
    })
  })
})
