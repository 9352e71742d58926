import { Engine } from '../../src/runtime/engine.js'
import type { Kernels } from '../../src/runtime/kernels.js'
import type { Steps } from '../../src/steps.js'

/** Operations in all of some work, and the most in one of its pieces. */
export interface CountedWork {
  readonly most: number
  readonly all: number
}

/**
 * Runs the work on an engine that adds up the operations of products and substitutions, which are one call each; the other kernels come back
 * by themselves.
 *
 * @param made - whether these are made too: without, the numbers are not what they should be, but come sooner
 */
export function countedWork(work: (engine: Engine) => Steps<unknown>, made = true): CountedWork {
  const engine = Engine.create()
  const { kernels } = engine
  let flops = 0
  const counting: Partial<Kernels> = {
    xgemm(m, n, k, ...rest) {
      flops += 2 * m * n * k
      if (made) kernels.xgemm(m, n, k, ...rest)
    },
    xtrsm(upper, m, n, ...rest) {
      flops += m * m * n
      if (made) kernels.xtrsm(upper, m, n, ...rest)
    },
  }
  Object.defineProperty(engine, 'kernels', { value: { ...kernels, ...counting } })
  let [most, all] = [0, 0]
  const steps = work(engine)
  for (let step = steps.next(); ; step = steps.next()) {
    most = Math.max(most, flops)
    all += flops
    flops = 0
    if (step.done === true) return { most, all }
  }
}
