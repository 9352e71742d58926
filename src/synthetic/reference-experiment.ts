import { gaussianMixture } from './gaussian-mixture.js'
import type { LabelledLatents } from './labelled-latents.js'
import { pairedModalities, type PairedModalities } from './modalities.js'
import type { Seed } from '../random/seed.js'
import { givenObject } from '../validation.js'

/** Options of {@link referenceExperiment}. */
export interface ReferenceExperimentOptions {
  /** Number of samples, at least 1; default 2000. */
  readonly n?: number
  /** The dimension of each modality; default [2, 2]. */
  readonly dims?: readonly number[]
  /** Standard deviation of the noise; default 0. */
  readonly noise?: number
  readonly seed: Seed
}

/** The data of a {@link referenceExperiment}: the truth and what is observed of it. */
export type ReferenceExperiment = LabelledLatents & PairedModalities

// Equation 10: mu_1 and mu_2, with equal weights.
const MEANS = [
  [0, 1],
  [4, 5],
]

/**
 * The paper's synthetic experiment: latents from 0.5 N([0, 1], I) + 0.5 N([4, 5], I), seen in two modalities through 2 x 2
 * matrices uniform on [-5, 5]. It is {@link gaussianMixture} followed by {@link pairedModalities} with the same seed, and
 * reproducible as they are: another n, dimension or noise leaves the rest as it was.
 *
 * @returns `Z` (n x 2), `labels` (0 or 1), `modalities` (n x dims[m]) and `matrices` (dims[m] x 2). O(n sum dims)
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if n or a dimension is < 1, there are no dims, or the noise is negative
 * @see Kamboj and Do (2025), section 3.1
 */
export function referenceExperiment(options: ReferenceExperimentOptions): ReferenceExperiment {
  const { n = 2000, dims = [2, 2], noise = 0, seed } = givenObject(options)
  const latents = gaussianMixture({ n, means: MEANS, seed })
  return { ...latents, ...pairedModalities({ Z: latents.Z, dims, noise, seed }) }
}
