import { run, type Steps } from '../../steps.js'
import { scaleColumnsSteps } from '../../dense/arithmetic.js'
import { columnNormsSteps, norm } from '../../dense/norms.js'
import { blockOffsets } from '../../dense/slices.js'
import { factoringRoundoff, type DataFactor } from './data-factor.js'

/** A factor whose modalities are of like size, and their columns of like rounding errors, so that a rank means something. */
export interface EvenFactor extends DataFactor {
  /** What every column was multiplied by: a power of two. */
  readonly scales: Float64Array
}

/**
 * Gives columns rounding errors of one size, and brings every modality to a Frobenius norm of about 1. Without it the smaller of two
 * modalities is taken for rounding once their units differ by 1 / tolerance, which for float32 data is a mere 10^6; and so is all beside a
 * float32 time stamp, which is known to a minute. Columns whose own rounding is less than what factoring does to their modality stay as
 * they are to each other.
 */
export function* evenFactorSteps(factor: DataFactor): Steps<EvenFactor> {
  const norms = yield* columnNormsSteps(factor.R)
  const offsets = blockOffsets(factor.widths)
  const scales = new Float64Array(norms.length)
  for (let m = 0; m < factor.widths.length; m++) {
    const sizes = norms.subarray(offsets[m], offsets[m + 1])
    const factoring = factoringRoundoff(factor) * sizes.reduce((most, size) => Math.max(most, size), 0)
    const errors = factor.noise.subarray(offsets[m], offsets[m + 1]).map((size) => Math.max(size, factoring))
    const largest = errors.reduce((most, size) => Math.max(most, size), 0)
    // The column with the largest errors keeps its own: no power of two is below 1 here.
    const even = errors.map((size) => (size > 0 ? powerNear(largest / size) : 1))
    const power = powerNear(1 / norm(sizes.map((size, j) => size * even[j])))
    even.forEach((x, j) => (scales[offsets[m] + j] = Math.min(x * power, LARGEST_POWER)))
  }
  const noise = factor.noise.map((size, j) => size * scales[j])
  return { ...factor, R: yield* scaleColumnsSteps(factor.R, scales), noise, scales }
}

/** {@link evenFactorSteps} at once. */
export function evenFactor(factor: DataFactor): EvenFactor {
  return run(evenFactorSteps(factor))
}

const LARGEST_POWER = 2 ** 1022

/** The power of two next to x; 1 for what is infinite. None that over- or underflows, nor its inverse. */
function powerNear(x: number): number {
  return x < Infinity ? 2 ** Math.min(Math.max(Math.round(Math.log2(x)), -1022), 1022) : 1
}
