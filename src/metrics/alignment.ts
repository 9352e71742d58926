import type { Matrix, MatrixLike } from '../matrix.js'
import { checkSameShape, latents, latentsPerModality } from './latent-input.js'
import { distance, mean, norm, unitRows } from '../dense/norms.js'

/**
 * Cross-modal alignment error: mean_i ||z1_i - z2_i||_2, in the latents' units. 0 is perfect, and lower is better, but
 * only between latents of the same size: shrinking both shrinks it, and latents that collapsed to a point have 0. Show it
 * beside {@link ncmae}, {@link latentEnergy} and {@link recallAtK}.
 *
 * @param Z1 - n x k, latents from one modality, row i the latent of sample i
 * @param Z2 - n x k, latents of the same samples from another
 * @returns a number >= 0; Infinity only where the mean exceeds the largest double. O(n k)
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the shapes differ, n or k is 0, or an entry is not finite
 * @see Kamboj and Do (2025), Eq. 8
 */
export function cmae(Z1: MatrixLike, Z2: MatrixLike): number {
  return meanDistance(...latentPair(Z1, Z2))
}

/**
 * Normalised CMAE: the mean distance of the latents scaled to unit length, from 0 to 2. For two directions at angle t it
 * is sqrt(2 - 2 cos t), so unrelated directions in many dimensions come to about sqrt 2.
 *
 * A zero latent has no direction. It counts as orthogonal to everything, another zero included: distance sqrt 2. (With
 * "zero stays zero" two latents that collapsed to 0 would be 0 apart, a perfect score for carrying nothing; this way
 * they score what rounding noise in their place would score.) So `ncmae(Z, Z)` is 0 unless Z has zero rows. A collapse
 * to a single *non-zero* direction still gives 0: retrieval shows that, no distance can.
 *
 * @param Z1 - n x k, latents from one modality, row i the latent of sample i
 * @param Z2 - n x k, latents of the same samples from another
 * @returns a number from 0 to 2. O(n k) time and memory
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the shapes differ, n or k is 0, or an entry is not finite
 * @see Kamboj and Do (2025), Figure 3
 */
export function ncmae(Z1: MatrixLike, Z2: MatrixLike): number {
  return meanDirectionDistance(...latentPair(Z1, Z2))
}

/**
 * Modality latent reconstruction error: mean_i ||z_i - zhat_i^(m)||_2, averaged over the modalities m. It needs the true
 * latents, so it is for synthetic data; and A X = 0 fixes the latents only up to an invertible map, so it measures the
 * choice of basis rather than the quality of an alignment.
 *
 * @param Z - n x k, the true latents
 * @param Zs - one n x k matrix of estimated latents per modality
 * @returns a number >= 0; Infinity only where the mean exceeds the largest double. O(M n k)
 * @throws TypeError if Z is no matrix or Zs no array of matrices
 * @throws RangeError if the shapes differ, Zs is empty, n or k is 0, or an entry is not finite
 * @see Kamboj and Do (2025), Eq. 9
 */
export function mlre(Z: MatrixLike, Zs: readonly MatrixLike[]): number {
  const truth = latents(Z, 'Z')
  const estimates = latentsPerModality(Zs, 'Zs', 1)
  estimates.forEach((estimate, m) => {
    checkSameShape(truth, 'Z', estimate, `Zs[${m}]`)
  })
  return mean(Float64Array.from(estimates, (estimate) => meanDistance(truth, estimate)))
}

/**
 * {@link cmae} for two or more modalities: its mean over the M (M - 1) / 2 pairs. For two it is the CMAE.
 *
 * @param Zs - one n x k matrix of latents per modality
 * @returns a number >= 0. O(M^2 n k)
 * @throws TypeError if Zs is no array of matrices
 * @throws RangeError if there are fewer than two, the shapes differ, n or k is 0, or an entry is not finite
 */
export function meanPairwiseCmae(Zs: readonly MatrixLike[]): number {
  return meanOverPairs(Zs, meanDistance)
}

/**
 * {@link ncmae} for two or more modalities: its mean over the M (M - 1) / 2 pairs. For two it is the NCMAE.
 *
 * @param Zs - one n x k matrix of latents per modality
 * @returns a number from 0 to 2. O(M^2 n k)
 * @throws TypeError if Zs is no array of matrices
 * @throws RangeError if there are fewer than two, the shapes differ, n or k is 0, or an entry is not finite
 */
export function meanPairwiseNcmae(Zs: readonly MatrixLike[]): number {
  return meanOverPairs(Zs, meanDirectionDistance)
}

function latentPair(x1: unknown, x2: unknown): [Matrix, Matrix] {
  const Z1 = latents(x1, 'Z1')
  const Z2 = latents(x2, 'Z2')
  checkSameShape(Z1, 'Z1', Z2, 'Z2')
  return [Z1, Z2]
}

function meanOverPairs(xs: unknown, error: (Z1: Matrix, Z2: Matrix) => number): number {
  const Zs = latentsPerModality(xs, 'Zs', 2)
  Zs.forEach((Z, m) => {
    checkSameShape(Zs[0], 'Zs[0]', Z, `Zs[${m}]`)
  })
  const errors = Zs.flatMap((Z1, m) => Zs.slice(m + 1).map((Z2) => error(Z1, Z2)))
  return mean(Float64Array.from(errors))
}

function meanDistance(Z1: Matrix, Z2: Matrix): number {
  const k = Z1.cols
  const distances = new Float64Array(Z1.rows)
  for (let i = 0; i < distances.length; i++) distances[i] = distance(Z1.data, i * k, Z2.data, i * k, k)
  return mean(distances)
}

const meanDirectionDistance = (Z1: Matrix, Z2: Matrix): number => mean(directionDistances(Z1, Z2))

/** Distances between the directions of paired latents; sqrt 2 where one has none. */
export function directionDistances(Z1: Matrix, Z2: Matrix): Float64Array {
  const k = Z1.cols
  const U1 = unitRows(Z1)
  const U2 = unitRows(Z2)
  return Float64Array.from({ length: Z1.rows }, (_, i) => {
    const bothDirected = norm(U1, i * k, k) > 0 && norm(U2, i * k, k) > 0
    return bothDirected ? distance(U1, i * k, U2, i * k, k) : Math.SQRT2
  })
}
