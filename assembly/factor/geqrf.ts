import { elements, entry, part } from '../address'
import { PANEL } from '../constants'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { larfg } from './larfg'
import { advance, columnsOfStep, Panels } from './panels'
import { applyReflector, larfb, larft } from './reflectors'

/**
 * Blocked Householder QR, A = Q R (LAPACK dgeqrf): R on and above the diagonal, the reflectors' v below, tau apart.
 * A is m x n, contiguous columns. Resumable: a step factors a panel or updates a range of the columns to its right.
 */
@unmanaged
export class GeqrfState extends Panels {
  m: i32
  n: i32
  a: usize
  lda: i32
  tau: usize
  /** The panel's reflectors with their ones and zeros written out, m x PANEL, columns ldv apart. */
  v: usize
  ldv: i32
  t: usize
  w: usize
  work: usize
}

/** Columns of a panel of a matrix with so many columns. */
function panelWidth(columns: i32): i32 {
  return min(PANEL, columns)
}

/** Of k reflectors of length m, those of a panel written out. */
function reflectorsPart(m: i32, k: i32): u64 {
  return part((m as u64) * (panelWidth(k) as u64))
}

/** T of a panel, and V^T V. */
export function squaresPart(panel: i32): u64 {
  return part((2 * panel * panel) as u64)
}

/** V^T C of a panel and n columns, and T^T V^T C. */
export function productsPart(panel: i32, n: i32): u64 {
  return part(((2 * panel) as u64) * (n as u64))
}

/** Bytes of scratch for applying k reflectors of length m to n columns; a factorisation of m x n has k = min(m, n). */
export function geqrfWorkspace(m: i32, n: i32, k: i32): u64 {
  return reflectorsPart(m, k) + squaresPart(PANEL) + productsPart(PANEL, n) + panelWorkspace(m, n, PANEL)
}

/** Scratch of the products with a panel of k: V T V^T C, for C of m rows and n columns, and V^T V. */
export function panelWorkspace(m: i32, n: i32, k: i32): usize {
  const columns = max(n, k)
  return max(gemmWorkspace(m, columns, k), gemmWorkspace(k, columns, max(m, k)))
}

/** `k`: reflectors in all, min(m, n) for a factorisation; `n` columns are updated at most. */
export function geqrfInit(s: GeqrfState, m: i32, n: i32, k: i32, a: usize, lda: i32, tau: usize, scratch: usize): void {
  s.m = m
  s.n = n
  s.a = a
  s.lda = lda
  s.tau = tau
  s.panel = 0
  s.next = 0
  s.ldv = m
  s.v = scratch
  s.t = s.v + (reflectorsPart(m, k) as usize)
  s.w = s.t + (squaresPart(PANEL) as usize)
  s.work = s.w + (productsPart(PANEL, n) as usize)
}

/** Copies the panel's reflectors out with their ones and zeros, and forms T. */
export function expandPanel(s: GeqrfState, j: i32, k: i32): void {
  const rows = s.m - j
  for (let c: i32 = 0; c < k; c++) {
    const to: usize = entry(s.v, s.ldv, 0, c)
    memory.fill(to, 0, elements(c))
    store<Real>(to + elements(c), 1)
    const below = rows - c - 1
    if (below > 0) {
      memory.copy(to + elements(c + 1), entry(s.a, s.lda, j + c + 1, j + c), elements(below))
    }
  }
  const g: usize = s.t + elements(PANEL * PANEL)
  gemm(k, k, rows, 1, s.v, s.ldv, 1, s.v, 1, s.ldv, 0, g, k, s.work)
  larft(k, g, s.tau + elements(j), s.t)
}

/** Unblocked factorisation of columns j .. j + k - 1. */
function factorPanel(s: GeqrfState, j: i32, k: i32): void {
  for (let c: i32 = j; c < j + k; c++) {
    const below = s.m - c - 1
    const v = entry(s.a, s.lda, c + 1, c)
    const tau: Real = larfg(below, entry(s.a, s.lda, c, c), v)
    store<Real>(s.tau + elements(c), tau)
    const right = entry(s.a, s.lda, c, c + 1)
    applyReflector(below, j + k - c - 1, v, tau, right, s.lda, right + sizeof<Real>(), s.lda, s.w)
  }
}

/** One bounded piece; true while there is more to do. */
export function geqrfStep(s: GeqrfState): bool {
  const steps = min(s.m, s.n)
  const j = s.panel
  if (j >= steps) return false
  const k = min(PANEL, steps - j)
  const rows = s.m - j
  if (s.next == j) {
    factorPanel(s, j, k)
    s.next = j + k
    if (s.next < s.n) expandPanel(s, j, k)
  } else {
    const columns = columnsOfStep(s.n - s.next, 4.0 * (rows as f64) * (k as f64))
    larfb(true, rows, columns, k, s.v, s.ldv, s.t, entry(s.a, s.lda, j, s.next), s.lda, s.w, s.work)
    s.next += columns
  }
  return advance(s, k, s.n, steps)
}
