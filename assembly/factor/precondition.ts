import { entry, lines, paper } from '../address'
import { PANEL, STEP_FLOPS } from '../constants'
import { nrm2 } from '../level1/nrm2'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { expandPanel, geqrfInit, GeqrfState, geqrfWorkspace, productsPart } from './geqrf'
import { columnsOfStep } from './panels'
import { larfbRight } from './reflectors'
import { exponent, scaleByPow2 } from './scaling'
import { aim, SteqrState, steqrInit, steqrStep, steqrWorkspace } from './steqr'
import { SytrdState, sytrdInit, sytrdStep, sytrdWorkspace } from './sytrd'

/**
 * Makes the columns of X nearly orthogonal before one-sided Jacobi: X <- X V with V the eigenvectors of X^T X, so that one or two
 * sweeps are left of ten. Any orthogonal V is right, since Jacobi finishes the work to full accuracy: the squared condition of
 * X^T X costs sweeps, never digits. (That a Jacobi method may start from any eigenvectors at hand: Drmac and Veselic 2008, part I,
 * section 1; Higham, Tisseur, Webb and Zhou 2025 start from those of a lower precision.)
 *
 * V is never formed: X^T X = Q T Q^T, T = Z Lambda Z^T, and X takes the reflectors of Q and the rotations of Z as they come. All
 * of it is backward stable row by row. Columns whose norms differ by more than a given factor are kept apart, each group with
 * eigenvectors of its own: small columns then stay small, which keeps their relative accuracy.
 */
@unmanaged
export class PreconditionState {
  phase: i32
  /** X has m rows and n columns; entry (i, j) is zero for i < j. */
  m: i32
  n: i32
  x: usize
  ldx: i32
  /** X^T X, n x n at most. */
  gram: usize
  ldg: i32
  /** The group in work: columns first .. end - 1. */
  first: i32
  end: i32
  /** Next column of X^T X, or next panel of Q. */
  next: i32
  /** Next row of X that takes the panel. */
  row: i32
  d: usize
  e: usize
  tau: usize
  /** Eigenvalues of T. */
  known: usize
  tridiagonal: SytrdState
  reflectors: GeqrfState
  ql: SteqrState
  scratch: usize
}

const DONE: i32 = 0
const GRAM: i32 = 1
const REDUCE: i32 = 2
const APPLY_Q: i32 = 3
const VALUES: i32 = 4
const QL: i32 = 5

/**
 * Norms of columns in a group differ by less than 2^range, so that X^T X, to 2^-52 (float32: 2^-23) of its largest entry, tells
 * them apart.
 */
function range(): i32 {
  return sizeof<Real>() == 8 ? 20 : 8
}
/**
 * Columns with norms beyond 2^-squared .. 2^squared, whose squares leave the range, are left to Jacobi, which needs none: a matrix that spans
 * more than 1e120 comes scaled to the top of the range, and scaling it down here would lose what lies at its bottom.
 */
function squared(): i32 {
  return sizeof<Real>() == 8 ? 400 : 50
}
/**
 * Off-diagonals of T so small, relative to the diagonal, are left to Jacobi: n times the square of the cosines that they leave is
 * still less than its tolerance, so they cost no further sweep.
 */
function negligible(): f64 {
  return sizeof<Real>() == 8 ? 9.094947017729282e-13 : 3.0517578125e-5
}
/**
 * The same for the eigenvalues that become shifts: an off-diagonal e moves them by e^2 over their distance only, which is less than what
 * is negligible above unless they nearly coincide, and then costs that one a second sweep.
 */
function separable(): f64 {
  return sizeof<Real>() == 8 ? 7.450580596923828e-9 : 1.220703125e-4
}
/** Smaller groups are left to Jacobi: there it is as fast. */
const LEAST_COLUMNS: i32 = 16
/** Columns of X^T X that are formed at a time: what lies above the diagonal is wasted. */
const GRAM_COLUMNS: i32 = 64

/** Bytes of scratch that {@link preconditionInit} needs for X of m x n. */
export function preconditionWorkspace(m: i32, n: i32): u64 {
  const products = max(gemmWorkspace(m, n, PANEL), gemmWorkspace(m, max(n, PANEL), m))
  const panels = geqrfWorkspace(n, n, n) + productsPart(PANEL, m)
  const largest = max(max<u64>(products, sytrdWorkspace(n)), max<u64>(panels + products, steqrWorkspace(n, m)))
  return layOut(paper<PreconditionState>(), n, 0) + largest
}

/** The states, the vectors, which are float64, and the rest of the scratch; returns where the rest begins, be it beyond 32 bits. */
function layOut(s: PreconditionState, n: i32, scratch: u64): u64 {
  const vector = lines((n as u64) << 3)
  let p = scratch
  s.tridiagonal = changetype<SytrdState>(p as usize)
  p += lines(offsetof<SytrdState>())
  s.reflectors = changetype<GeqrfState>(p as usize)
  p += lines(offsetof<GeqrfState>())
  s.ql = changetype<SteqrState>(p as usize)
  p += lines(offsetof<SteqrState>())
  s.d = p as usize
  p += vector
  s.e = p as usize
  p += vector
  s.tau = p as usize
  p += vector
  s.known = p as usize
  p += vector
  s.scratch = p as usize
  return p
}

/** Prepares X <- X V; `gram` holds n columns, `ldg` >= n apart. */
export function preconditionInit(
  s: PreconditionState,
  m: i32,
  n: i32,
  x: usize,
  ldx: i32,
  gram: usize,
  ldg: i32,
  scratch: usize,
): void {
  s.m = m
  s.n = n
  s.x = x
  s.ldx = ldx
  s.gram = gram
  s.ldg = ldg
  layOut(s, n, scratch)
  s.end = 0
  nextGroup(s)
}

/** The next group that is worth it. */
function nextGroup(s: PreconditionState): void {
  do {
    s.first = s.end
    findEnd(s)
  } while (s.end - s.first < LEAST_COLUMNS && s.end < s.n)
  s.next = 0
  s.phase = s.end - s.first < LEAST_COLUMNS ? DONE : GRAM
}

/** Columns on from `first` as long as their norms are alike. */
function findEnd(s: PreconditionState): void {
  let least: i32 = i32.MAX_VALUE
  let most: i32 = i32.MIN_VALUE
  for (s.end = s.first; s.end < s.n; s.end++) {
    const norm = nrm2(s.m - s.end, entry(s.x, s.ldx, s.end, s.end))
    if (norm == 0) break
    const e = exponent(norm as f64)
    least = min(least, e)
    most = max(most, e)
    if (most - least > range() || e > squared() || e < -squared()) break
  }
  // A column that fits into no group is passed over.
  if (s.end == s.first && s.end < s.n) s.end++
}

/** Some columns of X^T X on and below the diagonal, scaled so that the largest entry is near 1. */
function multiply(s: PreconditionState): void {
  const size = s.end - s.first
  const j = s.first + s.next
  const columns = min(GRAM_COLUMNS, s.end - j)
  const rows = s.end - j
  const to: usize = s.gram + (s.next as usize) * ((s.ldg as usize) + 1) * sizeof<Real>()
  const from = entry(s.x, s.ldx, j, j)
  gemm(rows, columns, s.m - j, 1, from, s.ldx, 1, from, 1, s.ldx, 0, to, s.ldg, s.scratch)
  s.next += columns
  if (s.next < size) return
  scaleGram(s)
  sytrdInit(s.tridiagonal, size, s.gram, s.ldg, s.d, s.e, s.tau, s.scratch)
  s.phase = REDUCE
}

function scaleGram(s: PreconditionState): void {
  const size = (s.end - s.first) as usize
  let largest: Real = 0
  for (let j: usize = 0; j < size; j++) {
    largest = max<Real>(largest, load<Real>(s.gram + j * ((s.ldg as usize) + 1) * sizeof<Real>()))
  }
  const power = -exponent(largest as f64)
  for (let j: usize = 0; j < size; j++) {
    scaleByPow2((size - j) as i32, s.gram + j * ((s.ldg as usize) + 1) * sizeof<Real>(), power)
  }
}

function beginQ(s: PreconditionState): void {
  const size = s.end - s.first - 1
  // Row and column 0 of Q are those of the identity: the reflectors begin at row 1.
  geqrfInit(s.reflectors, size, size, size, s.gram + sizeof<Real>(), s.ldg, s.tau, s.scratch)
  s.next = 0
  s.row = s.first
  s.phase = APPLY_Q
}

/** X <- X (I - V T V^T) for a panel of reflectors, a range of rows. */
function applyPanel(s: PreconditionState): void {
  const q = s.reflectors
  const size = s.end - s.first - 1
  const k = min(PANEL, size - s.next)
  if (s.row == s.first) expandPanel(q, s.next, k)
  const columns = size - s.next
  const rows = columnsOfStep(s.m - s.row, 4.0 * (columns as f64) * (k as f64), 64)
  const w = q.work
  const work = w + (productsPart(PANEL, s.m) as usize)
  larfbRight(rows, columns, k, q.v, q.ldv, q.t, entry(s.x, s.ldx, s.row, s.first + s.next + 1), s.ldx, w, work)
  s.row += rows
  if (s.row < s.m) return
  s.row = s.first
  s.next += k
  if (s.next < size) return
  beginValues(s)
}

/** The eigenvalues of T alone come first: cheap, and as shifts they bring the sweeps that turn X from 1.6 a value to 1. */
function beginValues(s: PreconditionState): void {
  const bytes = ((s.end - s.first) as usize) << 3
  memory.copy(s.known, s.d, bytes)
  memory.copy(s.tau, s.e, bytes)
  steqrInit(s.ql, s.end - s.first, s.known, s.tau, 0, 0, 0, 0)
  s.ql.tolerance = separable()
  s.phase = VALUES
}

function beginQl(s: PreconditionState): void {
  const x = entry(s.x, s.ldx, s.first, s.first)
  steqrInit(s.ql, s.end - s.first, s.d, s.e, s.m - s.first, x, s.ldx, s.scratch)
  aim(s.ql, s.known, negligible())
  s.phase = QL
}

/** One bounded piece; true while there is more to do. */
export function preconditionStep(s: PreconditionState): bool {
  switch (s.phase) {
    case GRAM:
      multiply(s)
      break
    case REDUCE:
      if (!sytrdStep(s.tridiagonal)) beginQ(s)
      break
    case APPLY_Q:
      applyPanel(s)
      break
    case VALUES:
      if (steqrStep(s.ql) <= 0) beginQl(s)
      break
    // Where an iteration does not converge, what was done is still orthogonal.
    case QL:
      if (steqrStep(s.ql) <= 0) nextGroup(s)
      break
    default:
      break
  }
  return s.phase != DONE
}
