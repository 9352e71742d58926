import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { checkOptions } from '../../src/align/perfect/options.js'
import { perfectModelSteps } from '../../src/align/perfect/perfect-model.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const [n, widths, k] = [900, [300, 320], 40] as const
const d = widths[0] + widths[1]

const pause = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Bytes of all arrays that are in use. Buffers are freed beside the program: while there are more than `expected`, it waits for that, a while. */
function arrays(expected: number): number {
  for (let again = 0; ; again++) {
    collect()
    const bytes = process.memoryUsage().arrayBuffers
    if (bytes <= expected || again === 5) return bytes
    pause(20)
  }
}

test('beside the joint triangle a fit holds two arrays of d x d numbers at a time, and a third in WebAssembly memory', () => {
  const joint = new JointFactor(widths).update(widths.map((width, m) => gaussian(n, width, m + 1)))
  const engine = Engine.create()
  const [before, memory] = [arrays(0), engine.memoryBytes]
  const limit = 8 * (2.2 * d ** 2 + 4 * k * d)
  const steps = perfectModelSteps(engine, joint, checkOptions({ nComponents: k }))
  let [most, phase] = [0, '']
  for (let step = steps.next(), pieces = 0; step.done !== true; step = steps.next(), pieces++) {
    // Where one phase passes into the next, and now and then.
    if (step.value?.phase === phase && pieces % 64 !== 0) continue
    phase = step.value?.phase ?? phase
    most = Math.max(most, arrays(before + limit) - before)
  }
  expect(most).toBeGreaterThan(8 * 1.9 * d ** 2)
  expect(most).toBeLessThan(limit)
  expect(engine.memoryBytes - memory).toBeLessThan(8 * (d ** 2 + (1000 + 2 * k) * d) + 2 ** 21)
})
