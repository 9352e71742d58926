import { multiplySteps } from '../../linalg/matmul.js'
import { solveUpperRightSteps, solveUpperSteps } from '../../linalg/triangular.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import type { Steps } from '../../steps.js'
import { inverse, scaleColumnsSteps } from '../../dense/arithmetic.js'
import { columnNormsSteps } from '../../dense/norms.js'
import { leadingRows, perColumn, transposedSteps } from '../../dense/slices.js'
import type { DataFactor } from '../factor/data-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import { sharedSteps } from '../factor/shared-work.js'
import { shrinkageScaleSteps } from '../factor/shrinkage.js'
import type { Fitted, SelectedDirections, SelectionOptions } from './selection.js'
import { leadingTripletSteps } from '../../linalg/leading-triplets.js'
import { augmentedTriangleSteps, foldTriangleSteps } from '../../linalg/stacked-triangles.js'

/** Of the centred data. */
export function* selectBalancedSteps(
  engine: Engine,
  { R, shrinkageLimit, factorOf }: Fitted,
  { nComponents: k }: SelectionOptions,
): Steps<SelectedDirections> {
  const balanced = function* (): Steps<BalancedDirections> {
    const data = yield* factorOf(true)
    const part = partsOf(1, 9)
    const ridgeRoots = yield* part(shrinkageScaleSteps(engine, data))
    return yield* part(balancedSteps(engine, data, k, ridgeRoots, true))
  }
  const { A, strengths } = yield* sharedSteps(R, `balanced ${shrinkageLimit}`, balanced, (found) => found.A.rows >= k)
  return { A: leadingRows(A, k), selected: 'balanced', centered: true, strengths: strengths.slice(0, k) }
}

/**
 * The k directions a = [a_1; ...; a_M] that carry most latent energy for their misalignment:
 *
 *     maximise  mu = ||mean of the latents||^2 / (sum over pairs ||z_m - z_l||^2 + sum_m gamma_m ||a_m||^2),
 *
 * each orthogonal to those before it in the metric of the denominator. One formula for an exact null space (its limit is
 * 'informative'), for nearly null directions, and for the ordinary case: as gamma goes to 0 it is canonical correlation
 * analysis, mu = (1 + rho) / (4 (1 - rho)). It does not depend on the scale of a modality.
 *
 * With C = diag(1 / sqrt gamma) and B the contrasts, the denominator is ||T C^-1 a||^2, T the R factor of [B C; I]; so the
 * answer is C T^-1 times the leading right singular vectors of [R_1, ..., R_M] C T^-1 / M, and mu their sigma^2.
 *
 * @param centered - factor of the centred data
 * @param gammaRoots - sqrt gamma per modality; one with 0 takes no part
 * @param inPlace - whether the factor may be overwritten
 * @returns A, k x d, one direction a row, mu descending; the rows are not orthonormal
 */
export function* balancedSteps(
  engine: Engine,
  centered: DataFactor,
  k: number,
  gammaRoots: Float64Array,
  inPlace?: boolean,
): Steps<BalancedDirections> {
  const part = partsOf(14, 33, 2)
  const { energy, T, c } = yield* part(strengthProblemSteps(engine, centered, gammaRoots, inPlace))
  const { S, V } = yield* part(leadingTripletSteps(engine, energy, k, { upper: true }))
  const A = yield* scaleColumnsSteps(yield* transposedSteps(yield* part(solveUpperSteps(engine, T, V))), c)
  const strengths = new Float64Array(energy.cols)
  strengths.set(S.map((root) => root ** 2))
  return { A, strengths }
}

/** What {@link balancedSteps} finds. */
export interface BalancedDirections {
  readonly A: Matrix
  /** mu of all directions that there are, d of them, descending. */
  readonly strengths: Float64Array
}

/**
 * [R_1, ..., R_M] C T^-1 / M, whose singular values are the roots of mu, and what leads from its singular vectors to directions. It is upper
 * triangular, or as many first rows of that as there are free ones.
 */
export function* strengthProblemSteps(
  engine: Engine,
  centered: DataFactor,
  gammaRoots: Float64Array,
  inPlace?: boolean,
): Steps<{ energy: Matrix; T: Matrix; c: Float64Array }> {
  const { R, widths } = centered
  const inverses = gammaRoots.map(inverse)
  const c = perColumn(widths, inverses)
  const part = partsOf(3, 1)
  const T = yield* part(denominatorSteps(engine, centered, c))
  const rows = Math.min(centered.freeRows, R.rows)
  const filled = leadingRows(R, rows)
  const toMeans = c.map((scale) => scale / widths.length)
  return { energy: yield* part(solveUpperRightSteps(engine, filled, T, true, toMeans, inPlace)), T, c }
}

/** T, the R factor of [B C; I]. The contrasts of two modalities, [R_1, -R_2], are a triangle as they come. */
function* denominatorSteps(engine: Engine, centered: DataFactor, c: Float64Array): Steps<Matrix> {
  const { R, widths } = centered
  if (widths.length === 2) {
    return yield* augmentedTriangleSteps(engine, R, 1, c.map((scale, j) => (j < widths[0] ? scale : -scale))) // prettier-ignore
  }
  const blocks = yield* helmertSteps(centered, c)
  let T = Matrix.identity(c.length)
  yield
  for (const block of blocks) T = yield* foldTriangleSteps(engine, T, block)
  return T
}

/**
 * mu of every row of A: the energy of its mean latent for its misalignment, gamma included. The same for any length of the
 * row, and for two modalities (1 + rho) / (4 (1 - rho)) at most, rho being the correlation of their latents.
 *
 * @param A - k x d
 */
export function* sharedStrengthSteps(
  engine: Engine,
  centered: DataFactor,
  A: Matrix,
  gammaRoots: Float64Array,
): Steps<Float64Array> {
  const { R, widths } = centered
  const mean = yield* columnNormsSteps(yield* multiplySteps(engine, R, A, { transposeB: true }))
  const misalignment: Float64Array[] = []
  for (const block of yield* helmertSteps(centered)) {
    misalignment.push(yield* columnNormsSteps(yield* multiplySteps(engine, block, A, { transposeB: true })))
  }
  const weighted = yield* scaleColumnsSteps(A, perColumn(widths, gammaRoots))
  const penalty = yield* columnNormsSteps(weighted.transpose())
  return mean.map((energy, j) => {
    const loss = Math.hypot(penalty[j], ...misalignment.map((norms) => norms[j]))
    return energy === 0 ? 0 : (energy / widths.length / loss) ** 2
  })
}

/**
 * What mu is where the latents of M modalities have nothing in common, rho = 0: 1 / (M^2 (M - 1)), a quarter for two. With
 * equal correlations rho, mu = (1 + (M - 1) rho) / (M^2 (M - 1) (1 - rho)).
 */
export function unrelatedStrength(modalities: number): number {
  return 1 / (modalities ** 2 * (modalities - 1))
}
