import { beforeAll, describe, expect } from 'vitest'
import type { BinaryName } from '../../src/runtime/binary.js'
import type { Precision } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'

/** Runs a suite once on each build of the kernels; fails where one of them cannot run. */
export function onEveryBinary(suite: (binary: BinaryName) => void): void {
  describe.each(['simd', 'relaxed'] as const)('%s build', (binary) => {
    beforeAll(() => {
      Engine.use(binary)
      expect(Engine.shared().binary).toBe(binary)
    })
    suite(binary)
  })
}

/** The same for both precisions: four builds. */
export function onEveryBuild(suite: (precision: Precision) => void): void {
  onEveryBinary(() => {
    describe.each(['f64', 'f32'] as const)('%s', suite)
  })
}

/** Machine epsilon. */
export function epsilon(precision: Precision): number {
  return precision === 'f64' ? Number.EPSILON : 2 ** -23
}

/** x as the precision holds it. */
export function rounded(x: number, precision: Precision): number {
  return precision === 'f64' ? x : Math.fround(x)
}
