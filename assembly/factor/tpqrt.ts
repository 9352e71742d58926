import { align64 } from '../address'
import { STREAM_PANEL, STEP_FLOPS } from '../constants'
import { axpy } from '../level1/axpy'
import { gemm } from '../level3/gemm'
import { panelWorkspace } from './geqrf'
import { larfg } from './larfg'
import { applyReflector, larft, scaleByT } from './reflectors'

/**
 * The R factor of [R; B], R q x p upper trapezoidal, B b x p (LAPACK dtpqrt with l = 0, R only): the step of a streaming QR. For q < p
 * only the first q columns are eliminated, and B holds what is left of the others.
 * The reflectors' ones lie in rows of R, so V is B itself and needs no copy. R is overwritten, B destroyed.
 * 2 b p^2 operations. Resumable.
 */
@unmanaged
export class TpqrtState {
  b: i32
  p: i32
  q: i32
  r: usize
  ldr: i32
  x: usize
  ldx: i32
  panel: i32
  next: i32
  tau: usize
  t: usize
  w: usize
  work: usize
}

/** Bytes of scratch for blocks of b rows and p columns. */
export function tpqrtWorkspace(b: i32, p: i32): u64 {
  const elements: u64 = ((STREAM_PANEL + 2 * STREAM_PANEL * STREAM_PANEL) as u64) + 2 * STREAM_PANEL * (p as u64)
  return elements * sizeof<Real>() + 64 * 2 + panelWorkspace(b, p, STREAM_PANEL)
}

/** `first`: columns of B before it are known to be zero. */
export function tpqrtInit(
  s: TpqrtState,
  b: i32,
  p: i32,
  q: i32,
  first: i32,
  r: usize,
  ldr: i32,
  x: usize,
  ldx: i32,
  scratch: usize,
): void {
  s.b = b
  s.p = p
  s.q = q
  s.r = r
  s.ldr = ldr
  s.x = x
  s.ldx = ldx
  s.panel = first
  s.next = first
  s.tau = scratch
  s.t = s.tau + (STREAM_PANEL as usize) * sizeof<Real>()
  s.w = s.t + ((2 * STREAM_PANEL * STREAM_PANEL) as usize) * sizeof<Real>()
  s.work = align64(s.w + ((2 * STREAM_PANEL * p) as usize) * sizeof<Real>())
}

function rAt(s: TpqrtState, i: i32, j: i32): usize {
  return s.r + ((i as usize) + (j as usize) * (s.ldr as usize)) * sizeof<Real>()
}

function xAt(s: TpqrtState, j: i32): usize {
  return s.x + (j as usize) * (s.ldx as usize) * sizeof<Real>()
}

function factorPanel(s: TpqrtState, j: i32, k: i32): void {
  for (let c: i32 = j; c < j + k; c++) {
    const v = xAt(s, c)
    const tau: Real = larfg(s.b, rAt(s, c, c), v)
    store<Real>(s.tau + ((c - j) as usize) * sizeof<Real>(), tau)
    applyReflector(s.b, j + k - c - 1, v, tau, rAt(s, c, c + 1), s.ldr, xAt(s, c + 1), s.ldx, s.w)
  }
  const g: usize = s.t + ((STREAM_PANEL * STREAM_PANEL) as usize) * sizeof<Real>()
  gemm(k, k, s.b, 1, xAt(s, j), s.ldx, 1, xAt(s, j), 1, s.ldx, 0, g, k, s.work)
  larft(k, g, s.tau, s.t)
}

/** Columns c .. c + n - 1: W = T^T (R_j + V^T B); R_j -= W; B -= V W. */
function update(s: TpqrtState, j: i32, k: i32, c: i32, n: i32): void {
  const v = xAt(s, j)
  const b = xAt(s, c)
  const row: usize = (k as usize) * sizeof<Real>()
  for (let q: i32 = 0; q < n; q++) memory.copy(s.w + (q as usize) * row, rAt(s, j, c + q), row)
  gemm(k, n, s.b, 1, v, s.ldx, 1, b, 1, s.ldx, 1, s.w, k, s.work)
  scaleByT(true, k, n, s.t, s.w, s.w + ((k * n) as usize) * sizeof<Real>(), s.work)
  for (let q: i32 = 0; q < n; q++) axpy(k, -1, s.w + (q as usize) * row, rAt(s, j, c + q))
  gemm(s.b, n, k, -1, v, 1, s.ldx, s.w, 1, k, 1, b, s.ldx, s.work)
}

/** One bounded piece; true while there is more to do. */
export function tpqrtStep(s: TpqrtState): bool {
  const j = s.panel
  if (j >= s.q || s.b == 0) return false
  const k = min(STREAM_PANEL, s.q - j)
  if (s.next == j) {
    factorPanel(s, j, k)
    s.next = j + k
  } else {
    const budget = (STEP_FLOPS / (4.0 * (s.b as f64) * (k as f64))) as i32
    const columns = min(s.p - s.next, max(32, budget))
    update(s, j, k, s.next, columns)
    s.next += columns
  }
  if (s.next >= s.p) {
    s.panel = j + k
    s.next = j + k
  }
  return s.panel < s.q
}
