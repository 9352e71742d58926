import { multiplySteps } from '../../linalg/matmul.js'
import { countAbove, svdSteps } from '../../linalg/svd.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { columnNormsSteps } from '../../dense/norms.js'
import { blockOffsets, columnRange, submatrixSteps } from '../../dense/slices.js'
import { modalityBlockSteps, modalityThreshold, type DataFactor } from './data-factor.js'
import { evenFactorSteps } from './even-factor.js'

/** R_m = U diag(S) V^T without what is rounding: an orthonormal basis of the modality and its principal directions. */
export interface Principal {
  /** d rows: those that the other modalities' bases have too; r columns. */
  readonly U: Matrix
  /** r of them, all above the rank threshold. */
  readonly S: Float64Array
  /** d_m x r. */
  readonly V: Matrix
}

/**
 * The thin SVD of one modality, cut at its rank r, 0 for one that is zero. Where the columns' own rounding errors tell more directions from
 * zero than the largest of all, these are kept too: their span is found with errors of one size, their singular values in units of the data.
 */
export function* principalSteps(engine: Engine, factor: DataFactor, m: number, tolerance?: number): Steps<Principal> {
  const block = yield* modalityBlockSteps(factor, m)
  const { U, S, V } = yield* svdSteps(engine, block, { U: 'thin', V: 'thin' })
  const rank = countAbove(S, modalityThreshold(factor, m, S[0], tolerance))
  const varying = countAbove(yield* columnNormsSteps(block), 0)
  if (tolerance === undefined && rank < Math.min(varying, factor.freeRows)) {
    const evenFactor = yield* evenFactorSteps(factor)
    const even = yield* svdSteps(engine, yield* modalityBlockSteps(evenFactor, m), { U: 'thin', V: 'none' })
    const evenRank = countAbove(even.S, modalityThreshold(evenFactor, m, even.S[0]))
    if (evenRank > rank) {
      const span = columnRange(even.U, 0, evenRank)
      const inside = yield* multiplySteps(engine, span, block, { transposeA: true })
      const cut = yield* svdSteps(engine, inside, { U: 'thin', V: 'thin' })
      return { U: onAllRows(factor, yield* multiplySteps(engine, span, cut.U)), S: cut.S, V: cut.V }
    }
  }
  return { U: onAllRows(factor, columnRange(U, 0, rank)), S: S.slice(0, rank), V: columnRange(V, 0, rank) }
}

/** With rows of zeros, those of the modalities that follow. */
function onAllRows({ R }: DataFactor, U: Matrix): Matrix {
  const padded = new Matrix(R.rows, U.cols)
  padded.data.set(U.data)
  return padded
}

/** Columns of one modality, on all rows of the factor. */
export function paddedBlockSteps({ R, widths }: DataFactor, m: number): Steps<Matrix> {
  const offsets = blockOffsets(widths)
  return submatrixSteps(R, 0, R.rows, offsets[m], offsets[m + 1])
}
