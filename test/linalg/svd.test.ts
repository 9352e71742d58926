import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { svd, svdvals, type SVD, type SvdVectors } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { epsilon, onEveryBinary } from '../support/binaries.js'
import { withSingularValues } from '../support/constructed.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
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

function checkVectors(A: Matrix, result: SVD, vectors: SvdVectors, what: string): void {
  const { rows: m, cols: n } = A
  const { U, V } = result
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

    test('of 1e300, 1e-280 and 0 at once', () => {
      const A = new Matrix(3, 3, [1e300, 0, 0, 0, 1e-280, 0, 0, 0, 0])
      const { S, U, V } = svd(A)
      expectWithin(S, [1e300, 1e-280, 0], [10 * EPS * 1e300, 10 * EPS * 1e-280, 0], 'singular values')
      for (const factor of [U, V]) expect(orthogonalityRatio(factor)).toBeLessThanOrEqual(BOUND)
    })

    // What pivoted QR leaves of them falls off by eps a column, to subnormal numbers of one digit, and to nothing.
    test.each([
      [117, 123, 1.3, 'f64'],
      [66, 133, 0.7, 'f64'],
      [125, 124, -0.6, 'f64'],
      [10, 9, 1.3, 'f32'],
      [66, 133, 1.1, 'f32'],
      [118, 85, 0.1, 'f32'],
    ] as const)('of %i x %i entries equal to %f, %s', (m, n, entry, precision) => {
      const A = new Matrix(m, n, new Float64Array(m * n).fill(precision === 'f32' ? Math.fround(entry) : entry))
      const eps = epsilon(precision)
      for (const vectors of ['thin', 'full'] as const) {
        const { U, S, V, rank } = svd(A, { vectors, precision })
        expect(rank).toBe(1)
        expect(Math.abs(S[0] / Math.abs(A.data[0]) / Math.sqrt(m * n) - 1)).toBeLessThan(BOUND * eps * Math.max(m, n))
        for (const factor of [U, V]) expect(orthogonalityRatio(factor, eps)).toBeLessThanOrEqual(BOUND)
        expect(factorisationRatio(A, U, S, V, eps)).toBeLessThanOrEqual(BOUND)
      }
    })

    test('beyond float64: infinite, and the rank is that of the matrix', () => {
      const { S, rank } = svd(new Matrix(2, 2, new Float64Array(4).fill(1.7e308)))
      expect([S[0], rank]).toEqual([Infinity, 1])
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
})
