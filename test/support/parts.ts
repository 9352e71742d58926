import { readFileSync } from 'node:fs'
import type { Engine } from '../../src/runtime/engine.js'

/** What assembly/parts.ts exports: kernels that only other kernels call. */
export interface Parts {
  xdot(n: number, x: number, y: number): number
  xdot4(n: number, x: number, y: number, strideBytes: number, out: number): void
  xaxpy(n: number, alpha: number, x: number, y: number): void
  xaxpy4(n: number, w: number, x: number, y: number, strideBytes: number): void
  xswap(n: number, x: number, y: number): void
  xamax(n: number, x: number): number
  xdots2x2(n: number, p0: number, p1: number, q0: number, q1: number, out: number): void
  xrot2x2(n: number, p0: number, p1: number, q0: number, q1: number, coefficients: number): void
  xrotm(n: number, x: number, y: number, a: number, b: number): void
  xgemv(m: number, k: number, a: number, lda: number, x: number, y: number): void
  xgemvTransposed(m: number, k: number, a: number, lda: number, x: number, y: number): void
  xsymv(n: number, a: number, lda: number, x: number, y: number): void
  xsytrdWorkspace(n: number): number
  xsytrdInit(n: number, a: number, lda: number, d: number, e: number, tau: number, scratch: number): number
  xsytrdStep(state: number): number
  xsteqrWorkspace(n: number, rows: number): number
  xsteqrInit(n: number, d: number, e: number, rows: number, z: number, ldz: number, scratch: number): number
  xsteqrStep(state: number): number
}

const modules = new Map<string, WebAssembly.Module>()

/** The parts of the kernels of an engine, in its memory. */
export function partsOf({ binary, precision, memory }: Engine): Parts {
  const name = precision === 'f64' ? binary : `${binary}-f32`
  const module = modules.get(name) ?? new WebAssembly.Module(readFileSync(`build/parts/${name}.wasm`))
  modules.set(name, module)
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Parts
}
