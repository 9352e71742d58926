import { gramNormSteps } from '../../linalg/gram.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { inPieces, type Steps } from '../../steps.js'
import { scaleColumnsSteps } from '../../dense/arithmetic.js'
import { columnNormsSteps, frobeniusSteps, lowerMedian } from '../../dense/norms.js'
import { modalityBlockSteps, type DataFactor } from './data-factor.js'

/**
 * The share of the average variance that each covariance should be shrunk towards its mean eigenvalue, from the data alone:
 * oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero 2010), for a covariance X^T X / m with R^T R = X^T X.
 *
 * With S = R^T R / m, t = tr S, q = tr S^2, p columns: lambda = ((1 - 2/p) q + t^2) / ((m + 1 - 2/p) (q - t^2 / p)), at most 1.
 * Numerator and denominator are divided by t^2, so that nothing depends on the scale and no power overflows.
 *
 * @param trapezoidal - whether R is zero below the diagonal that ends in its last row
 */
export function* oracleShrinkageSteps(engine: Engine, R: Matrix, m: number, trapezoidal = false): Steps<number> {
  const size = yield* frobeniusSteps(R)
  const p = R.cols
  if (size === 0 || p === 1) return 1
  const unit = yield* dividedSteps(R, size)
  const q = (yield* gramNormSteps(engine, unit, trapezoidal)) ** 2
  // q = 1/p exactly when all variances are equal: what is left of the difference then is rounding.
  const spread = q - 1 / p
  if (spread <= p * Number.EPSILON * q) return 1
  return Math.min(1, ((1 - 2 / p) * q + 1) / ((m + 1 - 2 / p) * spread))
}

function* dividedSteps({ rows, cols, data }: Matrix, size: number): Steps<Matrix> {
  const out = new Float64Array(data.length)
  yield* inPieces(rows, cols, (from, to) => {
    for (let at = from * cols; at < to * cols; at++) out[at] = data[at] / size
  })
  return new Matrix(rows, cols, out)
}

/**
 * gamma_m = lambda_m ||R_m||_F^2 / d_m for every modality, as square roots: the energy that shrinkage adds to each direction
 * of the modality. Zero for a modality without variance.
 */
export function* shrinkageScaleSteps(engine: Engine, centered: DataFactor): Steps<Float64Array> {
  const roots = new Float64Array(centered.widths.length)
  for (let m = 0; m < roots.length; m++) {
    const block = yield* shrinkageBlockSteps(centered, m)
    const lambda = yield* oracleShrinkageSteps(engine, block, centered.freeRows, true)
    roots[m] = (yield* frobeniusSteps(block)) * Math.sqrt(lambda / centered.widths[m])
  }
  return roots
}

/** Columns of a centred modality as shrinkage sees them: those beyond the limit of its factor brought to it. */
export function* shrinkageBlockSteps(data: DataFactor, m: number): Steps<Matrix> {
  const block = yield* modalityBlockSteps(data, m)
  if (data.shrinkageLimit === undefined) return block
  const sizes = yield* columnNormsSteps(block)
  const most = data.shrinkageLimit * lowerMedian(sizes)
  if (!sizes.some((size) => size > most)) return block
  return yield* scaleColumnsSteps(block, sizes.map((size) => (size > most ? most / size : 1))) // prettier-ignore
}
