import type { Matrix } from '../../matrix.js'
import type { Steps } from '../../steps.js'
import { columnNormsSteps, norm } from '../../dense/norms.js'
import { blockOffsets, perColumn, submatrixSteps } from '../../dense/slices.js'
import type { JointFactor } from './joint-factor.js'

/** Half a unit in the last place of float32: the relative error of a number that was rounded to it. */
const FLOAT32_ROUNDOFF = 2 ** -24
// Null directions of data with a large mean keep up to 3 eps of the uncentred Frobenius norm (measured, means up to 1e6 times
// the deviation, d up to 400): what centring cancels leaves its rounding behind.
const CENTERING_ROUNDOFF = 10 * Number.EPSILON

/** An R with R^T R = X^T X for all modalities side by side, X = [X1, ..., XM], and what is known of its accuracy. */
export interface DataFactor {
  /** d x d upper triangular if centred; otherwise (1 + d) x d, one row more on top. */
  readonly R: Matrix
  readonly widths: readonly number[]
  /** Rows seen, n. */
  readonly samples: number
  /** Rows of X that can be linearly independent: n, or n - 1 once the mean is taken out. */
  readonly freeRows: number
  /** Per column, the norm of what rounding has done to it: to its entries if they came as float32, else to what is left without the mean. */
  readonly noise: Float64Array
  /** Which modalities are known to float32 only. */
  readonly float32: readonly boolean[]
  /** That of the factor's state. */
  readonly shrinkageLimit?: number
}

/** The data as it came. */
export function* uncenteredFactorSteps(joint: JointFactor): Steps<DataFactor> {
  const { R } = joint.settled
  const own = yield* submatrixSteps(R, 0, R.rows, 1, R.cols)
  return { R: own, ...describedBy(joint, yield* columnNormsSteps(own)) }
}

/** What is known of data whose columns have these norms. */
function describedBy(joint: JointFactor, norms: Float64Array): Omit<DataFactor, 'R'> {
  const { widths, rows, float32 } = joint
  const roundoff = perColumn(widths, float32.map((known) => (known ? FLOAT32_ROUNDOFF : 0))) // prettier-ignore
  const noise = norms.map((size, j) => roundoff[j] * size)
  return { widths, samples: rows, freeRows: rows, noise, float32, shrinkageLimit: joint.settled.shrinkageLimit }
}

/** The data less its column means. A column that was constant is exactly zero. */
export function* centeredFactorSteps(joint: JointFactor): Steps<DataFactor> {
  const { widths, rows: samples } = joint
  const joined = joint.settled.R
  const before = (yield* columnNormsSteps(joined)).subarray(1)
  const all = describedBy(joint, before)
  const R = yield* submatrixSteps(joined, 1, joined.rows, 1, joined.cols)
  const after = yield* columnNormsSteps(R)
  const roundoff = perColumn(
    widths,
    joint.float32.map((float32) =>
      Math.max(Math.max(samples, R.cols) * Number.EPSILON, float32 ? FLOAT32_ROUNDOFF : 0),
    ),
  )
  // What cancellation leaves of a constant is no signal, but would be scaled up like one.
  const varies = after.map((size, j) => (size > roundoff[j] * before[j] ? 1 : 0))
  const noise = all.noise.map((size, j) => varies[j] * (size > 0 ? size : CENTERING_ROUNDOFF * before[j]))
  varies.forEach((kept, j) => {
    if (kept === 0) for (let i = 0; i <= j; i++) R.set(i, j, 0)
  })
  return { ...all, R, freeRows: Math.max(0, samples - 1), noise }
}

/**
 * The data less its column means, or as it came: made for whoever asks, who may write to it. A copy is three passes over d x d numbers; kept, it
 * would be half of what a fit holds.
 */
export type DataFactors = (centered: boolean) => Steps<DataFactor>

/** Those of a joint factor. */
export function dataFactors(joint: JointFactor): DataFactors {
  return (centered) => (centered ? centeredFactorSteps(joint) : uncenteredFactorSteps(joint))
}

/** Columns of modality m, without the rows that are zero there. */
export function modalityBlockSteps({ R, widths }: DataFactor, m: number): Steps<Matrix> {
  const offsets = blockOffsets(widths)
  const top = R.rows - R.cols
  return submatrixSteps(R, 0, top + offsets[m + 1], offsets[m], offsets[m + 1])
}

/** Frobenius norm of each modality. */
export function* modalityNormsSteps({ R, widths }: DataFactor): Steps<Float64Array> {
  const norms = yield* columnNormsSteps(R)
  const offsets = blockOffsets(widths)
  return Float64Array.from(widths, (_, m) => norm(norms.subarray(offsets[m], offsets[m + 1])))
}

/** max(n, d) eps, the backward error of the factorisation for the size of what was factored. */
export function factoringRoundoff({ samples, R }: DataFactor): number {
  return Math.max(samples, R.cols) * Number.EPSILON
}

/**
 * The size below which a singular value of the modalities side by side is rounding: max(n, d) eps sigma_1, the backward error
 * of the factorisation; for data that came as float32 at least sqrt(d) 2^-24 sigma_1, the norm of its rounding errors; for
 * centred data at least what the means left behind.
 *
 * @param largest - sigma_1
 * @param tolerance - relative to sigma_1, in place of all this
 */
export function rankThreshold(factor: DataFactor, largest: number, tolerance?: number): number {
  if (tolerance !== undefined) return tolerance * largest
  const float32 = factor.float32.includes(true) ? Math.sqrt(factor.R.cols) * FLOAT32_ROUNDOFF : 0
  const relative = Math.max(factoringRoundoff(factor), float32)
  return Math.max(relative * largest, norm(factor.noise))
}

/** {@link rankThreshold} for one modality by itself. */
export function modalityThreshold(factor: DataFactor, m: number, largest: number, tolerance?: number): number {
  const offsets = blockOffsets(factor.widths)
  const own = { ...factor, noise: factor.noise.subarray(offsets[m], offsets[m + 1]), float32: [factor.float32[m]] }
  return rankThreshold(own, largest, tolerance)
}
