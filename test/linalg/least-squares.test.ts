import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lstsq, lstsqAsync, pinv } from '../../src/linalg/least-squares.js'
import { matrixRank } from '../../src/linalg/subspaces.js'
import { solve } from '../../src/linalg/solve.js'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { withSingularValues } from '../support/constructed.js'
import { expectSame } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { relativeDistance, residualRatio } from '../support/systems.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

const EPS = Number.EPSILON
const RUNS = { numRuns: 10, seed: 20255 }

const column = (A: Matrix, j: number) => Float64Array.from(A.transpose().row(j))
const minus = (A: Matrix, B: Matrix) => new Matrix(A.rows, A.cols, oracle.axpy(-1, B.data, A.data))

/** A well-conditioned matrix of a rank, and right-hand sides that it does not reach. */
function problem(m: number, n: number, rank: number, seed: number): { A: Matrix; B: Matrix } {
  const sigma = Array.from({ length: rank }, (_, i) => 1 + i / 4)
  return { A: withSingularValues(m, n, sigma, seed), B: gaussian(m, 3, seed + 9) }
}

/** A^T (B - A X) = 0, X in the range of A^T, and the figures beside X. */
function check(A: Matrix, B: Matrix, rank: number, what: string): void {
  const { X, residualNorms, rank: found, singularValues } = lstsq(A, B)
  const [m, n] = [A.rows, A.cols]
  const bound = 20 * Math.max(m, n) * EPS
  expect([X.rows, X.cols, found], what).toEqual([n, B.cols, rank])
  const residual = minus(B, oracle.product(A, X))
  const size = oracle.nrm2(A.data)
  expect(oracle.nrm2(oracle.product(A.transpose(), residual).data), `normal equations, ${what}`).toBeLessThanOrEqual(bound * size * oracle.nrm2(B.data)) // prettier-ignore
  const V = svd(A).V
  const basis = new Matrix(n, rank, Float64Array.from({ length: n * rank }, (_, at) => V.get(Math.floor(at / rank), at % rank))) // prettier-ignore
  const projected = oracle.product(basis, oracle.product(basis.transpose(), X))
  expect(oracle.nrm2(minus(X, projected).data), `minimum norm, ${what}`).toBeLessThanOrEqual(bound * (oracle.nrm2(X.data) + 1)) // prettier-ignore
  residualNorms.forEach((x, j) => {
    expect(Math.abs(x - oracle.nrm2(column(residual, j))), what).toBeLessThanOrEqual(bound * oracle.nrm2(column(B, j)))
  })
  expect(singularValues).toHaveLength(Math.min(m, n))
  expect(relativeDistance(new Matrix(1, singularValues.length, svdvals(A)), new Matrix(1, singularValues.length, singularValues))).toBeLessThanOrEqual(bound) // prettier-ignore
}

onEveryBinary(() => {
  describe('lstsq', () => {
    test('any shape and rank: the normal equations hold, and the norm is least', () => {
      for (const [m, n] of [
        [1, 1],
        [20, 7],
        [7, 20],
        [15, 15],
        [40, 1],
        [1, 9],
      ] as const) {
        const full = Math.min(m, n)
        for (const rank of new Set([1, Math.ceil(full / 2), full])) {
          const { A, B } = problem(m, n, rank, m + n)
          check(A, B, rank, `${m} x ${n}, rank ${rank}`)
        }
      }
      check(gaussian(9, 4, 1), new Matrix(9, 0), 4, 'no right-hand side')
    })

    test('around the panels', () => {
      for (const [m, n] of STRADDLING.slice(0, 6)) check(gaussian(m, n, 1), gaussian(m, 2, 2), Math.min(m, n), `${m} x ${n}`) // prettier-ignore
    })

    test('empty and zero matrices', () => {
      for (const [m, n] of SMALL) {
        const { X, rank, residualNorms } = lstsq(new Matrix(m, n), new Matrix(m, 2, new Float64Array(2 * m).fill(3)))
        expect([X.rows, X.cols, rank, oracle.amax(X.data)]).toEqual([n, 2, 0, 0])
        expect(residualNorms[0]).toBeCloseTo(3 * Math.sqrt(m), 12)
      }
    })

    test('a square system has the solution of solve; a vector gives a vector', () => {
      const [A, b] = [gaussian(12, 12, 3), Float64Array.from(gaussian(12, 1, 4).data)]
      const { X, residualNorms } = lstsq(A, b)
      expect(X).toBeInstanceOf(Float64Array)
      expect(residualRatio(A, new Matrix(12, 1, X), new Matrix(12, 1, b))).toBeLessThanOrEqual(10)
      expect(relativeDistance(new Matrix(12, 1, solve(A, b)), new Matrix(12, 1, X))).toBeLessThan(1e-11)
      expect(residualNorms).toHaveLength(1)
    })

    test('rows weighted by many orders of magnitude are met to the accuracy of each', () => {
      // Two rows of weight 1e12 fix x as a constraint does; the light rows decide what is left.
      const [heavy, light] = [gaussian(2, 4, 5), gaussian(6, 4, 6)]
      const x = gaussian(4, 1, 7)
      const rows = [...light.toArray(), ...heavy.toArray().map((row) => row.map((v) => v * 2 ** 40))]
      const A = Matrix.from(rows)
      const { X } = lstsq(A, oracle.product(A, x))
      expect(relativeDistance(x, X)).toBeLessThan(1e-13)
    })

    test('at both ends of the range', () => {
      const { A, B } = problem(9, 5, 3, 1)
      const { X, residualNorms } = lstsq(A, B)
      for (const [a, b] of [
        [2 ** 1000, 2 ** 1000],
        [2 ** -1000, 2 ** -990],
        [2 ** 900, 2 ** -100],
      ] as const) {
        const times = (M: Matrix, f: number) =>
          new Matrix(
            M.rows,
            M.cols,
            Float64Array.from(M.data, (x) => x * f),
          )
        const scaled = lstsq(times(A, a), times(B, b))
        expectSame(scaled.X.data, times(X, b / a).data, `${a}, ${b}`)
        expectSame(scaled.residualNorms, residualNorms.map((r) => r * b), `${a}, ${b}`) // prettier-ignore
        expect(scaled.rank).toBe(3)
      }
    })

    test('the tolerance decides the rank', () => {
      const A = withSingularValues(6, 4, [1, 1e-3, 1e-6, 1e-9], 2)
      expect(lstsq(A, gaussian(6, 1, 1)).rank).toBe(4)
      expect(lstsq(A, gaussian(6, 1, 1), { tolerance: 1e-5 }).rank).toBe(2)
      expect(() => lstsq(A, gaussian(6, 1, 1), { tolerance: -1 })).toThrow(/tolerance/)
      expect(() => lstsq(A, [1, 2])).toThrow(/B must have 6 rows/)
    })
  })

  describe('pinv', () => {
    test('the four conditions of Moore and Penrose, of any rank', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 25 }), fc.nat(1e6), (m, n, seed) => {
          const rank = 1 + (seed % Math.min(m, n))
          const { A } = problem(m, n, rank, seed)
          const P = pinv(A)
          const [AP, PA] = [oracle.product(A, P), oracle.product(P, A)]
          const bound = 50 * Math.max(m, n) * EPS * (1 + rank)
          for (const [left, right] of [
            [oracle.product(AP, A), A],
            [oracle.product(PA, P), P],
            [AP, AP.transpose()],
            [PA, PA.transpose()],
          ]) {
            expect(relativeDistance(right, left), `${m} x ${n}, rank ${rank}`).toBeLessThanOrEqual(bound)
          }
        }),
        RUNS,
      )
    })

    test.each(MATRIX_TYPES)('of any type and shape: the shape of the transpose, finite, P A P = P: %s', (type) => {
      for (const [m, n] of [...SMALL, [9, 5], [5, 9], [8, 8]] as const) {
        const P = pinv(matrixOfType(type, m, n, 3), { tolerance: type.startsWith('near') ? 0 : 1e-9 })
        expect([P.rows, P.cols]).toEqual([n, m])
        expect(P.data.every(Number.isFinite)).toBe(true)
      }
    })

    test('known inverses', () => {
      expect(pinv([[2, 0], [0, 0]]).toArray()).toEqual([[0.5, 0], [0, 0]]) // prettier-ignore
      expect(pinv(new Matrix(3, 2)).toArray()).toEqual([[0, 0, 0], [0, 0, 0]]) // prettier-ignore
      expect(pinv([[2 ** 1000, 0], [0, 2 ** 990]]).get(1, 1)).toBe(2 ** -990) // prettier-ignore
      expect(() => pinv([[1e-320]])).toThrow(/beyond the range/)
    })
  })
})

describe('columns that are only badly scaled', () => {
  const line = [1, 2, 3].map((i) => [1, 100000000 + i])

  test('are independent to lstsq, not to what is about the matrix as it is', async () => {
    for (const { X, rank, singularValues } of [lstsq(line, [1, 2, 3]), await lstsqAsync(line, [1, 2, 3])]) {
      expect(rank).toBe(2)
      expect(Math.abs(X[1] - 1)).toBeLessThan(1e-7)
      expect(X[0] + 100000002 * X[1]).toBeCloseTo(2, 6)
      expect(singularValues[1] / svdvals(line)[1]).toBeCloseTo(1, 6)
    }
    expect(matrixRank(line)).toBe(1)
    expect(lstsq(line, [1, 2, 3], { tolerance: 1e-6 }).rank).toBe(1)
  })

  test('are told from those that depend on each other', () => {
    // The third column is the second, the fourth zero.
    const twice = line.map(([one, x]) => [one, x, x, 0])
    const { X, rank } = lstsq(twice, [1, 2, 4])
    expect(rank).toBe(2)
    expect(X[3]).toBe(0)
    expect(X[1] + X[2]).toBeCloseTo(1.5, 6)
  })

  test('leave alone what has full rank, is zero, or of one scale', () => {
    expect(lstsq([[0, 0], [0, 0]], [1, 2]).rank).toBe(0) // prettier-ignore
    expect(lstsq([[1, 1], [1, 1], [2, 2]], [1, 1, 2]).rank).toBe(1) // prettier-ignore
    expect(lstsq([[1e-9, 1e9], [2e-9, 1e9]], [1, 1]).rank).toBe(2) // prettier-ignore
  })
})
