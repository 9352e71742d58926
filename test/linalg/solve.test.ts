import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SingularMatrixError } from '../../src/errors.js'
import { cond } from '../../src/linalg/condition.js'
import { inv, solve } from '../../src/linalg/solve.js'
import { solveTriangular } from '../../src/linalg/solve-triangular.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, LU_PANEL, TRSM_BLOCK } from '../support/constants.js'
import { scaleBoth, withSingularValues } from '../support/constructed.js'
import { expectSame } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian, uniform } from '../support/random.js'
import { residualRatio } from '../support/systems.js'

const BOUND = 10
const EPS = Number.EPSILON
const RUNS = { numRuns: 10, seed: 20254 }

/** The solution, or the error that says that there is none. */
function attempt(A: Matrix, B: Matrix): Matrix | SingularMatrixError {
  try {
    return solve(A, B)
  } catch (error) {
    if (error instanceof SingularMatrixError) return error
    throw error
  }
}

function singular(work: () => unknown): SingularMatrixError {
  try {
    work()
  } catch (error) {
    if (error instanceof SingularMatrixError) return error
    throw error
  }
  throw new Error('no error')
}

/** Powers of two, exponents uniform in [-range, range]. */
function scales(n: number, range: number, seed: number): Float64Array {
  const next = uniform(seed)
  return Float64Array.from({ length: n }, () => 2 ** Math.round(range * (2 * next() - 1)))
}

onEveryBinary(() => {
  describe('solve', () => {
    test.each(MATRIX_TYPES)('%s: a small residual, or an error for a singular matrix', (type) => {
      fc.assert(
        fc.property(fc.nat(40), fc.nat(5), fc.nat(1e6), (n, k, seed) => {
          const A = matrixOfType(type, n, n, seed)
          const B = oracle.product(matrixOfType(type, n, n, seed), gaussian(n, k, seed + 1))
          const X = attempt(A, B)
          if (X instanceof Matrix) expect(residualRatio(A, X, B), `order ${n}`).toBeLessThanOrEqual(BOUND)
          else expect(X.rcond).toBeLessThan(EPS)
        }),
        RUNS,
      )
    })

    test('orders around the panel, one and many right-hand sides', () => {
      for (const n of [1, 2, ...around(LU_PANEL), 2 * LU_PANEL + 3]) {
        for (const k of [0, 1, 3, LU_PANEL + 1, 2 * LU_PANEL + 1]) {
          const [A, B] = [gaussian(n, n, n), gaussian(n, k, 1)]
          expect(residualRatio(A, solve(A, B), B), `${n}, ${k}`).toBeLessThanOrEqual(BOUND)
        }
      }
    })

    test('badly scaled rows and columns cost nothing', () => {
      for (const range of [30, 200, 480]) {
        const n = 25
        const [left, right] = [scales(n, range, 1), scales(n, range, 2)]
        const [A, X] = [gaussian(n, n, 3), gaussian(n, 2, 4)]
        const B = oracle.product(A, X)
        const scaled = scaleBoth(left, A, right)
        const solution = solve(scaled, scaleBoth(left, B, [1, 1]))
        const back = scaleBoth(right, solution, [1, 1])
        const error = oracle.nrm2(oracle.axpy(-1, X.data, back.data)) / oracle.nrm2(X.data)
        expect(error, `2^${range}`).toBeLessThan(10 * n * EPS * cond(A))
      }
    })

    test('at both ends of the range', () => {
      const A = gaussian(12, 12, 5)
      const B = gaussian(12, 1, 6)
      const X = solve(A, B)
      for (const e of [-1e300, -1e-300, 1e-300, 1e300]) {
        const times = (M: Matrix, f: number) =>
          new Matrix(
            M.rows,
            M.cols,
            Float64Array.from(M.data, (x) => x * f),
          )
        const scaled = solve(times(A, e), times(B, e))
        expect(residualRatio(times(A, e), scaled, times(B, e)), String(e)).toBeLessThanOrEqual(BOUND)
        expect(Math.abs(scaled.data[0] / X.data[0] - 1)).toBeLessThan(1e-10)
      }
      expect(solve([[1e-300]], [1e-300])[0]).toBe(1)
      expect(solve([[5e-324]], [5e-324])[0]).toBe(1)
      expect(() => solve([[1e-300]], [1e300])).toThrow(/beyond the range of float64/)
    })

    test('a vector gives a vector, an empty system an empty solution', () => {
      const A = [[2, 1], [1, 3]] // prettier-ignore
      expect(solve(A, [4, 7])).toEqual(Float64Array.of(1, 2))
      expect(solve(A, Float32Array.of(4, 7))).toEqual(Float64Array.of(1, 2))
      expect(solve(A, [[4], [7]]).toArray()).toEqual([[1], [2]])
      expect(solve(new Matrix(0, 0), new Matrix(0, 3))).toEqual(new Matrix(0, 3))
      expect(solve(gaussian(3, 3, 1), new Matrix(3, 0))).toEqual(new Matrix(3, 0))
    })

    test('a singular system is an error with the condition estimate', () => {
      const zero = singular(() => solve([[1, 2], [2, 4]], [1, 1])) // prettier-ignore
      expect([zero.rcond, zero.conditionEstimate]).toEqual([0, Infinity])
      expect(zero.message).toContain('lstsq')
      for (const sigma of [1e-17, 1e-19]) {
        const A = withSingularValues(20, 20, [...new Array<number>(19).fill(1), sigma], 3)
        const { rcond, conditionEstimate, message } = singular(() => solve(A, gaussian(20, 1, 1)))
        expect(rcond).toBeLessThan(EPS)
        expect(conditionEstimate).toBeGreaterThan(1 / EPS)
        expect(message).toContain('estimated at')
      }
      const near = withSingularValues(20, 20, [...new Array<number>(19).fill(1), 1e-12], 3)
      expect(residualRatio(near, solve(near, gaussian(20, 1, 1)), gaussian(20, 1, 1))).toBeLessThanOrEqual(BOUND)
    })

    test('refuses shapes that do not fit', () => {
      expect(() => solve(new Matrix(2, 3), [1, 2])).toThrow(/square matrix, got 2 x 3/)
      expect(() => solve(Matrix.identity(2), [1, 2, 3])).toThrow(/B must have 2 rows.*got 3 x 1/)
      expect(() => solve(Matrix.identity(2), [1, NaN])).toThrow(RangeError)
      expect(() => inv(new Matrix(2, 3))).toThrow(/square/)
    })
  })

  describe('inv', () => {
    test('A X = I, with a residual of n eps cond(A)', () => {
      for (const n of [0, 1, 2, 17, ...around(LU_PANEL)]) {
        const A = gaussian(n, n, n + 1)
        const X = inv(A)
        expect(residualRatio(A, X, Matrix.identity(n)), `order ${n}`).toBeLessThanOrEqual(BOUND)
        const error = oracle.axpy(-1, Matrix.identity(n).data, oracle.product(X, A).data)
        if (n > 0) expect(oracle.nrm2(error)).toBeLessThan(BOUND * n * EPS * cond(A))
      }
      expect(inv([[0, 2], [4, 0]]).toArray()).toEqual([[0, 0.25], [0.5, 0]]) // prettier-ignore
      expect(inv([[1e300, 0], [0, 2 ** -900]]).get(1, 1)).toBe(2 ** 900) // prettier-ignore
      singular(() => inv(new Matrix(3, 3)))
    })
  })

  describe('solveTriangular', () => {
    const options = [false, true].flatMap((lower) =>
      [false, true].flatMap((transpose) => [false, true].map((unitDiagonal) => ({ lower, transpose, unitDiagonal }))),
    )

    test.each(options)('%o', ({ lower, transpose, unitDiagonal }) => {
      for (const n of [0, 1, 2, ...around(TRSM_BLOCK), 2 * TRSM_BLOCK + 3]) {
        // Small entries beside the diagonal: a random triangle is ill-conditioned beyond all measure.
        const A = new Matrix(
          n,
          n,
          gaussian(n, n, n).data.map((x, at) => (at % (n + 1) === 0 ? x + Math.sign(x) : x / n)),
        )
        const T = oracle.triangle(A, !lower)
        if (unitDiagonal) for (let i = 0; i < n; i++) T.set(i, i, 1)
        const B = gaussian(n, 4, 7)
        const X = solveTriangular(A, B, { lower, transpose, unitDiagonal })
        expect(residualRatio(transpose ? T.transpose() : T, X, B), `order ${n}`).toBeLessThanOrEqual(BOUND)
      }
    })

    test('only a zero on the diagonal is singular', () => {
      const graded = [[1e-200, 1], [0, 1e200]] // prettier-ignore
      expect(Array.from(solveTriangular(graded, [1, 0]))[0]).toBeCloseTo(1e200, -190)
      const error = singular(() => solveTriangular([[1, 2], [0, 0]], [1, 1])) // prettier-ignore
      expect(error.message).toContain('(1, 1)')
      expect(solveTriangular([[0, 2], [0, 0]], [1, 1], { unitDiagonal: true })).toEqual(Float64Array.of(-1, 1)) // prettier-ignore
      expect(() => solveTriangular([[1]], [1], { lower: 1 as never })).toThrow(TypeError)
    })
  })

  test('arguments stay as they are', () => {
    const [A, B] = [gaussian(9, 9, 1), gaussian(9, 2, 2)]
    const before = [A.data.slice(), B.data.slice()]
    solve(A, B)
    solveTriangular(A, B)
    inv(A)
    expectSame(A.data, before[0], 'A')
    expectSame(B.data, before[1], 'B')
  })
})
