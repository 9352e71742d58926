import { align64, bytes } from './address'
import { geconInit, GeconState, geconWorkspace } from './factor/gecon'
import { getrfInit, GetrfState, getrfWorkspace } from './factor/getrf'
import { potrfInit, PotrfState, potrfWorkspace } from './factor/potrf'
import { SteqrState, steqrInit } from './factor/steqr'
import { SyevState, syevWorkspace } from './factor/syev'
import { SytrdState, sytrdInit, sytrdWorkspace } from './factor/sytrd'

export * from './index'

/** What the float64 build exports beyond that. */

export { gemv as dgemv, gemvTransposed as dgemvTransposed } from './level2/gemv'
export { stein as dstein } from './factor/stein'
export { steqrStep as dsterfStep } from './factor/steqr'
export { sytrdStep as dsytrdStep } from './factor/sytrd'
export { geconStep as dgeconStep } from './factor/gecon'
export { getrfStep as dgetrfStep } from './factor/getrf'
export { potrfStep as dpotrfStep } from './factor/potrf'
export { syevInit as dsyevInit, syevStep as dsyevStep } from './factor/syev'

export function dgetrfWorkspace(m: i32, n: i32): usize {
  return bytes(getrfWorkspace(m, n) + align64(offsetof<GetrfState>()))
}

export function dgetrfInit(m: i32, n: i32, a: usize, lda: i32, pivots: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<GetrfState>())
  getrfInit(changetype<GetrfState>(scratch), m, n, a, lda, pivots, rest)
  return scratch
}

/** The first column whose pivot is exactly zero, -1 if there is none. */
export function dgetrfZeroPivot(state: usize): i32 {
  return changetype<GetrfState>(state).zeroPivot
}

export function dgeconWorkspace(n: i32): usize {
  return bytes(geconWorkspace(n) + align64(offsetof<GeconState>()))
}

export function dgeconInit(n: i32, a: usize, lda: i32, scratch: usize): usize {
  geconInit(changetype<GeconState>(scratch), n, a, lda, scratch + align64(offsetof<GeconState>()))
  return scratch
}

/** The estimate of norm(A^-1) in the 1-norm. */
export function dgeconEstimate(state: usize): f64 {
  return changetype<GeconState>(state).estimate
}

export function dpotrfWorkspace(n: i32): usize {
  return bytes(potrfWorkspace(n) + align64(offsetof<PotrfState>()))
}

export function dpotrfInit(n: i32, a: usize, lda: i32, scratch: usize): usize {
  potrfInit(changetype<PotrfState>(scratch), n, a, lda, scratch + align64(offsetof<PotrfState>()))
  return scratch
}

/** The order of the first leading minor that is not positive, 0 if all are. */
export function dpotrfFailed(state: usize): i32 {
  return changetype<PotrfState>(state).failed
}

export function dsytrdWorkspace(n: i32): usize {
  return bytes(sytrdWorkspace(n) + align64(offsetof<SytrdState>()))
}

export function dsytrdInit(n: i32, a: usize, lda: i32, d: usize, e: usize, tau: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SytrdState>())
  sytrdInit(changetype<SytrdState>(scratch), n, a, lda, d, e, tau, rest)
  return scratch
}

/** Columns that are reduced. */
export function dsytrdColumn(state: usize): i32 {
  return changetype<SytrdState>(state).column
}

/** Bytes of scratch for eigenvalues without vectors. */
export function dsterfWorkspace(): usize {
  return offsetof<SteqrState>()
}

export function dsterfInit(n: i32, d: usize, e: usize, scratch: usize): usize {
  steqrInit(changetype<SteqrState>(scratch), n, d, e, 0, 0, 0, scratch)
  return scratch
}

export function dsyevWorkspace(n: i32, wantZ: bool): usize {
  return bytes(syevWorkspace(n, wantZ))
}

/** Sweeps of the QL iteration so far. */
export function dsyevIterations(state: usize): i32 {
  return changetype<SyevState>(state).ql.iterations
}
