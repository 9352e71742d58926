import { listOf } from '../matrix-input.js'
import { type MatrixLike } from '../matrix.js'
import { numberThat } from '../validation.js'
import { centerOf, componentColumns, type LatentOptions } from './components.js'
import { latents } from './latent-input.js'
import { largestMagnitude, meanSquare } from '../dense/norms.js'
import { singularValues } from './singular-values.js'

/**
 * Latent energy: the mean square of each component, sum_i z_ij^2 / n (the uncentred second moment); with `center`, of
 * its deviation from the mean (the variance with divisor n). The share of components with next to no energy is what an
 * alignment lost to collapse, and a small CMAE beside a small energy proves nothing.
 *
 * @param Z - n x k, latents, one sample a row
 * @param options - `center`: take the deviations from each component's mean; default false
 * @returns k energies, in squared units of the latents. O(n k) time and memory
 * @throws TypeError if Z is no matrix, or there is another option, or of another kind
 * @throws RangeError if n or k is 0, or an entry is not finite
 */
export function latentEnergy(Z: MatrixLike, options: LatentOptions = {}): Float64Array {
  const center = centerOf(options)
  const matrix = latents(Z, 'Z')
  const n = matrix.rows
  const columns = componentColumns(matrix, center)
  return Float64Array.from({ length: matrix.cols }, (_, j) => meanSquare(columns, j * n, n))
}

/**
 * Effective rank: exp(-sum_i p_i ln p_i) with p_i = sigma_i / sum_j sigma_j over the singular values of Z, a continuous
 * count of the directions the latents use: r for r equal singular values and none else, 1 for latents on one line, 0 for
 * latents that are all zero. No tolerance enters; scaling or rotating Z does not change it.
 *
 * @param Z - n x k, latents, one sample a row
 * @param options - `center`: subtract each component's mean first; default false
 * @returns a number from 1 to min(n, k), or 0. O(n k^2 + k^3) in plain JavaScript, n k numbers of memory: some seconds at
 *   k = 512; beyond, take that of the entry `collimate`, by an SVD in WebAssembly
 * @throws TypeError if Z is no matrix, or there is another option, or of another kind
 * @throws RangeError if n or k is 0, or an entry is not finite
 * @throws ConvergenceError if the Jacobi sweeps do not converge
 * @see Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007
 */
export function effectiveRank(Z: MatrixLike, options: LatentOptions = {}): number {
  const center = centerOf(options)
  const matrix = latents(Z, 'Z')
  const { rows: n, cols: k } = matrix
  // Halved where that loses nothing: a deviation from the mean may be twice the largest entry.
  const scale = largestMagnitude(matrix.data) > 1 ? 0.5 : 1
  const columns = toUnitMagnitude(componentColumns(matrix, center, scale))
  return effectiveRankOfSpectrum(singularValues(columns, n, k))
}

/**
 * The {@link effectiveRank} of a matrix whose singular values are known.
 *
 * @param sigma - the singular values, in any order; zeros do not count
 * @returns a number from 1 to the count of non-zero values, or 0 if there are none. O(length)
 * @throws TypeError if `sigma` is no list of numbers
 * @throws RangeError if a value is negative or not finite
 */
export function effectiveRankOfSpectrum(sigma: ArrayLike<number>): number {
  const values = nonNegative(sigma)
  const largest = largestMagnitude(values)
  if (largest === 0) return 0
  // Relative to the largest the sum cannot overflow. With q_i = sigma_i / sigma_1 and s their sum, H = ln s - sum q_i ln q_i / s.
  let sum = 0
  let entropy = 0
  for (const value of values) {
    const q = value / largest
    sum += q
    if (q > 0) entropy -= q * Math.log(q)
  }
  return sum * Math.exp(entropy / sum)
}

/** Divides by the largest magnitude, if there is one: the squares of what matters are then in range. */
function toUnitMagnitude(columns: Float64Array): Float64Array {
  const largest = largestMagnitude(columns)
  return largest > 0 ? columns.map((x) => x / largest) : columns
}

function nonNegative(sigma: unknown): Float64Array {
  const isOne = (x: number) => x >= 0 && x < Infinity
  const list = listOf(sigma, 'sigma', 'an array of singular values')
  return Float64Array.from(list, (value, i) => numberThat(isOne, 'finite and >= 0', value, `sigma[${i}]`))
}
