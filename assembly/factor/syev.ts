import { entry, lines, paper, part } from '../address'
import { amax } from '../level1/nrm2'
import { GeqrfState, geqrfWorkspace } from './geqrf'
import { ormqrInit, OrmqrState, ormqrStep } from './ormqr'
import { columnsOfStep } from './panels'
import { gatherColumns } from './permute'
import { exponent, scaleByPow2 } from './scaling'
import { argsortDescending } from './sort'
import { SteqrState, steqrInit, steqrStep, steqrWorkspace } from './steqr'
import { SytrdState, sytrdInit, sytrdStep, sytrdWorkspace } from './sytrd'

/**
 * Eigenvalues, ascending, and eigenvectors of a symmetric matrix (LAPACK dsyev): scaled by a power of two, reduced to
 * tridiagonal form A = Q T Q^T, then T diagonalised by the QL iteration, whose rotations are applied to Q.
 * A is n x n, contiguous columns, only its lower triangle is read; it is overwritten. Resumable.
 */
@unmanaged
export class SyevState {
  phase: i32
  n: i32
  a: usize
  lda: i32
  values: usize
  z: usize
  ldz: i32
  wantZ: bool
  /** A 2^scale was reduced. */
  scale: i32
  largest: f64
  /** Next column to look at, or to scale. */
  next: i32
  e: usize
  tau: usize
  index: usize
  rest: usize
  tridiagonal: SytrdState
  reflectors: GeqrfState
  q: OrmqrState
  ql: SteqrState
}

const NOT_CONVERGED: i32 = -1
const DONE: i32 = 0
/** Looks for the largest magnitude. */
const MEASURE: i32 = 1
const SCALE: i32 = 2
const REDUCE: i32 = 3
/** Forms Q in Z. */
const FORM_Q: i32 = 4
const QL: i32 = 5
const SORT: i32 = 6

/** Bytes of scratch that {@link syevInit} needs. */
export function syevWorkspace(n: i32, wantZ: bool): u64 {
  const q = wantZ ? geqrfWorkspace(max(0, n - 1), n, max(0, n - 1)) : 0
  return layOut(paper<SyevState>(), n, 0) + max<u64>(sytrdWorkspace(n), max<u64>(q, steqrWorkspace(n, wantZ ? n : 0)))
}

/** The states, the vectors and the rest of the scratch, one after the other; returns where the rest begins, be it beyond 32 bits. */
function layOut(s: SyevState, n: i32, scratch: u64): u64 {
  let p = scratch + lines(offsetof<SyevState>())
  s.tridiagonal = changetype<SytrdState>(p as usize)
  p += lines(offsetof<SytrdState>())
  s.reflectors = changetype<GeqrfState>(p as usize)
  p += lines(offsetof<GeqrfState>())
  s.q = changetype<OrmqrState>(p as usize)
  p += lines(offsetof<OrmqrState>())
  s.ql = changetype<SteqrState>(p as usize)
  p += lines(offsetof<SteqrState>())
  s.e = p as usize
  p += part(n)
  s.tau = p as usize
  p += part(n)
  s.index = p as usize
  p += part(n)
  s.rest = p as usize
  return p
}

export function syevInit(
  n: i32,
  a: usize,
  lda: i32,
  values: usize,
  z: usize,
  ldz: i32,
  wantZ: bool,
  scratch: usize,
): usize {
  const s = changetype<SyevState>(scratch)
  layOut(s, n, scratch)
  s.phase = n > 0 ? MEASURE : DONE
  s.n = n
  s.a = a
  s.lda = lda
  s.values = values
  s.z = z
  s.ldz = ldz
  s.wantZ = wantZ
  s.scale = 0
  s.largest = 0
  s.next = 0
  s.ql.iterations = 0
  return scratch
}

/** The end of the columns that one step may pass over. */
function endOfStep(s: SyevState): i32 {
  return s.next + columnsOfStep(s.n - s.next, 4.0 * (s.n as f64), 1)
}

function measure(s: SyevState): void {
  const end = endOfStep(s)
  for (let j = s.next; j < end; j++) s.largest = max<f64>(s.largest, amax(s.n - j, entry(s.a, s.lda, j, j)))
  s.next = end
  if (s.next < s.n) return
  s.next = 0
  s.scale = s.largest == 0 ? 0 : -exponent(s.largest)
  s.phase = SCALE
}

function scale(s: SyevState): void {
  const end = endOfStep(s)
  for (let j = s.next; j < end; j++) scaleByPow2(s.n - j, entry(s.a, s.lda, j, j), s.scale)
  s.next = end
  if (s.next < s.n) return
  sytrdInit(s.tridiagonal, s.n, s.a, s.lda, s.values, s.e, s.tau, s.rest)
  s.phase = REDUCE
}

function beginQ(s: SyevState): void {
  const n = s.n
  const ld = (s.ldz as usize) << 3
  for (let j: usize = 0; j < (n as usize); j++) {
    memory.fill(s.z + j * ld, 0, (n as usize) << 3)
    store<f64>(s.z + j * ld + (j << 3), 1)
  }
  // Row and column 0 of Q are those of the identity: the reflectors begin at row 1, as if of A[1:, :].
  ormqrInit(s.q, s.reflectors, n - 1, n - 1, n - 1, s.a + 8, s.lda, s.tau, s.z + ld + 8, s.ldz, s.rest)
  s.q.formsQ = true
  s.phase = FORM_Q
}

function beginQl(s: SyevState): void {
  steqrInit(s.ql, s.n, s.values, s.e, s.wantZ ? s.n : 0, s.z, s.ldz, s.rest)
  s.phase = QL
}

/** Ascending order, and the scale of A again. */
function finish(s: SyevState): void {
  const n = s.n
  scaleByPow2(n, s.values, -s.scale)
  argsortDescending(n, s.values, s.index)
  for (let i: i32 = 0, j: i32 = n - 1; i < j; i++, j--) {
    const left = s.index + ((i as usize) << 2)
    const right = s.index + ((j as usize) << 2)
    const t = load<i32>(left)
    store<i32>(left, load<i32>(right))
    store<i32>(right, t)
  }
  if (s.wantZ) gatherColumns(n, n, s.z, s.ldz, s.index, s.e)
  gatherColumns(1, n, s.values, 1, s.index, s.e)
  s.phase = DONE
}

/** One bounded piece; the phase that comes next, 0 at the end, -1 where the QL iteration does not converge. */
export function syevStep(state: usize): i32 {
  const s = changetype<SyevState>(state)
  if (s.phase == MEASURE) measure(s)
  else if (s.phase == SCALE) scale(s)
  else if (s.phase == REDUCE) {
    if (sytrdStep(s.tridiagonal)) return REDUCE
    if (s.wantZ) beginQ(s)
    else beginQl(s)
  } else if (s.phase == FORM_Q) {
    if (!ormqrStep(s.q, s.reflectors)) beginQl(s)
  } else if (s.phase == QL) {
    const left = steqrStep(s.ql)
    if (left < 0) return NOT_CONVERGED
    if (left == 0) s.phase = SORT
  } else if (s.phase == SORT) finish(s)
  return s.phase
}
