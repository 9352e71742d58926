import { elements, entry, part } from '../address'
import { STREAM_PANEL } from '../constants'
import { axpy } from '../level1/axpy'
import { gemm } from '../level3/gemm'
import { panelWorkspace, productsPart, squaresPart } from './geqrf'
import { larfg } from './larfg'
import { advance, columnsOfStep, Panels } from './panels'
import { applyReflector, larft, scaleByT } from './reflectors'

/**
 * The R factor of [R; B], R q x p upper trapezoidal, B b x p (LAPACK dtpqrt with l = 0, R only): the step of a streaming QR. For q < p
 * only the first q columns are eliminated, and B holds what is left of the others.
 * The reflectors' ones lie in rows of R, so V is B itself and needs no copy. R is overwritten, B destroyed.
 * 2 b p^2 operations. Resumable.
 */
@unmanaged
export class TpqrtState extends Panels {
  b: i32
  p: i32
  q: i32
  r: usize
  ldr: i32
  x: usize
  ldx: i32
  tau: usize
  t: usize
  w: usize
  work: usize
}

/** Bytes of scratch for blocks of b rows and p columns. */
export function tpqrtWorkspace(b: i32, p: i32): u64 {
  const own = part(STREAM_PANEL) + squaresPart(STREAM_PANEL) + productsPart(STREAM_PANEL, p)
  return own + panelWorkspace(b, p, STREAM_PANEL)
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
  s.t = s.tau + (part(STREAM_PANEL) as usize)
  s.w = s.t + (squaresPart(STREAM_PANEL) as usize)
  s.work = s.w + (productsPart(STREAM_PANEL, p) as usize)
}

function factorPanel(s: TpqrtState, j: i32, k: i32): void {
  for (let c: i32 = j; c < j + k; c++) {
    const v = entry(s.x, s.ldx, 0, c)
    const tau: Real = larfg(s.b, entry(s.r, s.ldr, c, c), v)
    store<Real>(s.tau + elements(c - j), tau)
    applyReflector(
      s.b,
      j + k - c - 1,
      v,
      tau,
      entry(s.r, s.ldr, c, c + 1),
      s.ldr,
      entry(s.x, s.ldx, 0, c + 1),
      s.ldx,
      s.w,
    )
  }
  const g: usize = s.t + elements(STREAM_PANEL * STREAM_PANEL)
  gemm(k, k, s.b, 1, entry(s.x, s.ldx, 0, j), s.ldx, 1, entry(s.x, s.ldx, 0, j), 1, s.ldx, 0, g, k, s.work)
  larft(k, g, s.tau, s.t)
}

/** Columns c .. c + n - 1: W = T^T (R_j + V^T B); R_j -= W; B -= V W. */
function update(s: TpqrtState, j: i32, k: i32, c: i32, n: i32): void {
  const v = entry(s.x, s.ldx, 0, j)
  const b = entry(s.x, s.ldx, 0, c)
  const row: usize = elements(k)
  for (let q: i32 = 0; q < n; q++) memory.copy(s.w + (q as usize) * row, entry(s.r, s.ldr, j, c + q), row)
  gemm(k, n, s.b, 1, v, s.ldx, 1, b, 1, s.ldx, 1, s.w, k, s.work)
  scaleByT(true, k, n, s.t, s.w, s.w + elements(k * n), s.work)
  for (let q: i32 = 0; q < n; q++) axpy(k, -1, s.w + (q as usize) * row, entry(s.r, s.ldr, j, c + q))
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
    const columns = columnsOfStep(s.p - s.next, 4.0 * (s.b as f64) * (k as f64))
    update(s, j, k, s.next, columns)
    s.next += columns
  }
  return advance(s, k, s.p, s.q)
}
