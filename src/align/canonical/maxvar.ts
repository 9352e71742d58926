import { eighSteps } from '../../linalg/eigh.js'
import { isLeadingWorth, leadingEighSteps, type LeadingEigh } from '../../linalg/eigh-leading.js'
import { Matrix } from '../../matrix.js'
import { writeTransposedSteps } from '../../runtime/marshal.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { multiple } from '../../dense/arithmetic.js'
import { blockOffsets, submatrix, withColumns } from '../../dense/slices.js'
import { crossProductSteps, type Directions, type Whitened } from './whitening.js'

/**
 * MAXVAR (Kettenring 1971): the leading eigenvectors of the correlations between all modalities, and rho of each: the mean correlation of its
 * latents over all pairs.
 *
 * @param K - {@link correlationSteps}
 * @param ranks - r_m of every modality
 */
export function* maxvarSteps(engine: Engine, K: Matrix, ranks: readonly number[], k: number): Steps<Directions> {
  const M = ranks.length
  const available = Math.min(k, K.rows)
  const { values, vectors: H } = yield* leadingPairSteps(engine, K, available)
  const correlations = new Float64Array(k)
  correlations.set(values.subarray(0, available).map((value) => value / (M - 1)))
  const offsets = blockOffsets(ranks)
  const unit = multiple(H, Math.sqrt(M))
  const directions = ranks.map((_, m) => withColumns(submatrix(unit, offsets[m], offsets[m + 1], 0, available), k))
  return { directions, correlations }
}

/** The k largest eigenvalues first, with their vectors, n x k. */
function* leadingPairSteps(engine: Engine, K: Matrix, k: number): Steps<LeadingEigh> {
  const n = K.rows
  const leading =
    isLeadingWorth(n, k) && (yield* leadingEighSteps(engine, n, k, (to) => writeTransposedSteps(engine, K, to)))
  if (leading) return leading
  const { values, vectors } = yield* eighSteps(engine, K, true)
  const H = new Matrix(n, k)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) H.data[i * k + j] = (vectors as Matrix).get(i, n - 1 - j)
  return { values: values.reverse(), vectors: H }
}

/** All Q_m^T Q_l side by side, with zeros for m = l. */
export function* correlationSteps(engine: Engine, whitened: readonly Whitened[]): Steps<Matrix> {
  const offsets = blockOffsets(whitened.map(({ Q }) => Q.cols))
  const K = new Matrix(offsets[whitened.length], offsets[whitened.length])
  for (const [m, { Q }] of whitened.entries()) {
    for (let l = 0; l < m; l++) {
      const C = yield* crossProductSteps(engine, Q, whitened[l].Q)
      for (let i = 0; i < C.rows; i++) {
        for (let j = 0; j < C.cols; j++) {
          K.data[(offsets[m] + i) * K.cols + offsets[l] + j] = C.get(i, j)
          K.data[(offsets[l] + j) * K.cols + offsets[m] + i] = C.get(i, j)
        }
      }
    }
  }
  return K
}
