import { align64, bytes } from './address'
import { rot, rotdot } from './level1/rot'
import { geconInit, GeconState, geconStep, geconWorkspace } from './factor/gecon'
import { getrfInit, GetrfState, getrfStep, getrfWorkspace } from './factor/getrf'
import { SteqrState, steqrInit, steqrStep, steqrWorkspace } from './factor/steqr'
import { SyevState, syevInit, syevStep, syevWorkspace } from './factor/syev'
import { SytrdState, sytrdInit, sytrdStep, sytrdWorkspace } from './factor/sytrd'
import { potrfInit, PotrfState, potrfStep, potrfWorkspace } from './factor/potrf'

export * from './index'

/** What the float64 build exports beyond that. */

export function drot(n: i32, x: usize, y: usize, c: f64, s: f64, r: f64): void {
  rot(n, x, y, c, s, r)
}

export function drotdot(n: i32, x: usize, y: usize, z: usize, c: f64, s: f64, r: f64): f64 {
  return rotdot(n, x, y, z, c, s, r)
}

export function dgetrfWorkspace(m: i32, n: i32): usize {
  return bytes(getrfWorkspace(m, n) + align64(offsetof<GetrfState>()))
}

export function dgetrfInit(m: i32, n: i32, a: usize, lda: i32, pivots: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<GetrfState>())
  getrfInit(changetype<GetrfState>(scratch), m, n, a, lda, pivots, rest)
  return scratch
}

export function dgetrfStep(state: usize): bool {
  return getrfStep(changetype<GetrfState>(state))
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

export function dgeconStep(state: usize): bool {
  return geconStep(changetype<GeconState>(state))
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

export function dpotrfStep(state: usize): bool {
  return potrfStep(changetype<PotrfState>(state))
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

export function dsytrdStep(state: usize): bool {
  return sytrdStep(changetype<SytrdState>(state))
}

export function dsteqrWorkspace(n: i32, rows: i32): usize {
  return bytes(steqrWorkspace(n, rows) + align64(offsetof<SteqrState>()))
}

export function dsteqrInit(n: i32, d: usize, e: usize, rows: i32, z: usize, ldz: i32, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SteqrState>())
  steqrInit(changetype<SteqrState>(scratch), n, d, e, rows, z, ldz, rest)
  return scratch
}

export function dsteqrStep(state: usize): i32 {
  return steqrStep(changetype<SteqrState>(state))
}

export function dsyevWorkspace(n: i32, wantZ: bool): usize {
  return bytes(syevWorkspace(n, wantZ))
}

export function dsyevInit(
  n: i32,
  a: usize,
  lda: i32,
  values: usize,
  z: usize,
  ldz: i32,
  wantZ: bool,
  scratch: usize,
): usize {
  return syevInit(n, a, lda, values, z, ldz, wantZ, scratch)
}

export function dsyevStep(state: usize): i32 {
  return syevStep(state)
}

/** Sweeps of the QL iteration so far. */
export function dsyevIterations(state: usize): i32 {
  return changetype<SyevState>(state).ql.iterations
}
