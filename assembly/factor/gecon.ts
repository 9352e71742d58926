import { axpy } from '../level1/axpy'
import { dot } from '../level1/dot'

/**
 * An estimate of norm(A^-1) in the 1-norm from the factors of getrf (LAPACK dgecon and dlacn2; Hager 1984, Higham 1988): a lower
 * bound, rarely below a third of the norm. It maximises norm(A^-1 x) over norm(x) = 1 by at most five ascents along subgradients,
 * and tries a vector of alternating signs against the matrices that deceive them. Row exchanges change no 1-norm, so P
 * is left out. Resumable: a step is one solve with a vector. Overflow makes the estimate infinite or NaN, which the caller
 * takes for singular.
 */
@unmanaged
export class GeconState {
  n: i32
  a: usize
  lda: i32
  phase: i32
  ascents: i32
  /** The column of A^-1 in work. */
  column: i32
  estimate: f64
  x: usize
  /** Signs of the last A^-1 x. */
  signs: usize
}

const AVERAGE: i32 = 0
const GRADIENT: i32 = 1
const COLUMN: i32 = 2
const ALTERNATING: i32 = 3
const DONE: i32 = 4

/** dlacn2's ITMAX. */
const MAX_ASCENTS: i32 = 5

/** Bytes of scratch for an n x n matrix. */
export function geconWorkspace(n: i32): u64 {
  return 2 * (n as u64) * sizeof<Real>()
}

export function geconInit(s: GeconState, n: i32, a: usize, lda: i32, scratch: usize): void {
  s.n = n
  s.a = a
  s.lda = lda
  s.phase = n == 0 ? DONE : AVERAGE
  s.ascents = 1
  s.column = -1
  s.estimate = 0
  s.x = scratch
  s.signs = scratch + (n as usize) * sizeof<Real>()
}

function entry(s: GeconState, i: i32): usize {
  return s.x + (i as usize) * sizeof<Real>()
}

function element(s: GeconState, i: i32, j: i32): usize {
  return s.a + ((i as usize) + (j as usize) * (s.lda as usize)) * sizeof<Real>()
}

/** x = U^-1 L^-1 x. */
function solve(s: GeconState): void {
  const n = s.n
  for (let j: i32 = 0; j < n - 1; j++) {
    axpy(n - j - 1, -load<Real>(entry(s, j)), element(s, j + 1, j), entry(s, j + 1))
  }
  for (let j: i32 = n - 1; j >= 0; j--) {
    const xj: Real = load<Real>(entry(s, j)) / load<Real>(element(s, j, j))
    store<Real>(entry(s, j), xj)
    axpy(j, -xj, element(s, 0, j), s.x)
  }
}

/** x = L^-T U^-T x. */
function solveTransposed(s: GeconState): void {
  const n = s.n
  for (let j: i32 = 0; j < n; j++) {
    const at = entry(s, j)
    const rest: Real = load<Real>(at) - dot(j, element(s, 0, j), s.x)
    store<Real>(at, rest / load<Real>(element(s, j, j)))
  }
  for (let j: i32 = n - 2; j >= 0; j--) {
    const at = entry(s, j)
    store<Real>(at, load<Real>(at) - dot(n - j - 1, element(s, j + 1, j), entry(s, j + 1)))
  }
}

function norm1(s: GeconState): f64 {
  let total: f64 = 0
  for (let i: i32 = 0; i < s.n; i++) total += abs<Real>(load<Real>(entry(s, i))) as f64
  return total
}

function rowOfLargest(s: GeconState): i32 {
  let row: i32 = 0
  for (let i: i32 = 1; i < s.n; i++) {
    if (abs<Real>(load<Real>(entry(s, i))) > abs<Real>(load<Real>(entry(s, row)))) row = i
  }
  return row
}

/** x = sign(x); true if the signs differ from the last ones. */
function takeSigns(s: GeconState): bool {
  let changed = false
  for (let i: i32 = 0; i < s.n; i++) {
    const at = entry(s, i)
    const sign: Real = load<Real>(at) < 0 ? -1 : 1
    const last: usize = s.signs + (i as usize) * sizeof<Real>()
    if (load<Real>(last) != sign) changed = true
    store<Real>(last, sign)
    store<Real>(at, sign)
  }
  return changed
}

/** The first direction: the average of all columns. */
function average(s: GeconState): void {
  for (let i: i32 = 0; i < s.n; i++) store<Real>(entry(s, i), 1 / s.n)
  memory.fill(s.signs, 0, (s.n as usize) * sizeof<Real>())
  solve(s)
  s.estimate = norm1(s)
  takeSigns(s)
  s.phase = s.n == 1 ? DONE : GRADIENT
}

/** Where the norm grows fastest: the next column, unless it is the last one again. */
function gradient(s: GeconState): void {
  solveTransposed(s)
  const row = rowOfLargest(s)
  const largest = abs<Real>(load<Real>(entry(s, row)))
  const again = s.column >= 0 && abs<Real>(load<Real>(entry(s, s.column))) == largest
  s.column = row
  s.phase = again || s.ascents == MAX_ASCENTS ? ALTERNATING : COLUMN
  s.ascents++
}

function column(s: GeconState): void {
  memory.fill(s.x, 0, (s.n as usize) * sizeof<Real>())
  store<Real>(entry(s, s.column), 1)
  solve(s)
  const last = s.estimate
  const norm = norm1(s)
  // Negated, so that NaN stays.
  if (!(norm <= last)) s.estimate = norm
  const changed = takeSigns(s)
  s.phase = changed && norm > last ? GRADIENT : ALTERNATING
}

function alternating(s: GeconState): void {
  for (let i: i32 = 0; i < s.n; i++) {
    const size = 1.0 + (i as f64) / ((s.n - 1) as f64)
    store<Real>(entry(s, i), (i & 1) == 0 ? size : -size)
  }
  solve(s)
  const other = (2.0 * norm1(s)) / (3.0 * (s.n as f64))
  if (!(other <= s.estimate)) s.estimate = other
  s.phase = DONE
}

/** One solve; true while there is more to do. */
export function geconStep(s: GeconState): bool {
  if (s.phase == AVERAGE) average(s)
  else if (s.phase == GRADIENT) gradient(s)
  else if (s.phase == COLUMN) column(s)
  else if (s.phase == ALTERNATING) alternating(s)
  return s.phase != DONE
}
