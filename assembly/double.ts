import { align64, bytes } from './address'
import { SteqrState, steqrInit } from './factor/steqr'
import { SyevState, syevWorkspace } from './factor/syev'
import { SytrdState, sytrdInit, sytrdWorkspace } from './factor/sytrd'

export * from './index'

/** What the float64 build exports beyond that. */

export { gemv as dgemv, gemvTransposed as dgemvTransposed } from './level2/gemv'
export { stein as dstein } from './factor/stein'
export { steqrStep as dsterfStep } from './factor/steqr'
export { sytrdStep as dsytrdStep } from './factor/sytrd'
export { getrs as dgetrs } from './factor/getrs'
export { getrfWorkspace as dgetrfWorkspace, getrfInit as dgetrfInit } from './factor/getrf'
export { getrfStep as dgetrfStep, getrfZeroPivot as dgetrfZeroPivot } from './factor/getrf'
export { potrfWorkspace as dpotrfWorkspace, potrfInit as dpotrfInit } from './factor/potrf'
export { potrfStep as dpotrfStep, potrfFailed as dpotrfFailed } from './factor/potrf'
export { syevInit as dsyevInit, syevStep as dsyevStep } from './factor/syev'

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
