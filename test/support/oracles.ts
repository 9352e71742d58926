import { Matrix } from '../../src/matrix.js'

/** The kernels in their naive form: one formula each, in the order of the definition, on values that they do not change. */

type Vector = ArrayLike<number>

export function dot(x: Vector, y: Vector): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i]
  return sum
}

export function axpy(alpha: number, x: Vector, y: Vector): Float64Array {
  return Float64Array.from(x, (xi, i) => y[i] + alpha * xi)
}

export function scal(alpha: number, x: Vector): Float64Array {
  return Float64Array.from(x, (xi) => alpha * xi)
}

export function amax(x: Vector): number {
  let largest = 0
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]))
  return largest
}

/** Every entry over the largest one, so that no square leaves the range. */
export function nrm2(x: Vector): number {
  const largest = amax(x)
  if (largest === 0) return 0
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] / largest) ** 2
  return largest * Math.sqrt(sum)
}

/** Scaled rotation: (x + a y, y - b x). */
export function rotm(x: Vector, y: Vector, a: number, b: number): [Float64Array, Float64Array] {
  return [axpy(a, y, x), axpy(-b, x, y)]
}

/** The same with magnitudes: what the rounding error of {@link rotm} is measured by. */
export function rotmMagnitude(x: Vector, y: Vector, a: number, b: number): [Float64Array, Float64Array] {
  return [axpy(Math.abs(a), y, x), axpy(Math.abs(b), x, y)]
}

/** A B. */
export function product(A: Matrix, B: Matrix): Matrix {
  const C = new Matrix(A.rows, B.cols)
  const n = B.cols
  for (let i = 0; i < A.rows; i++) {
    const row = C.data.subarray(i * n, (i + 1) * n)
    for (let p = 0; p < A.cols; p++) {
      const a = A.data[i * A.cols + p]
      const at = p * n
      for (let j = 0; j < n; j++) row[j] += a * B.data[at + j]
    }
  }
  return C
}

/** |A| |B|: what a rounding error of the product is measured by. */
export function absoluteProduct(A: Matrix, B: Matrix): Matrix {
  const absolute = (M: Matrix) => new Matrix(M.rows, M.cols, Float64Array.from(M.data, Math.abs))
  return product(absolute(A), absolute(B))
}

/** alpha A B + beta C, where beta = 0 means that C is not read. */
export function gemm(alpha: number, A: Matrix, B: Matrix, beta: number, C: Matrix): Matrix {
  const AB = product(A, B)
  return new Matrix(
    C.rows,
    C.cols,
    AB.data.map((x, i) => (beta === 0 ? 0 : beta * C.data[i]) + alpha * x),
  )
}

/** The upper or lower triangle, zero elsewhere. */
export function triangle(T: Matrix, upper: boolean): Matrix {
  return new Matrix(
    T.rows,
    T.cols,
    T.data.map((x, at) => {
      const i = Math.floor(at / T.cols)
      const j = at % T.cols
      return (upper ? i > j : i < j) ? 0 : x
    }),
  )
}

/** T^-1 B by substitution, T upper or lower triangular. */
export function triangularSolve(upper: boolean, T: Matrix, B: Matrix): Matrix {
  const m = T.rows
  const X = new Matrix(B.rows, B.cols, Float64Array.from(B.data))
  for (let j = 0; j < B.cols; j++) {
    for (let s = 0; s < m; s++) {
      const i = upper ? m - 1 - s : s
      let x = B.get(i, j)
      for (let q = upper ? i + 1 : 0; q < (upper ? m : i); q++) x -= T.get(i, q) * X.get(q, j)
      X.set(i, j, x / T.get(i, i))
    }
  }
  return X
}

/**
 * H_1 H_2 .. H_k C with H_j = I - tau_j v_j v_j^T; v_j is 0 above entry j, 1 at it, and column j of `factored` below it.
 */
export function applyReflectors(factored: Matrix, tau: Vector, C: Matrix): Matrix {
  const X = new Matrix(C.rows, C.cols, Float64Array.from(C.data))
  for (let j = tau.length - 1; j >= 0; j--) {
    const v = (i: number) => (i === j ? 1 : factored.data[i * factored.cols + j])
    for (let c = 0; c < C.cols; c++) {
      let w = 0
      for (let i = j; i < C.rows; i++) w += v(i) * X.data[i * C.cols + c]
      for (let i = j; i < C.rows; i++) X.data[i * C.cols + c] -= tau[j] * v(i) * w
    }
  }
  return X
}
