import { pairOf, type LatentCorrelations } from '../latent-correlations.js'
import { Matrix } from '../matrix.js'
import { decreasing } from './decreasing.js'

/** What few rows can tell of a correlation: above, and below, is chance. */
const [LEAST_RHO, MOST_RHO] = [1e-4, 0.9999]

/** Latents of rows that a fit has not seen, and what that fit says of latents. */
export interface HeldOutFold {
  /** One matrix a modality. */
  readonly latents: readonly Matrix[]
  readonly correlations: LatentCorrelations
}

/** Products of latents in units of what their fit takes for their deviations: one row a pair of modalities, those with themselves included. */
interface Moments {
  readonly rows: number
  readonly sums: Matrix
}

/** Of pairs m <= l. */
const placeOf = (m: number, l: number): number => (l * (l + 1)) / 2 + m

function momentsOf({ latents, correlations: { deviations } }: HeldOutFold, k: number): Moments {
  const M = latents.length
  const { rows } = latents[0]
  const sums = new Matrix((M * (M + 1)) / 2, k)
  for (let l = 0; l < M; l++) {
    for (let m = 0; m <= l; m++) {
      const sum = sums.row(placeOf(m, l))
      for (let i = 0; i < rows; i++) {
        const [x, y] = [latents[m].row(i), latents[l].row(i)]
        for (let j = 0; j < k; j++) {
          const units = deviations.get(m, j) * deviations.get(l, j)
          if (units > 0) sum[j] += (x[j] / deviations.get(m, j)) * (y[j] / deviations.get(l, j))
        }
      }
    }
  }
  return { rows, sums }
}

/** What held-out rows teach: rho of every pair, and what deviations are to be multiplied by; of the first k components. */
export interface Learnt {
  readonly rho: Matrix
  readonly scales: Matrix
}

/**
 * rho and deviations as rows see them that were not fitted: of every fold's latents by the fit to the others. rho does not increase, as what is fitted
 * best is shared most; components that not all fits have are left out.
 *
 * @returns one for all folds, and one for each that leaves it out
 */
export function learnFrom(folds: readonly HeldOutFold[]): { all: Learnt; without: readonly Learnt[] } {
  const k = Math.min(...folds.map(({ correlations }) => correlations.rho.cols))
  const M = folds[0].latents.length
  const moments = folds.map((fold) => momentsOf(fold, k))
  const learnt = (left?: number): Learnt => {
    const kept = moments.filter((_, f) => f !== left)
    const n = kept.reduce((sum, { rows }) => sum + rows, 0)
    const sums = new Matrix((M * (M + 1)) / 2, k)
    for (const moment of kept) moment.sums.data.forEach((value, at) => (sums.data[at] += value))
    const scales = new Matrix(M, k)
    const rho = new Matrix((M * (M - 1)) / 2, k)
    for (let l = 0; l < M; l++) {
      for (let j = 0; j < k; j++) scales.set(l, j, Math.sqrt(sums.get(placeOf(l, l), j) / n))
      for (let m = 0; m < l; m++) {
        const raw = Float64Array.from({ length: k }, (_, j) => {
          const sizes = scales.get(m, j) * scales.get(l, j)
          return sizes > 0 ? sums.get(placeOf(m, l), j) / n / sizes : 0
        })
        rho.row(pairOf(m, l)).set(decreasing(raw).map((value) => (value > LEAST_RHO ? Math.min(value, MOST_RHO) : 0)))
      }
    }
    return { rho, scales }
  }
  return { all: learnt(), without: folds.map((_, f) => learnt(f)) }
}

/** What a fit says of its latents, corrected by what held-out rows teach. */
export function corrected({ deviations }: LatentCorrelations, { rho, scales }: Learnt): LatentCorrelations {
  const k = deviations.cols
  const padded = new Matrix(rho.rows, k)
  const scaled = new Matrix(deviations.rows, k, deviations.data.slice())
  for (let j = 0; j < Math.min(k, rho.cols); j++) {
    for (let pair = 0; pair < rho.rows; pair++) padded.set(pair, j, rho.get(pair, j))
    for (let m = 0; m < scaled.rows; m++) scaled.set(m, j, deviations.get(m, j) * scales.get(m, j))
  }
  return { rho: padded, deviations: scaled }
}
