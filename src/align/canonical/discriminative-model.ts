import { multiple, scaleColumns } from '../../dense/arithmetic.js'
import { transposedSteps } from '../../dense/slices.js'
import { multiplySteps } from '../../linalg/matmul.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { centeredFactorSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { paddedBlockSteps } from '../factor/principal.js'
import type { LinearModel } from '../model/linear-model.js'
import { withSignsSteps } from '../model/signs.js'
import { shrinkageSteps } from './canonical-model.js'
import { correlationSteps, maxvarSteps } from './maxvar.js'
import { crossProductSteps, principalWhitenSteps, type Directions, type Whitened } from './whitening.js'

/** How discriminative directions are found. */
export interface DiscriminativeOptions {
  readonly nComponents: number
  readonly regularization: number | 'oas'
  readonly tolerance: number | undefined
}

/** A linear model, its last modality the classes, and how much of each component is within classes. */
export interface DiscriminativeModel extends LinearModel {
  readonly withinCorrelations: Float64Array
  /** The share that was shrunk, one a modality that is not the classes. */
  readonly shrinkage: Float64Array
}

/**
 * Fits everything from the joint factor of modalities and, last of them, the indicators Y of classes (n x c, a 1 in every row).
 *
 * With A = Y Y^T, which is 1 for two samples of one class, the within-class correlation of centred modalities is X_m^T A X_l = (X_m^T Y) (X_l^T Y)^T, and the
 * between-class correlation minus that, since all sums are zero: both are products of the factor's blocks.
 */
export function* discriminativeModelSteps(
  engine: Engine,
  joint: JointFactor,
  { nComponents: k, regularization, tolerance }: DiscriminativeOptions,
): Steps<DiscriminativeModel> {
  const data = yield* centeredFactorSteps(joint)
  const M = data.widths.length - 1
  const means = joint.means()
  const sizes = means[M].map((share) => Math.round(share * joint.rows))
  const shrinkage = (yield* shrinkageSteps(engine, data, regularization)).subarray(0, M)
  const Y = yield* paddedBlockSteps(data, M)
  const whitened: Whitened[] = []
  const sums: Whitened[] = []
  for (let m = 0; m < M; m++) {
    const one = yield* principalWhitenSteps(engine, data, m, shrinkage[m], tolerance)
    whitened.push(one)
    const classSums = yield* crossProductSteps(engine, Y, one.Q)
    sums.push({ ...one, Q: multiple(classSums, 1 / Math.sqrt(Math.max(...sizes))) })
  }
  const { directions, correlations } = yield* directionSteps(engine, sums, k)
  const rows: Matrix[] = []
  for (const [m, { unwhiten }] of whitened.entries()) {
    rows.push(multiple(yield* transposedSteps(yield* unwhiten(directions[m])), Math.sqrt(data.freeRows)))
  }
  const maps = yield* withSignsSteps(rows)
  const centroids = new Matrix(k, sizes.length)
  for (const [m, A] of maps.entries()) {
    const latents = yield* multiplySteps(engine, yield* paddedBlockSteps(data, m), A, { transposeB: true })
    const products = yield* crossProductSteps(engine, latents, Y)
    products.data.forEach((x, at) => { centroids.data[at] += x / M }) // prettier-ignore
  }
  const classMap = scaleColumns(centroids, sizes.map((size) => 1 / Math.max(1, size))) // prettier-ignore
  return { maps: [...maps, classMap], means, centered: true, withinCorrelations: correlations, shrinkage }
}

/** MAXVAR's directions of these products; zero for components that share nothing, which all beyond c - 1 are. */
function* directionSteps(engine: Engine, sums: readonly Whitened[], k: number): Steps<Directions> {
  const ranks = sums.map(({ Q }) => Q.cols)
  if (Math.min(...ranks) === 0) {
    return { directions: ranks.map((rank) => new Matrix(rank, k)), correlations: new Float64Array(k) }
  }
  const K = yield* correlationSteps(engine, sums)
  const { directions, correlations } = yield* maxvarSteps(engine, K, ranks, k)
  const noise = K.rows * Number.EPSILON * correlations[0]
  const kept = correlations.map((rho) => (rho > noise ? 1 : 0))
  return {
    directions: directions.map((D) => scaleColumns(D, kept)),
    correlations: correlations.map((rho, j) => rho * kept[j]),
  }
}
