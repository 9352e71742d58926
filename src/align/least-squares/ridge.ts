import { multiplySteps } from '../../linalg/matmul.js'
import { qrUpdateSteps } from '../../linalg/qr-update.js'
import { countAbove, svdSteps } from '../../linalg/svd.js'
import { solveUpperSteps } from '../../linalg/triangular.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import { inPieces, type Steps } from '../../steps.js'
import { columnNorms, frobeniusSteps, norm } from '../../dense/norms.js'
import { columnRange, leadingRows, submatrixSteps } from '../../dense/slices.js'
import { modalityThreshold, type DataFactor } from '../factor/data-factor.js'
import { minimumNormSteps } from '../../linalg/minimum-norm.js'
import { identityStrips, leastSingularBoundSteps } from '../../linalg/stacked-triangles.js'

/** What a ridge regression found. */
export interface Ridge {
  /** d_s x d_t. */
  readonly B: Matrix
  readonly alpha: number
}

/**
 * B with least ||R_s B - R_t||_F^2 + alpha ||B||_F^2, from the QR factorisation of [R_s, R_t; sqrt(alpha) I, 0] and one triangular solve. Where
 * R_s is rank-deficient and alpha does not hide it, the B of least norm; what is rounding in R_s takes no part.
 *
 * @param source - the modality s; t is the other
 * @param ridge - alpha, or 'gcv': the alpha of least generalised cross-validation
 */
export function* ridgeSteps(engine: Engine, data: DataFactor, source: number, ridge: number | 'gcv'): Steps<Ridge> {
  const { R, widths, samples } = data
  const [d, p] = [widths[source], R.cols]
  const threshold = (largest: number) => modalityThreshold(data, source, largest)
  // Of the target on the first, of the second on the other, or all singular values.
  const part = partsOf(source, 2, 1)
  const F = yield* part(sourceFirstSteps(engine, data, source, ridge === 'gcv' ? p : d))
  const S = yield* submatrixSteps(F, 0, d, 0, d)
  const C = yield* submatrixSteps(F, 0, d, d, p)
  if (ridge === 'gcv') {
    const rest = yield* frobeniusSteps(yield* submatrixSteps(F, d, p, d, p))
    return yield* part(
      spectralSteps(engine, S, C, threshold, (...spectrum) => leastAlpha(samples - 1, rest, ...spectrum)),
    )
  }
  const kept = threshold(yield* frobeniusSteps(S))
  const folded = ridge > 0 ? yield* part(qrUpdateSteps(engine, F, identityStrips(d, p, Math.sqrt(ridge)), d)) : F
  const T = yield* submatrixSteps(folded, 0, d, 0, d)
  if ((yield* leastSingularBoundSteps(engine, T)) > kept) {
    return { B: yield* part(solveUpperSteps(engine, T, yield* submatrixSteps(folded, 0, d, d, p))), alpha: ridge }
  }
  if (ridge > 0) return yield* spectralSteps(engine, S, C, threshold, () => ridge)
  return { B: yield* (yield* minimumNormSteps(engine, S, threshold))(C), alpha: 0 }
}

/** The first rows of the triangular factor of [R_s, R_t]. */
function* sourceFirstSteps(engine: Engine, { R, widths }: DataFactor, source: number, rows: number): Steps<Matrix> {
  const p = R.cols
  if (source === 0) return yield* submatrixSteps(R, 0, rows, 0, p)
  // R is [R_ts', R_s'; 0, R_ss]: with the columns of s first, R_ss is the triangle that the rows above go into.
  const [top, d] = widths
  const start = new Matrix(rows, p)
  yield* inPieces(d, p, (from, to) => {
    for (let i = from; i < to; i++) start.row(i).set(R.row(top + i).subarray(top))
  })
  const above = new Matrix(top, p)
  yield* inPieces(top, p, (from, to) => {
    for (let i = from; i < to; i++) {
      above.row(i).set(R.row(i).subarray(top))
      above.row(i).set(R.row(i).subarray(0, top), d)
    }
  })
  return yield* qrUpdateSteps(engine, start, [{ rows: above }], top)
}

/** B = V diag(sigma / (sigma^2 + alpha)) U^T C over the sigma above the threshold. */
function* spectralSteps(
  engine: Engine,
  S: Matrix,
  C: Matrix,
  threshold: (largest: number) => number,
  choose: (sigma: Float64Array, lengths: Float64Array) => number,
): Steps<Ridge> {
  const { U, S: all, V } = yield* svdSteps(engine, S, { U: 'thin', V: 'thin' })
  const sigma = all.slice(0, countAbove(all, threshold(all[0])))
  const X = yield* multiplySteps(engine, U, C, { transposeA: true })
  const alpha = choose(sigma, columnNorms(X.transpose()))
  const H = leadingRows(X, sigma.length)
  // alpha / sigma, and not sigma^2 + alpha: no square over- or underflows.
  for (let at = 0; at < H.data.length; at++) {
    const size = sigma[Math.floor(at / H.cols)]
    H.data[at] /= size + alpha / size
  }
  return { B: yield* multiplySteps(engine, columnRange(V, 0, sigma.length), H), alpha }
}

// Decades beyond the largest and the least sigma^2 in which the ridge is looked for, points in each, and the ratio at which two are one.
const [MARGIN, PER_DECADE, RESOLUTION] = [3, 8, 1e-4]

/**
 * The alpha of least GCV = RSS / (m - df)^2 (Golub, Heath and Wahba 1979), df = sum sigma^2 / (sigma^2 + alpha), among all alpha between
 * those that change nothing: the best of a grid, then steps of half the size around it.
 *
 * @param m - free rows
 * @param rest - ||Y||_F beyond the columns of the source, `lengths` that in the direction of every singular vector
 */
function leastAlpha(m: number, rest: number, sigma: Float64Array, lengths: Float64Array): number {
  const rank = sigma.length
  if (rank === 0) return 0
  const size = norm([rest, ...lengths]) || 1
  const outside = norm([rest, ...lengths.subarray(rank)]) / size
  const score = (exponent: number): number => {
    let [residual, free] = [outside ** 2, m - rank]
    for (let i = 0; i < rank; i++) {
      const left = 1 / (1 + (sigma[i] / sigma[0]) ** 2 / 10 ** exponent)
      residual += (left * (lengths[i] / size)) ** 2
      free += left
    }
    return residual / free ** 2
  }
  const low = 2 * Math.log10(sigma[rank - 1] / sigma[0]) - MARGIN
  const points = Math.ceil((MARGIN - low) * PER_DECADE)
  const exponents = Array.from({ length: points + 1 }, (_, i) => low + i / PER_DECADE)
  const scores = exponents.map(score)
  let best = exponents[scores.indexOf(Math.min(...scores))]
  for (let step = 1 / PER_DECADE; step > RESOLUTION; step /= 2) {
    best = [best, best - step / 2, best + step / 2].reduce((a, b) => (score(b) < score(a) ? b : a))
  }
  return 10 ** best * sigma[0] ** 2
}
