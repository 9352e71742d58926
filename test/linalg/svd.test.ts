import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { svd, svdvals, type SVD, type SvdVectors } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { ones, scaleBoth, withSingularValues } from '../support/constructed.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const BOUND = 10
const EPS = Number.EPSILON
/** Dimensions of random matrices. */
const DIMENSION = fc.nat(40)
const SEED = fc.nat(1_000_000)
const RUNS = { numRuns: 8, seed: 20250 }

function descending(S: Float64Array): boolean {
  return S.every((sigma, i) => sigma >= 0 && (i === 0 || sigma <= S[i - 1]))
}

/** What rounding may do to singular values: a multiple of eps times the largest. */
function absoluteBound(S: Float64Array, size: number): Float64Array {
  return S.map(() => BOUND * size * EPS * S[0] + 2 ** -1073)
}

/** The vectors of a result that must have them. */
function vectorsOf({ U, V }: SVD): [Matrix, Matrix] {
  if (U === undefined || V === undefined) throw new Error('singular vectors are missing')
  return [U, V]
}

function checkVectors(A: Matrix, result: SVD, vectors: SvdVectors, what: string): void {
  const { rows: m, cols: n } = A
  const [U, V] = vectorsOf(result)
  const r = Math.min(m, n)
  expect([U.rows, U.cols], `shape of U, ${what}`).toEqual([m, vectors === 'full' ? m : r])
  expect([V.rows, V.cols], `shape of V, ${what}`).toEqual([n, vectors === 'full' ? n : r])
  expect(orthogonalityRatio(U), `U, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(orthogonalityRatio(V), `V, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(factorisationRatio(A, U, result.S, V), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
}

/** All that holds for any matrix, with vectors of each kind. */
function check(A: Matrix, kinds: SvdVectors[], what: string): void {
  const size = Math.max(A.rows, A.cols)
  const none = svd(A, { vectors: 'none' })
  expect(none.U).toBeUndefined()
  expect(none.V).toBeUndefined()
  expect(none.S, `singular values, ${what}`).toHaveLength(Math.min(A.rows, A.cols))
  for (const vectors of kinds) {
    const result = svd(A, { vectors })
    expect(descending(result.S), `order, ${what}, ${vectors}`).toBe(true)
    expectWithin(result.S, none.S, absoluteBound(none.S, size), `${what}, ${vectors} against none`)
    expect(Number.isInteger(result.sweeps) && result.sweeps >= 0).toBe(true)
    checkVectors(A, result, vectors, `${what}, ${vectors}`)
  }
}

onEveryBinary(() => {
  describe.each(MATRIX_TYPES)('%s', (type) => {
    test('any shape, thin and full', () => {
      fc.assert(
        fc.property(DIMENSION, DIMENSION, SEED, (m, n, seed) => {
          check(matrixOfType(type, m, n, seed), ['thin', 'full'], `${m} x ${n}, seed ${seed}`)
        }),
        RUNS,
      )
    })

    test('empty, one row, one column', () => {
      for (const [m, n] of SMALL) check(matrixOfType(type, m, n, 1), ['thin', 'full'], `${m} x ${n}`)
    })
  })

  // Every type meets shapes of every kind: two types a shape, taken in turn.
  test.each(STRADDLING.map(([m, n], i) => ({ m, n, i })))('$m x $n', ({ m, n, i }) => {
    for (let k = 0; k < 2; k++) {
      const type = MATRIX_TYPES[(2 * i + k) % MATRIX_TYPES.length]
      check(matrixOfType(type, m, n, i), ['thin'], `${m} x ${n} ${type}`)
    }
  })

  test.each(STRADDLING.filter(([m, n]) => Math.max(m, n) < 200 || Math.min(m, n) <= 5))('full, %i x %i', (m, n) => {
    const type = Math.min(m, n) % 2 === 0 ? 'random' : 'rank deficient'
    check(matrixOfType(type, m, n, m), ['full'], `${m} x ${n} ${type}`)
  })

  describe('singular values that are known', () => {
    test('of a scaled permutation, exactly', () => {
      const A = new Matrix(7, 5)
      ;[3, -1, 0.5, 10, 0].forEach((s, j) => A.set((3 * j) % 7, j, s))
      expectSame(svd(A).S, [10, 3, 1, 0.5, 0], 'singular values')
      expect(svd(A).rank).toBe(4)
    })

    test('of rank one: the product of the norms', () => {
      const A = new Matrix(6, 4)
      for (let i = 0; i < 6; i++) for (let j = 0; j < 4; j++) A.set(i, j, (i + 1) * (j - 2))
      const { S, rank } = svd(A)
      expect(rank).toBe(1)
      expect(Math.abs(S[0] / Math.sqrt(91 * 6) - 1)).toBeLessThan(10 * EPS)
    })

    test.each([
      [40, 40],
      [60, 35],
      [35, 60],
    ])('%i x %i at condition 1e14: U diag(sigma) V^T', (m, n) => {
      const r = Math.min(m, n)
      const sigma = Float64Array.from({ length: r }, (_, i) => 10 ** ((-14 * i) / (r - 1)))
      const A = withSingularValues(m, n, sigma, 3)
      expectWithin(svdvals(A), sigma, absoluteBound(sigma, Math.max(m, n)), 'graded')
      const clustered = Float64Array.from({ length: r }, (_, i) => (i === r - 1 ? 1e-14 : 1))
      const B = withSingularValues(m, n, clustered, 4)
      expectWithin(svdvals(B), clustered, absoluteBound(clustered, Math.max(m, n)), 'all but one equal')
    })
  })

  describe('identities', () => {
    test('the transpose of a matrix that is not square swaps U and V, to the last bit', () => {
      fc.assert(
        fc.property(DIMENSION, DIMENSION, SEED, fc.constantFrom(...MATRIX_TYPES), (m, n, seed, type) => {
          fc.pre(m !== n)
          const A = matrixOfType(type, m, n, seed)
          const [a, t] = [svd(A), svd(A.transpose())]
          expect(t.S).toEqual(a.S)
          expect(t.U).toEqual(a.V)
          expect(t.V).toEqual(a.U)
        }),
        { ...RUNS, numRuns: 30 },
      )
    })

    test('the transpose of a square matrix has the same singular values', () => {
      for (const type of MATRIX_TYPES) {
        const A = matrixOfType(type, 33, 33, 5)
        const S = svdvals(A)
        expectWithin(svdvals(A.transpose()), S, absoluteBound(S, 33), type)
      }
    })

    test('a power of two scales singular values and nothing else', () => {
      for (const e of [-600, -100, -21, -3, 1, 20, 200, 600]) {
        const A = gaussian(40, 23, 1)
        const [a, b] = [svd(A), svd(scaleBoth(ones(40), A, ones(23).fill(2 ** e)))]
        expectSame(b.S, a.S.map((s) => s * 2 ** e), `2^${e}`) // prettier-ignore
        expect(b.U).toEqual(a.U)
        expect(b.V).toEqual(a.V)
        expect(b.rank).toBe(a.rank)
      }
    })

    test('signs of rows and columns do not change singular values', () => {
      const A = gaussian(30, 20, 1)
      const signs = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -1 : 1))
      const S = svdvals(A)
      expectWithin(svdvals(scaleBoth(signs(30), A, signs(20))), S, absoluteBound(S, 30), 'signs')
    })

    test('the sum of squares is the square of the Frobenius norm', () => {
      fc.assert(
        fc.property(DIMENSION, DIMENSION, SEED, (m, n, seed) => {
          const A = gaussian(m, n, seed)
          const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, y) => sum + y * y, 0)
          const total = squares(A.data)
          expect(Math.abs(squares(svdvals(A)) - total)).toBeLessThanOrEqual(10 * Math.max(m, n) * EPS * total)
        }),
        RUNS,
      )
    })
  })

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
      expect(result.U?.data).toBeInstanceOf(Float64Array)
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
      const [U, V] = vectorsOf(result)
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
