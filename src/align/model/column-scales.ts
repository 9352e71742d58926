import { multiplySteps } from '../../linalg/matmul.js'
import { describe, type Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { scaleColumnsSteps } from '../../dense/arithmetic.js'
import { columnNormsSteps, frobeniusSteps, lowerMedian } from '../../dense/norms.js'
import { centeredFactorSteps, modalityBlockSteps, type DataFactor } from '../factor/data-factor.js'
import { JointFactor } from '../factor/joint-factor.js'
import { shareAlike, sharedSteps } from '../factor/shared-work.js'
import type { LinearModel } from './linear-model.js'
import type { Rule } from './options.js'

/** Whether columns are brought to like units before a fit: where they differ too much ('auto'), always, or never. */
export type Scale = 'auto' | boolean

/** The rule of the option `scale`: 'auto', true or false. @throws TypeError or RangeError unless it is one of them */
export const scaleRule: Rule<Scale> = (value = 'auto') => {
  if (value === 'auto' || typeof value === 'boolean') return value
  const message = `scale must be 'auto', true or false, got ${describe(value)}`
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message)
}

// Chosen on 43 data sets as they are, and with a column in other units, a counter, time stamps, or columns of noise; docs/estimators.md has
// what they come to on other ones.
/** A modality with a deviation above so many times its median ... */
const OTHER_UNITS = 100
/** ... and a mean squared correlation above so much more than chance has no unit of its own: each column gets one. */
const CORRELATED = 0.02
/** Otherwise single columns are brought in: those far out to the median, others no further than the limit. */
const FAR_OUT = 300
const LIMIT = 30
/** What is shrunk is judged by columns that are no further out than that. */
const SHRINKAGE_LIMIT = 3

/**
 * What every column of a modality is multiplied by. With M the lower median of the deviations that are not zero, r = deviation / M and x the mean
 * squared correlation of different columns less 1 / (n - 1), what chance gives it:
 *
 * - max r > 100 and x >= .02: 1 / deviation;
 * - else columns with r > 300 are brought to M, those with 30 < r <= 300 to 30 M.
 *
 * Columns that are constant get 0.
 */
function* modalityScaleSteps(engine: Engine, data: DataFactor, m: number, scale: Scale): Steps<Float64Array> {
  const block = yield* modalityBlockSteps(data, m)
  const root = Math.sqrt(data.freeRows)
  const deviations = (yield* columnNormsSteps(block)).map((size) => size / root)
  const inverses = deviations.map((size) => (size > 0 ? Math.min(1 / size, Number.MAX_VALUE) : 0))
  if (scale === true) return inverses
  const M = lowerMedian(deviations)
  const r = deviations.map((size) => (M > 0 ? Math.min(size / M, Number.MAX_VALUE) : 0))
  if (r.some((x) => x > OTHER_UNITS)) {
    const unit = yield* scaleColumnsSteps(block, inverses.map((x) => x / root)) // prettier-ignore
    const varying = r.filter((x) => x > 0).length
    const squares = (yield* frobeniusSteps(yield* multiplySteps(engine, unit, unit, { transposeA: true }))) ** 2
    const x = (squares - varying) / (varying * (varying - 1)) - 1 / data.freeRows
    if (x >= CORRELATED) return inverses
  }
  return r.map((x) => (x > FAR_OUT ? 1 / x : x > LIMIT ? LIMIT / x : x > 0 ? 1 : 0))
}

/** The factor of data whose columns were multiplied by these. */
export function* scaledFactorSteps(joint: JointFactor, scales: readonly Float64Array[]): Steps<JointFactor> {
  const state = joint.settled
  const changes = scales.some((s) => s.some((x) => x !== 1))
  const R = changes ? yield* scaleColumnsSteps(state.R, [1, ...scales.flatMap((s) => [...s])]) : state.R
  return JointFactor.of(joint.widths, { ...state, R, shrinkageLimit: SHRINKAGE_LIMIT })
}

/** A factor in like units. */
export interface ScaledFactor {
  readonly joint: JointFactor
  /** One array a modality. */
  readonly scales: readonly Float64Array[]
}

/**
 * The factor with every modality scaled as asked for, from the factor alone: parts that were merged are scaled as if they had come as one.
 *
 * @returns undefined if nothing is asked for, or one row has no deviation to scale by
 */
export function* columnScaleSteps(
  engine: Engine,
  joint: JointFactor,
  asked: (modality: number) => Scale,
): Steps<ScaledFactor | undefined> {
  const each = joint.widths.map((_, m) => asked(m))
  if (joint.rows < 2 || each.every((scale) => scale === false)) return undefined
  const data = yield* centeredFactorSteps(joint)
  const scales: Float64Array[] = []
  for (const [m, scale] of each.entries()) {
    scales.push(
      scale === false ? new Float64Array(joint.widths[m]).fill(1) : yield* modalityScaleSteps(engine, data, m, scale),
    )
  }
  return { joint: yield* scaledFactorSteps(joint, scales), scales }
}

/** A model of scaled columns as one of the columns as they come. */
export function* unscaledSteps<Model extends LinearModel>(
  model: Model,
  { scales }: ScaledFactor,
  joint: JointFactor,
): Steps<Model> {
  const maps: Matrix[] = []
  for (const [m, A] of model.maps.entries()) maps.push(yield* scaleColumnsSteps(A, scales[m]))
  return { ...model, maps, means: joint.means(), scales }
}

/**
 * A model that is fitted in like units, of the columns as they come; once for all fits that share the work of the factor.
 *
 * @param fit - to the factor, whose columns were multiplied by `scales` if there are any
 */
export function* inLikeUnitsSteps<Model extends LinearModel>(
  engine: Engine,
  joint: JointFactor,
  asked: (modality: number) => Scale,
  fit: (joint: JointFactor, scales?: readonly Float64Array[]) => Steps<Model>,
): Steps<Model> {
  const { R } = joint.settled
  const { scaled } = yield* sharedSteps(R, `scale ${joint.widths.map((_, m) => asked(m)).join()}`, function* () {
    const found = yield* columnScaleSteps(engine, joint, asked)
    if (found !== undefined) shareAlike(R, found.joint.settled.R)
    return { scaled: found }
  })
  if (scaled === undefined) return yield* fit(joint)
  return yield* unscaledSteps(yield* fit(scaled.joint, scaled.scales), scaled, joint)
}
