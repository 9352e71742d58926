import { elements, entry, part } from '../address'
import { NC, PANEL, READ_FLOPS, STEP_FLOPS } from '../constants'
import { axpy } from '../level1/axpy'
import { dot } from '../level1/dot'
import { scal } from '../level1/scal'
import { gemv, gemvTransposed } from '../level2/gemv'
import { symv } from '../level2/symv'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { larfg } from './larfg'

/**
 * Householder reduction of a symmetric matrix to tridiagonal form, A = Q T Q^T (LAPACK dsytrd, lower; Dongarra, Sorensen and
 * Hammarling 1989). A is n x n, contiguous columns, only its lower triangle is read. On return d and e hold T; the reflectors of
 * Q lie below the subdiagonal: column j of A, from row j + 2, is the v of H_j, whose 1 is in row j + 1. d and e are float64, whatever A is.
 *
 * A panel of reflectors V and the W with A - V W^T - W V^T are built column by column from the matrix as it was before the
 * panel; then what lies to the right is updated by one product. Resumable: a step reduces some columns of a panel or
 * updates a range of the columns to its right.
 */
@unmanaged
export class SytrdState {
  n: i32
  a: usize
  lda: i32
  d: usize
  e: usize
  tau: usize
  /** First column of the panel in work, and the next column to reduce. */
  panel: i32
  column: i32
  /** Next column to update from the panel. */
  next: i32
  /** [W | V | W], n rows each: [V | W] and [W | V] side by side make the rank-2k update one product. */
  w: usize
  /** Coefficients of a column against the panel. */
  x: usize
  work: usize
}

/** Columns updated by one product: its part above the diagonal is wasted. */
const UPDATE_COLUMNS: i32 = 64

/** Bytes of scratch that {@link sytrdInit} needs. */
export function sytrdWorkspace(n: i32): u64 {
  return panelPart(n) + part(PANEL) + gemmWorkspace(n, min(n, NC), 2 * PANEL)
}

/** [W | V | W]. */
function panelPart(n: i32): u64 {
  return part(3 * PANEL * (n as u64))
}

export function sytrdInit(
  s: SytrdState,
  n: i32,
  a: usize,
  lda: i32,
  d: usize,
  e: usize,
  tau: usize,
  scratch: usize,
): void {
  s.n = n
  s.a = a
  s.lda = lda
  s.d = d
  s.e = e
  s.tau = tau
  s.panel = 0
  s.column = 0
  s.next = 0
  s.w = scratch
  s.x = s.w + (panelPart(n) as usize)
  s.work = s.x + (part(PANEL) as usize)
}

/** x = - row `i` of the k columns that start at `from`, `stride` bytes apart. */
function negatedRow(s: SytrdState, k: i32, from: usize, stride: usize): void {
  for (let j: usize = 0; j < (k as usize); j++) store<Real>(s.x + j * sizeof<Real>(), -load<Real>(from + j * stride))
}

/** Brings column j up to date: A[j:, j] -= V W[j, :]^T + W V[j, :]^T. */
function updateColumn(s: SytrdState, j: i32): void {
  const k = j - s.panel
  const rows = s.n - j
  const column = entry(s.a, s.lda, j, j)
  negatedRow(s, k, entry(s.w, s.n, j, 0), elements(s.n))
  gemv(rows, k, entry(s.a, s.lda, j, s.panel), s.lda, s.x, column)
  negatedRow(s, k, entry(s.a, s.lda, j, s.panel), elements(s.lda))
  gemv(rows, k, entry(s.w, s.n, j, 0), s.n, s.x, column)
}

/** w -= X (Y^T v), with X and Y the first k columns of the panel's V and W, or of W and V. */
function subtractProjection(
  s: SytrdState,
  rows: i32,
  k: i32,
  y: usize,
  ldy: i32,
  x: usize,
  ldx: i32,
  v: usize,
  w: usize,
): void {
  gemvTransposed(rows, k, y, ldy, v, s.x)
  scal(k, -1, s.x)
  gemv(rows, k, x, ldx, s.x, w)
}

/** Reduces column j: its reflector, and w = tau (B v) - tau^2 / 2 (v^T B v) v with B = A - V W^T - W V^T. */
function reduceColumn(s: SytrdState, j: i32): void {
  const at = (j as usize) << 3
  const k = j - s.panel
  if (k > 0) updateColumn(s, j)
  store<f64>(s.d + at, load<Real>(entry(s.a, s.lda, j, j)) as f64)
  const rows = s.n - j - 1
  if (rows == 0) return
  const v = entry(s.a, s.lda, j + 1, j)
  const tau: Real = larfg(rows - 1, v, v + sizeof<Real>())
  store<Real>(s.tau + elements(j), tau)
  store<f64>(s.e + at, load<Real>(v) as f64)
  // The 1 stays in place until the panel is done: V is then read as it lies.
  store<Real>(v, 1)
  const w = entry(s.w, s.n, j + 1, k)
  symv(rows, entry(s.a, s.lda, j + 1, j + 1), s.lda, v, w)
  const vs = entry(s.a, s.lda, j + 1, s.panel)
  const ws = entry(s.w, s.n, j + 1, 0)
  subtractProjection(s, rows, k, ws, s.n, vs, s.lda, v, w)
  subtractProjection(s, rows, k, vs, s.lda, ws, s.n, v, w)
  scal(rows, tau, w)
  axpy(rows, -0.5 * tau * dot(rows, w, v), v, w)
}

/** Copies V beside W, and puts the subdiagonal back where its ones were. */
function finishPanel(s: SytrdState): void {
  const k = s.column - s.panel
  const rows = s.n - s.column
  const bytes: usize = elements(rows)
  for (let c: i32 = 0; c < k; c++) {
    const j = s.panel + c
    if (rows > 0) {
      memory.copy(entry(s.w, s.n, s.column, k + c), entry(s.a, s.lda, s.column, j), bytes)
      memory.copy(entry(s.w, s.n, s.column, 2 * k + c), entry(s.w, s.n, s.column, c), bytes)
    }
    if (j + 1 < s.n) store<Real>(entry(s.a, s.lda, j + 1, j), load<f64>(s.e + ((j as usize) << 3)) as Real)
  }
}

/** A[:, c : c + columns] -= V W^T + W V^T, on and below the diagonal. */
function updateTrailing(s: SytrdState, c: i32, columns: i32): void {
  const k = s.column - s.panel
  gemm(
    s.n - c, columns, 2 * k, -1, entry(s.w, s.n, c, 0), 1, s.n,
    entry(s.w, s.n, c, k), s.n, 1, 1, entry(s.a, s.lda, c, c), s.lda, s.work,
  ) // prettier-ignore
}

/** One bounded piece; true while there is more to do. */
export function sytrdStep(s: SytrdState): bool {
  const end = min(s.n, s.panel + PANEL)
  let flops: f64 = 0
  while (s.column < end && flops < STEP_FLOPS) {
    const rows = (s.n - s.column) as f64
    reduceColumn(s, s.column)
    s.column++
    flops += rows * (2.0 * READ_FLOPS * rows + 8.0 * PANEL)
    if (s.column == end) {
      finishPanel(s)
      s.next = end
    }
  }
  if (s.column < end) return true
  while (s.next < s.n && flops < STEP_FLOPS) {
    const columns = min(UPDATE_COLUMNS, s.n - s.next)
    updateTrailing(s, s.next, columns)
    flops += 4.0 * PANEL * (columns as f64) * ((s.n - s.next) as f64)
    s.next += columns
  }
  if (s.next < s.n) return true
  s.panel = end
  return end < s.n
}
