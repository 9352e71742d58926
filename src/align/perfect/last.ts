import { countAbove } from '../../linalg/svd.js'
import { rightSingularSteps } from '../../linalg/singular-vectors.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { columnRange, stackRows, submatrix } from '../../dense/slices.js'
import { rankThreshold, type DataFactor } from '../factor/data-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import { sharedSteps } from '../factor/shared-work.js'
import { mostSignalSteps } from './null-space.js'
import type { Fitted, SelectedDirections, SelectionOptions } from './selection.js'

/** Of the data as it came, unless it is to be centred. */
export function* selectLastSteps(
  engine: Engine,
  { R, factorOf }: Fitted,
  options: SelectionOptions,
): Steps<SelectedDirections> {
  const centered = options.center === true
  const factor = yield* factorOf(centered)
  return { A: yield* lastSteps(engine, R, factor, options), selected: 'last', centered }
}

/**
 * The k right singular vectors of the stacked modalities with the smallest singular values: of all k x d matrices with
 * orthonormal rows the one with the least misalignment ||A X||_F, the root of the sum of their sigma^2 (Kamboj and Do 2025,
 * Eq. 7 and Corollary 2.3).
 */
export function* lastSteps(
  engine: Engine,
  R: Matrix,
  factor: DataFactor,
  { nComponents: k, tolerance }: SelectionOptions,
): Steps<Matrix> {
  const { S, V } = yield* sharedSteps(R, `stack ${factor.R.rows}`, function* () {
    return yield* rightSingularSteps(engine, stackRows(yield* helmertSteps(factor)))
  })
  const d = V.cols
  const A = columnRange(V, d - k, d).transpose()
  const rank = countAbove(S, rankThreshold(factor, S[0], tolerance))
  if (rank === d || rank < d - k) return A
  // All of the null space is in A. Its basis came from rounding, and differs from build to build: one that the data fixes.
  const nullRows = yield* mostSignalSteps(engine, factor, columnRange(V, rank, d), d - rank)
  return stackRows([submatrix(A, 0, k - nullRows.rows, 0, d), nullRows])
}
