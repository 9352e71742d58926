import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import type { Steps } from '../../steps.js'
import { selectBalancedSteps } from './balanced.js'
import { exactSteps } from './informative.js'
import { fullRank } from './null-space.js'
import { countRelationsSteps } from './relations.js'
import type { Fitted, SelectedDirections, SelectionOptions } from './selection.js'

/**
 * 'informative' where the data has k relations that having few rows did not force, else 'balanced'. Counting relations needs the mean out,
 * and so it is taken out of what is then selected from, unless that is to stay as it came.
 */
export function* selectAutoSteps(engine: Engine, fitted: Fitted, options: SelectionOptions): Steps<SelectedDirections> {
  const { R, factorOf } = fitted
  const centered = options.center !== false
  const part = partsOf(1, 19)
  // A function of its own, or the factor would stay until all is done.
  const exact = function* () {
    const factor = yield* factorOf(centered)
    return yield* exactSteps(engine, R, factor, options, fullRank(factor), (even, nullSpace) =>
      countRelationsSteps(engine, even, nullSpace),
    )
  }
  const A = yield* part(exact())
  if (A !== undefined) return { A, selected: 'informative', centered }
  return yield* part(selectBalancedSteps(engine, fitted, options))
}
