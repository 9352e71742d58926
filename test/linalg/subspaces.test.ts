import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { qr } from '../../src/linalg/qr.js'
import { matrixRank, nullSpace, orth } from '../../src/linalg/subspaces.js'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { hadamard, kahan, ones, orthonormal, scaleBoth, withSingularValues } from '../support/constructed.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { normalisingPower, orthogonalityRatio, scaled } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const BOUND = 10
const EPS = Number.EPSILON

function frobenius(A: Matrix): number {
  return oracle.nrm2(A.data)
}

/** A with its largest entry near 1. */
function normalised(A: Matrix): Matrix {
  const e = normalisingPower(A.data)
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x) => scaled(x, e)),
  )
}

/** |X - B B^T X| for orthonormal columns B: how far X lies outside their span. */
function outside(X: Matrix, B: Matrix): number {
  const projection = oracle.product(B, oracle.product(B.transpose(), X))
  return frobenius(
    new Matrix(
      X.rows,
      X.cols,
      Float64Array.from(X.data, (x, i) => x - projection.data[i]),
    ),
  )
}

/** What holds for any matrix: dimensions that add up, orthonormal bases, A N = 0 and A inside the range to rounding. */
function check(A: Matrix, what: string): void {
  const { rows: m, cols: n } = A
  const [N, B, r] = [nullSpace(A), orth(A), matrixRank(A)]
  expect([N.rows, N.cols], `null space, ${what}`).toEqual([n, n - r])
  expect([B.rows, B.cols], `range, ${what}`).toEqual([m, r])
  expect(orthogonalityRatio(N), `null space, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(orthogonalityRatio(B), `range, ${what}`).toBeLessThanOrEqual(BOUND)
  const scaledA = normalised(A)
  // Directions below the tolerance max(m, n) eps sigma_1 count as zero, at most min(m, n) of them.
  const size = Math.max(m, n)
  const allowed = (BOUND + Math.sqrt(Math.min(m, n))) * size * EPS * frobenius(scaledA)
  expect(frobenius(oracle.product(scaledA, N)), `A N, ${what}`).toBeLessThanOrEqual(allowed)
  expect(outside(scaledA, B), `outside the range, ${what}`).toBeLessThanOrEqual(allowed)
}

onEveryBinary(() => {
  test.each(MATRIX_TYPES)('any shape: %s', (type) => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(1_000_000), (m, n, seed) => {
        check(matrixOfType(type, m, n, seed), `${m} x ${n}, seed ${seed}`)
      }),
      { numRuns: 8, seed: 20253 },
    )
    for (const [m, n] of SMALL) check(matrixOfType(type, m, n, 1), `${m} x ${n}`)
  })

  test.each(STRADDLING.filter(([m, n]) => m * n < 20_000))('rank deficient, %i x %i', (m, n) => {
    check(matrixOfType('rank deficient', m, n, 1), `${m} x ${n}`)
  })

  describe('null spaces that are known', () => {
    test.each([
      [30, 20, 12],
      [20, 30, 12],
      [20, 30, 20],
      [25, 25, 24],
      [25, 25, 0],
    ])('%i x %i of rank %i: U diag(sigma) V^T with known V', (m, n, r) => {
      const sigma = Float64Array.from({ length: r }, (_, i) => 1 + i)
      const A = withSingularValues(m, n, sigma, 7)
      expect(matrixRank(A)).toBe(r)
      const [N, B] = [nullSpace(A), orth(A)]
      expect(N.cols).toBe(n - r)
      // The same seeds as inside the construction: V spans the complement of the null space, U the range.
      const [U, V] = [orthonormal(m, r, 7), orthonormal(n, r, 8)]
      expect(frobenius(oracle.product(V.transpose(), N))).toBeLessThan(1e-13)
      expect(outside(U, B)).toBeLessThan(1e-13)
    })

    test('one equation: the plane orthogonal to its normal', () => {
      const N = nullSpace([[1, 2, 2]])
      expect([N.rows, N.cols]).toEqual([3, 2])
      for (let j = 0; j < 2; j++) {
        expect(Math.abs(N.get(0, j) + 2 * N.get(1, j) + 2 * N.get(2, j))).toBeLessThan(1e-15)
      }
    })

    test('no equations: all of space; only zeros: all of space; full rank: nothing', () => {
      expect(orthogonalityRatio(nullSpace(new Matrix(0, 4)))).toBe(0)
      expect(nullSpace(new Matrix(0, 4)).cols).toBe(4)
      expect(nullSpace(new Matrix(3, 4)).cols).toBe(4)
      expect(nullSpace(gaussian(9, 4, 1))).toEqual(new Matrix(4, 0))
      expect(orth(new Matrix(5, 3))).toEqual(new Matrix(5, 0))
    })
  })

  describe('rank', () => {
    test("of Kahan's matrix, whose pivoted QR looks harmless", () => {
      const A = kahan(150, 0.35)
      const diagonal = Math.abs(qr(A, { pivoting: true }).R.get(149, 149))
      const sigma = svdvals(A)
      expect(diagonal).toBeGreaterThan(1e-6)
      expect(sigma[149]).toBeLessThan(1e-16)
      expect(matrixRank(A)).toBe(149)
      const N = nullSpace(A)
      expect(N.cols).toBe(1)
      expect(frobenius(oracle.product(A, N))).toBeLessThan(150 * EPS * sigma[0])
    })

    test('is decided by the tolerance of the caller where there is one', () => {
      const A = scaleBoth(
        ones(16),
        hadamard(4),
        Float64Array.from({ length: 16 }, (_, j) => 10 ** -j),
      )
      // Singular values 4, 0.4, ... 4e-15.
      for (const [tolerance, rank] of [
        [0, 16],
        [1e-10, 11],
        [1, 1],
        [5, 0],
      ]) {
        expect(matrixRank(A, { tolerance }), `tolerance ${tolerance}`).toBe(rank)
        expect(nullSpace(A, { tolerance }).cols).toBe(16 - rank)
        expect(orth(A, { tolerance }).cols).toBe(rank)
        expect(svd(A, { tolerance }).rank).toBe(rank)
      }
    })

    test('does not depend on the scale of the matrix', () => {
      const A = withSingularValues(20, 15, [3, 2, 1], 1)
      for (const e of [-1000, -500, 0, 500, 1000]) {
        expect(matrixRank(scaleBoth(ones(20), A, ones(15).fill(2 ** e))), `2^${e}`).toBe(3)
      }
    })
  })
})
