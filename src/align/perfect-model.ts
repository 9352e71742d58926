import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { sharedStrengthSteps } from './balanced.js'
import { blockOffsets, columnRange, stackRows } from './blocks.js'
import { centeredFactorSteps, uncenteredFactorSteps } from './data-factor.js'
import { helmertSteps } from './helmert.js'
import type { JointFactor } from './joint-factor.js'
import type { LinearModel } from './linear-model.js'
import { selectSteps, type SelectionOptions, type SelectionRule } from './selection.js'
import { shrinkageScaleSteps } from './shrinkage.js'
import { singularValueSteps } from './singular-vectors.js'
import type { Descent } from './stiefel.js'

/** A linear model and how it was selected. */
export interface PerfectModel extends LinearModel {
  readonly selected: SelectionRule
  /** mu of every component. */
  readonly sharedStrength: Float64Array
  /** How the gradient descent went, if that was the solver. */
  readonly descent?: Descent
}

/** Fits everything from the joint factor. @throws RangeError if it has seen fewer rows than the selection needs */
export function* perfectModelSteps(engine: Engine, joint: JointFactor, options: SelectionOptions): Steps<PerfectModel> {
  const { A, selected, centered, strengths, descent } = yield* selectSteps(engine, joint, options)
  const offsets = blockOffsets(joint.widths)
  const maps = joint.widths.map((_, m) => columnRange(A, offsets[m], offsets[m + 1]))
  const sharedStrength = strengths ?? (yield* strengthSteps(engine, joint, A))
  return { maps, means: joint.means(), centered, selected, sharedStrength, descent }
}

function* strengthSteps(engine: Engine, joint: JointFactor, A: Matrix): Steps<Float64Array> {
  const data = yield* centeredFactorSteps(joint)
  return yield* sharedStrengthSteps(engine, data, A, yield* shrinkageScaleSteps(engine, data))
}

/** The singular values of the stacked modalities, as 'last' sees them: descending, d of them. */
export function* stackedSingularValueSteps(engine: Engine, joint: JointFactor, centered: boolean): Steps<Float64Array> {
  const factor = centered ? yield* centeredFactorSteps(joint) : yield* uncenteredFactorSteps(joint)
  return yield* singularValueSteps(engine, stackRows(yield* helmertSteps(factor)))
}
