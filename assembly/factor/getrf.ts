import { align64, bytes, elements, entry } from '../address'
import { LU_LEAF, LU_PANEL } from '../constants'
import { axpy, axpy4 } from '../level1/axpy'
import { amax } from '../level1/nrm2'
import { scal } from '../level1/scal'
import { gemm, gemmWorkspace } from '../level3/gemm'
import { advance, columnsOfStep, Panels } from './panels'

/**
 * LU factorisation with partial pivoting, P A = L U (LAPACK dgetrf): U on and above the diagonal, the multipliers of the unit lower
 * L below. Right-looking by panels, each factored recursively (Toledo 1997), so that almost all operations are products.
 * Columns to the right of a square A come out as L^-1 P B. A is m x n, contiguous columns. Resumable.
 */
@unmanaged
export class GetrfState extends Panels {
  m: i32
  n: i32
  a: usize
  lda: i32
  /** min(m, n) x i32: row i was exchanged with row pivots[i] >= i, in that order. */
  pivots: usize
  /** The first column whose pivot is exactly zero, -1 if there is none. */
  zeroPivot: i32
  work: usize
}

/** Below it the reciprocal of a pivot may overflow. */
const SAFE_RECIPROCAL: f64 = 1e-290

/** Bytes of scratch for an m x n matrix. */
export function getrfWorkspace(m: i32, n: i32): usize {
  return bytes(gemmWorkspace(m, n, LU_PANEL) + stateBytes())
}

function stateBytes(): usize {
  return align64(offsetof<GetrfState>())
}

/** Prepares the factorisation in `scratch`, which begins with the state that {@link getrfStep} takes. */
export function getrfInit(m: i32, n: i32, a: usize, lda: i32, pivots: usize, scratch: usize): GetrfState {
  const s = changetype<GetrfState>(scratch)
  s.m = m
  s.n = n
  s.a = a
  s.lda = lda
  s.pivots = pivots
  s.panel = 0
  s.next = 0
  s.zeroPivot = -1
  s.work = scratch + stateBytes()
  return s
}

/** The first column whose pivot is exactly zero, -1 if there is none. */
export function getrfZeroPivot(s: GetrfState): i32 {
  return s.zeroPivot
}

/** The first row of the largest magnitude among n > 0 entries. */
function rowOfLargest(n: i32, x: usize): i32 {
  const largest: Real = amax(n, x)
  let i: i32 = 0
  while (i < n - 1 && abs<Real>(load<Real>(x + elements(i))) != largest) i++
  return i
}

/** Exchanges rows j .. j + k - 1 with their pivot rows, in columns c .. c + n - 1. */
function exchangeRows(s: GetrfState, j: i32, k: i32, c: i32, n: i32): void {
  for (let q: i32 = c; q < c + n; q++) {
    const column = entry(s.a, s.lda, 0, q)
    for (let i: i32 = j; i < j + k; i++) {
      const x: usize = column + elements(i)
      const y: usize = column + (load<i32>(s.pivots + ((i as usize) << 2)) as usize) * sizeof<Real>()
      const t: Real = load<Real>(x)
      store<Real>(x, load<Real>(y))
      store<Real>(y, t)
    }
  }
}

/** Y[:, q] -= r[q] x for columns of Y, r a row of the matrix; both Y and r have their columns lda apart. */
function subtractOuter(s: GetrfState, n: i32, columns: i32, x: usize, r: usize, y: usize): void {
  const step: usize = elements(s.lda)
  let q: i32 = 0
  for (; q + 4 <= columns; q += 4) {
    // The workspace of the product is free between products.
    for (let w: usize = 0; w < 4; w++) store<Real>(s.work + w * sizeof<Real>(), -load<Real>(r + w * step))
    axpy4(n, s.work, x, y, step)
    r += 4 * step
    y += 4 * step
  }
  for (; q < columns; q++) {
    axpy(n, -load<Real>(r), x, y)
    r += step
    y += step
  }
}

/** x /= pivot. */
function divide(n: i32, pivot: Real, x: usize): void {
  if (abs<Real>(pivot) >= SAFE_RECIPROCAL) {
    scal(n, 1 / pivot, x)
    return
  }
  for (let i: usize = 0; i < elements(n); i += sizeof<Real>()) {
    store<Real>(x + i, load<Real>(x + i) / pivot)
  }
}

/** Columns j .. j + k - 1 one after the other. */
function factorColumns(s: GetrfState, j: i32, k: i32): void {
  for (let c: i32 = j; c < j + k; c++) {
    const diagonal = entry(s.a, s.lda, c, c)
    store<i32>(s.pivots + ((c as usize) << 2), c + rowOfLargest(s.m - c, diagonal))
    exchangeRows(s, c, 1, j, k)
    const pivot: Real = load<Real>(diagonal)
    if (pivot == 0) {
      if (s.zeroPivot < 0) s.zeroPivot = c
      continue
    }
    const below = s.m - c - 1
    const x = diagonal + sizeof<Real>()
    divide(below, pivot, x)
    subtractOuter(s, below, j + k - c - 1, x, entry(s.a, s.lda, c, c + 1), entry(s.a, s.lda, c + 1, c + 1))
  }
}

/** X = L^-1 X in rows j .. j + k - 1 of columns c .. c + n - 1, L unit lower triangular at (j, j). */
function solveUnitLower(s: GetrfState, j: i32, k: i32, c: i32, n: i32): void {
  if (k <= LU_LEAF) {
    for (let i: i32 = j; i < j + k - 1; i++) {
      const below = j + k - i - 1
      subtractOuter(s, below, n, entry(s.a, s.lda, i + 1, i), entry(s.a, s.lda, i, c), entry(s.a, s.lda, i + 1, c))
    }
    return
  }
  const top = k / 2
  solveUnitLower(s, j, top, c, n)
  subtractProduct(s, j + top, k - top, j, top, c, n)
  solveUnitLower(s, j + top, k - top, c, n)
}

/** A[i : i + m, c : c + n] -= A[i : i + m, j : j + k] A[j : j + k, c : c + n]. */
function subtractProduct(s: GetrfState, i: i32, m: i32, j: i32, k: i32, c: i32, n: i32): void {
  const left = entry(s.a, s.lda, i, j)
  const right = entry(s.a, s.lda, j, c)
  gemm(m, n, k, -1, left, 1, s.lda, right, 1, s.lda, 1, entry(s.a, s.lda, i, c), s.lda, s.work)
}

/** Carries the factored columns j .. j + k - 1 over to columns c .. c + n - 1. */
function update(s: GetrfState, j: i32, k: i32, c: i32, n: i32): void {
  exchangeRows(s, j, k, c, n)
  solveUnitLower(s, j, k, c, n)
  subtractProduct(s, j + k, s.m - j - k, j, k, c, n)
}

/** Columns j .. j + k - 1, left half, update, right half. */
function factorPanel(s: GetrfState, j: i32, k: i32): void {
  if (k <= LU_LEAF) {
    factorColumns(s, j, k)
    return
  }
  const left = k / 2
  factorPanel(s, j, left)
  update(s, j, left, j + left, k - left)
  factorPanel(s, j + left, k - left)
  exchangeRows(s, j + left, k - left, j, left)
}

/** One bounded piece; true while there is more to do. */
export function getrfStep(s: GetrfState): bool {
  const steps = min(s.m, s.n)
  const j = s.panel
  if (j >= steps) return false
  const k = min(LU_PANEL, steps - j)
  if (s.next == j) {
    factorPanel(s, j, k)
    exchangeRows(s, j, k, 0, j)
    s.next = j + k
  } else {
    const columns = columnsOfStep(s.n - s.next, 2.0 * ((s.m - j) as f64) * (k as f64))
    update(s, j, k, s.next, columns)
    s.next += columns
  }
  return advance(s, k, s.n, steps)
}
