import { multiplySteps } from './matmul.js'
import { qrSteps } from './qr.js'
import { countAbove, svdSteps } from './svd.js'
import { solveUpperRightSteps, solveUpperSteps } from './triangular.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { frobeniusSteps } from '../dense/norms.js'
import { columnRange, submatrix } from '../dense/slices.js'
import { leastSingularBoundSteps } from './stacked-triangles.js'

/** B to the X of least norm that minimises ||A X - B||_F. */
export type MinimumNorm = (B: Matrix) => Steps<Matrix>

/**
 * Least squares with one matrix for any right-hand sides, by QR with column pivoting; of all solutions the one of least norm where
 * columns depend on each other, by a complete orthogonal decomposition (Golub and Van Loan, section 5.4.7). Where the triangle leaves it open
 * which singular values are below the threshold (Kahan's matrix) the SVD decides.
 *
 * @param threshold - the size up to which a singular value is zero, from the largest
 */
export function* minimumNormSteps(
  engine: Engine,
  A: Matrix,
  threshold: (largest: number) => number,
): Steps<MinimumNorm> {
  const { Q, R, pivots } = yield* qrSteps(engine, A, { mode: 'thin', pivoting: true })
  const kept = threshold(yield* frobeniusSteps(A))
  let rank = 0
  while (rank < R.rows && Math.abs(R.get(rank, rank)) > kept) rank++
  const leading = submatrix(R, 0, rank, 0, rank)
  const dropped = yield* frobeniusSteps(submatrix(R, rank, R.rows, rank, R.cols))
  const certain =
    dropped <= threshold(R.rows > 0 ? Math.abs(R.data[0]) : 0) &&
    (yield* leastSingularBoundSteps(engine, leading)) > kept
  if (!certain) return yield* truncatedSteps(engine, A, threshold)
  const basis = columnRange(Q, 0, rank)
  const restored = (X: Matrix): Matrix => {
    const out = new Matrix(A.cols, X.cols)
    for (let j = 0; j < X.rows; j++) out.row(pivots[j]).set(X.row(j))
    return out
  }
  if (rank === A.cols) {
    return function* (B) {
      const projected = yield* multiplySteps(engine, basis, B, { transposeA: true })
      return restored(yield* solveUpperSteps(engine, leading, projected))
    }
  }
  // [R11, R12]^T = Z T, so that A P = Q T^T Z^T.
  const { Q: Z, R: T } = yield* qrSteps(engine, submatrix(R, 0, rank, 0, R.cols).transpose())
  return function* (B) {
    const projected = yield* multiplySteps(engine, B, basis, { transposeA: true })
    const coordinates = yield* solveUpperRightSteps(engine, projected, T)
    return restored(yield* multiplySteps(engine, Z, coordinates, { transposeB: true }))
  }
}

/** The same by the singular values above the threshold. */
function* truncatedSteps(engine: Engine, A: Matrix, threshold: (largest: number) => number): Steps<MinimumNorm> {
  const { U, S, V } = yield* svdSteps(engine, A, { U: 'thin', V: 'thin' })
  const rank = countAbove(S, threshold(S[0]))
  return function* (B) {
    const X = yield* multiplySteps(engine, columnRange(U, 0, rank), B, { transposeA: true })
    // Over sigma, and not times its inverse, which may be infinite.
    for (let at = 0; at < X.data.length; at++) X.data[at] /= S[Math.floor(at / X.cols)]
    return yield* multiplySteps(engine, columnRange(V, 0, rank), X)
  }
}
