import { align64, bytes } from './address'
import { swap } from './level1/swap'
import { SteqrState, steqrInit, steqrWorkspace } from './factor/steqr'
import { SytrdState, sytrdInit, sytrdWorkspace } from './factor/sytrd'

/**
 * Parts of the kernels, for tests to call by themselves: a module of its own for each build, in the memory of that build's instance.
 * It has no static data, which would lie where the other's lies.
 */

export { axpy as xaxpy, axpy4 as xaxpy4 } from './level1/axpy'
export { dot as xdot, dot4 as xdot4 } from './level1/dot'
export { amax as xamax } from './level1/nrm2'
export { dots2x2 as xdots2x2, rot2x2 as xrot2x2, rotm as xrotm } from './level1/pairs'
export { gemv as xgemv, gemvTransposed as xgemvTransposed } from './level2/gemv'
export { symv as xsymv } from './level2/symv'
export { steqrStep as xsteqrStep } from './factor/steqr'
export { sytrdStep as xsytrdStep } from './factor/sytrd'

export function xswap(n: i32, x: usize, y: usize): void {
  swap<Real>(n, x, y)
}

export function xsytrdWorkspace(n: i32): usize {
  return bytes(sytrdWorkspace(n) + align64(offsetof<SytrdState>()))
}

export function xsytrdInit(n: i32, a: usize, lda: i32, d: usize, e: usize, tau: usize, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SytrdState>())
  sytrdInit(changetype<SytrdState>(scratch), n, a, lda, d, e, tau, rest)
  return scratch
}

export function xsteqrWorkspace(n: i32, rows: i32): usize {
  return bytes(steqrWorkspace(n, rows) + align64(offsetof<SteqrState>()))
}

export function xsteqrInit(n: i32, d: usize, e: usize, rows: i32, z: usize, ldz: i32, scratch: usize): usize {
  const rest = scratch + align64(offsetof<SteqrState>())
  steqrInit(changetype<SteqrState>(scratch), n, d, e, rows, z, ldz, rest)
  return scratch
}
