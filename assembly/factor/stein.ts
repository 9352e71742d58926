import { nrm2 } from '../level1/nrm2'
import { scal } from '../level1/scal'

function at(x: usize, i: i32): f64 {
  return load<f64>(x + ((i as usize) << 3))
}

function put(x: usize, i: i32, value: f64): void {
  store<f64>(x + ((i as usize) << 3), value)
}

/**
 * One step of inverse iteration: x <- (T - lambda I)^-1 x, scaled to unit length, for a symmetric tridiagonal T of diagonal d (n entries)
 * and subdiagonal e (n - 1), by elimination with partial pivoting (LAPACK dlagtf and dlagts). Pivots smaller than `tiny`, which is
 * some eps norm(T), are replaced by it: lambda is an eigenvalue, and so the last of them is rounding. `scratch` holds 3 n numbers.
 */
export function stein(n: i32, d: usize, e: usize, lambda: f64, tiny: f64, x: usize, scratch: usize): void {
  // Row i of U: u_i on the diagonal, v_i and w_i right of it.
  const u = scratch
  const v = u + ((n as usize) << 3)
  const w = v + ((n as usize) << 3)
  let pivot = at(d, 0) - lambda
  let beside: f64 = n > 1 ? at(e, 0) : 0
  for (let i: i32 = 0; i < n - 1; i++) {
    const below = at(e, i)
    const diagonal = at(d, i + 1) - lambda
    const next: f64 = i + 2 < n ? at(e, i + 1) : 0
    const xi = at(x, i)
    const xj = at(x, i + 1)
    const exchange = abs(below) > abs(pivot)
    if (!exchange && abs(pivot) < tiny) pivot = pivot < 0 ? -tiny : tiny
    const factor = exchange ? pivot / below : below / pivot
    put(u, i, exchange ? below : pivot)
    put(v, i, exchange ? diagonal : beside)
    put(w, i, exchange ? next : 0)
    put(x, i, exchange ? xj : xi)
    put(x, i + 1, exchange ? xi - factor * xj : xj - factor * xi)
    pivot = exchange ? beside - factor * diagonal : diagonal - factor * beside
    beside = exchange ? -factor * next : next
  }
  if (abs(pivot) < tiny) pivot = pivot < 0 ? -tiny : tiny
  put(u, n - 1, pivot)
  let x1: f64 = 0
  let x2: f64 = 0
  for (let i = n - 1; i >= 0; i--) {
    const upper: f64 = i < n - 1 ? at(v, i) * x1 + at(w, i) * x2 : 0
    const xi = (at(x, i) - upper) / at(u, i)
    put(x, i, xi)
    x2 = x1
    x1 = xi
  }
  scal(n, 1 / nrm2(n, x), x)
}
