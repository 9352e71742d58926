import { EPS } from '../constants'
import { axpy } from '../level1/axpy'
import { dot } from '../level1/dot'
import { scal } from '../level1/scal'
import { nrm2 } from '../level1/nrm2'
import { trsm, trsmWorkspace } from '../level3/trsm'
import { geqp3Init, Geqp3State, geqp3Step, geqp3Workspace } from './geqp3'
import { geqrfInit, GeqrfState, geqrfStep, geqrfWorkspace } from './geqrf'
import { gesvjInit, GesvjState, gesvjStep, gesvjWorkspace, normAt, scaleAt } from './gesvj'
import { ormqrInit, OrmqrState, ormqrStep } from './ormqr'
import { gatherColumns, gatherRows, scatterRows } from './permute'
import { exponent, ldexp, scaleByPow2 } from './scaling'
import { argsortDescending } from './sort'

/**
 * Singular value decomposition A = U diag(sigma) V^T of an m x n matrix, m >= n, by preconditioned one-sided Jacobi (Drmac and
 * Veselic 2008; LAPACK dgejsv with JOBA = 'F'):
 *
 *   1. scale by a power of two; sort the rows by decreasing largest magnitude
 *   2. A P = Q R1 with column pivoting; rows of R1 that are exactly zero are cut, r are left
 *   3. if U is wanted: R1^T = Q2 R2, so R1 = L2 Q2^T with L2 = R2^T lower triangular
 *   4. Jacobi on L2 (r x r), or on R1^T (n x r) if only V is wanted: W diag(sigma) = L2 J
 *   5. U = Q [W 0; 0 I]; V = P R1^-1 W diag(sigma), or P Q2 [J 0; 0 I] where that solve would lose orthogonality
 *
 * The solve in 5 is safe because rows of L2 and R1 have equal norms, Jacobi is backward stable row by row, and pivoting makes R1
 * well conditioned after scaling its rows; a probe checks it, and otherwise 3 and 4 are repeated with J accumulated.
 */
@unmanaged
export class GejsvState {
  m: i32
  n: i32
  a: usize
  lda: i32
  sigma: usize
  u: usize
  ldu: i32
  /** Columns of U wanted: 0, n or m. */
  columnsU: i32
  v: usize
  ldv: i32
  wantV: bool
  phase: i32
  rank: i32
  /** A was multiplied by 2^scale. */
  scale: i32
  accumulate: bool
  /** n x n scratch: R1^T, then its QR. */
  x: usize
  ldx: i32
  tau: usize
  tau2: usize
  pivots: usize
  rowOrder: usize
  index: usize
  column: usize
  qp: Geqp3State
  qr: GeqrfState
  q: OrmqrState
  jacobi: GesvjState
  rotations: usize
  scratch: usize
}

export const DONE: i32 = 0
export const PIVOTED_QR: i32 = 1
export const SECOND_QR: i32 = 2
export const JACOBI: i32 = 3
export const VECTORS: i32 = 4
export const APPLY_V: i32 = 5
export const APPLY_U: i32 = 6
/** Jacobi reached its limit of sweeps. */
export const NOT_CONVERGED: i32 = -1

/** A dynamic range beyond which the matrix is scaled towards the top of the exponent range, so as to lose nothing below. */
const WIDE: f64 = 1e-120
const TOP: i32 = 900

function align64(bytes: usize): usize {
  return (bytes + 63) & ~(63 as usize)
}

/** Columns this far apart (elements): a multiple of 8 for alignment, odd in units of 8 so that they spread over cache sets. */
export function paddedStride(rows: i32): i32 {
  return (((rows + 7) >> 3) | 1) << 3
}

function layout(s: GejsvState, m: i32, n: i32, columnsU: i32, from: usize): usize {
  const doubles: usize = (n as usize) << 3
  let p = align64(from)
  s.qp = changetype<Geqp3State>(p)
  p = align64(p + offsetof<Geqp3State>())
  s.qr = changetype<GeqrfState>(p)
  p = align64(p + offsetof<GeqrfState>())
  s.q = changetype<OrmqrState>(p)
  p = align64(p + offsetof<OrmqrState>())
  s.jacobi = changetype<GesvjState>(p)
  p = align64(p + offsetof<GesvjState>())
  s.tau = p
  p = align64(p + doubles)
  s.tau2 = p
  p = align64(p + doubles)
  s.rotations = p
  p = align64(p + gesvjWorkspace(n))
  s.pivots = p
  p = align64(p + doubles)
  s.rowOrder = p
  p = align64(p + ((m as usize) << 2))
  s.index = p
  p = align64(p + ((m as usize) << 2))
  s.column = p
  p = align64(p + ((m as usize) << 3))
  s.ldx = paddedStride(n)
  s.x = p
  p = align64(p + (((n as usize) * (s.ldx as usize)) << 3))
  s.scratch = p
  const qr = max(geqp3Workspace<f64>(m, n), max(geqrfWorkspace<f64>(n, n), geqrfWorkspace<f64>(m, columnsU)))
  return p + max(qr, trsmWorkspace<f64>(n, n))
}

/** A state to lay out on paper only. */
const paper: usize = memory.data(512)

/** Bytes of scratch for {@link gejsvInit}. */
export function gejsvWorkspace(m: i32, n: i32, columnsU: i32): usize {
  assert(offsetof<GejsvState>() <= 512)
  const probe = changetype<GejsvState>(paper)
  return offsetof<GejsvState>() + layout(probe, m, n, columnsU, 0) + 128
}

/** Prepares the decomposition in `scratch`, which begins with the state that {@link gejsvStep} takes. A is overwritten. */
export function gejsvInit(
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
  const s = changetype<GejsvState>(align64(scratch))
  layout(s, m, n, columnsU, align64(scratch) + offsetof<GejsvState>())
  s.m = m
  s.n = n
  s.a = a
  s.lda = lda
  s.sigma = sigma
  s.u = u
  s.ldu = ldu
  s.columnsU = columnsU
  s.v = v
  s.ldv = ldv
  s.wantV = wantV
  s.accumulate = false
  s.jacobi.sweeps = 0
  s.jacobi.totalRotations = 0
  equilibrate(s)
  sortRows(s)
  geqp3Init<f64>(s.qp, m, n, a, lda, s.tau, s.pivots, s.scratch)
  s.phase = PIVOTED_QR
  return changetype<usize>(s)
}

function aAt(s: GejsvState, i: i32, j: i32): usize {
  return s.a + (((i as usize) + (j as usize) * (s.lda as usize)) << 3)
}

function xAt(s: GejsvState, i: i32, j: i32): usize {
  return s.x + (((i as usize) + (j as usize) * (s.ldx as usize)) << 3)
}

function vAt(s: GejsvState, i: i32, j: i32): usize {
  return s.v + (((i as usize) + (j as usize) * (s.ldv as usize)) << 3)
}

function uAt(s: GejsvState, i: i32, j: i32): usize {
  return s.u + (((i as usize) + (j as usize) * (s.ldu as usize)) << 3)
}

/** Scales A by a power of two: its largest entry near 1, or near the top of the range if its entries span very much. */
function equilibrate(s: GejsvState): void {
  let largest: f64 = 0
  let smallest: f64 = Infinity
  for (let j: i32 = 0; j < s.n; j++) {
    for (let i: i32 = 0; i < s.m; i++) {
      const x: f64 = abs<f64>(load<f64>(aAt(s, i, j)))
      largest = max<f64>(largest, x)
      if (x != 0) smallest = min<f64>(smallest, x)
    }
  }
  s.scale = 0
  if (largest == 0) return
  const e = exponent(largest)
  const wide = smallest / largest < WIDE
  if (!wide && e > -20 && e < 20) return
  s.scale = (wide ? TOP : 0) - e
  for (let j: i32 = 0; j < s.n; j++) scaleByPow2(s.m, aAt(s, 0, j), s.scale)
}

/** Without this, scales that differ between rows cost digits of the small singular values (Cox and Higham 1998). */
function sortRows(s: GejsvState): void {
  memory.fill(s.column, 0, (s.m as usize) << 3)
  for (let j: i32 = 0; j < s.n; j++) {
    for (let i: i32 = 0; i < s.m; i++) {
      const at: usize = s.column + ((i as usize) << 3)
      store<f64>(at, max<f64>(load<f64>(at), abs<f64>(load<f64>(aAt(s, i, j)))))
    }
  }
  argsortDescending(s.m, s.column, s.rowOrder)
  gatherRows(s.m, s.n, s.a, s.lda, s.rowOrder, s.column)
}

/** X (n x r) = R1^T, zero above the diagonal. */
function transposeR(s: GejsvState, to: usize, ld: i32): void {
  for (let j: i32 = 0; j < s.rank; j++) {
    const column: usize = to + (((j as usize) * (ld as usize)) << 3)
    memory.fill(column, 0, (j as usize) << 3)
    for (let i: i32 = j; i < s.n; i++) store<f64>(column + ((i as usize) << 3), load<f64>(aAt(s, j, i)))
  }
}

function afterPivotedQr(s: GejsvState): void {
  s.rank = s.qp.rank
  if (s.columnsU > 0) startSecondQr(s)
  else {
    const target = s.wantV ? s.v : s.x
    const ld = s.wantV ? s.ldv : s.ldx
    transposeR(s, target, ld)
    gesvjInit(s.jacobi, s.n, s.rank, target, ld, 0, 0, 0, s.rotations)
    s.phase = JACOBI
  }
}

function startSecondQr(s: GejsvState): void {
  transposeR(s, s.x, s.ldx)
  geqrfInit<f64>(s.qr, s.n, s.rank, s.x, s.ldx, s.tau2, s.scratch)
  s.phase = SECOND_QR
}

/** U[:r, :r] = L2 = R2^T, and J = I if it is accumulated. */
function afterSecondQr(s: GejsvState): void {
  const r = s.rank
  for (let j: i32 = 0; j < r; j++) {
    memory.fill(uAt(s, 0, j), 0, (j as usize) << 3)
    for (let i: i32 = j; i < r; i++) store<f64>(uAt(s, i, j), load<f64>(xAt(s, j, i)))
  }
  if (s.accumulate) identityColumns(s.v, s.ldv, s.n, 0, s.n)
  gesvjInit(s.jacobi, r, r, s.u, s.ldu, s.accumulate ? s.v : 0, s.ldv, r, s.rotations)
  s.phase = JACOBI
}

/** Columns from .. to - 1 of a matrix with m rows become those of the identity. */
function identityColumns(x: usize, ldx: i32, m: i32, from: i32, to: i32): void {
  for (let j: i32 = from; j < to; j++) {
    const column: usize = x + (((j as usize) * (ldx as usize)) << 3)
    memory.fill(column, 0, (m as usize) << 3)
    store<f64>(column + ((j as usize) << 3), 1)
  }
}

/** After Jacobi: order, normalise, and find V; then Q is applied in further steps. */
function vectors(s: GejsvState): void {
  const r = s.rank
  if (s.columnsU > 0 && s.wantV && !s.accumulate) {
    if (r < s.n || !solveForV(s)) {
      s.accumulate = true
      startSecondQr(s)
      return
    }
  }
  argsortDescending(r, normAt(s.jacobi, 0), s.index)
  for (let j: i32 = 0; j < r; j++) {
    const norm = load<f64>(normAt(s.jacobi, load<i32>(s.index + ((j as usize) << 2))))
    store<f64>(s.sigma + ((j as usize) << 3), ldexp(norm, -s.scale))
  }
  memory.fill(s.sigma + ((r as usize) << 3), 0, ((s.n - r) as usize) << 3)
  if (s.columnsU > 0) {
    normalise(s, s.u, s.ldu, r)
    // J was accumulated in the scales of the columns of X.
    if (s.accumulate) normalise(s, s.v, s.ldv, r)
    gatherColumns(r, r, s.u, s.ldu, s.index, s.column)
    for (let j: i32 = 0; j < r; j++) memory.fill(uAt(s, r, j), 0, ((s.m - r) as usize) << 3)
    identityColumns(s.u, s.ldu, s.m, r, s.columnsU)
    if (s.wantV) gatherColumns(s.n, r, s.v, s.ldv, s.index, s.column)
  } else if (s.wantV) {
    normalise(s, s.v, s.ldv, s.n)
    gatherColumns(s.n, r, s.v, s.ldv, s.index, s.column)
  }
  startApplyV(s)
}

function normalise(s: GejsvState, x: usize, ldx: i32, rows: i32): void {
  for (let j: i32 = 0; j < s.rank; j++) {
    const column: usize = x + (((j as usize) * (ldx as usize)) << 3)
    const norm: f64 = nrm2<f64>(rows, column)
    if (norm != 0) scal<f64>(rows, 1.0 / norm, column)
  }
}

/** V = R1^-1 W diag(sigma), both sides with rows scaled by powers of two; true if its columns are orthonormal. */
function solveForV(s: GejsvState): bool {
  const n = s.n
  for (let i: i32 = 0; i < n; i++) {
    let largest: f64 = 0
    for (let j: i32 = i; j < n; j++) largest = max<f64>(largest, abs<f64>(load<f64>(aAt(s, i, j))))
    store<i32>(s.index + ((i as usize) << 2), exponent(largest))
  }
  for (let j: i32 = 0; j < n; j++) {
    const f = load<f64>(scaleAt(s.jacobi, j))
    const e = exponent(f)
    const fraction: f64 = ldexp(f, -e)
    for (let i: i32 = 0; i < n; i++) {
      const d = load<i32>(s.index + ((i as usize) << 2))
      store<f64>(vAt(s, i, j), ldexp(load<f64>(uAt(s, i, j)) * fraction, e - d))
      if (i <= j) store<f64>(xAt(s, i, j), ldexp(load<f64>(aAt(s, i, j)), -d))
    }
  }
  trsm<f64>(true, n, n, s.x, 1, s.ldx, s.v, s.ldv, s.scratch)
  // Norms carry the drift of some thousand rotations: worth dividing out.
  normalise(s, s.v, s.ldv, n)
  return probe(s)
}

/**
 * Whether V^T V z = z for a fixed irregular z, to rounding: catches a loss of orthogonality in O(n^2). An error E = V^T V - I of
 * norm 10 n eps spread over all entries gives components of some 20 sqrt(n) eps, and rounding alone gives a few eps.
 */
function probe(s: GejsvState): bool {
  const n = s.n
  const y = s.column
  memory.fill(y, 0, (n as usize) << 3)
  for (let j: i32 = 0; j < n; j++) axpy<f64>(n, irregular(j), vAt(s, 0, j), y)
  const tolerance: f64 = min<f64>(4.0 * (n as f64), 16.0 * sqrt<f64>(n as f64)) * EPS
  for (let j: i32 = 0; j < n; j++) {
    if (!(abs<f64>(dot<f64>(n, vAt(s, 0, j), y) - irregular(j)) <= tolerance)) return false
  }
  return true
}

/** Numbers in +-[0.5, 1) without a pattern that an error could hide in: the golden-ratio sequence with alternating runs of signs. */
function irregular(j: i32): f64 {
  const g: f64 = ((j + 1) as f64) * 0.6180339887498949
  const magnitude: f64 = 0.5 + 0.5 * (g - floor<f64>(g))
  return (((j * 7) >> 2) & 1) == 0 ? magnitude : -magnitude
}

function startApplyV(s: GejsvState): void {
  const r = s.rank
  s.phase = APPLY_V
  s.q.left = 0
  if (!s.wantV) return
  if (s.accumulate) {
    // V = Q2 [J 0; 0 I].
    ormqrInit<f64>(s.q, s.qr, s.n, s.n, r, s.x, s.ldx, s.tau2, s.v, s.ldv, s.scratch)
  } else if (r < s.n) {
    // Only V was wanted: complete the r columns by the QR of a copy of themselves.
    for (let j: i32 = 0; j < r; j++) memory.copy(xAt(s, 0, j), vAt(s, 0, j), (s.n as usize) << 3)
    geqrfInit<f64>(s.qr, s.n, r, s.x, s.ldx, s.tau2, s.scratch)
    while (geqrfStep<f64>(s.qr)) {}
    identityColumns(s.v, s.ldv, s.n, r, s.n)
    ormqrInit<f64>(s.q, s.qr, s.n, s.n - r, r, s.x, s.ldx, s.tau2, vAt(s, 0, r), s.ldv, s.scratch)
  }
}

function afterApplyV(s: GejsvState): void {
  if (s.wantV) scatterRows(s.n, s.n, s.v, s.ldv, s.pivots, s.column)
  s.q.left = 0
  if (s.columnsU > 0) ormqrInit<f64>(s.q, s.qr, s.m, s.columnsU, s.rank, s.a, s.lda, s.tau, s.u, s.ldu, s.scratch)
  s.phase = APPLY_U
}

function afterApplyU(s: GejsvState): void {
  if (s.columnsU > 0) scatterRows(s.m, s.columnsU, s.u, s.ldu, s.rowOrder, s.column)
  s.phase = DONE
}

/** One bounded piece; returns the phase now in work, DONE at the end, or NOT_CONVERGED. */
export function gejsvStep(state: usize): i32 {
  const s = changetype<GejsvState>(state)
  switch (s.phase) {
    case PIVOTED_QR:
      if (!geqp3Step<f64>(s.qp)) afterPivotedQr(s)
      break
    case SECOND_QR:
      if (!geqrfStep<f64>(s.qr)) afterSecondQr(s)
      break
    case JACOBI:
      if (!gesvjStep(s.jacobi)) s.phase = s.jacobi.converged ? VECTORS : NOT_CONVERGED
      break
    case VECTORS:
      vectors(s)
      break
    case APPLY_V:
      if (!ormqrStep<f64>(s.q, s.qr)) afterApplyV(s)
      break
    case APPLY_U:
      if (!ormqrStep<f64>(s.q, s.qr)) afterApplyU(s)
      break
    default:
      break
  }
  return s.phase
}
