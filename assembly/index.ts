import { align64 } from './address'
import { axpy, axpy4 } from './level1/axpy'
import { dot, dot4 } from './level1/dot'
import { amax, nrm2 } from './level1/nrm2'
import { dots2x2, rot2x2, rotm } from './level1/pairs'
import { rot, rotdot } from './level1/rot'
import { scal } from './level1/scal'
import { swap } from './level1/swap'
import { gemv, gemvTransposed } from './level2/gemv'
import { symv } from './level2/symv'
import { gemm, gemmWorkspace } from './level3/gemm'
import { transpose } from './level3/transpose'
import { trsm, trsmWorkspace } from './level3/trsm'
import { gejsvInit, gejsvStep } from './factor/gejsv'
import { GejsvState, gejsvWorkspace } from './factor/gejsv-state'
import { geconInit, GeconState, geconStep, geconWorkspace } from './factor/gecon'
import { geqp3Init, Geqp3State, geqp3Step, geqp3Workspace } from './factor/geqp3'
import { geqrfInit, GeqrfState, geqrfStep, geqrfWorkspace } from './factor/geqrf'
import { getrfInit, GetrfState, getrfStep, getrfWorkspace } from './factor/getrf'
import { ormqrInit, OrmqrState, ormqrStep } from './factor/ormqr'
import { SteqrState, steqrInit, steqrStep, steqrWorkspace } from './factor/steqr'
import { SyevState, syevInit, syevStep, syevWorkspace } from './factor/syev'
import { SytrdState, sytrdInit, sytrdStep, sytrdWorkspace } from './factor/sytrd'
import { potrfInit, PotrfState, potrfStep, potrfWorkspace } from './factor/potrf'
import { tpqrtInit, TpqrtState, tpqrtStep, tpqrtWorkspace } from './factor/tpqrt'

/**
 * The exported ABI. Pointers are bytes, counts and strides elements, columns contiguous. A resumable routine is three
 * exports: `Workspace` (bytes of scratch), `Init` (returns the state, at the start of that scratch), `Step` (does a bounded
 * piece and says whether more is left).
 */

export function heapBase(): usize {
  return __heap_base
}

export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD
}

export function ddot(n: i32, x: usize, y: usize): f64 {
  return dot<f64>(n, x, y)
}

export function ddot4(n: i32, x: usize, y: usize, strideBytes: usize, out: usize): void {
  dot4<f64>(n, x, y, strideBytes, out)
}

export function daxpy(n: i32, alpha: f64, x: usize, y: usize): void {
  axpy<f64>(n, alpha, x, y)
}

export function daxpy4(n: i32, w: usize, x: usize, y: usize, strideBytes: usize): void {
  axpy4<f64>(n, w, x, y, strideBytes)
}

export function dscal(n: i32, alpha: f64, x: usize): void {
  scal<f64>(n, alpha, x)
}

export function dswap(n: i32, x: usize, y: usize): void {
  swap<f64>(n, x, y)
}

export function dnrm2(n: i32, x: usize): f64 {
  return nrm2<f64>(n, x)
}

export function damax(n: i32, x: usize): f64 {
  return amax<f64>(n, x)
}

export function drot(n: i32, x: usize, y: usize, c: f64, s: f64, r: f64): void {
  rot<f64>(n, x, y, c, s, r)
}

export function drotdot(n: i32, x: usize, y: usize, z: usize, c: f64, s: f64, r: f64): f64 {
  return rotdot<f64>(n, x, y, z, c, s, r)
}

export function ddots2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, out: usize): void {
  dots2x2<f64>(n, p0, p1, q0, q1, out)
}

export function drot2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, coefficients: usize): void {
  rot2x2<f64>(n, p0, p1, q0, q1, coefficients)
}

export function drotm(n: i32, x: usize, y: usize, a: f64, b: f64): void {
  rotm<f64>(n, x, y, a, b)
}

export function dgemv(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  gemv<f64>(m, k, a, lda, x, y)
}

export function dgemvTransposed(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  gemvTransposed<f64>(m, k, a, lda, x, y)
}

export function dsymv(n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  symv<f64>(n, a, lda, x, y)
}

export function dtranspose(m: i32, n: i32, a: usize, lda: i32, b: usize, ldb: i32): void {
  transpose<f64>(m, n, a, lda, b, ldb)
}

export function dgemmWorkspace(m: i32, n: i32, k: i32): usize {
  return gemmWorkspace<f64>(m, n, k)
}

export function dgemm(
  m: i32,
  n: i32,
  k: i32,
  alpha: f64,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  beta: f64,
  c: usize,
  ldc: i32,
  work: usize,
): void {
  gemm<f64>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, work)
}

export function dtrsmWorkspace(m: i32, n: i32): usize {
  return trsmWorkspace<f64>(m, n)
}

export function dtrsm(
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
  trsm<f64>(upper, m, n, t, rst, cst, b, ldb, work)
}

export function dgeqrfWorkspace(m: i32, n: i32): usize {
  return bytes(geqrfWorkspace<f64>(m, n, min(m, n)) + align64(offsetof<GeqrfState>()))
}

export function dgeqrfInit(m: i32, n: i32, a: usize, lda: i32, tau: usize, scratch: usize): usize {
  geqrfInit<f64>(
    changetype<GeqrfState>(scratch),
    m,
    n,
    min(m, n),
    a,
    lda,
    tau,
    scratch + align64(offsetof<GeqrfState>()),
  )
  return scratch
}

export function dgeqrfStep(state: usize): bool {
  return geqrfStep<f64>(changetype<GeqrfState>(state))
}

export function dormqrWorkspace(m: i32, n: i32, k: i32): usize {
  const states = align64(offsetof<GeqrfState>()) + align64(offsetof<OrmqrState>())
  return bytes(geqrfWorkspace<f64>(m, n, k) + states)
}

export function dormqrInit(
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
  ormqrInit<f64>(changetype<OrmqrState>(scratch), changetype<GeqrfState>(qr), m, n, k, a, lda, tau, c, ldc, rest)
  return scratch
}

export function dormqrStep(state: usize): bool {
  const qr = changetype<GeqrfState>(state + align64(offsetof<OrmqrState>()))
  return ormqrStep<f64>(changetype<OrmqrState>(state), qr)
}

export function dgeqp3Workspace(m: i32, n: i32): usize {
  return bytes(geqp3Workspace<f64>(m, n) + align64(offsetof<Geqp3State>()))
}

export function dgeqp3Init(m: i32, n: i32, a: usize, lda: i32, tau: usize, pivots: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<Geqp3State>())
  geqp3Init<f64>(changetype<Geqp3State>(scratch), m, n, a, lda, tau, pivots, rest)
  return scratch
}

export function dgeqp3Step(state: usize): bool {
  return geqp3Step<f64>(changetype<Geqp3State>(state))
}

/** Reflectors made: the columns of A P beyond it are exactly zero below row `rank`. */
export function dgeqp3Rank(state: usize): i32 {
  return changetype<Geqp3State>(state).rank
}

export function dtpqrtWorkspace(b: i32, p: i32): usize {
  return bytes(tpqrtWorkspace<f64>(b, p) + align64(offsetof<TpqrtState>()))
}

export function dtpqrtInit(b: i32, p: i32, first: i32, r: usize, ldr: i32, x: usize, ldx: i32, scratch: usize): usize {
  const rest = scratch + align64(offsetof<TpqrtState>())
  tpqrtInit<f64>(changetype<TpqrtState>(scratch), b, p, first, r, ldr, x, ldx, rest)
  return scratch
}

export function dtpqrtStep(state: usize): bool {
  return tpqrtStep<f64>(changetype<TpqrtState>(state))
}

export function dgetrfWorkspace(m: i32, n: i32): usize {
  return bytes(getrfWorkspace<f64>(m, n) + align64(offsetof<GetrfState>()))
}

export function dgetrfInit(m: i32, n: i32, a: usize, lda: i32, pivots: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<GetrfState>())
  getrfInit<f64>(changetype<GetrfState>(scratch), m, n, a, lda, pivots, rest)
  return scratch
}

export function dgetrfStep(state: usize): bool {
  return getrfStep<f64>(changetype<GetrfState>(state))
}

/** The first column whose pivot is exactly zero, -1 if there is none. */
export function dgetrfZeroPivot(state: usize): i32 {
  return changetype<GetrfState>(state).zeroPivot
}

export function dgeconWorkspace(n: i32): usize {
  return bytes(geconWorkspace<f64>(n) + align64(offsetof<GeconState>()))
}

export function dgeconInit(n: i32, a: usize, lda: i32, scratch: usize): usize {
  geconInit<f64>(changetype<GeconState>(scratch), n, a, lda, scratch + align64(offsetof<GeconState>()))
  return scratch
}

export function dgeconStep(state: usize): bool {
  return geconStep<f64>(changetype<GeconState>(state))
}

/** The estimate of norm(A^-1) in the 1-norm. */
export function dgeconEstimate(state: usize): f64 {
  return changetype<GeconState>(state).estimate
}

export function dpotrfWorkspace(n: i32): usize {
  return bytes(potrfWorkspace<f64>(n) + align64(offsetof<PotrfState>()))
}

export function dpotrfInit(n: i32, a: usize, lda: i32, scratch: usize): usize {
  potrfInit(changetype<PotrfState>(scratch), n, a, lda, scratch + align64(offsetof<PotrfState>()))
  return scratch
}

export function dpotrfStep(state: usize): bool {
  return potrfStep<f64>(changetype<PotrfState>(state))
}

/** The order of the first leading minor that is not positive, 0 if all are. */
export function dpotrfFailed(state: usize): i32 {
  return changetype<PotrfState>(state).failed
}

export function dgejsvWorkspace(m: i32, n: i32, columnsU: i32): usize {
  return bytes(gejsvWorkspace(m, n, columnsU))
}

export function dgejsvInit(
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

export function dgejsvStep(state: usize): i32 {
  return gejsvStep(state)
}

/** Sets the sweeps after which Jacobi gives up; before the first step. */
export function dgejsvLimit(state: usize, maxSweeps: i32): void {
  changetype<GejsvState>(state).maxSweeps = maxSweeps
}

/** Completed Jacobi sweeps. */
export function dgejsvSweeps(state: usize): i32 {
  return changetype<GejsvState>(state).jacobi.sweeps
}

/** Plane rotations applied. */
export function dgejsvRotations(state: usize): i32 {
  return changetype<GejsvState>(state).jacobi.totalRotations
}

/** Bound of the cosines between columns that the last sweep left. */
export function dgejsvCosineLeft(state: usize): f64 {
  return changetype<GejsvState>(state).jacobi.left
}

export function dsytrdWorkspace(n: i32): usize {
  return bytes(sytrdWorkspace(n) + align64(offsetof<SytrdState>()))
}

export function dsytrdInit(n: i32, a: usize, lda: i32, d: usize, e: usize, tau: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SytrdState>())
  sytrdInit(changetype<SytrdState>(scratch), n, a, lda, d, e, tau, rest)
  return scratch
}

export function dsytrdStep(state: usize): bool {
  return sytrdStep(changetype<SytrdState>(state))
}

export function dsteqrWorkspace(n: i32, rows: i32): usize {
  return bytes(steqrWorkspace(n, rows) + align64(offsetof<SteqrState>()))
}

export function dsteqrInit(n: i32, d: usize, e: usize, rows: i32, z: usize, ldz: i32, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SteqrState>())
  steqrInit(changetype<SteqrState>(scratch), n, d, e, rows, z, ldz, rest)
  return scratch
}

export function dsteqrStep(state: usize): i32 {
  return steqrStep(changetype<SteqrState>(state))
}

export function dsyevWorkspace(n: i32, wantZ: bool): usize {
  return bytes(syevWorkspace(n, wantZ))
}

export function dsyevInit(
  n: i32,
  a: usize,
  lda: i32,
  values: usize,
  z: usize,
  ldz: i32,
  wantZ: bool,
  scratch: usize,
): usize {
  return syevInit(n, a, lda, values, z, ldz, wantZ, scratch)
}

export function dsyevStep(state: usize): i32 {
  return syevStep(state)
}

/** Sweeps of the QL iteration so far. */
export function dsyevIterations(state: usize): i32 {
  return changetype<SyevState>(state).ql.iterations
}

/** A count of bytes as a pointer can hold it: what does not fit the address space becomes its end, which cannot be had either. */
function bytes(count: u64): usize {
  return min<u64>(count, 0xffffffff) as usize
}
