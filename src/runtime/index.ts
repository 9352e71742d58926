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
