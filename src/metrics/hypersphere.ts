import type { MatrixData, MatrixLike } from '../matrix.js'
import { knownOptions, positive } from '../validation.js'
import { directionDistances } from './alignment.js'
import { checkSameShape, latents } from './latent-input.js'
import { mean } from '../dense/norms.js'
import { cosineScores } from './similarity.js'

/**
 * Alignment on the unit sphere: mean_i ||u1_i - u2_i||^alpha of the latents scaled to unit length. 0 is best, and what latents that
 * collapsed to one direction have as well: see it beside {@link uniformityLoss}. With alpha = 1 it is the {@link ncmae}, whose
 * rule for zero latents holds: they are sqrt 2 from everything.
 *
 * @param Z1 - n x k, latents from one modality, row i the latent of sample i
 * @param Z2 - n x k, latents of the same samples from another
 * @param options - `alpha` > 0; default 2
 * @returns a number from 0 to 2^alpha, lower is better. O(n k) time and memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the shapes differ, n or k is 0, an entry is not finite, or alpha is not above 0
 * @see Wang and Isola, "Understanding contrastive representation learning through alignment and uniformity on the hypersphere", ICML 2020
 */
export function alignmentLoss(Z1: MatrixLike, Z2: MatrixLike, options: { readonly alpha?: number } = {}): number {
  const { alpha = 2 } = knownOptions(options, ['alpha'])
  const [A, B] = [latents(Z1, 'Z1'), latents(Z2, 'Z2')]
  checkSameShape(A, 'Z1', B, 'Z2')
  const exponent = positive(alpha, 'alpha')
  return mean(directionDistances(A, B).map((t) => t ** exponent))
}

/**
 * Uniformity on the unit sphere: the logarithm of the mean of exp(-t ||u_i - u_j||^2) over all pairs of different samples, the latents
 * scaled to unit length. 0 where all have one direction, the worst; with t = 2 and many dimensions near -4 where directions are spread
 * evenly. Zero latents count as orthogonal to everything, as in {@link ncmae}.
 *
 * @param Z - n x k, latents of one modality, n at least 2
 * @param options - `t` > 0; default 2
 * @returns a number from -4 t to 0, lower is better. O(n^2 k) time, O(n k) memory
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if n is below 2 or k is 0, an entry is not finite, or t is not above 0
 * @see Wang and Isola, "Understanding contrastive representation learning through alignment and uniformity on the hypersphere", ICML 2020
 */
export function uniformityLoss(Z: MatrixLike, options: { readonly t?: number } = {}): number {
  const { t = 2 } = knownOptions(options, ['t'])
  const matrix = latents(Z, 'Z')
  if (matrix.rows < 2) throw new RangeError('Z has 1 row, expected at least 2: uniformity is about pairs of samples')
  const potential = pairPotential(matrix.rows, positive(t, 't'))
  for (const { first, count, scores } of cosineScores(matrix, matrix).tiles()) {
    for (let q = 0; q < count; q++) potential.add(first + q, 0, scores.subarray(q * matrix.rows, (q + 1) * matrix.rows))
  }
  return potential.logMean()
}

/** Sums exp(-t ||u_i - u_j||^2) over pairs i < j: from the cosines of sample i with those from `first` on. */
export interface PairPotential {
  readonly add: (i: number, first: number, cosines: MatrixData) => void
  readonly logMean: () => number
}

/** The potential of n samples. Relative to its largest term, so that no t makes it vanish. */
export function pairPotential(n: number, t: number): PairPotential {
  let [largest, sum] = [-Infinity, 0]
  const add = (i: number, first: number, cosines: MatrixData): void => {
    for (let j = Math.max(0, i + 1 - first); j < cosines.length; j++) {
      const exponent = -t * Math.max(0, 2 - 2 * cosines[j])
      if (exponent > largest) {
        sum *= Math.exp(largest - exponent)
        largest = exponent
      }
      sum += Math.exp(exponent - largest)
    }
  }
  return { add, logMean: () => largest + Math.log(sum / ((n * (n - 1)) / 2)) }
}
