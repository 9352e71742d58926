import { expect, test } from 'vitest'
import { ConvergenceError } from '../../src/errors.js'
import { svd, type SVD } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'

const EPS = Number.EPSILON

/** Columns 2^-30 apart in norm are in groups of their own, and take several sweeps. */
function graded(m: number, n: number): Matrix {
  const A = gaussian(m, n, 1)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) A.set(i, j, A.get(i, j) * 2 ** -(30 * (j % 3)))
  return A
}

function failure(work: () => unknown): ConvergenceError<SVD> {
  try {
    work()
  } catch (error) {
    if (error instanceof ConvergenceError) return error as ConvergenceError<SVD>
    throw error
  }
  throw new Error('it converged')
}

onEveryBinary(() => {
  test('jacobi: sweeps, rotations, and the stopping rule kept', () => {
    for (const A of [gaussian(60, 40, 2), graded(60, 40), gaussian(10, 30, 1), new Matrix(5, 4)]) {
      const { jacobi, sweeps } = svd(A)
      const n = Math.min(A.rows, A.cols)
      expect(jacobi.sweeps).toBe(sweeps)
      expect(jacobi.rotations).toBeLessThanOrEqual(((n * (n - 1)) / 2) * sweeps)
      expect(jacobi.largestCosine).toBeLessThanOrEqual(Math.sqrt(n) * EPS)
    }
    expect(svd(graded(60, 40)).jacobi.rotations).toBeGreaterThan(0)
    expect(svd(new Matrix(5, 4)).jacobi.rotations).toBe(0)
  })

  test.each([
    ['tall', graded(60, 45)],
    ['wide', graded(60, 45).transpose()],
    ['small', gaussian(12, 12, 3)],
  ])('too few sweeps, %s: an error with the factors so far, and the package works on', (_what, A) => {
    const needed = svd(A).sweeps
    expect(needed).toBeGreaterThan(1)
    const error = failure(() => svd(A, { maxSweeps: 1 }))
    expect(error.message).toContain('did not converge in 1 Jacobi sweeps')
    expect(error.jacobi?.sweeps).toBe(1)
    expect(error.jacobi?.largestCosine).toBeGreaterThan(Math.sqrt(A.cols) * EPS)
    const { U, S, V, rank } = error.factors as SVD
    // Still a factorisation of A, with the singular values about right; one side is not yet orthonormal to rounding.
    expect(factorisationRatio(A, U, S, V)).toBeLessThanOrEqual(10)
    expect(Math.max(orthogonalityRatio(U), orthogonalityRatio(V))).toBeGreaterThan(1)
    expect(S[0] / svd(A).S[0]).toBeCloseTo(1, 1)
    expect(rank).toBe(svd(A).rank)
    expect(svd(A, { maxSweeps: needed }).sweeps).toBe(needed)
  })

  test('without vectors there are none in the error', () => {
    const { factors } = failure(() => svd(graded(60, 45), { vectors: 'none', maxSweeps: 1 }))
    expect(factors?.U).toBeUndefined()
    expect(factors?.S).toHaveLength(45)
  })
})

test('maxSweeps is an integer from 1 on', () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) expect(() => svd([[1]], { maxSweeps: bad })).toThrow(RangeError)
  expect(() => svd([[1]], { maxSweeps: '3' as unknown as number })).toThrow(TypeError)
})
