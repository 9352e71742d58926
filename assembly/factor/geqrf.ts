import { align64 } from '../address'
import { PANEL, STEP_FLOPS } from '../constants'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { larfg } from './larfg'
import { applyReflector, larfb, larft } from './reflectors'

/**
 * Blocked Householder QR, A = Q R (LAPACK dgeqrf): R on and above the diagonal, the reflectors' v below, tau apart.
 * A is m x n, contiguous columns. Resumable: a step factors a panel or updates a range of the columns to its right.
 */
@unmanaged
export class GeqrfState {
  m: i32
  n: i32
  a: usize
  lda: i32
  tau: usize
  /** First column of the panel in work. */
  panel: i32
  /** Next column to update from the panel; `panel` itself while the panel is not factored. */
  next: i32
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

/** Bytes of scratch for applying k reflectors of length m to n columns; a factorisation of m x n has k = min(m, n). */
export function geqrfWorkspace(m: i32, n: i32, k: i32): u64 {
  const elements: u64 = (m as u64) * (panelWidth(k) as u64) + ((2 * PANEL * PANEL) as u64) + 2 * PANEL * (n as u64)
  return elements * sizeof<Real>() + 64 * 4 + panelWorkspace(m, n, PANEL)
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
  s.t = align64(s.v + (m as usize) * (panelWidth(k) as usize) * sizeof<Real>())
  s.w = s.t + ((2 * PANEL * PANEL) as usize) * sizeof<Real>()
  s.work = align64(s.w + ((2 * PANEL * n) as usize) * sizeof<Real>())
}

function element(s: GeqrfState, i: i32, j: i32): usize {
  return s.a + ((i as usize) + (j as usize) * (s.lda as usize)) * sizeof<Real>()
}

/** Copies the panel's reflectors out with their ones and zeros, and forms T. */
export function expandPanel(s: GeqrfState, j: i32, k: i32): void {
  const rows = s.m - j
  for (let c: i32 = 0; c < k; c++) {
    const to: usize = s.v + (c as usize) * (s.ldv as usize) * sizeof<Real>()
    memory.fill(to, 0, (c as usize) * sizeof<Real>())
    store<Real>(to + (c as usize) * sizeof<Real>(), 1)
    const below = rows - c - 1
    if (below > 0) {
      memory.copy(
        to + ((c + 1) as usize) * sizeof<Real>(),
        element(s, j + c + 1, j + c),
        (below as usize) * sizeof<Real>(),
      )
    }
  }
  const g: usize = s.t + ((PANEL * PANEL) as usize) * sizeof<Real>()
  gemm(k, k, rows, 1, s.v, s.ldv, 1, s.v, 1, s.ldv, 0, g, k, s.work)
  larft(k, g, s.tau + (j as usize) * sizeof<Real>(), s.t)
}

/** Unblocked factorisation of columns j .. j + k - 1. */
function factorPanel(s: GeqrfState, j: i32, k: i32): void {
  for (let c: i32 = j; c < j + k; c++) {
    const below = s.m - c - 1
    const v = element(s, c + 1, c)
    const tau: Real = larfg(below, element(s, c, c), v)
    store<Real>(s.tau + (c as usize) * sizeof<Real>(), tau)
    const right = element(s, c, c + 1)
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
    const budget = (STEP_FLOPS / (4.0 * (rows as f64) * (k as f64))) as i32
    const columns = min(s.n - s.next, max(32, budget))
    larfb(true, rows, columns, k, s.v, s.ldv, s.t, element(s, j, s.next), s.lda, s.w, s.work)
    s.next += columns
  }
  if (s.next >= s.n) {
    s.panel = j + k
    s.next = j + k
  }
  return s.panel < steps
}
