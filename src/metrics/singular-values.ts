import { ConvergenceError } from '../errors.js'

/*
 * Singular values alone, small and without WebAssembly: importing the metrics must not load a binary. QR with column
 * pivoting, then one-sided Jacobi on the rows of R (Drmac and Veselic 2008): no Gram matrix, so singular values below
 * sqrt(eps) of the largest keep their digits.
 */

// Pivoting leaves 6 to 10 sweeps in practice; LAPACK's dgesvj gives up after 30.
const MAX_SWEEPS = 30

// Squared norms below this count as zero: for entries scaled to about 1 that is 2^-480 of them, and above it no product
// of two of them is subnormal.
const NEGLIGIBLE_SQUARE = 2 ** -960

/**
 * Singular values, in no particular order, of the n x k matrix whose column j is columns[j n .. j n + n - 1]. Its largest
 * entry must be of order 1. Overwrites `columns`. O(n k^2 + k^3) for n >= k, and with n and k exchanged otherwise.
 *
 * @throws ConvergenceError if 30 sweeps do not suffice
 */
export function singularValues(columns: Float64Array, n: number, k: number): Float64Array {
  if (n < k) return singularValues(transposed(columns, k, n), k, n)
  reduceToTriangle(columns, n, k)
  return orthogonalizedNorms(triangleRows(columns, n, k), k)
}

const transposed = (a: Float64Array, rows: number, cols: number): Float64Array =>
  Float64Array.from({ length: rows * cols }, (_, i) => a[(i % rows) * cols + Math.floor(i / rows)])

/** The rows of R, one after the other, zeros below the diagonal included. */
function triangleRows(columns: Float64Array, n: number, k: number): Float64Array {
  const rows = new Float64Array(k * k)
  for (let j = 0; j < k; j++) for (let i = 0; i <= j; i++) rows[i * k + j] = columns[j * n + i]
  return rows
}

/** Householder QR in place, the longest remaining column first (Golub and Van Loan 2013, section 5.4). */
function reduceToTriangle(columns: Float64Array, n: number, k: number): void {
  for (let j = 0; j < k; j++) {
    const length = n - j
    const squares = longestToFront(columns, n, k, j)
    if (squares < NEGLIGIBLE_SQUARE) return
    const pivot = j * n + j
    const alpha = Math.sqrt(squares)
    // v = x + sign(x_1) ||x|| e_1 adds and never cancels; H = I - 2 v v^T / v^T v = I - v v^T / (||x|| |v_1|).
    const beta = columns[pivot] >= 0 ? -alpha : alpha
    columns[pivot] -= beta
    const scale = 1 / (alpha * Math.abs(columns[pivot]))
    for (let c = j + 1; c < k; c++) {
      const target = c * n + j
      const factor = -scale * dot(columns, pivot, target, length)
      for (let l = 0; l < length; l++) columns[target + l] += factor * columns[pivot + l]
    }
    columns[pivot] = beta
  }
}

/** Swaps the column with the largest norm from row j on into place j, and returns the square of that norm. */
function longestToFront(columns: Float64Array, n: number, k: number, j: number): number {
  let longest = j
  let largest = -1
  // Computed anew in each step: downdated norms lose their digits to cancellation.
  for (let c = j; c < k; c++) {
    const squares = dot(columns, c * n + j, c * n + j, n - j)
    if (squares > largest) [longest, largest] = [c, squares]
  }
  if (longest !== j) {
    const column = columns.slice(j * n, (j + 1) * n)
    columns.copyWithin(j * n, longest * n, (longest + 1) * n)
    columns.set(column, longest * n)
  }
  return largest
}

/** One-sided Jacobi (Hestenes 1958): rotates pairs of the k rows of length k until all are orthogonal; their norms are the singular values. */
function orthogonalizedNorms(rows: Float64Array, k: number): Float64Array {
  const tolerance = k * Number.EPSILON
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false
    for (let p = 0; p < k - 1; p++) {
      for (let q = p + 1; q < k; q++) {
        if (orthogonalize(rows, p * k, q * k, k, tolerance)) rotated = true
      }
    }
    if (!rotated) {
      return Float64Array.from({ length: k }, (_, i) => Math.sqrt(dot(rows, i * k, i * k, k)))
    }
  }
  throw new ConvergenceError(`one-sided Jacobi: after ${MAX_SWEEPS} sweeps two rows have a cosine above ${tolerance}`)
}

function orthogonalize(rows: Float64Array, p: number, q: number, length: number, tolerance: number): boolean {
  let app = 0
  let aqq = 0
  let apq = 0
  for (let l = 0; l < length; l++) {
    const x = rows[p + l]
    const y = rows[q + l]
    app += x * x
    aqq += y * y
    apq += x * y
  }
  if (app < NEGLIGIBLE_SQUARE || aqq < NEGLIGIBLE_SQUARE) return false
  if (Math.abs(apq) <= tolerance * Math.sqrt(app) * Math.sqrt(aqq)) return false
  // The smaller root of t^2 + 2 zeta t - 1 = 0: the rotation by at most 45 degrees.
  const zeta = (aqq - app) / (2 * apq)
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta))
  const c = 1 / Math.hypot(1, t)
  const s = c * t
  for (let l = 0; l < length; l++) {
    const x = rows[p + l]
    const y = rows[q + l]
    rows[p + l] = c * x - s * y
    rows[q + l] = s * x + c * y
  }
  return true
}

function dot(a: Float64Array, i: number, j: number, length: number): number {
  let sum = 0
  for (let l = 0; l < length; l++) sum += a[i + l] * a[j + l]
  return sum
}
