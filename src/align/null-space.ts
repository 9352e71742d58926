import { multiplySteps } from '../linalg/matmul.js'
import { qrSteps } from '../linalg/qr.js'
import { countAbove } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import { inPieces, run, type Steps } from '../runtime/steps.js'
import {
  blockOffsets,
  columnNormsSteps,
  columnRange,
  frobeniusSteps,
  norm,
  scaleColumnsSteps,
  scaleRows,
  stackRows,
  submatrixSteps,
} from './blocks.js'
import { factoringRoundoff, rankThreshold, type DataFactor } from './data-factor.js'
import { helmertSteps } from './helmert.js'
import { rightSingularSteps } from './singular-vectors.js'
import { leastSingularBoundSteps } from './triangle.js'

/** A factor whose modalities are of like size, and their columns of like rounding errors, so that a rank means something. */
export interface Equilibrated extends DataFactor {
  /** What every column was multiplied by: a power of two. */
  readonly scales: Float64Array
}

/**
 * Gives columns rounding errors of one size, and brings every modality to a Frobenius norm of about 1. Without it the smaller of two
 * modalities is taken for rounding once their units differ by 1 / tolerance, which for float32 data is a mere 10^6; and so is all beside a
 * float32 time stamp, which is known to a minute. Columns whose own rounding is less than what factoring does to their modality stay as
 * they are to each other.
 */
export function* equilibrateSteps(factor: DataFactor): Steps<Equilibrated> {
  const norms = yield* columnNormsSteps(factor.R)
  const offsets = blockOffsets(factor.widths)
  const scales = new Float64Array(norms.length)
  for (let m = 0; m < factor.widths.length; m++) {
    const sizes = norms.subarray(offsets[m], offsets[m + 1])
    const factoring = factoringRoundoff(factor) * sizes.reduce((most, size) => Math.max(most, size), 0)
    const errors = factor.noise.subarray(offsets[m], offsets[m + 1]).map((size) => Math.max(size, factoring))
    const largest = errors.reduce((most, size) => Math.max(most, size), 0)
    // The column with the largest errors keeps its own: no power of two is below 1 here.
    const even = errors.map((size) => (size > 0 ? powerNear(largest / size) : 1))
    const power = powerNear(1 / norm(sizes.map((size, j) => size * even[j])))
    even.forEach((x, j) => (scales[offsets[m] + j] = Math.min(x * power, LARGEST_POWER)))
  }
  const noise = factor.noise.map((size, j) => size * scales[j])
  return { ...factor, R: yield* scaleColumnsSteps(factor.R, scales), noise, scales }
}

/** {@link equilibrateSteps} at once. */
export function equilibrate(factor: DataFactor): Equilibrated {
  return run(equilibrateSteps(factor))
}

const LARGEST_POWER = 2 ** 1022

/** The power of two next to x; 1 for what is infinite. None that over- or underflows, nor its inverse. */
function powerNear(x: number): number {
  return x < Infinity ? 2 ** Math.min(Math.max(Math.round(Math.log2(x)), -1022), 1022) : 1
}

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
export function* nullSpaceSteps(engine: Engine, factor: Equilibrated, tolerance?: number): Steps<NullSpace> {
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
  const stack = stackRows(yield* helmertSteps(factor))
  const threshold = rankThreshold(factor, yield* frobeniusSteps(stack), tolerance)
  if ((yield* isUpperTriangularSteps(stack)) && (yield* surelyExceedsSteps(engine, stack, rank, threshold))) return true
  const { R } = yield* qrSteps(engine, stack, { mode: 'r', pivoting: true })
  return yield* surelyExceedsSteps(engine, R, rank, threshold)
}

/**
 * Whether the first `rank` columns of an upper triangular R surely have singular values above the threshold.
 */
function* surelyExceedsSteps(engine: Engine, R: Matrix, rank: number, threshold: number): Steps<boolean> {
  const leading = yield* submatrixSteps(R, 0, rank, 0, rank)
  return (yield* leastSingularBoundSteps(engine, leading)) > threshold
}

function* isUpperTriangularSteps({ rows, cols, data }: Matrix): Steps<boolean> {
  let below = false
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) below ||= data.subarray(i * cols, i * cols + Math.min(i, cols)).some((x) => x !== 0)
  })
  return !below
}

/**
 * Of all exact alignments the k that carry most signal. Any k independent vectors of the null space align exactly (Theorem
 * 2.2 of Kamboj and Do 2025), also those that map everything to zero; these have the largest mean latents.
 *
 * @param factor - in the units of the data
 * @param nullSpace - in those of `equilibrated`, with at least k columns
 * @returns k x d, orthonormal rows
 */
export function* informativeSteps(
  engine: Engine,
  factor: DataFactor,
  equilibrated: Equilibrated,
  nullSpace: NullSpace,
  k: number,
): Steps<Matrix> {
  const { Q: N } = yield* qrSteps(engine, scaleRows(nullSpace.N, equilibrated.scales), {
    mode: 'thin',
    pivoting: false,
  })
  if (N === undefined) throw new Error('the Q that was asked for is missing')
  return yield* mostSignalSteps(engine, factor, N, k)
}

/** The k directions of the span of N (d x q, orthonormal) with the largest mean latents, as rows, the largest first. */
export function* mostSignalSteps(engine: Engine, factor: DataFactor, N: Matrix, k: number): Steps<Matrix> {
  const { V: W } = yield* rightSingularSteps(engine, yield* multiplySteps(engine, factor.R, N))
  return yield* multiplySteps(engine, columnRange(W, 0, k), N, { transposeA: true, transposeB: true })
}
