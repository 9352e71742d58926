import { entry } from '../address'
import { PANEL } from '../constants'
import { expandPanel, GeqrfState, geqrfInit } from './geqrf'
import { columnsOfStep } from './panels'
import { larfb } from './reflectors'

/**
 * C = Q C for the Q of {@link geqrfStep} or a pivoted factorisation (LAPACK dormqr, left, not transposed): the product of
 * `k` reflectors stored below the diagonal of A (m x k). C is m x n. Resumable, panel by panel from the last.
 */
@unmanaged
export class OrmqrState {
  k: i32
  n: i32
  c: usize
  ldc: i32
  /** Panels not yet applied. */
  left: i32
  next: i32
  /** C is the identity: columns left of a panel are not yet touched by it, which saves a third. */
  formsQ: bool
}

export function ormqrInit(
  s: OrmqrState,
  q: GeqrfState,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  lda: i32,
  tau: usize,
  c: usize,
  ldc: i32,
  scratch: usize,
): void {
  geqrfInit(q, m, n, k, a, lda, tau, scratch)
  s.k = k
  s.n = n
  s.c = c
  s.ldc = ldc
  s.left = (k + PANEL - 1) / PANEL
  s.next = 0
  s.formsQ = false
}

/** One bounded piece; true while there is more to do. */
export function ormqrStep(s: OrmqrState, q: GeqrfState): bool {
  if (s.left == 0 || s.n == 0) return false
  const j = (s.left - 1) * PANEL
  const k = min(PANEL, s.k - j)
  if (s.next == 0) {
    expandPanel(q, j, k)
    if (s.formsQ) s.next = j
  }
  const rows = q.m - j
  const columns = columnsOfStep(s.n - s.next, 4.0 * (rows as f64) * (k as f64))
  larfb(false, rows, columns, k, q.v, q.ldv, q.t, entry(s.c, s.ldc, j, s.next), s.ldc, q.w, q.work)
  s.next += columns
  if (s.next >= s.n) {
    s.left--
    s.next = 0
  }
  return s.left > 0
}
