import { selectedSamplesSteps } from '../dense/slices.js'
import { JointFactor } from '../align/factor/joint-factor.js'
import { partsOf, reportedAs } from '../progress.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** The joint factor of each fold. */
export function* foldFactorSteps(
  engine: Engine,
  matrices: readonly Matrix[],
  folds: readonly Uint32Array[],
): Steps<JointFactor[]> {
  const widths = matrices.map(({ cols }) => cols)
  const factors: JointFactor[] = []
  const total = matrices[0].rows
  let before = 0
  for (const rows of folds) {
    const factor = new JointFactor(widths)
    const update = factor.appendSteps(engine, yield* selectedSamplesSteps(matrices, rows))
    yield* reportedAs(({ phase, done }) => ({ phase, done: before + done, total }), update)
    before += rows.length
    factors.push(factor)
  }
  return factors
}

/**
 * Does some work with the factor of all folds but one, for each of them: F folds take 3 F merges, since those before and those
 * after a fold are merged once.
 *
 * @returns the factor of all
 */
export function* leaveOneOutSteps(
  engine: Engine,
  parts: readonly JointFactor[],
  work: (others: JointFactor, fold: number) => Steps<void>,
): Steps<JointFactor> {
  const part = partsOf(1, ...parts.flatMap(() => [0.3, 4, 0.3]))
  const following = yield* part(followingSteps(engine, parts))
  let preceding = new JointFactor(parts[0].widths)
  for (const [fold, own] of parts.entries()) {
    const others = yield* part(mergedSteps(engine, preceding, following[fold]))
    yield* part(work(others, fold))
    preceding = yield* part(mergedSteps(engine, preceding, own))
  }
  return preceding
}

/** For every part the factor of all that follow it. */
function* followingSteps(engine: Engine, parts: readonly JointFactor[]): Steps<JointFactor[]> {
  const following = [new JointFactor(parts[0].widths)]
  for (let i = parts.length - 1; i > 0; i--) following.unshift(yield* mergedSteps(engine, following[0], parts[i]))
  return following
}

function* mergedSteps(engine: Engine, a: JointFactor, b: JointFactor): Steps<JointFactor> {
  const merged = a.clone()
  yield* merged.mergeSteps(engine, b.settled)
  return merged
}
