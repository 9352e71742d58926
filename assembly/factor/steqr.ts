import { elements } from '../address'
import { EPS, MAX_QL_ITERATIONS, STEP_FLOPS } from '../constants'
import { hypotenuse } from './larfg'
import { applySequences, beginSequence, RECORD, stripRows } from './rotation-sequences'

/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL or QR iteration with Wilkinson's shift (LAPACK dsteqr;
 * Parlett 1980, chapter 8), in no order, and Z <- Z times its eigenvectors. d (n entries) and e (n - 1) are overwritten; the
 * largest should be near 1, so that squares stay in range. Rotations are recorded and applied to Z in batches: Z is float64 or
 * float32, d and e are float64 for either.
 * Resumable: a step does some sweeps, or applies a batch to a range of rows.
 */
@unmanaged
export class SteqrState {
  n: i32
  d: usize
  e: usize
  /** Z has so many rows; none: eigenvalues only. */
  rows: i32
  z: usize
  ldz: i32
  /** The unreduced block in work is lo .. hi; eigenvalues leave it at lo (QL) or, if `upward`, at hi (QR). */
  lo: i32
  hi: i32
  upward: bool
  /** First row not yet in any block. */
  start: i32
  iterations: i32
  /** Recorded rotations lie in [records, filled); the buffer ends at `limit`. */
  records: usize
  filled: usize
  limit: usize
  /** Next row of Z that the batch is to be applied to; 0 while recording. */
  row: i32
  flushing: bool
  /** |e_i| <= tolerance sqrt |d_i d_(i+1)| is negligible. */
  tolerance: f64
  /** Eigenvalues, each where an earlier run without Z found it, or 0. */
  known: usize
  /** The row at which the last sweep with a known eigenvalue aimed. */
  aimed: i32
}

/** Sequences of full length that the buffer holds; 4 to 48 differ by 5 % (measured). */
const SWEEPS: u64 = 16
/** Operations of one rotation of two numbers. */
const ROTATION_FLOPS: f64 = 6
/** Operations of one rotation of T, its square root and its divisions counted by their time. */
const BULGE_FLOPS: f64 = 100

/** Bytes of scratch that {@link steqrInit} needs: a batch of rotations, where Z has rows. */
export function steqrWorkspace(n: i32, rows: i32): u64 {
  return rows == 0 ? 0 : SWEEPS * ((n as u64) + 1) * (RECORD as u64)
}

export function steqrInit(
  s: SteqrState,
  n: i32,
  d: usize,
  e: usize,
  rows: i32,
  z: usize,
  ldz: i32,
  scratch: usize,
): void {
  s.n = n
  s.d = d
  s.e = e
  s.rows = rows
  s.z = z
  s.ldz = ldz
  s.lo = 0
  s.hi = -1
  s.upward = false
  s.start = 0
  s.iterations = 0
  s.records = scratch
  s.filled = scratch
  s.limit = scratch + (steqrWorkspace(n, rows) as usize)
  s.row = 0
  s.flushing = false
  s.tolerance = EPS
  s.known = 0
  s.aimed = -1
}

/**
 * The eigenvalues are known from a run without Z: a sweep with one of them as its shift deflates it, to some 1e-12 (exactly, but for
 * rounding: Parlett 1980, section 8.9). A coarser tolerance for what is negligible makes use of that.
 */
export function aim(s: SteqrState, known: usize, tolerance: f64): void {
  s.known = known
  s.tolerance = tolerance
}

function diagonal(s: SteqrState, i: i32): f64 {
  return load<f64>(s.d + ((i as usize) << 3))
}

function setDiagonal(s: SteqrState, i: i32, x: f64): void {
  store<f64>(s.d + ((i as usize) << 3), x)
}

function offDiagonal(s: SteqrState, i: i32): f64 {
  return load<f64>(s.e + ((i as usize) << 3))
}

function setOffDiagonal(s: SteqrState, i: i32, x: f64): void {
  store<f64>(s.e + ((i as usize) << 3), x)
}

/** |e_i| <= eps sqrt |d_i d_(i+1)|: dropping it is a small relative change of both (Demmel and Kahan 1990). */
function negligible(s: SteqrState, i: i32): bool {
  const x = offDiagonal(s, i)
  return x * x <= s.tolerance * abs(diagonal(s, i)) * (s.tolerance * abs(diagonal(s, i + 1)))
}

/** The next unreduced block of two rows or more; false where there is none. */
function findBlock(s: SteqrState): bool {
  while (s.start < s.n - 1) {
    let end = s.start
    while (end < s.n - 1 && !negligible(s, end)) end++
    if (end < s.n - 1) setOffDiagonal(s, end, 0)
    s.lo = s.start
    s.hi = end
    s.start = end + 1
    if (s.hi > s.lo) {
      // The small end first: a graded matrix chased the other way loses its small eigenvalues.
      s.upward = abs(diagonal(s, s.hi)) < abs(diagonal(s, s.lo))
      return true
    }
  }
  return false
}

function record(s: SteqrState, at: usize, c: f64, sine: f64): void {
  store<f64>(at, c)
  store<f64>(at, sine, 8)
}

/** Diagonalises rows i and i + 1 (LAPACK dlaev2): exact where both squares are, without cancellation in the smaller value. */
function solve2x2(s: SteqrState, i: i32): void {
  const a = diagonal(s, i)
  const b = offDiagonal(s, i)
  const c = diagonal(s, i + 1)
  const total = a + c
  const difference = a - c
  const root = hypotenuse<f64>(difference, abs(2 * b))
  const large = abs(a) > abs(c) ? a : c
  const small = abs(a) > abs(c) ? c : a
  let first: f64
  let second: f64
  if (total == 0) {
    first = 0.5 * root
    second = -0.5 * root
  } else {
    const sign: f64 = total < 0 ? -1 : 1
    first = 0.5 * (total + sign * root)
    second = (large / first) * small - (b / first) * b
  }
  setDiagonal(s, i, first)
  setDiagonal(s, i + 1, second)
  setOffDiagonal(s, i, 0)
  if (s.rows == 0) return
  // The unit vector of `first`: of its two forms the one without cancellation.
  const sameSign = difference < 0 == total < 0
  const shifted = difference < 0 ? difference - root : difference + root
  const norm = hypotenuse<f64>(shifted, abs(2 * b))
  const p = shifted / norm
  const q = (2 * b) / norm
  beginSequence(s.filled, i + 1, -1, 1)
  if (sameSign) record(s, s.filled + RECORD, p, q)
  else record(s, s.filled + RECORD, -q, p)
  s.filled += 2 * RECORD
}

/** sqrt(x^2 + y^2), the short way where squares stay in range. */
function length2(x: f64, y: f64): f64 {
  const square = x * x + y * y
  return square > 1e-280 && square < 1e280 ? sqrt(square) : hypotenuse<f64>(x, abs(y))
}

/** The known eigenvalue at the first sweep towards a row, else Wilkinson's shift. */
function shiftOf(s: SteqrState, to: i32, step: i32, ahead: i32): f64 {
  if (s.known != 0 && s.aimed != to) {
    s.aimed = to
    return load<f64>(s.known + ((to as usize) << 3))
  }
  const corner = diagonal(s, to)
  const last = offDiagonal(s, to - step + ahead)
  const g = (diagonal(s, to - step) - corner) / (2 * last)
  const r0 = hypotenuse<f64>(g, 1)
  return corner - last / (g + (g < 0 ? -r0 : r0))
}

/**
 * One QL sweep on rows lo .. m, or, upward, one QR sweep on m .. hi: `from` is the far end, `to` the end where an eigenvalue
 * appears, `step` the way from one to the other.
 */
function sweep(s: SteqrState, from: i32, to: i32, step: i32): void {
  const count = abs(to - from)
  // e_i joins rows i and i + 1: the one between row i and the next on the way.
  const ahead = step > 0 ? 0 : -1
  let g = diagonal(s, from) - shiftOf(s, to, step, ahead)
  let sine: f64 = 1
  let cosine: f64 = 1
  let p: f64 = 0
  let at = s.filled
  if (s.rows > 0) {
    beginSequence(at, from, step, count)
    at += RECORD
    s.filled = at + (count as usize) * RECORD
  }
  for (let k: i32 = 0, i = from; k < count; k++, i += step) {
    const e = offDiagonal(s, i + ahead)
    const f = sine * e
    const b = cosine * e
    const r = f == 0 ? g : length2(g, f)
    cosine = r == 0 ? 1 : g / r
    sine = r == 0 ? 0 : f / r
    if (k > 0) setOffDiagonal(s, i - step + ahead, r)
    g = diagonal(s, i) - p
    const next = diagonal(s, i + step)
    const t = (next - g) * sine + 2 * cosine * b
    p = sine * t
    setDiagonal(s, i, g + p)
    g = cosine * t - b
    if (s.rows > 0) {
      record(s, at, cosine, -sine)
      at += RECORD
    }
  }
  setDiagonal(s, to, diagonal(s, to) - p)
  setOffDiagonal(s, to - step + ahead, g)
}

/** Deflates, or does one sweep or a 2 x 2; the rotations made, or -1 once everything is diagonal. */
function advance(s: SteqrState): i32 {
  if (s.lo >= s.hi && !findBlock(s)) return -1
  const step = s.upward ? 1 : -1
  const to = s.upward ? s.hi : s.lo
  const end = s.upward ? s.lo : s.hi
  let from = to
  while (from != end) {
    const i = s.upward ? from - 1 : from
    if (negligible(s, i)) {
      setOffDiagonal(s, i, 0)
      break
    }
    from -= step
  }
  const length = abs(to - from)
  if (length <= 1) {
    if (length == 1) solve2x2(s, min(from, to))
    if (s.upward) s.hi -= length + 1
    else s.lo += length + 1
    return length
  }
  sweep(s, from, to, step)
  s.iterations++
  return length
}

/** Applies the batch to as many strips of Z as one step may do. */
function flush(s: SteqrState): void {
  const rotations = ((s.filled - s.records) / RECORD) as f64
  const strips = max<i32>(1, (STEP_FLOPS / (ROTATION_FLOPS * (stripRows() as f64) * rotations)) as i32)
  for (let k: i32 = 0; k < strips && s.row < s.rows; k++) {
    const rows = min(stripRows(), s.rows - s.row)
    applySequences(rows, s.z + elements(s.row), s.ldz, s.records, s.filled)
    s.row += rows
  }
  if (s.row < s.rows) return
  s.row = 0
  s.filled = s.records
  s.flushing = false
}

/** One bounded piece: 1 while there is more to do, 0 at the end, -1 where the iterations do not converge. */
export function steqrStep(s: SteqrState): i32 {
  if (s.flushing) {
    flush(s)
    return 1
  }
  let flops: f64 = 0
  while (flops < STEP_FLOPS) {
    if (s.rows > 0 && s.limit - s.filled < ((s.n + 1) as usize) * RECORD) {
      s.flushing = true
      return 1
    }
    if (s.iterations > MAX_QL_ITERATIONS * s.n) return -1
    const rotations = advance(s)
    if (rotations < 0) {
      s.flushing = s.filled > s.records
      return s.flushing ? 1 : 0
    }
    flops += BULGE_FLOPS * ((rotations + 1) as f64)
  }
  return 1
}
