import type { BinaryName } from './binary.js'
import { Engine } from './engine.js'

export type { BinaryName }

/**
 * Which build of the kernels this engine runs: 'relaxed' (relaxed SIMD, fused multiply-add where the engine fuses) where it can,
 * otherwise 'simd'.
 *
 * @throws UnsupportedRuntimeError where neither can run
 */
export function binaryName(): BinaryName {
  return Engine.shared().binary
}

/**
 * Gives back the WebAssembly memory that is kept between calls, which otherwise stays as large as the largest problem so far
 * needed: for a long-lived process that is done with large ones. The next call starts with a new, small memory. Results are not
 * affected, nor are asynchronous operations in progress: they have memories of their own.
 *
 * @returns the bytes that were held; the runtime frees them at its next garbage collection
 */
export function releaseMemory(): number {
  return Engine.release()
}
