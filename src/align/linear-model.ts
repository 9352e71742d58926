import type { Matrix } from '../matrix.js'

/** All that mapping and translating need. */
export interface LinearModel {
  /** A^(m), k x d_m. */
  readonly maps: readonly Matrix[]
  /** Column means of every modality. */
  readonly means: readonly Float64Array[]
  /** Whether mapping subtracts the means. */
  readonly centered: boolean
  /** `decoders[from][to]`, k x d_to: latent of one modality, centred, to another. None from a modality to itself. */
  readonly decoders: readonly (readonly (Matrix | undefined)[])[]
}
