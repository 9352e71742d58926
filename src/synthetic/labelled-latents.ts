import type { Matrix } from '../matrix.js'

/** True latents and the class each was drawn from. */
export interface LabelledLatents {
  /** n x k, one sample a row. */
  readonly Z: Matrix
  /** n class indices, from 0. */
  readonly labels: Int32Array
}
