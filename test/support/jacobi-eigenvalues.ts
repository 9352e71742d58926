import type { Matrix } from '../../src/matrix.js'

/** Sweeps are quadratically convergent: ten are plenty below n = 200. */
const MAX_SWEEPS = 40

/** The rotation (c, s) that makes entry (p, q) zero (Rutishauser 1966). */
function rotation(app: number, aqq: number, apq: number): [c: number, s: number] {
  const theta = (aqq - app) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  return [c, t * c]
}

/** A <- J^T A J for the rotation J of rows and columns p and q. */
function rotate(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]]
    a[k * n + p] = c * x - s * y
    a[k * n + q] = s * x + c * y
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k], a[q * n + k]]
    a[p * n + k] = c * x - s * y
    a[q * n + k] = s * x + c * y
  }
}

/** Eigenvalues of a symmetric matrix, ascending, by the classical two-sided Jacobi iteration: no step in common with the kernels. */
export function jacobiEigenvalues(A: Matrix): Float64Array {
  const n = A.rows
  const a = Float64Array.from(A.data)
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotations = 0
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]
        if (
          Math.abs(apq) <=
          (Number.EPSILON / 8) * Math.sqrt(Math.abs(a[p * n + p])) * Math.sqrt(Math.abs(a[q * n + q]))
        )
          continue
        const [c, s] = rotation(a[p * n + p], a[q * n + q], apq)
        rotate(a, n, p, q, c, s)
        a[p * n + q] = a[q * n + p] = 0
        rotations++
      }
    }
    if (rotations === 0) return Float64Array.from({ length: n }, (_, i) => a[i * n + i]).sort()
  }
  throw new Error('the oracle did not converge')
}
