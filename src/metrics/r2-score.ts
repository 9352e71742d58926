import type { MatrixLike } from '../matrix.js'
import { componentColumns } from './components.js'
import { checkSameShape, latents } from './latent-input.js'
import { distance, largestMagnitude, norm, safeScale } from '../dense/norms.js'

/**
 * The coefficient of determination R^2 = 1 - ||Y - P||_F^2 / ||Y - mean(Y)||_F^2: the share of the variance of what was to be predicted that
 * the predictions have, all columns together, so that each counts by its variance (scikit-learn's `r2_score` with `variance_weighted`).
 * 1 is perfect, 0 what predicting the column means reaches, and there is no lower bound. Where Y does not vary at all it is 1 if it is
 * predicted without error, else 0.
 *
 * @param truth - Y, n x d
 * @param predicted - P, n x d, such as what `translate` gives
 * @returns a number <= 1, -Infinity only beyond the range of a double. O(n d) time and memory
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the shapes differ, n or d is 0, or an entry is not finite
 */
export function r2Score(truth: MatrixLike, predicted: MatrixLike): number {
  const Y = latents(truth, 'truth')
  const P = latents(predicted, 'predicted')
  checkSameShape(Y, 'truth', P, 'predicted')
  const scale = safeScale(Math.max(largestMagnitude(Y.data), largestMagnitude(P.data)))
  const varying = norm(componentColumns(Y, true, scale))
  const left = distance(componentColumns(Y, false, scale), 0, componentColumns(P, false, scale), 0, Y.data.length)
  if (varying === 0) return left === 0 ? 1 : 0
  return 1 - (left / varying) ** 2
}
