import { beforeAll, describe, expect } from 'vitest'
import type { BinaryName } from '../../src/runtime/binary.js'
import { Engine } from '../../src/runtime/engine.js'

/** Runs a suite once on each build of the kernels; fails where one of them cannot run or is not what it says. */
export function onEveryBinary(suite: (binary: BinaryName) => void): void {
  describe.each(['simd', 'relaxed'] as const)('%s build', (binary) => {
    beforeAll(() => {
      Engine.use(binary)
      expect(Engine.shared().binary).toBe(binary)
      expect(Engine.shared().kernels.isRelaxed()).toBe(binary === 'relaxed' ? 1 : 0)
    })
    suite(binary)
  })
}
