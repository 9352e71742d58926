import { align64, bytes } from './address'
import { axpy, axpy4 } from './level1/axpy'
import { dot, dot4 } from './level1/dot'
import { amax, nrm2 } from './level1/nrm2'
import { dots2x2, rot2x2, rotm } from './level1/pairs'
import { scal } from './level1/scal'
import { swap } from './level1/swap'
import { gemv, gemvTransposed } from './level2/gemv'
import { symv } from './level2/symv'
import { gemm, gemmWorkspace } from './level3/gemm'
import { transpose } from './level3/transpose'
import { trsm, trsmWorkspace } from './level3/trsm'
import { gejsvInit, gejsvStep } from './factor/gejsv'
import { GejsvState, gejsvWorkspace } from './factor/gejsv-state'
import { geqp3Init, Geqp3State, geqp3Step, geqp3Workspace } from './factor/geqp3'
import { geqrfInit, GeqrfState, geqrfStep, geqrfWorkspace } from './factor/geqrf'
import { ormqrInit, OrmqrState, ormqrStep } from './factor/ormqr'
import { tpqrtInit, TpqrtState, tpqrtStep, tpqrtWorkspace } from './factor/tpqrt'

/**
 * The exported ABI of both precisions: the compiler is told what `Real` is, f64 or f32, and the `x` of the names stands for either,
 * as in LAPACK's manual. Pointers are bytes, counts and strides elements, columns contiguous. A resumable routine is three exports:
 * `Workspace` (bytes of scratch), `Init` (returns the state, at the start of that scratch), `Step` (does a bounded piece and says
 * whether more is left).
 */

export function heapBase(): usize {
  return __heap_base
}

export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD
}

export function xdot(n: i32, x: usize, y: usize): Real {
  return dot(n, x, y)
}

export function xdot4(n: i32, x: usize, y: usize, strideBytes: usize, out: usize): void {
  dot4(n, x, y, strideBytes, out)
}

export function xaxpy(n: i32, alpha: Real, x: usize, y: usize): void {
  axpy(n, alpha, x, y)
}

export function xaxpy4(n: i32, w: usize, x: usize, y: usize, strideBytes: usize): void {
  axpy4(n, w, x, y, strideBytes)
}

export function xscal(n: i32, alpha: Real, x: usize): void {
  scal(n, alpha, x)
}

export function xswap(n: i32, x: usize, y: usize): void {
  swap<Real>(n, x, y)
}

export function xnrm2(n: i32, x: usize): Real {
  return nrm2(n, x)
}

export function xamax(n: i32, x: usize): Real {
  return amax(n, x)
}

export function xdots2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, out: usize): void {
  dots2x2(n, p0, p1, q0, q1, out)
}

export function xrot2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, coefficients: usize): void {
  rot2x2(n, p0, p1, q0, q1, coefficients)
}

export function xrotm(n: i32, x: usize, y: usize, a: Real, b: Real): void {
  rotm(n, x, y, a, b)
}

export function xgemv(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  gemv(m, k, a, lda, x, y)
}

export function xgemvTransposed(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  gemvTransposed(m, k, a, lda, x, y)
}

export function xsymv(n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  symv(n, a, lda, x, y)
}

export function xtranspose(m: i32, n: i32, a: usize, lda: i32, b: usize, ldb: i32): void {
  transpose(m, n, a, lda, b, ldb)
}

export function xgemmWorkspace(m: i32, n: i32, k: i32): usize {
  return gemmWorkspace(m, n, k)
}

export function xgemm(
  m: i32,
  n: i32,
  k: i32,
  alpha: Real,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  beta: Real,
  c: usize,
  ldc: i32,
  work: usize,
): void {
  gemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, work)
}

export function xtrsmWorkspace(m: i32, n: i32): usize {
  return trsmWorkspace(m, n)
}

export function xtrsm(
  upper: bool,
  m: i32,
  n: i32,
  t: usize,
  rst: i32,
  cst: i32,
  b: usize,
  ldb: i32,
  work: usize,
): void {
  trsm(upper, m, n, t, rst, cst, b, ldb, work)
}

export function xgeqrfWorkspace(m: i32, n: i32): usize {
  return bytes(geqrfWorkspace(m, n, min(m, n)) + align64(offsetof<GeqrfState>()))
}

export function xgeqrfInit(m: i32, n: i32, a: usize, lda: i32, tau: usize, scratch: usize): usize {
  geqrfInit(changetype<GeqrfState>(scratch), m, n, min(m, n), a, lda, tau, scratch + align64(offsetof<GeqrfState>()))
  return scratch
}

export function xgeqrfStep(state: usize): bool {
  return geqrfStep(changetype<GeqrfState>(state))
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

export function xgeqp3Step(state: usize): bool {
  return geqp3Step(changetype<Geqp3State>(state))
}

/** Reflectors made: the columns of A P beyond it are exactly zero below row `rank`. */
export function xgeqp3Rank(state: usize): i32 {
  return changetype<Geqp3State>(state).rank
}

export function xtpqrtWorkspace(b: i32, p: i32): usize {
  return bytes(tpqrtWorkspace(b, p) + align64(offsetof<TpqrtState>()))
}

export function xtpqrtInit(b: i32, p: i32, first: i32, r: usize, ldr: i32, x: usize, ldx: i32, scratch: usize): usize {
  const rest = scratch + align64(offsetof<TpqrtState>())
  tpqrtInit(changetype<TpqrtState>(scratch), b, p, first, r, ldr, x, ldx, rest)
  return scratch
}

export function xtpqrtStep(state: usize): bool {
  return tpqrtStep(changetype<TpqrtState>(state))
}

export function xgejsvWorkspace(m: i32, n: i32, columnsU: i32): usize {
  return bytes(gejsvWorkspace(m, n, columnsU))
}

export function xgejsvInit(
  m: i32,
  n: i32,
  a: usize,
  lda: i32,
  sigma: usize,
  u: usize,
  ldu: i32,
  columnsU: i32,
  v: usize,
  ldv: i32,
  wantV: bool,
  scratch: usize,
): usize {
  return gejsvInit(m, n, a, lda, sigma, u, ldu, columnsU, v, ldv, wantV, scratch)
}

export function xgejsvStep(state: usize): i32 {
  return gejsvStep(state)
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
