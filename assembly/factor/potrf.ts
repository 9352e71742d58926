import { align64, bytes, entry } from '../address'
import { LU_LEAF, LU_PANEL } from '../constants'
import { axpy } from '../level1/axpy'
import { scal } from '../level1/scal'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { advance, columnsOfStep, Panels } from './panels'

/**
 * Cholesky factorisation A = L L^T (LAPACK dpotrf, lower). A is n x n with contiguous columns; its strict upper triangle does not
 * matter, and what stands there afterwards is arbitrary. Right-looking by panels, each factored recursively. Resumable.
 */
@unmanaged
export class PotrfState extends Panels {
  n: i32
  a: usize
  lda: i32
  /** The order of the first leading minor that is not positive, 0 while all are. */
  failed: i32
  work: usize
}

/** Bytes of scratch for an n x n matrix. */
export function potrfWorkspace(n: i32): usize {
  return bytes(gemmWorkspace(n, n, LU_PANEL) + stateBytes())
}

function stateBytes(): usize {
  return align64(offsetof<PotrfState>())
}

/** Prepares the factorisation in `scratch`, which begins with the state that {@link potrfStep} takes. */
export function potrfInit(n: i32, a: usize, lda: i32, scratch: usize): PotrfState {
  const s = changetype<PotrfState>(scratch)
  s.n = n
  s.a = a
  s.lda = lda
  s.panel = 0
  s.next = 0
  s.failed = 0
  s.work = scratch + stateBytes()
  return s
}

/** The order of the first leading minor that is not positive, 0 if all are. */
export function potrfFailed(s: PotrfState): i32 {
  return s.failed
}

/** Columns j .. j + k - 1 one after the other, over all rows below; false where a pivot is not positive. */
function factorColumns(s: PotrfState, j: i32, k: i32): bool {
  for (let c: i32 = j; c < j + k; c++) {
    const rows = s.n - c
    const diagonal = entry(s.a, s.lda, c, c)
    for (let q: i32 = j; q < c; q++) {
      const x = entry(s.a, s.lda, c, q)
      axpy(rows, -load<Real>(x), x, diagonal)
    }
    const pivot: Real = load<Real>(diagonal)
    // Negated, so that NaN counts as a failure.
    if (!(pivot > 0)) {
      s.failed = c + 1
      return false
    }
    const root: Real = sqrt<Real>(pivot)
    store<Real>(diagonal, root)
    scal(rows - 1, 1 / root, diagonal + sizeof<Real>())
  }
  return true
}

/** A[c :, c : c + n] -= A[c :, j : j + k] A[c : c + n, j : j + k]^T: the lower triangle, and a little above it. */
function update(s: PotrfState, j: i32, k: i32, c: i32, n: i32): void {
  const rows = entry(s.a, s.lda, c, j)
  gemm(s.n - c, n, k, -1, rows, 1, s.lda, rows, s.lda, 1, 1, entry(s.a, s.lda, c, c), s.lda, s.work)
}

/** Columns j .. j + k - 1, left half, update, right half. */
function factorPanel(s: PotrfState, j: i32, k: i32): bool {
  if (k <= LU_LEAF) return factorColumns(s, j, k)
  const left = k / 2
  if (!factorPanel(s, j, left)) return false
  update(s, j, left, j + left, k - left)
  return factorPanel(s, j + left, k - left)
}

/** One bounded piece; true while there is more to do. */
export function potrfStep(s: PotrfState): bool {
  const j = s.panel
  if (j >= s.n || s.failed > 0) return false
  const k = min(LU_PANEL, s.n - j)
  if (s.next == j) {
    if (!factorPanel(s, j, k)) return false
    s.next = j + k
  } else {
    const left = s.n - s.next
    // Of wider strips of the triangle more would be wasted: what they compute above the diagonal.
    const columns = min(2 * LU_PANEL, columnsOfStep(left, 2.0 * (left as f64) * (k as f64)))
    update(s, j, k, s.next, columns)
    s.next += columns
  }
  return advance(s, k, s.n, s.n)
}
