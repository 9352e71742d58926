import { elements, entry } from '../address'
import { geqp3Init, geqp3Step } from './geqp3'
import { geqrfInit, geqrfStep } from './geqrf'
import { leastPivot, MAX_SWEEPS, PASS_FLOPS } from '../constants'
import { GejsvState, layOut } from './gejsv-state'
import { gesvjInit, gesvjStep, normAt } from './gesvj'
import { amax, aminNonzero, raiseToMagnitudes } from '../level1/nrm2'
import { transpose } from '../level3/transpose'
import { ormqrInit, ormqrStep } from './ormqr'
import { columnsOfStep } from './panels'
import { gatherColumns, gatherRows, scatterRows } from './permute'
import { preconditionInit, preconditionStep } from './precondition'
import {
  correctionStep,
  normalise,
  probeStep,
  scaleStep,
  solveStep,
  startCorrection,
  startProbe,
  startSolve,
} from './right-vectors'
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
export const MEASURE: i32 = 11
export const SORT_ROWS: i32 = 12
export const GATHER_ROWS: i32 = 13
export const TRANSPOSE: i32 = 14
export const TRANSPOSE_BACK: i32 = 15
export const SCALE_V: i32 = 16
export const PROBE_V: i32 = 17
export const ORDER_U: i32 = 18
export const ORDER_V: i32 = 19
export const SCATTER_V: i32 = 20
export const SCATTER_U: i32 = 21
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
  s.largest = 0
  s.smallest = Infinity
  begin(s, MEASURE)
  return scratch
}

function begin(s: GejsvState, phase: i32): void {
  s.phase = phase
  s.next = 0
}

/** Columns, of `entries` each, that one step of a pass over `left` of them takes. */
function columnsOfPass(left: i32, entries: i32): i32 {
  return columnsOfStep(left, PASS_FLOPS * (max(1, entries) as f64), 8)
}

/** The range of the entries' magnitudes. */
function measure(s: GejsvState): void {
  const end = s.next + columnsOfPass(s.n - s.next, s.m)
  for (; s.next < end; s.next++) {
    const column = entry(s.a, s.lda, 0, s.next)
    s.largest = max<f64>(s.largest, amax(s.m, column) as f64)
    s.smallest = min<f64>(s.smallest, aminNonzero(s.m, column) as f64)
  }
  if (end < s.n) return
  equilibrate(s)
  memory.fill(s.column, 0, (s.m as usize) << 3)
  begin(s, SORT_ROWS)
}

/** A is to be scaled by a power of two: its largest entry near 1, or near the top of the range if its entries span very much. */
function equilibrate(s: GejsvState): void {
  s.scale = 0
  if (s.largest == 0) return
  const e = exponent(s.largest)
  const wide = s.smallest / s.largest < wideRange()
  if (wide || e <= -20 || e >= 20) s.scale = (wide ? topExponent() : 0) - e
}

/** Scales A, and sorts its rows: without that, scales that differ between them cost digits of the small singular values (Cox and Higham 1998). */
function sortRows(s: GejsvState): void {
  const end = s.next + columnsOfPass(s.n - s.next, s.m)
  for (; s.next < end; s.next++) {
    const column = entry(s.a, s.lda, 0, s.next)
    if (s.scale != 0) scaleByPow2(s.m, column, s.scale)
    raiseToMagnitudes(s.m, column, s.column)
  }
  if (end < s.n) return
  argsortDescending(s.m, s.column, s.rowOrder)
  begin(s, GATHER_ROWS)
}

function gather(s: GejsvState): void {
  const columns = columnsOfPass(s.n - s.next, s.m)
  gatherRows(s.m, columns, entry(s.a, s.lda, 0, s.next), s.lda, s.rowOrder, s.column)
  s.next += columns
  if (s.next < s.n) return
  geqp3Init(s.qp, s.m, s.n, s.a, s.lda, s.tau, s.pivots, s.scratch)
  s.phase = PIVOTED_QR
}

/** Rows of some columns of X (m x n) go back to where they came from; true while there are more columns. */
function scatter(s: GejsvState, m: i32, n: i32, x: usize, ldx: i32, index: usize): bool {
  const columns = columnsOfPass(n - s.next, m)
  scatterRows(m, columns, entry(x, ldx, 0, s.next), ldx, index, s.column)
  s.next += columns
  return s.next < n
}

/** Some columns of X (m x r) = R^T, zero above the diagonal; true while there are more. */
function transposeR(s: GejsvState, m: i32, r: usize, ldr: i32, x: usize, ldx: i32): bool {
  const end = s.next + columnsOfPass(s.rank - s.next, m)
  transpose(m, end - s.next, entry(r, ldr, s.next, 0), ldr, entry(x, ldx, 0, s.next), ldx)
  for (; s.next < end; s.next++) memory.fill(entry(x, ldx, 0, s.next), 0, elements(s.next))
  return end < s.rank
}

/** Rows of R1 that are kept. */
function rowsLeft(s: GejsvState): i32 {
  let r = s.qp.rank
  while (r > 0 && abs<f64>(load<Real>(entry(s.a, s.lda, r - 1, r - 1)) as f64) < leastPivot()) r--
  return r
}

function afterPivotedQr(s: GejsvState): void {
  s.rank = rowsLeft(s)
  s.accumulate = s.columnsU > 0 && s.wantV && s.rank < s.n
  begin(s, TRANSPOSE)
}

/** R1^T, in V if only that is wanted. */
function transposeStep(s: GejsvState): void {
  const inV = s.columnsU == 0 && s.wantV
  const to = inV ? s.v : s.x
  const ld = inV ? s.ldv : s.ldx
  if (transposeR(s, s.n, s.a, s.lda, to, ld)) return
  if (s.columnsU == 0) startJacobi(s, s.n, to, ld, inV ? s.x : s.a, inV ? s.ldx : s.lda)
  else {
    geqrfInit(s.qr, s.n, s.rank, s.rank, s.x, s.ldx, s.tau2, s.scratch)
    s.phase = SECOND_QR
  }
}

/** U[:r, :r] = L2 = R2^T, and J = I if it is accumulated. */
function transposeBackStep(s: GejsvState): void {
  const r = s.rank
  if (transposeR(s, r, s.x, s.ldx, s.u, s.ldu)) return
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
    begin(s, SCALE_V)
  }
}

function afterSolve(s: GejsvState): void {
  startProbe(s)
  begin(s, PROBE_V)
}

/** What to do where V is found to be orthonormal, or not. */
function afterProbe(s: GejsvState, isOrthonormal: bool): void {
  if (isOrthonormal) s.phase = ORDER
  else if (s.corrected) {
    // Again, with the rotations accumulated.
    s.accumulate = true
    begin(s, TRANSPOSE)
  } else {
    startCorrection(s)
    s.phase = CORRECT_V
  }
}

/** Singular values in order. */
function order(s: GejsvState): void {
  const r = s.rank
  argsortDescending(r, normAt(s.jacobi, 0), s.index)
  for (let j: i32 = 0; j < r; j++) {
    const norm = load<f64>(normAt(s.jacobi, load<i32>(s.index + ((j as usize) << 2))))
    store<f64>(s.sigma + ((j as usize) << 3), ldexp(norm, -s.scale))
  }
  memory.fill(s.sigma + ((r as usize) << 3), 0, ((s.n - r) as usize) << 3)
  begin(s, ORDER_U)
}

/** Some columns of X divided by the norms of their first `rows` entries, if there are any; then columns in order, some of m rows. True while there is more to do. */
function orderStep(s: GejsvState, m: i32, rows: i32, x: usize, ldx: i32): bool {
  const r = s.rank
  if (s.next < r) {
    const columns = columnsOfPass(r - s.next, rows)
    normalise(entry(x, ldx, 0, s.next), ldx, rows, columns)
    s.next += columns
    return true
  }
  const row = s.next - r
  const count = columnsOfPass(m - row, r)
  gatherColumns(count, r, entry(x, ldx, row, 0), ldx, s.index, s.column)
  s.next += count
  return row + count < m
}

function orderUStep(s: GejsvState): void {
  const r = s.rank
  if (s.columnsU > 0) {
    const from = s.next
    const isMore = orderStep(s, r, r, s.u, s.ldu)
    for (let j = from; j < min(r, s.next); j++) memory.fill(entry(s.u, s.ldu, r, j), 0, elements(s.m - r))
    if (isMore) return
    identityColumns(s.u, s.ldu, s.m, r, s.columnsU)
  }
  begin(s, ORDER_V)
}

function orderVStep(s: GejsvState): void {
  // Jacobi on R1^T leaves V itself; an accumulated J comes in the scales of the columns of X; what was solved for is normal.
  const rows = s.columnsU == 0 ? s.n : s.accumulate ? s.rank : 0
  if (!s.wantV || !orderStep(s, s.n, rows, s.v, s.ldv)) afterOrder(s)
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

function scatterVStep(s: GejsvState): void {
  if (s.wantV && scatter(s, s.n, s.n, s.v, s.ldv, s.pivots)) return
  s.q.left = 0
  if (s.columnsU > 0) ormqrInit(s.q, s.qr, s.m, s.columnsU, s.rank, s.a, s.lda, s.tau, s.u, s.ldu, s.scratch)
  s.phase = APPLY_U
}

function scatterUStep(s: GejsvState): void {
  if (s.columnsU > 0 && scatter(s, s.m, s.columnsU, s.u, s.ldu, s.rowOrder)) return
  s.phase = s.failed ? NOT_CONVERGED : DONE
}

/** One bounded piece; returns the phase now in work, DONE at the end, or NOT_CONVERGED. */
export function gejsvStep(state: usize): i32 {
  const s = changetype<GejsvState>(state)
  switch (s.phase) {
    case MEASURE:
      measure(s)
      break
    case SORT_ROWS:
      sortRows(s)
      break
    case GATHER_ROWS:
      gather(s)
      break
    case PIVOTED_QR:
      if (!geqp3Step(s.qp)) afterPivotedQr(s)
      break
    case TRANSPOSE:
      transposeStep(s)
      break
    case SECOND_QR:
      if (!geqrfStep(s.qr)) begin(s, TRANSPOSE_BACK)
      break
    case TRANSPOSE_BACK:
      transposeBackStep(s)
      break
    case PRECONDITION:
      if (!preconditionStep(s.precondition)) afterPreconditioning(s)
      break
    case JACOBI:
      if (!gesvjStep(s.jacobi)) afterJacobi(s)
      break
    case SCALE_V:
      if (!scaleStep(s)) begin(s, SOLVE_V)
      break
    case SOLVE_V:
      if (!solveStep(s)) afterSolve(s)
      break
    case CORRECT_V:
      if (!correctionStep(s)) afterSolve(s)
      break
    case PROBE_V: {
      const verdict = probeStep(s)
      if (verdict <= 0) afterProbe(s, verdict == 0)
      break
    }
    case ORDER:
      order(s)
      break
    case ORDER_U:
      orderUStep(s)
      break
    case ORDER_V:
      orderVStep(s)
      break
    case COMPLETE_V:
      if (!geqrfStep(s.qr)) afterComplement(s)
      break
    case APPLY_V:
      if (!ormqrStep(s.q, s.qr)) begin(s, SCATTER_V)
      break
    case SCATTER_V:
      scatterVStep(s)
      break
    case APPLY_U:
      if (!ormqrStep(s.q, s.qr)) begin(s, SCATTER_U)
      break
    case SCATTER_U:
      scatterUStep(s)
      break
    default:
      break
  }
  return s.phase
}
