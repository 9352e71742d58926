import { Matrix, type MatrixLike } from '../matrix.js'
import { componentColumns } from './components.js'
import { latents } from './latent-input.js'
import { mean, norm, unitRows } from '../dense/norms.js'

/**
 * Modality gap: the distance between the centroids of two modalities' latents, each latent scaled to unit length first. A model with a
 * gap can still retrieve well, since a gap moves all of a gallery alike. Zero latents stay zero, and draw their centroid to the origin.
 *
 * @param Z1 - n1 x k, latents of one modality
 * @param Z2 - n2 x k, latents of another; the rows need not be paired
 * @returns a number from 0 to 2, lower is better. O(n k) time and memory
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the components differ in number, either is empty, or an entry is not finite
 * @see Liang, Zhang, Kwon, Yeung and Zou, "Mind the gap: understanding the modality gap in multi-modal contrastive representation
 *   learning", NeurIPS 2022
 */
export function modalityGap(Z1: MatrixLike, Z2: MatrixLike): number {
  const [A, B] = [latents(Z1, 'Z1'), latents(Z2, 'Z2')]
  if (A.cols !== B.cols) {
    throw new RangeError(`Z1 has ${A.cols} columns and Z2 has ${B.cols}: both must have the same components`)
  }
  const [a, b] = [centroid(A), centroid(B)]
  return norm(a.map((x, j) => x - b[j]))
}

/** The mean direction of the rows. */
function centroid(Z: Matrix): Float64Array {
  const { rows, cols } = Z
  const columns = componentColumns(new Matrix(rows, cols, unitRows(Z)), false)
  return Float64Array.from({ length: cols }, (_, j) => mean(columns.subarray(j * rows, (j + 1) * rows)))
}
