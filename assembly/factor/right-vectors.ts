import { elements, entry } from '../address'
import { epsilon, PASS_FLOPS } from '../constants'
import { axpy } from '../level1/axpy'
import { dot } from '../level1/dot'
import { nrm2, raiseToMagnitudes } from '../level1/nrm2'
import { scal } from '../level1/scal'
import { gemm } from '../level3/gemm'
import { trsm } from '../level3/trsm'
import { CORRECTED_ROWS, GejsvState } from './gejsv-state'
import { exponentOf, normAt, scaleOf } from './gesvj'
import { columnsOfStep } from './panels'
import { exponent, ldexp, pow2 } from './scaling'

/** The right singular vectors of R1 from its left ones, V = R1^-1 W diag(sigma): see gejsv.ts for why that is safe. */

/** Columns divided by their norms. */
export function normalise(x: usize, ldx: i32, rows: i32, columns: i32): void {
  for (let j: i32 = 0; j < columns; j++) {
    const column: usize = entry(x, ldx, 0, j)
    const norm: Real = nrm2(rows, column)
    if (norm != 0) scal(rows, 1 / norm, column)
  }
}

/** Exponents within which powers of two, and what is multiplied by some of them, stay far inside the range. */
const PLAIN_EXPONENT: i32 = 300

/** The exponents of the largest entries of the rows of R1 in `index`; whether all are plain. */
function rowExponents(s: GejsvState): bool {
  const n = s.n
  memory.fill(s.column, 0, (n as usize) << 3)
  for (let j: i32 = 0; j < n; j++) raiseToMagnitudes(j + 1, entry(s.a, s.lda, 0, j), s.column)
  let plain = true
  for (let i: i32 = 0; i < n; i++) {
    const d = exponent(load<f64>(s.column + ((i as usize) << 3)))
    store<i32>(s.index + ((i as usize) << 2), d)
    if (abs(d) > PLAIN_EXPONENT) plain = false
  }
  return plain
}

/** D: the largest entries of the rows of R1, as powers of two. */
export function startSolve(s: GejsvState): void {
  s.plain = rowExponents(s)
  for (let i: i32 = 0; s.plain && i < s.n; i++) {
    store<f64>(s.column + ((i as usize) << 3), pow2(-load<i32>(s.index + ((i as usize) << 2))))
  }
  s.corrected = false
}

/** Y = D^-1 W diag(sigma) in V, and D^-1 R1 in X, a range of columns; true while there is more to do. */
export function scaleStep(s: GejsvState): bool {
  const end = s.next + columnsOfStep(s.n - s.next, PASS_FLOPS * (s.n as f64))
  for (; s.next < end; s.next++) {
    if (s.plain && abs(exponentOf(s.jacobi, s.next)) <= PLAIN_EXPONENT) scaleRows(s, s.next)
    else scaleRowsInSteps(s, s.next)
  }
  return end < s.n
}

/** Column j of Y and of D^-1 R1, D^-1 being in `column`. */
function scaleRows(s: GejsvState, j: i32): void {
  const sigma = scaleOf(s.jacobi, j) * pow2(exponentOf(s.jacobi, j))
  const u = entry(s.u, s.ldu, 0, j)
  const v = entry(s.v, s.ldv, 0, j)
  for (let i: usize = 0; i < (s.n as usize); i++) {
    const d = load<f64>(s.column + (i << 3))
    store<Real>(v + i * sizeof<Real>(), ((load<Real>(u + i * sizeof<Real>()) as f64) * sigma * d) as Real)
  }
  const a = entry(s.a, s.lda, 0, j)
  const x = entry(s.x, s.ldx, 0, j)
  for (let i: usize = 0; i <= (j as usize); i++) {
    const d = load<f64>(s.column + (i << 3))
    store<Real>(x + i * sizeof<Real>(), ((load<Real>(a + i * sizeof<Real>()) as f64) * d) as Real)
  }
}

/** The same where powers of two may leave the range. */
function scaleRowsInSteps(s: GejsvState, j: i32): void {
  const scale = scaleOf(s.jacobi, j)
  const e = exponentOf(s.jacobi, j)
  for (let i: i32 = 0; i < s.n; i++) {
    const d = load<i32>(s.index + ((i as usize) << 2))
    store<Real>(entry(s.v, s.ldv, i, j), ldexp((load<Real>(entry(s.u, s.ldu, i, j)) as f64) * scale, e - d) as Real)
    if (i <= j) store<Real>(entry(s.x, s.ldx, i, j), ldexp(load<Real>(entry(s.a, s.lda, i, j)) as f64, -d) as Real)
  }
}

/** V = (D^-1 R1)^-1 Y, a range of columns; true while there is more to do. */
export function solveStep(s: GejsvState): bool {
  const n = s.n
  const columns = columnsOfStep(n - s.next, (n as f64) * (n as f64), 64)
  trsm(true, n, columns, s.x, 1, s.ldx, entry(s.v, s.ldv, 0, s.next), s.ldv, s.scratch)
  // Norms carry the drift of some thousand rotations: worth dividing out.
  normalise(entry(s.v, s.ldv, 0, s.next), s.ldv, n, columns)
  s.next += columns
  return s.next < n
}

/** y = 0, where {@link probeStep} sums up V z. */
export function startProbe(s: GejsvState): void {
  memory.fill(s.column, 0, elements(s.n))
}

/**
 * Whether V^T V z = z for a fixed irregular z, to rounding: catches a loss of orthogonality in O(n^2). An error E = V^T V - I of
 * norm 10 n eps spread over all entries gives components of some 20 sqrt(n) eps, and rounding alone gives a few eps. First y = V z, then
 * V^T y, some columns at a time: 1 while there is more to do, 0 if all are as they should, -1 if one is not.
 */
export function probeStep(s: GejsvState): i32 {
  const n = s.n
  const y = s.column
  const tolerance: f64 = min<f64>(4.0 * (n as f64), 16.0 * sqrt<f64>(n as f64)) * epsilon()
  const end = s.next + columnsOfStep(2 * n - s.next, PASS_FLOPS * (n as f64))
  for (; s.next < end; s.next++) {
    const j = s.next < n ? s.next : s.next - n
    const z = irregular(j)
    const v = entry(s.v, s.ldv, 0, j)
    if (s.next < n) axpy(n, z as Real, v, y)
    else if (!(abs<f64>((dot(n, v, y) as f64) - z) <= tolerance)) return -1
  }
  return (end < 2 * n) as i32
}

/** Numbers in +-[0.5, 1) without a pattern that an error could hide in: the golden-ratio sequence with alternating runs of signs. */
function irregular(j: i32): f64 {
  const g: f64 = ((j + 1) as f64) * 0.6180339887498949
  const magnitude: f64 = 0.5 + 0.5 * (g - floor<f64>(g))
  return (((j * 7) >> 2) & 1) == 0 ? magnitude : -magnitude
}

/**
 * Makes V orthonormal where the solve did not quite: V <- V (I - T), T the part of E = V^T V - I in which the vector of the larger
 * singular value gives way, and half the diagonal; what is left is of the order of E^2. A vector of a small singular value must
 * stay as it is: R1 v = sigma w tolerates no part of a vector with a large one, while the reverse costs nothing. (The error of the
 * solve lies near the right null vector of R1, along the small ones, so the larger have to give way also for that reason.)
 */
export function startCorrection(s: GejsvState): void {
  s.corrected = true
  s.next = -s.n
}

/** E and T a range of columns, then V a range of rows; true while there is more to do. */
export function correctionStep(s: GejsvState): bool {
  const n = s.n
  if (s.next < 0) {
    const j = n + s.next
    const columns = columnsOfStep(n - j, 2.0 * (n as f64) * (n as f64), 64)
    gemm(
      n,
      columns,
      n,
      1,
      s.v,
      s.ldv,
      1,
      entry(s.v, s.ldv, 0, j),
      1,
      s.ldv,
      0,
      entry(s.x, s.ldx, 0, j),
      s.ldx,
      s.scratch,
    )
    for (let c: i32 = j; c < j + columns; c++) keepGivingWay(s, c)
    s.next += columns
    return true
  }
  const rows = min(CORRECTED_ROWS, n - s.next)
  const copy = s.scratch
  const work = copy + elements(CORRECTED_ROWS * n)
  for (let j: i32 = 0; j < n; j++) {
    memory.copy(copy + elements(j * CORRECTED_ROWS), entry(s.v, s.ldv, s.next, j), elements(rows))
  }
  gemm(rows, n, n, -1, copy, 1, CORRECTED_ROWS, s.x, 1, s.ldx, 1, entry(s.v, s.ldv, s.next, 0), s.ldv, work)
  s.next += rows
  return s.next < n
}

/** Column c of V^T V becomes that of T. */
function keepGivingWay(s: GejsvState, c: i32): void {
  const sigma = load<f64>(normAt(s.jacobi, c))
  for (let i: i32 = 0; i < s.n; i++) {
    const other = load<f64>(normAt(s.jacobi, i))
    const at = entry(s.x, s.ldx, i, c)
    if (i == c) store<Real>(at, 0.5 * (load<Real>(at) - 1))
    else if (other > sigma || (other == sigma && i < c)) store<Real>(at, 0)
  }
}
