import { elements, entry, part } from '../address'
import { epsilon, leastPivot, PANEL, PASS_FLOPS, READ_FLOPS, STEP_FLOPS } from '../constants'
import { axpy } from '../level1/axpy'
import { dot, dot4 } from '../level1/dot'
import { amax, aminNonzero, nrm2 } from '../level1/nrm2'
import { swap } from '../level1/swap'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { larfg } from './larfg'
import { columnsOfStep } from './panels'

/**
 * QR with column pivoting, A P = Q R (Quintana-Orti, Sun and Bischof 1998; LAPACK dgeqp3): half of the work is matrix
 * products. The trailing matrix stays A - V F^T until the panel ends, F = A^T V T^T; only the pivot row and column are kept up
 * to date. Column norms are downdated, and recomputed where that would lose half the digits (Drmac and Bujanovic 2008).
 * Stops where all columns left are zero, or so small that they are what rounding left of nothing (see {@link noise}), and sets those
 * to zero: `rank` is the number of reflectors made. Resumable.
 */
@unmanaged
export class Geqp3State {
  m: i32
  n: i32
  a: usize
  lda: i32
  tau: usize
  /** n x i32: column j of A P is column pivots[j] of A. */
  pivots: usize
  rank: i32
  done: bool
  /** First column of the panel, columns of it factored, and whether it is closed. */
  panel: i32
  k: i32
  closed: bool
  /** Next column to multiply with the reflector of column panel + k; 0 before there is one. */
  product: i32
  /** Next column of the trailing update. */
  next: i32
  /** Columns whose entries were measured, before anything else; the range of their magnitudes. */
  measured: i32
  largest: f64
  smallest: f64
  /** Columns whose norms are not above it count as zero. */
  floor: f64
  /** Norms of the columns below the pivot row: as downdated, and when last computed. */
  norms: usize
  exact: usize
  f: usize
  row: usize
  work: usize
}

/** Bytes of scratch for m x n. */
export function geqp3Workspace(m: i32, n: i32): u64 {
  return vectorsPart(n) + gemmWorkspace(m, n, PANEL)
}

/** Norms twice, F, and a row, which vectors of lanes reach beyond. */
function vectorsPart(n: i32): u64 {
  return part((2 + PANEL) * (n as u64) + (max(n, PANEL) as u64) + 8)
}

/**
 * eps^4 of the least product of a row's and a column's scale that A can hold, at most (smallest entry)^2 / (largest entry): if A is
 * D1 B D2 with diagonal D and B of condition kappa, no column comes out below that product over kappa. Equal rows stay equal while they are
 * reduced, so what is left of them falls off by eps a column, down into subnormal numbers: all columns would be reduced, at their speed.
 * Nor are pivots below {@link leastPivot}.
 */
function noise(s: Geqp3State): f64 {
  const largest = s.largest
  const smallest = s.smallest
  if (largest == 0) return 0
  const eps2 = epsilon() * epsilon()
  return max<f64>(min<f64>(leastPivot(), epsilon() * largest), eps2 * smallest * (eps2 * (smallest / largest)))
}

export function geqp3Init(
  s: Geqp3State,
  m: i32,
  n: i32,
  a: usize,
  lda: i32,
  tau: usize,
  pivots: usize,
  scratch: usize,
): void {
  s.m = m
  s.n = n
  s.a = a
  s.lda = lda
  s.tau = tau
  s.pivots = pivots
  s.rank = min(m, n)
  s.done = s.rank == 0
  s.panel = 0
  s.k = 0
  s.closed = false
  s.product = 0
  s.next = 0
  s.norms = scratch
  s.exact = s.norms + elements(n)
  s.f = s.exact + elements(n)
  s.row = s.f + elements(n * PANEL)
  s.work = scratch + (vectorsPart(n) as usize)
  s.measured = 0
  s.largest = 0
  s.smallest = Infinity
  for (let j: i32 = 0; j < n; j++) store<i32>(pivots + ((j as usize) << 2), j)
}

/** Norms and magnitudes of a range of columns; true while there are more. */
function measureStep(s: Geqp3State): bool {
  const end = s.measured + columnsOfStep(s.n - s.measured, PASS_FLOPS * (max(1, s.m) as f64))
  for (; s.measured < end; s.measured++) {
    const column = entry(s.a, s.lda, 0, s.measured)
    s.largest = max<f64>(s.largest, amax(s.m, column) as f64)
    s.smallest = min<f64>(s.smallest, aminNonzero(s.m, column) as f64)
    remember(s, s.measured, nrm2(s.m, column))
  }
  s.floor = noise(s)
  return end < s.n
}

function remember(s: Geqp3State, j: i32, norm: Real): void {
  store<Real>(s.norms + elements(j), norm)
  store<Real>(s.exact + elements(j), norm)
}

/** Brings the column of largest norm to position c; false if all count as zero. */
function pivot(s: Geqp3State, c: i32): bool {
  let best = c
  let largest: Real = load<Real>(s.norms + elements(c))
  for (let j: i32 = c + 1; j < s.n; j++) {
    const norm = load<Real>(s.norms + elements(j))
    if (norm > largest) {
      largest = norm
      best = j
    }
  }
  if ((largest as f64) <= s.floor) return false
  if (best == c) return true
  swap<Real>(s.m, entry(s.a, s.lda, 0, best), entry(s.a, s.lda, 0, c))
  for (let q: i32 = 0; q < s.k; q++) swap<Real>(1, entry(s.f, s.n, best, q), entry(s.f, s.n, c, q))
  const offset: usize = elements(best)
  const here: usize = elements(c)
  swap<Real>(1, s.norms + offset, s.norms + here)
  swap<Real>(1, s.exact + offset, s.exact + here)
  const p: usize = s.pivots + ((best as usize) << 2)
  const q: usize = s.pivots + ((c as usize) << 2)
  const t = load<i32>(p)
  store<i32>(p, load<i32>(q))
  store<i32>(q, t)
  return true
}

/** F[q, k] = A[c + 1:, q]^T v for some columns q from the next on; the operations that takes. */
function extendProducts(s: Geqp3State, c: i32): f64 {
  const below = s.m - c - 1
  const v = entry(s.a, s.lda, c + 1, c)
  const stride: usize = elements(s.lda)
  const flops = 2.0 * READ_FLOPS * (max(1, below) as f64)
  const end = s.product + columnsOfStep(s.n - s.product, flops)
  let j = s.product
  for (; j + 4 <= end; j += 4) {
    dot4(below, v, entry(s.a, s.lda, c + 1, j), stride, entry(s.f, s.n, j, s.k))
  }
  for (; j < end; j++) store<Real>(entry(s.f, s.n, j, s.k), dot(below, v, entry(s.a, s.lda, c + 1, j)))
  const columns = end - s.product
  s.product = end
  return flops * (columns as f64)
}

/** F[:, k] = tau (A[c:, c+1:]^T v - F[:, :k] (V^T v)), where {@link extendProducts} has left A[c + 1:, c + 1:]^T v. */
function extendF(s: Geqp3State, c: i32, tau: Real): void {
  const below = s.m - c - 1
  const v = entry(s.a, s.lda, c + 1, c)
  for (let j: i32 = s.panel; j <= c; j++) store<Real>(entry(s.f, s.n, j, s.k), 0)
  for (let q: i32 = c + 1; q < s.n; q++) {
    const f = entry(s.f, s.n, q, s.k)
    store<Real>(f, tau * (load<Real>(f) + load<Real>(entry(s.a, s.lda, c, q))))
  }
  const length = s.n - s.panel
  for (let q: i32 = 0; q < s.k; q++) {
    const w: Real = load<Real>(entry(s.a, s.lda, c, s.panel + q)) + dot(below, v, entry(s.a, s.lda, c + 1, s.panel + q))
    axpy(length, -tau * w, entry(s.f, s.n, s.panel, q), entry(s.f, s.n, s.panel, s.k))
  }
}

/** A[c, c+1:] -= V[c, :] F^T, the row that becomes row c of R. */
function updateRow(s: Geqp3State, c: i32): void {
  const length = s.n - c - 1
  memory.fill(s.row, 0, elements(length))
  for (let q: i32 = 0; q <= s.k; q++) {
    const v: Real = q == s.k ? 1 : load<Real>(entry(s.a, s.lda, c, s.panel + q))
    axpy(length, v, entry(s.f, s.n, c + 1, q), s.row)
  }
  for (let j: i32 = 0; j < length; j++) {
    const x = entry(s.a, s.lda, c, c + 1 + j)
    store<Real>(x, load<Real>(x) - load<Real>(s.row + elements(j)))
  }
}

/** Downdates the norms by the row just finished. A norm that lost too much is marked by a negative `exact`: the panel ends. */
function downdate(s: Geqp3State, c: i32): bool {
  const tolerance: Real = sizeof<Real>() == 8 ? 1.4901161193847656e-8 : 3.4526698e-4
  let marked = false
  for (let j: i32 = c + 1; j < s.n; j++) {
    const normAt: usize = s.norms + elements(j)
    const norm = load<Real>(normAt)
    if (norm == 0) continue
    const exactAt: usize = s.exact + elements(j)
    const q: Real = abs<Real>(load<Real>(entry(s.a, s.lda, c, j))) / norm
    const left: Real = max<Real>(0, (1 + q) * (1 - q))
    const lost: Real = norm / load<Real>(exactAt)
    if (left * lost * lost <= tolerance) {
      store<Real>(exactAt, -1)
      marked = true
    } else {
      store<Real>(normAt, norm * sqrt<Real>(left))
    }
  }
  return marked
}

/** Sets what is left from row and column c on to zero. */
function clear(s: Geqp3State, c: i32): void {
  for (let j: i32 = c; j < s.n; j++) memory.fill(entry(s.a, s.lda, c, j), 0, elements(s.m - c))
}

/** The next column of the panel: its pivot and reflector. */
function beginColumn(s: Geqp3State): void {
  const c = s.panel + s.k
  if (!pivot(s, c)) {
    s.rank = c
    s.closed = true
    clear(s, c)
    return
  }
  const rows = s.m - c
  for (let q: i32 = 0; q < s.k; q++) {
    axpy(rows, -load<Real>(entry(s.f, s.n, c, q)), entry(s.a, s.lda, c, s.panel + q), entry(s.a, s.lda, c, c))
  }
  store<Real>(s.tau + elements(c), larfg(rows - 1, entry(s.a, s.lda, c, c), entry(s.a, s.lda, c + 1, c)))
  s.product = c + 1
}

/** What it does to the others, once all products with it are there. */
function endColumn(s: Geqp3State): void {
  const c = s.panel + s.k
  extendF(s, c, load<Real>(s.tau + elements(c)))
  updateRow(s, c)
  const marked = downdate(s, c)
  s.k++
  s.closed = marked || s.k == PANEL || c + 1 == s.rank
  s.product = 0
}

/** The trailing update by a range of columns; closes the panel at the last. */
function updateTrailing(s: Geqp3State): void {
  const first = s.panel + s.k
  const rows = s.m - first
  if (s.next < first) s.next = first
  if (rows > 0 && s.k > 0 && s.next < s.n) {
    const columns = columnsOfStep(s.n - s.next, 2.0 * (rows as f64) * (s.k as f64))
    gemm(
      rows, columns, s.k, -1,
      entry(s.a, s.lda, first, s.panel), 1, s.lda,
      entry(s.f, s.n, s.next, 0), s.n, 1,
      1, entry(s.a, s.lda, first, s.next), s.lda, s.work,
    ) // prettier-ignore
    s.next += columns
    if (s.next < s.n) return
  }
  for (let j: i32 = first; j < s.n; j++) {
    if (load<Real>(s.exact + elements(j)) < 0) remember(s, j, nrm2(rows, entry(s.a, s.lda, first, j)))
  }
  s.panel = first
  s.k = 0
  s.closed = false
  s.next = first
  s.done = first >= s.rank
}

/** One bounded piece; true while there is more to do. */
export function geqp3Step(s: Geqp3State): bool {
  if (s.done) return false
  if (s.measured < s.n && measureStep(s)) return true
  let flops: f64 = 0
  while (!s.closed && flops < STEP_FLOPS) {
    if (s.product == 0) beginColumn(s)
    if (s.closed) break
    flops += extendProducts(s, s.panel + s.k)
    if (s.product == s.n) {
      flops += 4.0 * ((s.m + s.n) as f64) * (s.k as f64)
      endColumn(s)
    }
  }
  if (s.closed) updateTrailing(s)
  return !s.done
}
