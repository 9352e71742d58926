import { describe, expect, test } from 'vitest'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { withSingularValues } from '../support/constructed.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

onEveryBinary(() => {
  describe('rank and tolerance', () => {
    test('counts singular values above max(m, n) eps sigma_1', () => {
      for (const rank of [0, 1, 5, 17, 20]) {
        const A = withSingularValues(
          30,
          20,
          Float64Array.from({ length: rank }, (_, i) => 1 + i),
          rank,
        )
        expect(svd(A).rank).toBe(rank)
        expect(svd(A, { vectors: 'none' }).rank).toBe(rank)
      }
      const [small, large] = [0.9, 1.1].map((f) => f * 30 * EPS)
      const diagonal = (s: number) => new Matrix(30, 2, Float64Array.from({ length: 60 }, (_, i) => (i === 0 ? 1 : i === 3 ? s : 0))) // prettier-ignore
      expect(svd(diagonal(small)).rank).toBe(1)
      expect(svd(diagonal(large)).rank).toBe(2)
    })

    test('a tolerance of the caller is absolute, and a value equal to it does not count', () => {
      const A = new Matrix(3, 3, [4, 0, 0, 0, 2, 0, 0, 0, 1])
      for (const [tolerance, rank] of [
        [0, 3],
        [0.99, 3],
        [1, 2],
        [3, 1],
        [4, 0],
        [Infinity, 0],
      ]) {
        expect(svd(A, { tolerance }).rank, `tolerance ${tolerance}`).toBe(rank)
      }
      expect(svd(new Matrix(3, 3), { tolerance: 0 }).rank).toBe(0)
      expect(svd(new Matrix(0, 3)).rank).toBe(0)
    })
  })

  describe('as a function', () => {
    const A = gaussian(50, 34, 9)

    test('gives the same bits for the same input', () => {
      for (const vectors of ['thin', 'full', 'none'] as const) {
        const first = svd(A, { vectors })
        svd(gaussian(61, 47, 3))
        expect(svd(A, { vectors })).toEqual(first)
      }
    })

    test('does not change its input', () => {
      const before = A.data.slice()
      for (const vectors of ['thin', 'full', 'none'] as const) svd(A, { vectors })
      svd(A.transpose())
      expect(A.data).toEqual(before)
    })

    test('takes float32 as the numbers it holds, and computes in float64', () => {
      const single = Float32Array.from(A.data)
      const result = svd({ rows: 50, cols: 34, data: single })
      expect(result).toEqual(svd(new Matrix(50, 34, Float64Array.from(single))))
      expect(result.U.data).toBeInstanceOf(Float64Array)
      expect(single).toEqual(Float32Array.from(A.data))
    })

    test('takes every form of a matrix', () => {
      const expected = svd(A)
      expect(svd(A.toArray())).toEqual(expected)
      expect(svd({ data: A.data, shape: [50, 34] })).toEqual(expected)
      expect(svd({ data: A.data, dims: [50, 34] })).toEqual(expected)
    })

    test('returns numbers that later work cannot touch', () => {
      const result = svd(A)
      const { U, V } = result
      const copies = [U.data.slice(), result.S.slice(), V.data.slice()]
      for (let n = 10; n < 200; n += 37) svd(gaussian(n, n, n))
      expect([U.data, result.S, V.data]).toEqual(copies)
      for (const { buffer } of [U.data, result.S, V.data]) expect(buffer).not.toBe(Engine.shared().memory.buffer)
    })

    test('svdvals is svd without vectors', () => {
      expect(svdvals(A)).toEqual(svd(A, { vectors: 'none' }).S)
    })
  })
})
