import { describe, expect, it } from 'vitest'
import { minimumNormSteps } from '../../src/linalg/minimum-norm.js'
import { lstsq } from '../../src/linalg/least-squares.js'
import { matmul } from '../../src/linalg/matmul.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import { maxDifference, orthonormal } from './support.js'

const EPS = 2 ** -52

/** The solution by {@link minimumNormSteps}, with the rank rule of lstsq. */
function solution(A: Matrix, B: Matrix, relative = Math.max(A.rows, A.cols) * EPS): Matrix {
  const engine = Engine.shared()
  return run((function* () {
    const solve = yield* minimumNormSteps(engine, A, (largest) => relative * largest)
    return yield* solve(B)
  })()) // prettier-ignore
}

/** U diag(S) V^T of the given singular values, U and V random. */
function withSingularValues(m: number, n: number, S: readonly number[]): Matrix {
  const U = orthonormal(m, S.length, 11)
  const V = orthonormal(n, S.length, 12)
  const scaled = new Matrix(m, S.length, U.data.map((x, at) => x * S[at % S.length])) // prettier-ignore
  return matmul(scaled, V, { transposeB: true })
}

describe('minimumNormSteps', () => {
  it.each([
    ['full rank', 70, 40, 40],
    ['a square', 40, 40, 40],
    ['rank 40 of 64', 90, 64, 40],
    ['fewer rows than columns', 30, 64, 30],
    ['both', 50, 64, 20],
    ['rank 1', 20, 10, 1],
  ])('has the solution of the SVD: %s', (_, m, n, rank) => {
    const A = withSingularValues(m, n, Array.from({ length: rank }, (_, i) => 10 ** (-4 * i / rank))) // prettier-ignore
    const B = gaussian(m, 7, 13)
    const X = lstsq(A, B).X
    const size = Math.max(...X.data.map(Math.abs))
    expect(maxDifference(solution(A, B).data, X.data) / size).toBeLessThan(1e-10)
  })

  it('is zero for zero, of least norm for equal columns, and right for columns of zeros', () => {
    const B = gaussian(9, 2, 14)
    expect(solution(new Matrix(9, 4), B)).toEqual(new Matrix(4, 2))
    const a = gaussian(9, 1, 15)
    const twice = new Matrix(9, 3)
    for (let i = 0; i < 9; i++) twice.row(i).set([a.data[i], 0, a.data[i]])
    const X = solution(twice, B)
    const alone = lstsq(a, B).X
    for (let j = 0; j < 2; j++) {
      expect(X.get(0, j)).toBeCloseTo(alone.get(0, j) / 2, 14)
      expect(X.get(2, j)).toBeCloseTo(X.get(0, j), 14)
      expect(X.get(1, j)).toBe(0)
    }
  })

  it('leaves it to singular values where the triangle does not tell the rank: Kahan 1966', () => {
    const n = 60
    const [c, s] = [Math.cos(1.2), Math.sin(1.2)]
    const K = new Matrix(n, n)
    for (let i = 0; i < n; i++) {
      // A little less for later columns keeps pivoting from exchanging any.
      for (let j = i; j < n; j++) K.set(i, j, s ** i * (i === j ? 1 : -c) * (1 - 1e-13 * j))
    }
    const B = gaussian(n, 1, 16)
    // The last pivot is 1e-2, the last singular value 1e-8 or so: the rank is n - 1 at 1e-5.
    const { rank, X } = lstsq(K, B, { tolerance: 1e-5 * lstsq(K, B).singularValues[0] })
    expect(rank).toBe(n - 1)
    expect(maxDifference(solution(K, B, 1e-5).data, X.data)).toBeLessThan(1e-8 * Math.max(...X.data.map(Math.abs)))
  })
})
