import { pairCorrelations, inUnits, type LatentCorrelations, type PairCorrelations } from './latent-correlations.js'
import { NotFittedError } from './errors.js'
import { integerIn, oneOf } from './validation.js'
import { Matrix } from './matrix.js'
import { isFloat32 } from './typed-arrays.js'

/** What is sought with, and what is sought. */
export const ROLES = ['query', 'gallery'] as const

/** The name of a role. */
export type Role = (typeof ROLES)[number]

/**
 * How rows of one modality are scored against those of another. With x and y latents for their deviations, component by component:
 *
 * - 'likelihood': sum of (rho x y - rho^2 (x^2 + y^2) / 2) / (1 - rho^2), the logarithm of p(x, y) / (p(x) p(y)) of Gaussian latents, but for its constant;
 * - 'normalised': that of latents which each were divided by their length |rho o z| and multiplied by |rho|: rows of unusual length do no harm;
 * - 'cosine': of the latents as they are. It needs no rho.
 */
export const SCORES = ['normalised', 'likelihood', 'cosine'] as const

/** The name of a score. */
export type ScoreMetric = (typeof SCORES)[number]

/** Rows of one role: the score of a query with a gallery row is their inner product and both biases, and ranks as their Euclidean distance does. */
export interface ScoreRows {
  /** n x k. */
  readonly rows: Matrix
  /** What is to be added to inner products, one number a row: of a gallery, what ranks it for any query. */
  readonly bias: Float64Array
}

/** How rows are scored. */
export interface ScoreOptions {
  readonly metric?: ScoreMetric
}

/** A model, whatever is known of its latents. */
export interface Correlated {
  readonly maps: readonly unknown[]
  readonly correlations?: LatentCorrelations
}

/** What rows are for. */
export interface RoleOptions {
  /** Whether rows seek, or are sought: 'query' or 'gallery'. */
  readonly role: Role
  /** Default 'normalised'. */
  readonly metric?: ScoreMetric
  /** The modality at the other side; it need not be said where there are two, nor for 'cosine'. */
  readonly partner?: number
}

/**
 * Latents of modality m in a role.
 *
 * @throws TypeError or RangeError for another role, metric or partner; NotFittedError if there is no rho and the metric needs it
 */
export function inRole(Z: Matrix, m: number, model: Correlated, { role, metric, partner }: RoleOptions): ScoreRows {
  const [as, by] = [oneOf(role, ROLES, 'role'), oneOf(metric ?? 'normalised', SCORES, 'metric')]
  const other = partner ?? (model.maps.length > 2 ? partner : 1 - m)
  return scoreRows(Z, as, by, by === 'cosine' ? undefined : pairOfTwo(model, m, other))
}

/** @throws RangeError unless they are two of the modalities, NotFittedError if nothing is known of them */
export function pairOfTwo({ maps, correlations }: Correlated, from: unknown, to: unknown): PairCorrelations {
  const pair = twoOf(maps.length, from, to)
  if (correlations !== undefined) return pairCorrelations(correlations, ...pair)
  throw new NotFittedError(
    "this model has no rho: fit selection 'balanced' or a CanonicalCorrelation with this release, or take metric 'cosine'",
  )
}

/** @throws RangeError unless they are two of M modalities */
export function twoOf(M: number, from: unknown, to: unknown): [number, number] {
  const pair: [number, number] = [integerIn(from, 0, M - 1, 'from'), integerIn(to, 0, M - 1, 'to')]
  if (pair[0] === pair[1]) throw new RangeError(`from and to are both ${pair[0]}, expected two different modalities`)
  return pair
}

/** Latents in a role. @param pair - of their modality and the other one; without it they have their cosine */
export function scoreRows(Z: Matrix, role: Role, metric: ScoreMetric, pair: PairCorrelations | undefined): ScoreRows {
  const { rows, cols, data } = Z
  const out = isFloat32(data) ? new Float32Array(data.length) : new Float64Array(data.length)
  const bias = new Float64Array(rows)
  const rho = pair?.rho
  const whole = rho === undefined ? 1 : Math.hypot(...rho)
  const z = new Float64Array(cols)
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) z[j] = pair === undefined ? data[at + j] : inUnits(data[at + j], pair, 0, j)
    const size = metric === 'likelihood' ? whole : Math.hypot(...z.map((x, j) => x * (rho?.[j] ?? 1)))
    for (let j = 0; j < cols; j++, at++) {
      const r = rho?.[j] ?? 0
      const x = size > 0 ? (z[j] / size) * whole : 0
      const query = x / Math.sqrt((1 - r) * (1 + r))
      out[at] = role === 'query' || rho === undefined ? query : r * query
      bias[i] -= (r * query) ** 2 / 2
    }
  }
  return { rows: new Matrix(rows, cols, out), bias }
}

/** log p(x, y) / (p(x) p(y)) of two latents; of differences, so that nothing cancels where rho is next to 1. */
export function logRatio(x: ArrayLike<number>, y: ArrayLike<number>, pair: PairCorrelations): number {
  let sum = 0
  pair.rho.forEach((r, j) => {
    const [a, b] = [inUnits(x[j], pair, 0, j), inUnits(y[j], pair, 1, j)]
    const left = (1 - r) * (1 + r)
    sum += (r * a * b) / (1 + r) - ((r * (a - b)) ** 2 / left + Math.log(left)) / 2
  })
  return sum
}
