import { dot, inverse, scaleRows } from '../../dense/arithmetic.js'
import { norm } from '../../dense/norms.js'
import { pairOf, type LatentCorrelations } from '../../latent-correlations.js'
import { multiplySteps } from '../../linalg/matmul.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { modalityBlockSteps, type DataFactor } from '../factor/data-factor.js'
import { LEAST_RHO } from './shared-count.js'

/** What is as good as exact: beyond it, one component would silence all others. */
const MOST_RHO = 1 - 1e-9

/**
 * Deviations of the latents, and rho of every pair, from the factor. Variances are ||R_m a||^2 + g_m ||a||^2 over the free rows. With r the
 * covariance of a pair for its deviations and s the shares of g in both variances together, rho = (4 r - s) / (4 - s), in which shrinkage counts as
 * misalignment: it is (4 mu - 1) / (4 mu + 1) for mu of the pair alone, its latents in units of their deviations, and r without shrinkage.
 *
 * @param maps - k x d_m each, in units of the factor
 * @param ridgeRoots - the square roots of g_m
 * @param known - rho of two modalities, if it is known already
 */
export function* latentCorrelationSteps(
  engine: Engine,
  data: DataFactor,
  maps: readonly Matrix[],
  ridgeRoots: Float64Array,
  known?: Float64Array,
): Steps<LatentCorrelations> {
  const [M, k] = [maps.length, maps[0].rows]
  const deviations = new Matrix(M, k)
  const rho = new Matrix((M * (M - 1)) / 2, k)
  /** Latents of unit variance, one a row, and the shares of shrinkage. */
  const units: { Z: Matrix; shares: Float64Array }[] = []
  for (const [m, A] of maps.entries()) {
    const Z = yield* multiplySteps(engine, A, yield* modalityBlockSteps(data, m), { transposeB: true })
    const ridges = Float64Array.from({ length: k }, (_, j) => ridgeRoots[m] * norm(A.row(j)))
    const inverses = ridges.map((ridge, j) => {
      const size = Math.hypot(norm(Z.row(j)), ridge)
      deviations.set(m, j, size / Math.sqrt(data.freeRows))
      return inverse(size)
    })
    const own = { Z: scaleRows(Z, inverses), shares: ridges.map((ridge, j) => (ridge * inverses[j]) ** 2) }
    for (const [l, other] of units.entries()) {
      for (let j = 0; j < k; j++) {
        const s = own.shares[j] + other.shares[j]
        // Modalities further on have more rows that are not zero.
        const r = known?.[j] ?? (4 * dot(other.Z.row(j), own.Z.row(j)) - s) / (4 - s)
        rho.set(pairOf(m, l), j, r > LEAST_RHO ? Math.min(r, MOST_RHO) : 0)
      }
    }
    units.push(own)
  }
  return { rho, deviations }
}
