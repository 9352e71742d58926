import { beforeAll, describe } from 'vitest'
import { Instance } from '../../src/serve/instance.js'

/** Runs a suite once on each build for serving. */
export function onEveryServeBuild(suite: () => void): void {
  describe.each(['simd', 'relaxed'] as const)('%s build', (binary) => {
    beforeAll(() => {
      Instance.use(binary)
    })
    suite()
  })
}
