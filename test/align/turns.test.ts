import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { checkOptions } from '../../src/align/perfect/options.js'
import { perfectModelSteps } from '../../src/align/perfect/perfect-model.js'
import { SELECTIONS } from '../../src/align/perfect/selection.js'
import { countedWork } from '../support/counting-engine.js'
import { gaussian } from '../support/random.js'
import '../support/solvers.js'

// At 16 GFLOP/s 2^27 operations take 8 ms, half of what an asynchronous fit may keep the event loop waiting.
const MOST = 2 ** 27
const [n, d] = [900, 380]
const joint = new JointFactor([d, d]).update([gaussian(n, d, 1), gaussian(n, d, 2)])

test.each([...SELECTIONS, 'gradient'] as const)('a fit comes back after a bounded number of operations: %s', (how) => {
  const chosen = how === 'gradient' ? { solver: how, maxIterations: 5 } : { selection: how }
  const options = checkOptions({ nComponents: 100, ...chosen })
  const { most, all } = countedWork((engine) => perfectModelSteps(engine, joint, options))
  expect(most).toBeLessThanOrEqual(MOST)
  expect(all, 'there was more than one piece of work').toBeGreaterThan(2 * most)
})
