import { Matrix } from '../../src/matrix.js'
import { orthonormal } from './constructed.js'
import * as oracle from './oracles.js'
import { gaussian, uniform } from './random.js'

/** The kinds of symmetric matrix on which LAPACK tests its eigensolvers (ddrvst), and some that are harder. */
export const SYMMETRIC_TYPES = [
  'random',
  'zero',
  'identity',
  'diagonal',
  'tridiagonal',
  'rank one',
  'clustered',
  'repeated',
  'graded',
  'graded upwards',
  'semidefinite',
  'negative definite',
  'near overflow',
  'near underflow',
  'integer',
  'exchange',
  'Wilkinson',
] as const

export type SymmetricType = (typeof SYMMETRIC_TYPES)[number]

/** Symmetric, entry (i, j) for i >= j from `f`. */
export function symmetric(n: number, f: (i: number, j: number) => number): Matrix {
  const A = new Matrix(n, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) A.data[i * n + j] = A.data[j * n + i] = f(i, j)
  }
  return A
}

/** V diag(values) V^T with random orthonormal V, exactly symmetric. */
export function withEigenvalues(values: ArrayLike<number>, seed: number): Matrix {
  const n = values.length
  const V = orthonormal(n, n, seed)
  const left = new Matrix(
    n,
    n,
    Float64Array.from(V.data, (x, at) => x * values[at % n]),
  )
  const A = oracle.product(left, V.transpose())
  return symmetric(n, (i, j) => A.data[i * n + j])
}

/** Wilkinson's W+: pairs of eigenvalues that agree to many digits though no entry is small. */
export function wilkinson(n: number): Matrix {
  return symmetric(n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : i - j === 1 ? 1 : 0))
}

/** An n x n symmetric matrix of a type, from a seed. */
export function symmetricOfType(type: SymmetricType, n: number, seed: number): Matrix {
  const G = gaussian(n, n, seed)
  const next = uniform(seed + 1)
  const g = (i: number, j: number) => G.data[i * n + j]
  const grade = (i: number) => 2 ** (-40 * (i / Math.max(1, n - 1)))
  switch (type) {
    case 'random':
      return symmetric(n, g)
    case 'zero':
      return new Matrix(n, n)
    case 'identity':
      return Matrix.identity(n)
    case 'diagonal':
      return symmetric(n, (i, j) => (i === j ? g(i, i) : 0))
    case 'tridiagonal':
      return symmetric(n, (i, j) => (i - j <= 1 ? g(i, j) : 0))
    case 'rank one':
      return symmetric(n, (i, j) => -G.data[i] * G.data[j])
    case 'clustered':
      return withEigenvalues(
        Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1e-6) + 1e-13 * next()),
        seed,
      )
    case 'repeated':
      return withEigenvalues(
        Float64Array.from({ length: n }, (_, i) => (i % 3) - 1),
        seed,
      )
    case 'graded':
      return symmetric(n, (i, j) => g(i, j) * grade(i) * grade(j))
    case 'graded upwards':
      return symmetric(n, (i, j) => g(i, j) * grade(n - 1 - i) * grade(n - 1 - j))
    case 'semidefinite': {
      const X = gaussian(Math.ceil(n / 2), n, seed)
      const P = oracle.product(X.transpose(), X)
      return symmetric(n, (i, j) => P.data[i * n + j])
    }
    case 'negative definite':
      return withEigenvalues(
        Float64Array.from({ length: n }, () => -1 - next()),
        seed,
      )
    case 'near overflow':
      return symmetric(n, (i, j) => g(i, j) * 2 ** 1000)
    case 'near underflow':
      return symmetric(n, (i, j) => g(i, j) * 2 ** -1020)
    case 'integer':
      return symmetric(n, (i, j) => Math.round(2 * g(i, j)))
    case 'exchange':
      return symmetric(n, (i, j) => (i + j === n - 1 ? 1 : 0))
    case 'Wilkinson':
      return wilkinson(n)
  }
}
