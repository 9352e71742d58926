import { EPS, MAX_SWEEPS, STEP_FLOPS } from '../constants'
import { dot } from '../level1/dot'
import { nrm2 } from '../level1/nrm2'
import { rot, rotdot } from '../level1/rot'
import { swap } from '../level1/swap'
import { exponent, ldexp, pow2, scaleByPow2 } from './scaling'

/**
 * One-sided Jacobi: plane rotations from the right make the columns of X (m x n) orthogonal; then X J = W diag(sigma).
 * Row-cyclic with de Rijk's pivoting (1989), as in LAPACK dgesvj. Meant for the lower-triangular factor of a pivoted QR
 * (Drmac and Veselic 2008), where few sweeps suffice and small singular values keep their relative accuracy.
 *
 * One matrix may span 1e90 to 1e-120, so a column is kept as x_j = 2^e_j s_j with norm(s_j) near 1, and a rotation is computed
 * from the cosine of the angle and the ratio of the norms, neither of which can leave the range (see `rotate`).
 */
@unmanaged
export class GesvjState {
  m: i32
  n: i32
  x: usize
  ldx: i32
  /** J is accumulated here (rowsV x n) unless 0. */
  v: usize
  ldv: i32
  rowsV: i32
  /** Per column: norm(x_j), norm(s_j)^2 (f64), e_j (i32). */
  norms: usize
  squares: usize
  exponents: usize
  /** Next pivot row of the sweep. */
  p: i32
  sweeps: i32
  rotations: i32
  totalRotations: i32
  tolerance: f64
  /** Largest cosine met and largest sine applied in the sweep. */
  maxCosine: f64
  maxSine: f64
  converged: bool
  done: bool
}

/** Below this share of the old square, the downdated norm has lost digits and is computed afresh. */
const RECOMPUTE: f64 = 1.0 / 64.0
/** Stored columns are rescaled between sweeps when their norm leaves 2^-RANGE .. 2^RANGE. */
const RANGE: i32 = 30

export function gesvjInit(
  s: GesvjState,
  m: i32,
  n: i32,
  x: usize,
  ldx: i32,
  v: usize,
  ldv: i32,
  rowsV: i32,
  norms: usize,
  squares: usize,
  exponents: usize,
): void {
  s.m = m
  s.n = n
  s.x = x
  s.ldx = ldx
  s.v = v
  s.ldv = ldv
  s.rowsV = rowsV
  s.norms = norms
  s.squares = squares
  s.exponents = exponents
  s.sweeps = 0
  s.totalRotations = 0
  s.tolerance = sqrt<f64>(m as f64) * EPS
  s.converged = false
  s.done = n == 0
  memory.fill(exponents, 0, (n as usize) << 2)
  beginSweep(s)
  if (n <= 1) {
    s.converged = true
    s.done = true
    s.maxCosine = 0
  }
}

function column(s: GesvjState, j: i32): usize {
  return s.x + (((j as usize) * (s.ldx as usize)) << 3)
}

function normAt(s: GesvjState, j: i32): usize {
  return s.norms + ((j as usize) << 3)
}

function squareAt(s: GesvjState, j: i32): usize {
  return s.squares + ((j as usize) << 3)
}

function exponentAt(s: GesvjState, j: i32): usize {
  return s.exponents + ((j as usize) << 2)
}

/** Norms afresh from the data, columns rescaled where they drifted. */
function beginSweep(s: GesvjState): void {
  s.p = 0
  s.rotations = 0
  s.maxCosine = 0
  s.maxSine = 0
  for (let j: i32 = 0; j < s.n; j++) measure(s, j)
}

function measure(s: GesvjState, j: i32): void {
  const x = column(s, j)
  let norm: f64 = nrm2<f64>(s.m, x)
  if (norm != 0) {
    const drift = exponent(norm)
    if (drift > RANGE || drift < -RANGE) {
      scaleByPow2(s.m, x, -drift)
      store<i32>(exponentAt(s, j), load<i32>(exponentAt(s, j)) + drift)
      norm = nrm2<f64>(s.m, x)
    }
  }
  store<f64>(squareAt(s, j), norm * norm)
  store<f64>(normAt(s, j), ldexp(norm, load<i32>(exponentAt(s, j))))
}

/** Brings the largest column left to position p (de Rijk). */
function pivot(s: GesvjState, p: i32): void {
  let q = p
  for (let j: i32 = p + 1; j < s.n; j++) if (load<f64>(normAt(s, j)) > load<f64>(normAt(s, q))) q = j
  if (q == p) return
  swap<f64>(s.m, column(s, p), column(s, q))
  if (s.v != 0) swap<f64>(s.rowsV, columnV(s, p), columnV(s, q))
  swap<f64>(1, normAt(s, p), normAt(s, q))
  swap<f64>(1, squareAt(s, p), squareAt(s, q))
  const e = load<i32>(exponentAt(s, p))
  store<i32>(exponentAt(s, p), load<i32>(exponentAt(s, q)))
  store<i32>(exponentAt(s, q), e)
}

function columnV(s: GesvjState, j: i32): usize {
  return s.v + (((j as usize) * (s.ldv as usize)) << 3)
}

/**
 * Rotates columns p and q, whose stored product is g; returns the product of the new p with the stored column z (0 for
 * z = 0). Let x be the larger, y the smaller, rho = |y| / |x| <= 1, gamma = cos(x, y). The tangent of the inner rotation is
 * t = rho tau with tau = 2 gamma / (1 - rho^2 + sqrt((1 - rho^2)^2 + 4 gamma^2 rho^2)), and then
 * |x'|^2 = |x|^2 (1 + t rho gamma), |y'|^2 = |y|^2 (1 - tau gamma). In stored form, x = 2^ex s_x and y = 2^ey s_y, the tangent
 * becomes t 2^(ey - ex) one way and t 2^(ex - ey) the other. Both must come from one rounded number: two that differ in their
 * last bits make a map that is not orthogonal. Nor is 1 / sqrt(1 + t^2) good enough for c: for small t the root of 1 + k eps lies
 * just below a multiple of eps / 2 and always rounds down, so that c^2 + s^2 exceeds 1 by eps / 2 on average, and at n = 300 all
 * singular values come out 140 eps too large (measured); 1 - t^2 / (w + sqrt w), w = 1 + t^2, has no such bias.
 */
function rotate(s: GesvjState, p: i32, q: i32, g: f64, z: usize): f64 {
  const swapped = load<f64>(normAt(s, p)) < load<f64>(normAt(s, q))
  const x = swapped ? q : p
  const y = swapped ? p : q
  const xx = load<f64>(squareAt(s, x))
  const yy = load<f64>(squareAt(s, y))
  const shift: f64 = pow2(load<i32>(exponentAt(s, y)) - load<i32>(exponentAt(s, x)))
  const ratio: f64 = sqrt<f64>(yy / xx)
  const rho: f64 = ratio * shift
  const gamma: f64 = g / (sqrt<f64>(xx) * sqrt<f64>(yy))
  const gap: f64 = (1.0 - rho) * (1.0 + rho)
  const tau: f64 = (2.0 * gamma) / (gap + sqrt<f64>(gap * gap + 4.0 * gamma * gamma * rho * rho))
  const t: f64 = tau * ratio * shift
  const w: f64 = 1.0 + t * t
  const c: f64 = 1.0 - (t * t) / (w + sqrt<f64>(w))
  const down: f64 = -c * (tau * ratio)
  const up: f64 = -down * shift * shift
  s.maxSine = max<f64>(s.maxSine, abs<f64>(t * c))

  const first = swapped ? down : up
  const second = swapped ? up : down
  let product: f64 = 0
  if (z != 0) product = rotdot<f64>(s.m, column(s, p), column(s, q), z, c, first, second)
  else rot<f64>(s.m, column(s, p), column(s, q), c, first, second)
  if (s.v != 0) rot<f64>(s.rowsV, columnV(s, x), columnV(s, y), c, c * t, -c * t)

  const grown: f64 = 1.0 + t * rho * gamma
  store<f64>(squareAt(s, x), xx * grown)
  store<f64>(normAt(s, x), load<f64>(normAt(s, x)) * sqrt<f64>(grown))
  const left: f64 = 1.0 - tau * gamma
  if (left > RECOMPUTE) {
    store<f64>(squareAt(s, y), yy * left)
    store<f64>(normAt(s, y), load<f64>(normAt(s, y)) * sqrt<f64>(left))
  } else {
    const norm: f64 = nrm2<f64>(s.m, column(s, y))
    store<f64>(squareAt(s, y), norm * norm)
    store<f64>(normAt(s, y), ldexp(norm, load<i32>(exponentAt(s, y))))
  }
  s.rotations++
  return product
}

/** All pairs (p, q), q > p. */
function sweepRow(s: GesvjState, p: i32): void {
  pivot(s, p)
  if (load<f64>(normAt(s, p)) == 0) return
  let g: f64 = dot<f64>(s.m, column(s, p), column(s, p + 1))
  for (let q: i32 = p + 1; q < s.n; q++) {
    const z: usize = q + 1 < s.n ? column(s, q + 1) : 0
    const yy = load<f64>(squareAt(s, q))
    const cosine: f64 = yy == 0 ? 0 : abs<f64>(g) / (sqrt<f64>(load<f64>(squareAt(s, p))) * sqrt<f64>(yy))
    s.maxCosine = max<f64>(s.maxCosine, cosine)
    if (cosine > s.tolerance) g = rotate(s, p, q, g, z)
    else if (z != 0) g = dot<f64>(s.m, column(s, p), z)
  }
}

/**
 * Whether the sweep just ended was the last. Without a rotation it was; and convergence is quadratic, so once all cosines
 * were small and the rotations negligible, what is left is below the tolerance (LAPACK dgesvj).
 */
function finished(s: GesvjState): bool {
  if (s.rotations == 0) return true
  const n = s.n as f64
  return s.maxCosine < sqrt<f64>(n) * s.tolerance && n * s.maxCosine * s.maxSine < s.tolerance
}

/** One bounded piece; true while there is more to do. `converged` says how it ended. */
export function gesvjStep(s: GesvjState): bool {
  if (s.done) return false
  let flops: f64 = 0
  while (flops < STEP_FLOPS && s.p < s.n - 1) {
    sweepRow(s, s.p)
    flops += 8.0 * (s.m as f64) * ((s.n - s.p) as f64)
    s.p++
  }
  if (s.p < s.n - 1) return true
  s.sweeps++
  s.totalRotations += s.rotations
  s.converged = finished(s)
  s.done = s.converged || s.sweeps >= MAX_SWEEPS
  if (!s.done) beginSweep(s)
  else for (let j: i32 = 0; j < s.n; j++) measure(s, j)
  return !s.done
}
