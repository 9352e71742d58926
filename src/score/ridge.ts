import { scaledFactorSteps } from '../align/model/column-scales.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import type { Fit } from '../align/model/mapping.js'
import { sharedCount } from '../align/model/shared-count.js'
import { fixSignsSteps } from '../align/model/signs.js'
import { centeredFactorSteps } from '../align/factor/data-factor.js'
import { shrinkageScaleSteps } from '../align/factor/shrinkage.js'
import { balancedSteps, unrelatedStrength } from '../align/perfect/balanced.js'
import { LEAST_EXCESS, type PerfectModel } from '../align/perfect/perfect-model.js'
import { scaleColumnsSteps } from '../dense/arithmetic.js'
import { blockOffsets, columnBlocksSteps, leadingRows } from '../dense/slices.js'
import { describe, type Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { positive } from '../validation.js'

/** @throws TypeError unless it is a list of numbers, RangeError unless there is one at least and all are finite and above 0 */
export function ridgeMultiples(ridges: unknown): readonly number[] {
  if (!Array.isArray(ridges)) throw new TypeError(`ridges must be an array of numbers, got ${describe(ridges)}`)
  if (ridges.length === 0) throw new RangeError('ridges is empty, expected at least one number, such as 1')
  return ridges.map((ridge: unknown, i) => positive(ridge, `ridges[${i}]`))
}

/**
 * Makes the model one of 'balanced' with so many times the shrinkage that the data asks for: gamma is multiplied by it.
 *
 * @param fit - what it was fitted to, and became, with the shrinkage of the data
 * @throws RangeError if it is of another method
 */
export function* setRidgeSteps(engine: Engine, alignment: LinearAlignment, fit: Fit, ridge: number): Steps<void> {
  const model = ridge === 1 ? fit.model : yield* ridgeModelSteps(engine, fit, ridge, alignment.nComponents)
  alignment.become(fit.joint, model)
}

function* ridgeModelSteps(
  engine: Engine,
  { model, joint }: Fit,
  ridge: number,
  nComponents: LinearAlignment['nComponents'],
): Steps<PerfectModel> {
  const { selected, scales } = model as Partial<PerfectModel>
  if (joint === undefined || selected !== 'balanced') {
    throw new RangeError(`ridges are multiples of the shrinkage of 'balanced', got ${selected ?? 'another method'}`)
  }
  const scaled = scales === undefined ? joint : yield* scaledFactorSteps(joint, scales)
  const data = yield* centeredFactorSteps(scaled)
  const roots = (yield* shrinkageScaleSteps(engine, data)).map((root) => root * Math.sqrt(ridge))
  const offsets = blockOffsets(joint.widths)
  const M = joint.widths.length
  const most = Math.min(offsets[M] - Math.max(...joint.widths), data.freeRows)
  const asked = nComponents === 'all' ? most : Number(nComponents)
  const { A, strengths } = yield* balancedSteps(engine, data, asked, roots, true)
  const k = nComponents === 'all' ? sharedCount(strengths, (1 + LEAST_EXCESS) * unrelatedStrength(M), most) : asked
  const blocks = yield* columnBlocksSteps(yield* fixSignsSteps(leadingRows(A, k)), offsets)
  const maps: Matrix[] = []
  for (const [m, block] of blocks.entries()) {
    maps.push(scales === undefined ? block : yield* scaleColumnsSteps(block, scales[m]))
  }
  return { ...(model as PerfectModel), maps, sharedStrength: strengths.slice(0, k) }
}
