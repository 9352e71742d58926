import { lines, paper, part } from '../address'
import { gemmWorkspace } from '../level3/gemm'
import { trsmWorkspace } from '../level3/trsm'
import { Geqp3State, geqp3Workspace } from './geqp3'
import { GeqrfState, geqrfWorkspace } from './geqrf'
import { GesvjState, gesvjWorkspace } from './gesvj'
import { OrmqrState } from './ormqr'
import { PreconditionState, preconditionWorkspace } from './precondition'

/** Rows of V that are corrected at a time. */
export const CORRECTED_ROWS: i32 = 32

/** The state of a singular value decomposition, see gejsv.ts, and how its scratch is laid out. */
@unmanaged
export class GejsvState {
  m: i32
  n: i32
  a: usize
  lda: i32
  sigma: usize
  u: usize
  ldu: i32
  /** Columns of U wanted: 0, n or m. */
  columnsU: i32
  v: usize
  ldv: i32
  wantV: bool
  phase: i32
  /** Next column or row of the phase in work. */
  next: i32
  /** Whether rows of R1 are scaled by powers of two that are far inside the range. */
  plain: bool
  /** Whether V has been corrected once. */
  corrected: bool
  rank: i32
  /** Magnitudes of entries of A. */
  largest: f64
  smallest: f64
  /** A was multiplied by 2^scale. */
  scale: i32
  accumulate: bool
  maxSweeps: i32
  /** Jacobi reached its limit: the factors are the best so far. */
  failed: bool
  /** n x n scratch: R1^T, then its QR. */
  x: usize
  ldx: i32
  tau: usize
  tau2: usize
  pivots: usize
  rowOrder: usize
  index: usize
  column: usize
  qp: Geqp3State
  qr: GeqrfState
  q: OrmqrState
  precondition: PreconditionState
  jacobi: GesvjState
  rotations: usize
  scratch: usize
}

/** Columns this far apart (elements): a multiple of 8 for alignment, odd in units of 8 so that they spread over cache sets. */
export function paddedStride(rows: i32): i32 {
  return (((rows + 7) >> 3) | 1) << 3
}

/** Places the state and its parts one after the other; returns where the scratch that they share begins, be it beyond 32 bits. */
export function layOut(s: GejsvState, m: i32, n: i32, scratch: u64): u64 {
  const doubles = lines((n as u64) << 3)
  const integers = lines((m as u64) << 2)
  let p = scratch + lines(offsetof<GejsvState>())
  s.qp = changetype<Geqp3State>(p as usize)
  p += lines(offsetof<Geqp3State>())
  s.qr = changetype<GeqrfState>(p as usize)
  p += lines(offsetof<GeqrfState>())
  s.q = changetype<OrmqrState>(p as usize)
  p += lines(offsetof<OrmqrState>())
  s.precondition = changetype<PreconditionState>(p as usize)
  p += lines(offsetof<PreconditionState>())
  s.jacobi = changetype<GesvjState>(p as usize)
  p += lines(offsetof<GesvjState>())
  s.tau = p as usize
  p += doubles
  s.tau2 = p as usize
  p += doubles
  s.rotations = p as usize
  p += gesvjWorkspace(n)
  s.pivots = p as usize
  p += doubles
  s.rowOrder = p as usize
  p += integers
  s.index = p as usize
  p += integers
  s.column = p as usize
  p += lines((m as u64) << 3)
  s.ldx = paddedStride(n)
  s.x = p as usize
  p += part((s.ldx as u64) * (n as u64))
  s.scratch = p as usize
  return p
}

/** Bytes of scratch that the parts share, one after the other. */
function sharedBytes(m: i32, n: i32, columnsU: i32): u64 {
  const second = geqrfWorkspace(n, n, n)
  const applied = max(geqrfWorkspace(m, columnsU, n), max(second, geqp3Workspace(m, n)))
  const products = max(gemmWorkspace(CORRECTED_ROWS, n, n), gemmWorkspace(n, n, n))
  const correction: u64 = sizeof<Real>() * (CORRECTED_ROWS as u64) * (n as u64) + products
  return max(max(applied, preconditionWorkspace(n, n)), max(correction, trsmWorkspace(n, n) as u64))
}

/** Bytes of scratch for gejsvInit. */
export function gejsvWorkspace(m: i32, n: i32, columnsU: i32): u64 {
  return layOut(paper<GejsvState>(), m, n, 0) + sharedBytes(m, n, columnsU)
}
