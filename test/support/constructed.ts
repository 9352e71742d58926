import { Matrix } from '../../src/matrix.js'
import * as oracle from './oracles.js'
import { gaussian } from './random.js'

/** Matrices whose singular values, rank or null space are known from how they are made. */

/** m x n with orthonormal columns (m >= n): Gram-Schmidt, twice. */
export function orthonormal(m: number, n: number, seed: number): Matrix {
  const rows = gaussian(n, m, seed)
  for (let j = 0; j < n; j++) {
    const x = rows.row(j)
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) {
        const y = rows.row(i)
        const w = oracle.dot(x, y)
        for (let r = 0; r < m; r++) x[r] -= w * y[r]
      }
      const norm = oracle.nrm2(x)
      for (let r = 0; r < m; r++) x[r] /= norm
    }
  }
  return rows.transpose()
}

/** diag(left) A diag(right). */
export function scaleBoth(left: ArrayLike<number>, A: Matrix, right: ArrayLike<number>): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x, at) => left[Math.floor(at / A.cols)] * x * right[at % A.cols]),
  )
}

export function ones(n: number): Float64Array {
  return new Float64Array(n).fill(1)
}

/** U diag(sigma) V^T with random orthonormal U (m x k) and V (n x k). */
export function withSingularValues(m: number, n: number, sigma: ArrayLike<number>, seed: number): Matrix {
  const [U, V] = [orthonormal(m, sigma.length, seed), orthonormal(n, sigma.length, seed + 1)]
  return oracle.product(scaleBoth(ones(m), U, sigma), V.transpose())
}

/** Kronecker product. */
function kronecker(A: Matrix, B: Matrix): Matrix {
  const out = new Matrix(A.rows * B.rows, A.cols * B.cols)
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < out.cols; j++) {
      const a = A.get(Math.floor(i / B.rows), Math.floor(j / B.cols))
      out.set(i, j, a * B.get(i % B.rows, j % B.cols))
    }
  }
  return out
}

function power(A: Matrix, exponent: number): Matrix {
  return exponent === 1 ? A : kronecker(power(A, exponent - 1), A)
}

/** Sylvester's 2^k x 2^k matrix of signs, H^T H = 2^k I: with columns scaled by d, the singular values are exactly 2^(k/2) |d|. */
export function hadamard(k: number): Matrix {
  return power(new Matrix(2, 2, [1, 1, 1, -1]), k)
}

/** The k-fold product of the rotation by atan(4/3), in integers: R^T R = 25^k I, entries of many sizes. */
export function integerRotation(k: number): Matrix {
  return power(new Matrix(2, 2, [3, -4, 4, 3]), k)
}

/** Kahan's triangle: pivoted QR leaves it as it is, and its diagonal tells nothing of how small the last singular value is. */
export function kahan(n: number, c: number): Matrix {
  const s = Math.sqrt(1 - c * c)
  const K = new Matrix(n, n)
  // The diagonal decreases a little faster, so that rounding does not move the pivots.
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) K.set(i, j, s ** i * (i === j ? 1 : -c) * (1 + 25 * Number.EPSILON * (n - i)))
  }
  return K
}
