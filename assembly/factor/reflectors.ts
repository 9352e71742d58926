import { elements } from '../address'
import { axpy, axpy4 } from '../level1/axpy'
import { dot, dot4 } from '../level1/dot'
import { gemm } from '../level3/gemm'

/**
 * Products of elementary reflectors in the compact form H_1 .. H_k = I - V T V^T (Schreiber and Van Loan 1989), T upper
 * triangular. V is n x k with contiguous columns, ldv elements apart.
 */

/** C = H C for one reflector whose first row is apart: r (row entries `ldr` apart) is the row of the 1, C has n rows. */
export function applyReflector(
  n: i32,
  columns: i32,
  v: usize,
  tau: Real,
  r: usize,
  ldr: i32,
  c: usize,
  ldc: i32,
  scratch: usize,
): void {
  if (tau == 0) return
  const stepR: usize = elements(ldr)
  const stepC: usize = elements(ldc)
  let j: i32 = 0
  for (; j + 4 <= columns; j += 4) {
    dot4(n, v, c, stepC, scratch)
    for (let q: usize = 0; q < 4; q++) {
      const w = scratch + q * sizeof<Real>()
      const x: Real = -tau * (load<Real>(r) + load<Real>(w))
      store<Real>(r, load<Real>(r) + x)
      store<Real>(w, x)
      r += stepR
    }
    axpy4(n, scratch, v, c, stepC)
    c += 4 * stepC
  }
  for (; j < columns; j++) {
    const x: Real = -tau * (load<Real>(r) + dot(n, v, c))
    store<Real>(r, load<Real>(r) + x)
    axpy(n, x, v, c)
    r += stepR
    c += stepC
  }
}

/**
 * T of k forward, columnwise reflectors from G = V^T V (k x k, column-major, ld k, of which only the strict upper triangle
 * is read): t is k x k, column-major, ld k, zero below the diagonal. T[:i, i] = -tau_i T[:i, :i] G[:i, i].
 */
export function larft(k: i32, g: usize, tau: usize, t: usize): void {
  const ld: usize = elements(k)
  memory.fill(t, 0, ld * (k as usize))
  for (let i: i32 = 0; i < k; i++) {
    const ti: usize = t + (i as usize) * ld
    const gi: usize = g + (i as usize) * ld
    const scale: Real = load<Real>(tau + elements(i))
    for (let q: i32 = 0; q < i; q++) {
      axpy(q + 1, -scale * load<Real>(gi + elements(q)), t + (q as usize) * ld, ti)
    }
    store<Real>(ti + elements(i), scale)
  }
}

/** W = T^T W (`forward`, for H^T C) or T W (for H C): W is k x n with ld k, `copy` holds as much again. */
export function scaleByT(transposed: bool, k: i32, n: i32, t: usize, w: usize, copy: usize, work: usize): void {
  const bytes: usize = elements(k * n)
  memory.copy(copy, w, bytes)
  gemm(k, n, k, 1, t, transposed ? k : 1, transposed ? 1 : k, copy, 1, k, 0, w, k, work)
}

/**
 * C = (I - V T V^T)^T C (`transposed`: what a factorisation applies) or (I - V T V^T) C (what forming Q applies), C is m x n.
 * `w` holds 2 k n elements.
 */
export function larfb(
  transposed: bool,
  m: i32,
  n: i32,
  k: i32,
  v: usize,
  ldv: i32,
  t: usize,
  c: usize,
  ldc: i32,
  w: usize,
  work: usize,
): void {
  if (m == 0 || n == 0 || k == 0) return
  gemm(k, n, m, 1, v, ldv, 1, c, 1, ldc, 0, w, k, work)
  scaleByT(transposed, k, n, t, w, w + elements(k * n), work)
  gemm(m, n, k, -1, v, 1, ldv, w, 1, k, 1, c, ldc, work)
}

/** C = C (I - V T V^T), C m x n, V n x k; `w` holds 2 m k elements. */
export function larfbRight(
  m: i32,
  n: i32,
  k: i32,
  v: usize,
  ldv: i32,
  t: usize,
  c: usize,
  ldc: i32,
  w: usize,
  work: usize,
): void {
  const wt: usize = w + elements(k * m)
  gemm(m, k, n, 1, c, 1, ldc, v, 1, ldv, 0, w, m, work)
  gemm(m, k, k, 1, w, 1, m, t, 1, k, 0, wt, m, work)
  gemm(m, n, k, -1, wt, 1, m, v, ldv, 1, 1, c, ldc, work)
}
