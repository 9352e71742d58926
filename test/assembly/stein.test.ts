import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { jacobiEigenvalues } from '../support/jacobi-eigenvalues.js'
import { KernelMemory } from '../support/kernel-memory.js'
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
  })
})
