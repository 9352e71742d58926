import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Engine } from '../../src/runtime/engine.js'
import { releaseMemory } from '../../src/runtime/index.js'
import { expectSame } from '../support/expectations.js'
import { gaussian } from '../support/random.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const MEBIBYTE = 2 ** 20

test('a process that once did a large svd returns to a small footprint', async () => {
  releaseMemory()
  const small = gaussian(8, 8, 1)
  const before = svd(small)
  const footprint = Engine.shared().memoryBytes
  svdvals(gaussian(700, 700, 2))
  const held = Engine.shared().memoryBytes
  expect(held).toBeGreaterThan(8 * MEBIBYTE)
  const large = new WeakRef(Engine.shared().memory)

  expect(releaseMemory()).toBe(held)
  expect(releaseMemory(), 'there is nothing left to release').toBe(0)
  const again = svd(small)
  expectSame(again.U.data, before.U.data, 'the same result as before')
  expect(Engine.shared().memoryBytes).toBe(footprint)
  expect(footprint).toBeLessThanOrEqual(MEBIBYTE)

  // The engine may hold on to it for a turn or two.
  for (let turn = 0; turn < 20 && large.deref() !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    collectGarbage()
  }
  expect(large.deref(), 'nothing holds the large memory').toBeUndefined()
})

test('in the middle of asynchronous work it changes nothing', async () => {
  const modalities = [gaussian(600, 40, 1), gaussian(600, 30, 2)]
  const alone = new JointFactor([40, 30]).update(modalities)
  let released = 0
  const work = new JointFactor([40, 30]).updateAsync(modalities, {
    onProgress: () => {
      svd(gaussian(6, 4, 1))
      if (releaseMemory() > 0) released++
    },
  })
  expectSame((await work).R.data, alone.R.data, 'R')
  expect(released).toBeGreaterThan(1)
})
