import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { selectBalancedSteps, sharedStrengthSteps, unrelatedStrength } from './balanced.js'
import { blockOffsets, columnBlocksSteps, leadingRows, stackRows } from '../../dense/slices.js'
import { dataFactors, type DataFactor } from '../factor/data-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { sharedCount } from '../model/shared-count.js'
import type { LinearModel } from '../model/linear-model.js'
import { selectAutoSteps } from './auto.js'
import { selectByGradientSteps } from './gradient.js'
import { selectInformativeSteps } from './informative.js'
import { selectLastSteps } from './last.js'
import type { SelectionOptions, SelectionRule } from './selection.js'
import { fixSignsSteps } from '../model/signs.js'
import { shrinkageScaleSteps } from '../factor/shrinkage.js'
import { singularValueSteps } from '../../linalg/singular-vectors.js'
import type { Descent } from './stiefel.js'

// A strength next to the unrelated one is rounding: rho of two modalities, half the excess, is above 10^-6 else.
export const LEAST_EXCESS = 2e-6

/** A file each. */
const SELECT = {
  auto: selectAutoSteps,
  balanced: selectBalancedSteps,
  informative: selectInformativeSteps,
  last: selectLastSteps,
}

/** A linear model and how it was selected. */
export interface PerfectModel extends LinearModel {
  readonly selected: SelectionRule
  /** mu of every component. */
  readonly sharedStrength: Float64Array
  /** How the gradient descent went, if that was the solver. */
  readonly descent?: Descent
}

/** Fits everything from the joint factor. @throws RangeError if it has seen fewer rows than the selection needs */
export function* perfectModelSteps(
  engine: Engine,
  joint: JointFactor,
  asked: Omit<SelectionOptions, 'nComponents'> & { readonly nComponents: number | 'all' },
): Steps<PerfectModel> {
  const { selection, solver, nComponents } = asked
  const least = selection === 'auto' || selection === 'balanced' ? 2 : 1
  if (joint.rows < least) {
    throw new RangeError(`selection '${selection}' needs at least ${least} rows, got ${joint.rows}`)
  }
  const offsets = blockOffsets(joint.widths)
  // What more than one modality shares has no more directions than there are columns beside the widest, or free rows.
  const most = Math.min(offsets[joint.widths.length] - Math.max(...joint.widths), joint.rows - 1)
  const keepsAll = nComponents === 'all'
  const options = { ...asked, nComponents: keepsAll ? most : nComponents }
  const select = solver === 'gradient' ? selectByGradientSteps : SELECT[selection]
  const fitted = { ...joint.settled, factorOf: dataFactors(joint) }
  const { A: found, selected, centered, strengths, descent } = yield* select(engine, fitted, options)
  const M = joint.widths.length
  const k = keepsAll && strengths ? sharedCount(strengths, (1 + LEAST_EXCESS) * unrelatedStrength(M), most) : found.rows
  const A = yield* fixSignsSteps(leadingRows(found, k))
  const maps = yield* columnBlocksSteps(A, offsets)
  const sharedStrength = strengths?.slice(0, k) ?? (yield* strengthSteps(engine, yield* fitted.factorOf(true), A))
  return { maps, means: joint.means(), centered, selected, sharedStrength, descent }
}

function* strengthSteps(engine: Engine, data: DataFactor, A: Matrix): Steps<Float64Array> {
  return yield* sharedStrengthSteps(engine, data, A, yield* shrinkageScaleSteps(engine, data))
}

/** The singular values of the stacked modalities, as 'last' sees them: descending, d of them. */
export function* stackedSingularValueSteps(engine: Engine, joint: JointFactor, centered: boolean): Steps<Float64Array> {
  return yield* singularValueSteps(engine, stackRows(yield* helmertSteps(yield* dataFactors(joint)(centered))))
}
