import { describe, expect, test } from 'vitest'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { hadamard, integerRotation, ones, scaleBoth } from '../support/constructed.js'
import { exactSingularValues } from '../support/exact-singular-values.js'
import { expectWithin } from '../support/expectations.js'
import { gaussian, uniform } from '../support/random.js'

/*
 * What makes Jacobi worth its price: singular values have small *relative* errors on any matrix that is a well-conditioned one
 * with its rows or columns scaled, the scales being as different and as disordered as they like.
 */

const EPS = Number.EPSILON
/** Largest relative error where the well-conditioned matrix is orthogonal, as for the golden cases. */
const RELATIVE = 1e-13
/** Otherwise, in units of max(m, n) eps times the condition of that matrix. */
const BOUND = 10

/** n scales between 10^-range and 10^range, in no order. */
function scales(n: number, range: number, seed: number): Float64Array {
  const next = uniform(seed)
  return Float64Array.from({ length: n }, () => 10 ** (range * (2 * next() - 1)))
}

function firstRows(A: Matrix, k: number): Matrix {
  return new Matrix(k, A.cols, A.data.slice(0, k * A.cols))
}

function descending(values: Float64Array): Float64Array {
  return values.sort((a, b) => b - a)
}

function expectRelative(A: Matrix, exact: Float64Array, relative: number, what: string): void {
  const bound = exact.map((sigma) => relative * sigma)
  for (const [matrix, which] of [
    [A, 'as it is'],
    [A.transpose(), 'transposed'],
  ] as const) {
    expectWithin(svdvals(matrix), exact, bound, `${what}, ${which}, values alone`)
    expectWithin(svd(matrix).S, exact, bound, `${what}, ${which}, with vectors`)
  }
}

/** sigma_1 / sigma_n after scaling every row to unit length: no other scaling of rows is much better (van der Sluis 1969). */
function scaledCondition(A: Matrix): number {
  const norms = Float64Array.from({ length: A.rows }, (_, i) => 1 / Math.hypot(...A.row(i)))
  const sigma = exactSingularValues(scaleBoth(norms, A, ones(A.cols)))
  return sigma[0] / sigma[sigma.length - 1]
}

const RANDOM = [
  [6, 6, 1],
  [9, 5, 2],
  [12, 12, 3],
  [14, 9, 4],
].map(([m, n, seed]) => {
  const B = gaussian(m, n, seed)
  const condition = scaledCondition(B.transpose())
  const [d, e] = [scales(m, 25, seed), scales(n, 25, seed + 1)]
  const columns = scaleBoth(ones(m), B, e)
  const both = scaleBoth(d, B, e)
  return {
    shape: `${m} x ${n}`,
    columns: { A: columns, exact: exactSingularValues(columns), condition },
    both: { A: both, exact: exactSingularValues(both) },
  }
})

test('the multiple-precision oracle agrees with what is known', () => {
  expect(Array.from(exactSingularValues(new Matrix(2, 2, [3, 0, 0, -1e-40])))).toEqual([3, 1e-40])
  expect(Array.from(exactSingularValues(integerRotation(3)))).toEqual(new Array(8).fill(125))
  // [1 1; 0 d] has sigma_1 sigma_2 = d and sigma_1^2 + sigma_2^2 = 2 + d^2.
  const [large, small] = exactSingularValues(new Matrix(2, 2, [1, 1, 0, 1e-50]))
  expect(large).toBe(Math.SQRT2)
  expect(small / (1e-50 / Math.SQRT2)).toBeCloseTo(1, 15)
})

onEveryBinary(() => {
  describe.each([
    ['signs, 32 x 32', hadamard(5), Math.sqrt(32)],
    ['signs, 64 x 64', hadamard(6), 8],
    ['integer rotation, 16 x 16', integerRotation(4), 625],
    ['integer rotation, 32 x 32', integerRotation(5), 3125],
  ] as const)('orthogonal times a diagonal: %s', (_name, Q, factor) => {
    test.each([1, 20, 60, 140])('scaled by up to 1e%i both ways', (range) => {
      for (const seed of [1, 2, 3]) {
        for (const k of [Q.rows, Q.rows - 5]) {
          const d = scales(k, range, seed)
          const exact = descending(d.map((x) => factor * x))
          expectRelative(scaleBoth(d, firstRows(Q, k), ones(Q.cols)), exact, RELATIVE, `${k} rows, seed ${seed}`)
        }
      }
    })
  })

  describe.each(RANDOM)('random $shape', ({ columns, both }) => {
    test('columns scaled: within the condition of the unscaled matrix', () => {
      const size = Math.max(columns.A.rows, columns.A.cols)
      expectRelative(columns.A, columns.exact, BOUND * size * EPS * columns.condition, 'columns scaled')
    })

    test('rows and columns scaled: as for the golden cases', () => {
      expectRelative(both.A, both.exact, RELATIVE, 'rows and columns scaled')
    })
  })

  test('small singular values that cancellation would destroy: a triangle of ones over a graded diagonal', () => {
    const n = 12
    const A = new Matrix(n, n)
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) A.set(i, j, 10 ** (-4 * i) * (i === j ? 1 : -0.5))
    expectRelative(A, exactSingularValues(A), RELATIVE, 'graded triangle')
  })
})
