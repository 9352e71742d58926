import { countAbove, svdSteps } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { blockOffsets, columnRange, submatrixSteps } from './blocks.js'
import { modalityBlockSteps, modalityThreshold, type DataFactor } from './data-factor.js'

/** R_m = U diag(S) V^T without what is rounding: an orthonormal basis of the modality and its principal directions. */
export interface Principal {
  /** d rows: those that the other modalities' bases have too; r columns. */
  readonly U: Matrix
  /** r of them, all above the rank threshold. */
  readonly S: Float64Array
  /** d_m x r. */
  readonly V: Matrix
}

/** The thin SVD of one modality, cut at its rank r, 0 for one that is zero. */
export function* principalSteps(engine: Engine, factor: DataFactor, m: number, tolerance?: number): Steps<Principal> {
  const { U, S, V } = yield* svdSteps(engine, yield* modalityBlockSteps(factor, m), { U: 'thin', V: 'thin' })
  if (U === undefined || V === undefined) throw new Error('the vectors that were asked for are missing')
  const rank = countAbove(S, modalityThreshold(factor, m, S[0], tolerance))
  const padded = new Matrix(factor.R.rows, rank)
  padded.data.set(columnRange(U, 0, rank).data)
  return { U: padded, S: S.slice(0, rank), V: columnRange(V, 0, rank) }
}

/** X with columns of zeros after its own, or without its last ones, until there are k. */
export function withColumns(X: Matrix, k: number): Matrix {
  if (X.cols >= k) return columnRange(X, 0, k)
  const out = new Matrix(X.rows, k)
  for (let i = 0; i < X.rows; i++) out.data.set(X.row(i), i * k)
  return out
}

/** Columns of one modality, on all rows of the factor. */
export function paddedBlockSteps({ R, widths }: DataFactor, m: number): Steps<Matrix> {
  const offsets = blockOffsets(widths)
  return submatrixSteps(R, 0, R.rows, offsets[m], offsets[m + 1])
}
