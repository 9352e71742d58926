import type { LatentCorrelations } from '../../latent-correlations.js'
import type { Matrix } from '../../matrix.js'
import type { FeatureMaps } from './features.js'

/** All that mapping and translating need. */
export interface LinearModel {
  /** A^(m), k x d_m. */
  readonly maps: readonly Matrix[]
  /** Column means of every modality. */
  readonly means: readonly Float64Array[]
  /** Whether mapping subtracts the means. */
  readonly centered: boolean
  /**
   * `decoders[from][to]`, k x d_to: latent of one modality, centred, to another. As far as they are known: all others follow
   * from the factor of the data when they are asked for. None from a modality to itself.
   */
  readonly decoders?: Decoders
  /** What columns were multiplied by before the fit, one array a modality; undefined: nothing. */
  readonly scales?: readonly Float64Array[]
  /** Of the latents; undefined where the method does not say. */
  readonly correlations?: LatentCorrelations
  /** What rows are turned into first; all else is of what these give, but for the decoders of a file, which lead to rows. */
  readonly featureMaps?: FeatureMaps | undefined
}

/** By the modality they start from, and that which they lead to. */
export type Decoders = readonly (readonly (Matrix | undefined)[])[]
