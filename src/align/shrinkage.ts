import { multiplySteps } from '../linalg/matmul.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { norm } from './blocks.js'
import { modalityBlock, modalityNorms, type DataFactor } from './data-factor.js'

/**
 * The share of the average variance that each covariance should be shrunk towards its mean eigenvalue, from the data alone:
 * oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero 2010), for a covariance X^T X / m with R^T R = X^T X.
 *
 * With S = R^T R / m, t = tr S, q = tr S^2, p columns: lambda = ((1 - 2/p) q + t^2) / ((m + 1 - 2/p) (q - t^2 / p)), at most 1.
 * Numerator and denominator are divided by t^2, so that nothing depends on the scale and no power overflows.
 */
export function* oracleShrinkageSteps(engine: Engine, R: Matrix, m: number): Steps<number> {
  const size = norm(R.data)
  const p = R.cols
  if (size === 0 || p === 1) return 1
  const unit = new Matrix(
    R.rows,
    p,
    R.data.map((x) => x / size),
  )
  const q = norm((yield* multiplySteps(engine, unit, unit, { transposeA: true })).data) ** 2
  // q = 1/p exactly when all variances are equal: what is left of the difference then is rounding.
  const spread = q - 1 / p
  if (spread <= p * Number.EPSILON * q) return 1
  return Math.min(1, ((1 - 2 / p) * q + 1) / ((m + 1 - 2 / p) * spread))
}

/**
 * gamma_m = lambda_m ||R_m||_F^2 / d_m for every modality, as square roots: the energy that shrinkage adds to each direction
 * of the modality. Zero for a modality without variance.
 */
export function* shrinkageScaleSteps(engine: Engine, centered: DataFactor): Steps<Float64Array> {
  const scales = modalityNorms(centered)
  for (let m = 0; m < scales.length; m++) {
    const lambda = yield* oracleShrinkageSteps(engine, modalityBlock(centered, m), centered.freeRows)
    scales[m] *= Math.sqrt(lambda / centered.widths[m])
  }
  return scales
}
