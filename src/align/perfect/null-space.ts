import { multiplySteps } from '../../linalg/matmul.js'
import { qrSteps } from '../../linalg/qr.js'
import { countAbove } from '../../linalg/svd.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { inPieces, type Steps } from '../../steps.js'
import { frobeniusSteps } from '../../dense/norms.js'
import { columnRange, stackRows } from '../../dense/slices.js'
import { rankThreshold, type DataFactor } from '../factor/data-factor.js'
import type { EvenFactor } from '../factor/even-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import { rightSingularSteps } from '../../linalg/singular-vectors.js'
import { leastSingularBoundSteps } from '../../linalg/stacked-triangles.js'

/** Orthonormal directions in which all modalities agree, in the units of the equilibrated factor. */
export interface NullSpace {
  /** d x q, q >= 0. */
  readonly N: Matrix
  /** The largest singular value of the stack. */
  readonly largest: number
  /** The singular value up to which a direction counts as null. */
  readonly threshold: number
}

/** The null space of the stacked modalities, A X = 0. */
export function* nullSpaceSteps(engine: Engine, factor: EvenFactor, tolerance?: number): Steps<NullSpace> {
  const { S, V } = yield* rightSingularSteps(engine, stackRows(yield* helmertSteps(factor)))
  const threshold = rankThreshold(factor, S[0], tolerance)
  return { N: columnRange(V, countAbove(S, threshold), V.cols), largest: S[0], threshold }
}

/** The rank of the stack for data without any relation: all columns independent, as far as there are rows. */
export function fullRank({ widths, freeRows }: DataFactor): number {
  const columns = widths.reduce((sum, width) => sum + Math.min(width, freeRows), 0)
  return Math.min(columns, (widths.length - 1) * freeRows)
}

/**
 * Whether the stack surely has this rank, for less than an SVD: any `rank` columns bound sigma_rank from below by the inverse of
 * their triangular factor. The first ones are tried where the stack is triangular as it comes (two centred modalities), then
 * those that a pivoted QR puts first.
 */
export function* surelyHasRankSteps(
  engine: Engine,
  factor: DataFactor,
  rank: number,
  tolerance?: number,
): Steps<boolean> {
  if (rank <= 0) return true
  if (rank > fullRank(factor)) return false
  // [R_1, -R_2] is R but for signs of columns.
  const stack = factor.widths.length === 2 ? factor.R : stackRows(yield* helmertSteps(factor))
  const threshold = rankThreshold(factor, yield* frobeniusSteps(stack), tolerance)
  const triangular = yield* isUpperTriangularSteps(stack)
  if (triangular && (yield* leastSingularBoundSteps(engine, stack, rank)) > threshold) return true
  const { R } = yield* qrSteps(engine, stack, { mode: 'r', pivoting: true })
  return (yield* leastSingularBoundSteps(engine, R, rank)) > threshold
}

function* isUpperTriangularSteps({ rows, cols, data }: Matrix): Steps<boolean> {
  let below = false
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) below ||= data.subarray(i * cols, i * cols + Math.min(i, cols)).some((x) => x !== 0)
  })
  return !below
}

/** The k directions of the span of N (d x q, orthonormal) with the largest mean latents, as rows, the largest first. */
export function* mostSignalSteps(engine: Engine, factor: DataFactor, N: Matrix, k: number): Steps<Matrix> {
  const { V: W } = yield* rightSingularSteps(engine, yield* multiplySteps(engine, factor.R, N))
  return yield* multiplySteps(engine, columnRange(W, 0, k), N, { transposeA: true, transposeB: true })
}
