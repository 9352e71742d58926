import { align64, bytes } from './address'
import { shift } from './level1/shift'
import { GejsvState, gejsvWorkspace } from './factor/gejsv-state'
import { geqp3Init, Geqp3State, geqp3Workspace } from './factor/geqp3'
import { geqrfInit, GeqrfState, geqrfWorkspace } from './factor/geqrf'
import { ormqrInit, OrmqrState, ormqrStep } from './factor/ormqr'
import { tpqrtInit, TpqrtState, tpqrtWorkspace } from './factor/tpqrt'

/**
 * The exported ABI of both precisions: the compiler is told what `Real` is, f64 or f32, and the `x` of the names stands for either,
 * as in LAPACK's manual. Pointers are bytes, counts and strides elements, columns contiguous. A resumable routine is three exports:
 * `Workspace` (bytes of scratch), `Init` (returns the state, at the start of that scratch), `Step` (does a bounded piece and says
 * whether more is left).
 */

export { nrm2 as xnrm2 } from './level1/nrm2'
export { scal as xscal } from './level1/scal'
export { gemm as xgemm, gemmWorkspace as xgemmWorkspace } from './level3/gemm'
export { transpose as xtranspose } from './level3/transpose'
export { trsm as xtrsm, trsmWorkspace as xtrsmWorkspace } from './level3/trsm'
export { gejsvInit as xgejsvInit, gejsvStep as xgejsvStep } from './factor/gejsv'
export { geqp3Step as xgeqp3Step } from './factor/geqp3'
export { geqrfStep as xgeqrfStep } from './factor/geqrf'
export { tpqrtStep as xtpqrtStep } from './factor/tpqrt'

export function heapBase(): usize {
  return __heap_base
}

export function xshift(n: i32, x: usize, mean: usize, out: usize): bool {
  return shift<Real>(n, x, mean, out)
}

export function xgeqrfWorkspace(m: i32, n: i32): usize {
  return bytes(geqrfWorkspace(m, n, min(m, n)) + align64(offsetof<GeqrfState>()))
}

export function xgeqrfInit(m: i32, n: i32, a: usize, lda: i32, tau: usize, scratch: usize): usize {
  geqrfInit(changetype<GeqrfState>(scratch), m, n, min(m, n), a, lda, tau, scratch + align64(offsetof<GeqrfState>()))
  return scratch
}

/** Columns that are factored. */
export function xgeqrfColumn(state: usize): i32 {
  return changetype<GeqrfState>(state).panel
}

export function xormqrWorkspace(m: i32, n: i32, k: i32): usize {
  const states = align64(offsetof<GeqrfState>()) + align64(offsetof<OrmqrState>())
  return bytes(geqrfWorkspace(m, n, k) + states)
}

export function xormqrInit(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  lda: i32,
  tau: usize,
  c: usize,
  ldc: i32,
  scratch: usize,
): usize {
  const qr = scratch + align64(offsetof<OrmqrState>())
  const rest = qr + align64(offsetof<GeqrfState>())
  ormqrInit(changetype<OrmqrState>(scratch), changetype<GeqrfState>(qr), m, n, k, a, lda, tau, c, ldc, rest)
  return scratch
}

export function xormqrStep(state: usize): bool {
  const qr = changetype<GeqrfState>(state + align64(offsetof<OrmqrState>()))
  return ormqrStep(changetype<OrmqrState>(state), qr)
}

export function xgeqp3Workspace(m: i32, n: i32): usize {
  return bytes(geqp3Workspace(m, n) + align64(offsetof<Geqp3State>()))
}

export function xgeqp3Init(m: i32, n: i32, a: usize, lda: i32, tau: usize, pivots: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<Geqp3State>())
  geqp3Init(changetype<Geqp3State>(scratch), m, n, a, lda, tau, pivots, rest)
  return scratch
}

/** Reflectors made: the columns of A P beyond it are exactly zero below row `rank`. */
export function xgeqp3Rank(state: usize): i32 {
  return changetype<Geqp3State>(state).rank
}

export function xtpqrtWorkspace(b: i32, p: i32): usize {
  return bytes(tpqrtWorkspace(b, p) + align64(offsetof<TpqrtState>()))
}

export function xtpqrtInit(
  b: i32,
  p: i32,
  q: i32,
  first: i32,
  r: usize,
  ldr: i32,
  x: usize,
  ldx: i32,
  scratch: usize,
): usize {
  const rest = scratch + align64(offsetof<TpqrtState>())
  tpqrtInit(changetype<TpqrtState>(scratch), b, p, q, first, r, ldr, x, ldx, rest)
  return scratch
}

export function xgejsvWorkspace(m: i32, n: i32, columnsU: i32): usize {
  return bytes(gejsvWorkspace(m, n, columnsU))
}

/** Sets the sweeps after which Jacobi gives up; before the first step. */
export function xgejsvLimit(state: usize, maxSweeps: i32): void {
  changetype<GejsvState>(state).maxSweeps = maxSweeps
}

/** Completed Jacobi sweeps. */
export function xgejsvSweeps(state: usize): i32 {
  return changetype<GejsvState>(state).jacobi.sweeps
}

/** Plane rotations applied. */
export function xgejsvRotations(state: usize): i32 {
  return changetype<GejsvState>(state).jacobi.totalRotations
}

/** Bound of the cosines between columns that the last sweep left. */
export function xgejsvCosineLeft(state: usize): f64 {
  return changetype<GejsvState>(state).jacobi.left
}
