import { scaledToOne, timesPower } from '../../dense/powers-of-two.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { frobeniusSteps } from '../../dense/norms.js'
import { stackRows } from '../../dense/slices.js'
import { rankThreshold } from '../factor/data-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import { registered } from '../../registered.js'
import type { Fitted, SelectedDirections, SelectionOptions } from './selection.js'
import type { descentSteps } from './stiefel.js'

/** What 'last' finds, by gradient descent. */
export function* selectByGradientSteps(
  engine: Engine,
  { factorOf }: Fitted,
  options: SelectionOptions,
): Steps<SelectedDirections> {
  const steps = registered('gradient', 'Solvers') as typeof descentSteps
  const centered = options.center === true
  const factor = yield* factorOf(centered)
  const stack = stackRows(yield* helmertSteps(factor))
  const { matrix, power } = scaledToOne(stack)
  const zero = timesPower(rankThreshold(factor, yield* frobeniusSteps(stack), options.tolerance), power)
  const { A, lossHistory, converged } = yield* steps(engine, matrix, options.nComponents, zero, options)
  const inUnitsOfTheData = (loss: number) => Math.min(Number.MAX_VALUE, timesPower(loss, -2 * power))
  return { A, selected: 'last', centered, descent: { lossHistory: lossHistory.map(inUnitsOfTheData), converged } }
}
