import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { checkOptions } from '../../src/align/perfect/options.js'
import { perfectModelSteps } from '../../src/align/perfect/perfect-model.js'
import { SELECTIONS } from '../../src/align/perfect/selection.js'
import { Engine } from '../../src/runtime/engine.js'
import type { Kernels } from '../../src/runtime/kernels.js'
import { gaussian } from '../support/random.js'
import '../support/solvers.js'

/** An engine that adds up the operations of the kernels that are one call each; the others come back by themselves. */
function countingEngine(): { engine: Engine; taken: () => number } {
  const engine = Engine.create()
  const { kernels } = engine
  let flops = 0
  const counting: Partial<Kernels> = {
    xgemm(m, n, k, ...rest) {
      flops += 2 * m * n * k
      kernels.xgemm(m, n, k, ...rest)
    },
    xtrsm(upper, m, n, ...rest) {
      flops += m * m * n
      kernels.xtrsm(upper, m, n, ...rest)
    },
  }
  Object.defineProperty(engine, 'kernels', { value: { ...kernels, ...counting } })
  const taken = () => {
    const since = flops
    flops = 0
    return since
  }
  return { engine, taken }
}

// At 16 GFLOP/s 2^27 operations take 8 ms, half of what an asynchronous fit may keep the event loop waiting.
const MOST = 2 ** 27
const [n, d] = [900, 380]
const joint = new JointFactor([d, d]).update([gaussian(n, d, 1), gaussian(n, d, 2)])

test.each([...SELECTIONS, 'gradient'] as const)('a fit comes back after a bounded number of operations: %s', (how) => {
  const { engine, taken } = countingEngine()
  const chosen = how === 'gradient' ? { solver: how, maxIterations: 5 } : { selection: how }
  const options = checkOptions({ nComponents: 100, ...chosen })
  const steps = perfectModelSteps(engine, joint, options)
  let [most, all] = [0, 0]
  for (let step = steps.next(); ; step = steps.next()) {
    const operations = taken()
    most = Math.max(most, operations)
    all += operations
    if (step.done === true) break
  }
  expect(most).toBeLessThanOrEqual(MOST)
  expect(all, 'there was more than one piece of work').toBeGreaterThan(2 * most)
})
