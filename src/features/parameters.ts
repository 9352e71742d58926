import type { Matrix } from '../matrix.js'

/** What becomes of the inner product u of a row, in units of the kernel, with a unit of the map: `b` is added to it before. */
export type Activation =
  /** sqrt(2 / D) cos u. */
  | { readonly kind: 'cosine' }
  /** exp(u - ||row||^2 / 2): the Gaussian kernel, with b = -||unit||^2 / 2. */
  | { readonly kind: 'gaussian' }
  /** u^degree. */
  | { readonly kind: 'polynomial'; readonly degree: number }

/** All that a feature map is. */
export interface FeatureParameters {
  /** Of the rows of the fit, d. */
  readonly mean: Float64Array
  /** What a row less the mean is multiplied by first: 1 / sigma. */
  readonly frequency: number
  /** Frequencies or landmarks, D x d. */
  readonly units: Matrix
  /** D. */
  readonly b: Float64Array
  readonly activation: Activation
  /** D x r: what activations are combined with; undefined: nothing. */
  readonly mix?: Matrix | undefined
  /** Subtracted from the combinations, r or D of them. */
  readonly centre: Float64Array
  /** What the difference is multiplied by. */
  readonly gain: number
  /** What a row less the mean is multiplied by where it stands in front of the others; undefined where it does not. */
  readonly scale?: number | undefined
}
