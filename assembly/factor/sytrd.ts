import { align64 } from '../address'
import { NC, PANEL, STEP_FLOPS } from '../constants'
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
export function sytrdWorkspace<T>(n: i32): u64 {
  const panels: u64 = 3 * PANEL * (n as u64) * sizeof<T>()
  return panels + PANEL * 8 + 2 * 64 + gemmWorkspace<T>(n, min(n, NC), 2 * PANEL)
}

export function sytrdInit<T>(
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
  s.x = align64(s.w + ((3 * PANEL) as usize) * (n as usize) * sizeof<T>())
  s.work = align64(s.x + PANEL * 8)
}

function element<T>(s: SytrdState, i: i32, j: i32): usize {
  return s.a + ((i as usize) + (j as usize) * (s.lda as usize)) * sizeof<T>()
}

/** Row i of column `c` of [W | V | W]. */
function panelElement<T>(s: SytrdState, i: i32, c: i32): usize {
  return s.w + ((i as usize) + (c as usize) * (s.n as usize)) * sizeof<T>()
}

/** x = - row `i` of the k columns that start at `from`, `stride` bytes apart. */
function negatedRow<T>(s: SytrdState, k: i32, from: usize, stride: usize): void {
  for (let j: usize = 0; j < (k as usize); j++) store<T>(s.x + j * sizeof<T>(), -load<T>(from + j * stride) as T)
}

/** Brings column j up to date: A[j:, j] -= V W[j, :]^T + W V[j, :]^T. */
function updateColumn<T>(s: SytrdState, j: i32): void {
  const k = j - s.panel
  const rows = s.n - j
  const column = element<T>(s, j, j)
  negatedRow<T>(s, k, panelElement<T>(s, j, 0), (s.n as usize) * sizeof<T>())
  gemv<T>(rows, k, element<T>(s, j, s.panel), s.lda, s.x, column)
  negatedRow<T>(s, k, element<T>(s, j, s.panel), (s.lda as usize) * sizeof<T>())
  gemv<T>(rows, k, panelElement<T>(s, j, 0), s.n, s.x, column)
}

/** w -= X (Y^T v), with X and Y the first k columns of the panel's V and W, or of W and V. */
function subtractProjection<T>(
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
  gemvTransposed<T>(rows, k, y, ldy, v, s.x)
  scal<T>(k, -1 as T, s.x)
  gemv<T>(rows, k, x, ldx, s.x, w)
}

/** Reduces column j: its reflector, and w = tau (B v) - tau^2 / 2 (v^T B v) v with B = A - V W^T - W V^T. */
function reduceColumn<T>(s: SytrdState, j: i32): void {
  const at = (j as usize) << 3
  const k = j - s.panel
  if (k > 0) updateColumn<T>(s, j)
  store<f64>(s.d + at, load<T>(element<T>(s, j, j)) as f64)
  const rows = s.n - j - 1
  if (rows == 0) return
  const v = element<T>(s, j + 1, j)
  const tau: T = larfg<T>(rows - 1, v, v + sizeof<T>())
  store<T>(s.tau + (j as usize) * sizeof<T>(), tau)
  store<f64>(s.e + at, load<T>(v) as f64)
  // The 1 stays in place until the panel is done: V is then read as it lies.
  store<T>(v, 1 as T)
  const w = panelElement<T>(s, j + 1, k)
  symv<T>(rows, element<T>(s, j + 1, j + 1), s.lda, v, w)
  const vs = element<T>(s, j + 1, s.panel)
  const ws = panelElement<T>(s, j + 1, 0)
  subtractProjection<T>(s, rows, k, ws, s.n, vs, s.lda, v, w)
  subtractProjection<T>(s, rows, k, vs, s.lda, ws, s.n, v, w)
  scal<T>(rows, tau, w)
  axpy<T>(rows, ((-0.5 as T) * tau * dot<T>(rows, w, v)) as T, v, w)
}

/** Copies V beside W, and puts the subdiagonal back where its ones were. */
function finishPanel<T>(s: SytrdState): void {
  const k = s.column - s.panel
  const rows = s.n - s.column
  const bytes: usize = (rows as usize) * sizeof<T>()
  for (let c: i32 = 0; c < k; c++) {
    const j = s.panel + c
    if (rows > 0) {
      memory.copy(panelElement<T>(s, s.column, k + c), element<T>(s, s.column, j), bytes)
      memory.copy(panelElement<T>(s, s.column, 2 * k + c), panelElement<T>(s, s.column, c), bytes)
    }
    if (j + 1 < s.n) store<T>(element<T>(s, j + 1, j), load<f64>(s.e + ((j as usize) << 3)) as T)
  }
}

/** A[:, c : c + columns] -= V W^T + W V^T, on and below the diagonal. */
function updateTrailing<T>(s: SytrdState, c: i32, columns: i32): void {
  const k = s.column - s.panel
  gemm<T>(
    s.n - c, columns, 2 * k, -1 as T, panelElement<T>(s, c, 0), 1, s.n,
    panelElement<T>(s, c, k), s.n, 1, 1 as T, element<T>(s, c, c), s.lda, s.work,
  ) // prettier-ignore
}

/** One bounded piece; true while there is more to do. */
export function sytrdStep<T>(s: SytrdState): bool {
  const end = min(s.n, s.panel + PANEL)
  let flops: f64 = 0
  while (s.column < end && flops < STEP_FLOPS) {
    const rows = (s.n - s.column) as f64
    reduceColumn<T>(s, s.column)
    s.column++
    flops += rows * (2.0 * rows + 8.0 * PANEL)
    if (s.column == end) {
      finishPanel<T>(s)
      s.next = end
    }
  }
  if (s.column < end) return true
  while (s.next < s.n && flops < STEP_FLOPS) {
    const columns = min(UPDATE_COLUMNS, s.n - s.next)
    updateTrailing<T>(s, s.next, columns)
    flops += 4.0 * PANEL * (columns as f64) * ((s.n - s.next) as f64)
    s.next += columns
  }
  if (s.next < s.n) return true
  s.panel = end
  return end < s.n
}
