import { elements, entry } from '../address'
import { geqp3Init, geqp3Step } from './geqp3'
import { geqrfInit, geqrfStep } from './geqrf'
import { leastPivot, MAX_SWEEPS } from '../constants'
import { GejsvState, layOut } from './gejsv-state'
import { gesvjInit, gesvjStep, normAt } from './gesvj'
import { amax, aminNonzero, raiseToMagnitudes } from '../level1/nrm2'
import { ormqrInit, ormqrStep } from './ormqr'
import { gatherColumns, gatherRows, scatterRows } from './permute'
import { preconditionInit, preconditionStep } from './precondition'
import { correctionStep, normalise, probe, solveStep, startCorrection, startSolve } from './right-vectors'
import { exponent, ldexp, scaleByPow2 } from './scaling'
import { argsortDescending } from './sort'

/**
 * Singular value decomposition A = U diag(sigma) V^T of an m x n matrix, m >= n, by preconditioned one-sided Jacobi (Drmac and
 * Veselic 2008; LAPACK dgejsv with JOBA = 'F'):
 *
 *   1. scale by a power of two; sort the rows by decreasing largest magnitude
 *   2. A P = Q R1 with column pivoting; rows of R1 that are zero are cut, r are left
 *   3. if U is wanted: R1^T = Q2 R2, so R1 = L2 Q2^T with L2 = R2^T lower triangular
 *   4. Jacobi on L2 (r x r), or on R1^T (n x r) if only V is wanted: W diag(sigma) = L2 J, begun by the eigenvectors of L2^T L2
 *      (precondition.ts), which leave it one sweep
 *   5. U = Q [W 0; 0 I]; V = P R1^-1 W diag(sigma), or P Q2 [J 0; 0 I] where that solve would lose orthogonality
 *
 * The solve in 5 is safe because rows of L2 and R1 have equal norms, Jacobi is backward stable row by row, and pivoting makes R1
 * well conditioned after scaling its rows. A probe checks it; a loss of some digits, as happens once in a hundred random matrices, is
 * made good by one product (right-vectors.ts), and where that is not enough 3 and 4 are repeated with J accumulated.
 */
export const DONE: i32 = 0
export const PIVOTED_QR: i32 = 1
export const SECOND_QR: i32 = 2
export const JACOBI: i32 = 3
export const SOLVE_V: i32 = 4
export const CORRECT_V: i32 = 5
export const ORDER: i32 = 6
export const COMPLETE_V: i32 = 7
export const APPLY_V: i32 = 8
export const APPLY_U: i32 = 9
export const PRECONDITION: i32 = 10
/** At the end, with the best factors so far: Jacobi reached its limit of sweeps. */
export const NOT_CONVERGED: i32 = -1

/** A dynamic range beyond which the matrix is scaled towards the top of the exponent range, so as to lose nothing below. */
function wideRange(): f64 {
  return sizeof<Real>() == 8 ? 1e-120 : 1e-18
}

function topExponent(): i32 {
  return sizeof<Real>() == 8 ? 900 : 100
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
  const s = changetype<GejsvState>(scratch)
  layOut(s, m, n, scratch)
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
  s.maxSweeps = MAX_SWEEPS
  s.failed = false
  s.jacobi.sweeps = 0
  s.jacobi.totalRotations = 0
  equilibrate(s)
  sortRows(s)
  geqp3Init(s.qp, m, n, a, lda, s.tau, s.pivots, s.scratch)
  s.phase = PIVOTED_QR
  return scratch
}

/** Scales A by a power of two: its largest entry near 1, or near the top of the range if its entries span very much. */
function equilibrate(s: GejsvState): void {
  let largest: f64 = 0
  let smallest: f64 = Infinity
  for (let j: i32 = 0; j < s.n; j++) {
    largest = max<f64>(largest, amax(s.m, entry(s.a, s.lda, 0, j)) as f64)
    smallest = min<f64>(smallest, aminNonzero(s.m, entry(s.a, s.lda, 0, j)) as f64)
  }
  s.scale = 0
  if (largest == 0) return
  const e = exponent(largest)
  const wide = smallest / largest < wideRange()
  if (!wide && e > -20 && e < 20) return
  s.scale = (wide ? topExponent() : 0) - e
  for (let j: i32 = 0; j < s.n; j++) scaleByPow2(s.m, entry(s.a, s.lda, 0, j), s.scale)
}

/** Without this, scales that differ between rows cost digits of the small singular values (Cox and Higham 1998). */
function sortRows(s: GejsvState): void {
  memory.fill(s.column, 0, (s.m as usize) << 3)
  for (let j: i32 = 0; j < s.n; j++) raiseToMagnitudes(s.m, entry(s.a, s.lda, 0, j), s.column)
  argsortDescending(s.m, s.column, s.rowOrder)
  gatherRows(s.m, s.n, s.a, s.lda, s.rowOrder, s.column)
}

/** X (n x r) = R1^T, zero above the diagonal. */
function transposeR(s: GejsvState, to: usize, ld: i32): void {
  for (let j: i32 = 0; j < s.rank; j++) {
    const column: usize = to + (j as usize) * elements(ld)
    memory.fill(column, 0, elements(j))
    for (let i: i32 = j; i < s.n; i++) store<Real>(column + elements(i), load<Real>(entry(s.a, s.lda, j, i)))
  }
}

/** Rows of R1 that are kept. */
function rowsLeft(s: GejsvState): i32 {
  let r = s.qp.rank
  while (r > 0 && abs<f64>(load<Real>(entry(s.a, s.lda, r - 1, r - 1)) as f64) < leastPivot()) r--
  return r
}

function afterPivotedQr(s: GejsvState): void {
  s.rank = rowsLeft(s)
  if (s.columnsU > 0) {
    s.accumulate = s.wantV && s.rank < s.n
    startSecondQr(s)
  } else {
    const target = s.wantV ? s.v : s.x
    const ld = s.wantV ? s.ldv : s.ldx
    transposeR(s, target, ld)
    startJacobi(s, s.n, target, ld, s.wantV ? s.x : s.a, s.wantV ? s.ldx : s.lda)
  }
}

function startSecondQr(s: GejsvState): void {
  transposeR(s, s.x, s.ldx)
  geqrfInit(s.qr, s.n, s.rank, s.rank, s.x, s.ldx, s.tau2, s.scratch)
  s.phase = SECOND_QR
}

/** U[:r, :r] = L2 = R2^T, and J = I if it is accumulated. */
function afterSecondQr(s: GejsvState): void {
  const r = s.rank
  for (let j: i32 = 0; j < r; j++) {
    memory.fill(entry(s.u, s.ldu, 0, j), 0, elements(j))
    for (let i: i32 = j; i < r; i++) store<Real>(entry(s.u, s.ldu, i, j), load<Real>(entry(s.x, s.ldx, j, i)))
  }
  if (!s.accumulate) startJacobi(s, r, s.u, s.ldu, s.x, s.ldx)
  else {
    identityColumns(s.v, s.ldv, s.n, 0, s.n)
    gesvjInit(s.jacobi, r, r, s.u, s.ldu, s.v, s.ldv, r, s.maxSweeps, s.rotations)
    s.phase = JACOBI
  }
}

/** Jacobi on X (rows x r), after its preconditioning with r columns of scratch at `gram`. */
function startJacobi(s: GejsvState, rows: i32, x: usize, ldx: i32, gram: usize, ldg: i32): void {
  preconditionInit(s.precondition, rows, s.rank, x, ldx, gram, ldg, s.scratch)
  s.phase = PRECONDITION
}

function afterPreconditioning(s: GejsvState): void {
  const p = s.precondition
  gesvjInit(s.jacobi, p.m, p.n, p.x, p.ldx, 0, 0, 0, s.maxSweeps, s.rotations)
  s.phase = JACOBI
}

/** Columns from .. to - 1 of a matrix with m rows become those of the identity. */
function identityColumns(x: usize, ldx: i32, m: i32, from: i32, to: i32): void {
  for (let j: i32 = from; j < to; j++) {
    const column: usize = entry(x, ldx, 0, j)
    memory.fill(column, 0, elements(m))
    store<Real>(column + elements(j), 1)
  }
}

function afterJacobi(s: GejsvState): void {
  s.failed = !s.jacobi.converged
  if (s.columnsU == 0 || !s.wantV || s.accumulate) s.phase = ORDER
  else {
    startSolve(s)
    s.phase = SOLVE_V
  }
}

/** Again, with the rotations accumulated. */
function accumulate(s: GejsvState): void {
  s.accumulate = true
  startSecondQr(s)
}

function afterSolve(s: GejsvState): void {
  if (probe(s)) s.phase = ORDER
  else if (s.corrected) accumulate(s)
  else {
    startCorrection(s)
    s.phase = CORRECT_V
  }
}

/** Singular values in order, vectors normalised and in the same order. */
function order(s: GejsvState): void {
  const r = s.rank
  argsortDescending(r, normAt(s.jacobi, 0), s.index)
  for (let j: i32 = 0; j < r; j++) {
    const norm = load<f64>(normAt(s.jacobi, load<i32>(s.index + ((j as usize) << 2))))
    store<f64>(s.sigma + ((j as usize) << 3), ldexp(norm, -s.scale))
  }
  memory.fill(s.sigma + ((r as usize) << 3), 0, ((s.n - r) as usize) << 3)
  if (s.columnsU > 0) {
    normalise(s.u, s.ldu, r, r)
    gatherColumns(r, r, s.u, s.ldu, s.index, s.column)
    for (let j: i32 = 0; j < r; j++) memory.fill(entry(s.u, s.ldu, r, j), 0, elements(s.m - r))
    identityColumns(s.u, s.ldu, s.m, r, s.columnsU)
  }
  if (!s.wantV) return
  // Jacobi on R1^T leaves V itself; an accumulated J comes in the scales of the columns of X.
  if (s.columnsU == 0) normalise(s.v, s.ldv, s.n, r)
  else if (s.accumulate) normalise(s.v, s.ldv, r, r)
  gatherColumns(s.n, r, s.v, s.ldv, s.index, s.column)
}

/** What is missing of V: Q2 on its rows, or columns beyond the rank. */
function afterOrder(s: GejsvState): void {
  const r = s.rank
  s.q.left = 0
  s.phase = APPLY_V
  if (!s.wantV) return
  if (s.accumulate) {
    // V = Q2 [J 0; 0 I].
    ormqrInit(s.q, s.qr, s.n, s.n, r, s.x, s.ldx, s.tau2, s.v, s.ldv, s.scratch)
  } else if (r < s.n) {
    // Only V was wanted: r columns are completed by the QR of a copy of themselves.
    for (let j: i32 = 0; j < r; j++) memory.copy(entry(s.x, s.ldx, 0, j), entry(s.v, s.ldv, 0, j), elements(s.n))
    geqrfInit(s.qr, s.n, r, r, s.x, s.ldx, s.tau2, s.scratch)
    s.phase = COMPLETE_V
  }
}

function afterComplement(s: GejsvState): void {
  const r = s.rank
  identityColumns(s.v, s.ldv, s.n, r, s.n)
  ormqrInit(s.q, s.qr, s.n, s.n - r, r, s.x, s.ldx, s.tau2, entry(s.v, s.ldv, 0, r), s.ldv, s.scratch)
  s.phase = APPLY_V
}

function afterApplyV(s: GejsvState): void {
  if (s.wantV) scatterRows(s.n, s.n, s.v, s.ldv, s.pivots, s.column)
  s.q.left = 0
  if (s.columnsU > 0) ormqrInit(s.q, s.qr, s.m, s.columnsU, s.rank, s.a, s.lda, s.tau, s.u, s.ldu, s.scratch)
  s.phase = APPLY_U
}

function afterApplyU(s: GejsvState): void {
  if (s.columnsU > 0) scatterRows(s.m, s.columnsU, s.u, s.ldu, s.rowOrder, s.column)
  s.phase = s.failed ? NOT_CONVERGED : DONE
}

/** One bounded piece; returns the phase now in work, DONE at the end, or NOT_CONVERGED. */
export function gejsvStep(state: usize): i32 {
  const s = changetype<GejsvState>(state)
  switch (s.phase) {
    case PIVOTED_QR:
      if (!geqp3Step(s.qp)) afterPivotedQr(s)
      break
    case SECOND_QR:
      if (!geqrfStep(s.qr)) afterSecondQr(s)
      break
    case PRECONDITION:
      if (!preconditionStep(s.precondition)) afterPreconditioning(s)
      break
    case JACOBI:
      if (!gesvjStep(s.jacobi)) afterJacobi(s)
      break
    case SOLVE_V:
      if (!solveStep(s)) afterSolve(s)
      break
    case CORRECT_V:
      if (!correctionStep(s)) afterSolve(s)
      break
    case ORDER:
      order(s)
      afterOrder(s)
      break
    case COMPLETE_V:
      if (!geqrfStep(s.qr)) afterComplement(s)
      break
    case APPLY_V:
      if (!ormqrStep(s.q, s.qr)) afterApplyV(s)
      break
    case APPLY_U:
      if (!ormqrStep(s.q, s.qr)) afterApplyU(s)
      break
    default:
      break
  }
  return s.phase
}
