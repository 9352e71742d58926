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
export function geconWorkspace<T>(n: i32): u64 {
  return 2 * (n as u64) * sizeof<T>()
}

export function geconInit<T>(s: GeconState, n: i32, a: usize, lda: i32, scratch: usize): void {
  s.n = n
  s.a = a
  s.lda = lda
  s.phase = n == 0 ? DONE : AVERAGE
  s.ascents = 1
  s.column = -1
  s.estimate = 0
  s.x = scratch
  s.signs = scratch + (n as usize) * sizeof<T>()
}

function entry<T>(s: GeconState, i: i32): usize {
  return s.x + (i as usize) * sizeof<T>()
}

function element<T>(s: GeconState, i: i32, j: i32): usize {
  return s.a + ((i as usize) + (j as usize) * (s.lda as usize)) * sizeof<T>()
}

/** x = U^-1 L^-1 x. */
function solve<T>(s: GeconState): void {
  const n = s.n
  for (let j: i32 = 0; j < n - 1; j++) {
    axpy<T>(n - j - 1, -load<T>(entry<T>(s, j)) as T, element<T>(s, j + 1, j), entry<T>(s, j + 1))
  }
  for (let j: i32 = n - 1; j >= 0; j--) {
    const xj: T = (load<T>(entry<T>(s, j)) / load<T>(element<T>(s, j, j))) as T
    store<T>(entry<T>(s, j), xj)
    axpy<T>(j, -xj as T, element<T>(s, 0, j), s.x)
  }
}

/** x = L^-T U^-T x. */
function solveTransposed<T>(s: GeconState): void {
  const n = s.n
  for (let j: i32 = 0; j < n; j++) {
    const at = entry<T>(s, j)
    const rest: T = (load<T>(at) - dot<T>(j, element<T>(s, 0, j), s.x)) as T
    store<T>(at, (rest / load<T>(element<T>(s, j, j))) as T)
  }
  for (let j: i32 = n - 2; j >= 0; j--) {
    const at = entry<T>(s, j)
    store<T>(at, (load<T>(at) - dot<T>(n - j - 1, element<T>(s, j + 1, j), entry<T>(s, j + 1))) as T)
  }
}

function norm1<T>(s: GeconState): f64 {
  let total: f64 = 0
  for (let i: i32 = 0; i < s.n; i++) total += abs<T>(load<T>(entry<T>(s, i))) as f64
  return total
}

function rowOfLargest<T>(s: GeconState): i32 {
  let row: i32 = 0
  for (let i: i32 = 1; i < s.n; i++) {
    if (abs<T>(load<T>(entry<T>(s, i))) > abs<T>(load<T>(entry<T>(s, row)))) row = i
  }
  return row
}

/** x = sign(x); true if the signs differ from the last ones. */
function takeSigns<T>(s: GeconState): bool {
  let changed = false
  for (let i: i32 = 0; i < s.n; i++) {
    const at = entry<T>(s, i)
    const sign: T = load<T>(at) < (0 as T) ? (-1 as T) : (1 as T)
    const last: usize = s.signs + (i as usize) * sizeof<T>()
    if (load<T>(last) != sign) changed = true
    store<T>(last, sign)
    store<T>(at, sign)
  }
  return changed
}

/** The first direction: the average of all columns. */
function average<T>(s: GeconState): void {
  for (let i: i32 = 0; i < s.n; i++) store<T>(entry<T>(s, i), ((1 as T) / (s.n as T)) as T)
  memory.fill(s.signs, 0, (s.n as usize) * sizeof<T>())
  solve<T>(s)
  s.estimate = norm1<T>(s)
  takeSigns<T>(s)
  s.phase = s.n == 1 ? DONE : GRADIENT
}

/** Where the norm grows fastest: the next column, unless it is the last one again. */
function gradient<T>(s: GeconState): void {
  solveTransposed<T>(s)
  const row = rowOfLargest<T>(s)
  const largest = abs<T>(load<T>(entry<T>(s, row)))
  const again = s.column >= 0 && abs<T>(load<T>(entry<T>(s, s.column))) == largest
  s.column = row
  s.phase = again || s.ascents == MAX_ASCENTS ? ALTERNATING : COLUMN
  s.ascents++
}

function column<T>(s: GeconState): void {
  memory.fill(s.x, 0, (s.n as usize) * sizeof<T>())
  store<T>(entry<T>(s, s.column), 1 as T)
  solve<T>(s)
  const last = s.estimate
  const norm = norm1<T>(s)
  // Negated, so that NaN stays.
  if (!(norm <= last)) s.estimate = norm
  const changed = takeSigns<T>(s)
  s.phase = changed && norm > last ? GRADIENT : ALTERNATING
}

function alternating<T>(s: GeconState): void {
  for (let i: i32 = 0; i < s.n; i++) {
    const size = 1.0 + (i as f64) / ((s.n - 1) as f64)
    store<T>(entry<T>(s, i), ((i & 1) == 0 ? size : -size) as T)
  }
  solve<T>(s)
  const other = (2.0 * norm1<T>(s)) / (3.0 * (s.n as f64))
  if (!(other <= s.estimate)) s.estimate = other
  s.phase = DONE
}

/** One solve; true while there is more to do. */
export function geconStep<T>(s: GeconState): bool {
  if (s.phase == AVERAGE) average<T>(s)
  else if (s.phase == GRADIENT) gradient<T>(s)
  else if (s.phase == COLUMN) column<T>(s)
  else if (s.phase == ALTERNATING) alternating<T>(s)
  return s.phase != DONE
}
