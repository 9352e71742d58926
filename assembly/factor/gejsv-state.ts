import { align64, entry } from '../address'
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
  /** Whether V has been corrected once. */
  corrected: bool
  rank: i32
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

/** Places all parts from an address on; returns where the shared scratch begins. */
export function layout(s: GejsvState, m: i32, n: i32, from: usize): usize {
  const doubles: usize = (n as usize) << 3
  let p = align64(from)
  s.qp = changetype<Geqp3State>(p)
  p = align64(p + offsetof<Geqp3State>())
  s.qr = changetype<GeqrfState>(p)
  p = align64(p + offsetof<GeqrfState>())
  s.q = changetype<OrmqrState>(p)
  p = align64(p + offsetof<OrmqrState>())
  s.precondition = changetype<PreconditionState>(p)
  p = align64(p + offsetof<PreconditionState>())
  s.jacobi = changetype<GesvjState>(p)
  p = align64(p + offsetof<GesvjState>())
  s.tau = p
  p = align64(p + doubles)
  s.tau2 = p
  p = align64(p + doubles)
  s.rotations = p
  p = align64(p + gesvjWorkspace(n))
  s.pivots = p
  p = align64(p + doubles)
  s.rowOrder = p
  p = align64(p + ((m as usize) << 2))
  s.index = p
  p = align64(p + ((m as usize) << 2))
  s.column = p
  p = align64(p + ((m as usize) << 3))
  s.ldx = paddedStride(n)
  s.x = p
  p = align64(entry(p, s.ldx, 0, n))
  s.scratch = p
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

/** A state to lay out on paper only. */
const paper: usize = memory.data(512)

/** Bytes of scratch for gejsvInit. */
export function gejsvWorkspace(m: i32, n: i32, columnsU: i32): u64 {
  assert(offsetof<GejsvState>() <= 512)
  const shared = sharedBytes(m, n, columnsU)
  const square: u64 = sizeof<Real>() * (n as u64) * (paddedStride(n) as u64)
  const vectors: u64 = 16 * (m as u64) + 128 * (n as u64)
  // Beyond the address space the layout would wrap around; the sum alone says that it does not fit.
  if (square + vectors + shared > 0xfff00000) return square + vectors + shared
  return offsetof<GejsvState>() + layout(changetype<GejsvState>(paper), m, n, 0) + shared + 128
}
