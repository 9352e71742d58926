import { mean } from '../dense/norms.js'
import { columnRange } from '../dense/slices.js'
import { principalSteps, type Principal } from '../align/factor/principal.js'
import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import type { MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { knownOptions, positive } from '../validation.js'
import { comparisonFactorSteps, pairOf, type Pair } from './comparison-factor.js'

/**
 * Canonical correlations between two sets of vectors of the same samples, centred: the largest correlation of a linear combination of
 * one with one of the other, then the largest among combinations uncorrelated with those, and so on. Invertible linear maps of
 * either set do not change them. At least r1 + r2 - (n - 1) of them are 1 whatever the data, r being the ranks, and all once either is n - 1.
 *
 * From orthonormal bases, without a covariance matrix (Bjoerck and Golub 1973). Directions without variance have none: the correlations
 * beyond the rank of either set are 0, as all are for latents that collapsed, or for one sample.
 *
 * @memory max((1 + d)^2, d^2 + d1 d2, 2 d w + 2 w^2) + 600 (1 + d) doubles and 2 MiB, d being d1 + d2 and w the larger of them
 * @param X - n x d1
 * @param Y - n x d2, row i the same sample as row i of X
 * @returns min(d1, d2) numbers from 0 to 1, descending. 2 n (d1 + d2)^2 operations
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the rows differ in number, either is empty, or an entry is not finite
 * @see Hotelling, "Relations between two sets of variates", Biometrika 28, 1936
 */
export function canonicalCorrelations(X: MatrixLike, Y: MatrixLike): Float64Array {
  return perform(correlationWork(X, Y))
}

/**
 * {@link canonicalCorrelations} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link canonicalCorrelations}, and the reason of `signal` on an abort: the promise rejects
 */
export async function canonicalCorrelationsAsync(
  X: MatrixLike,
  Y: MatrixLike,
  options: AsyncOptions = {},
): Promise<Float64Array> {
  return performAsync(correlationWork(taken(X, 'X', options), taken(Y, 'Y', options)), options)
}

function correlationWork(X: MatrixLike, Y: MatrixLike): Work<Float64Array> {
  const pair = pairOf(X, Y)
  return (engine) => allCorrelationSteps(engine, pair)
}

/** As many as the narrower set has columns. */
function* allCorrelationSteps(engine: Engine, pair: Pair): Steps<Float64Array> {
  const out = new Float64Array(Math.min(pair[0].cols, pair[1].cols))
  out.set(yield* correlationSteps(engine, ...(yield* principalPairSteps(engine, pair))))
  return out
}

/** Options of {@link svcca}. */
export interface SvccaOptions {
  /** The share of the sum of squared singular values to keep, above 0 and at most 1; default 0.99. */
  readonly variance?: number
}

/**
 * Singular vector CCA: the mean canonical correlation between the principal directions of either set that explain a share of its variance,
 * 99 % unless told otherwise. 1 where those span the same space of samples; 0 for latents that collapsed, or one sample. What little
 * variance the rest has, noise perhaps, does not count, unlike in {@link canonicalCorrelations}.
 *
 * @memory max((1 + d)^2, d^2 + d1 d2, 2 d w + 2 w^2) + 600 (1 + d) doubles and 2 MiB, d being d1 + d2 and w the larger of them
 * @param X - n x d1
 * @param Y - n x d2, row i the same sample as row i of X
 * @param options - `variance`: the share of the sum of squared singular values to keep, above 0 and at most 1
 * @returns the mean over min(r1, r2) correlations, r the directions kept: a number from 0 to 1. Cost as {@link canonicalCorrelations}
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if the rows differ in number, either is empty, an entry is not finite, or `variance` is not in (0, 1]
 * @see Raghu, Gilmer, Yosinski and Sohl-Dickstein, "SVCCA: singular vector canonical correlation analysis for deep learning dynamics and
 *   interpretability", NeurIPS 2017
 */
export function svcca(X: MatrixLike, Y: MatrixLike, options: SvccaOptions = {}): number {
  return perform(svccaWork(X, Y, options))
}

/**
 * {@link svcca} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link svcca}, and the reason of `signal` on an abort: the promise rejects
 */
export async function svccaAsync(
  X: MatrixLike,
  Y: MatrixLike,
  options: SvccaOptions & AsyncOptions = {},
): Promise<number> {
  return performAsync(svccaWork(taken(X, 'X', options), taken(Y, 'Y', options), options), options)
}

function svccaWork(X: MatrixLike, Y: MatrixLike, options: SvccaOptions): Work<number> {
  const { variance = DEFAULT_VARIANCE } = knownOptions(options, ['variance'])
  const pair = pairOf(X, Y)
  if (positive(variance, 'variance') > 1) throw new RangeError(`variance must be at most 1, got ${variance}`)
  return (engine) => pairSvccaSteps(engine, pair, variance)
}

function* pairSvccaSteps(engine: Engine, pair: Pair, variance: number): Steps<number> {
  return yield* svccaSteps(engine, ...(yield* principalPairSteps(engine, pair)), variance)
}

const DEFAULT_VARIANCE = 0.99

function* principalPairSteps(engine: Engine, pair: Pair): Steps<[Principal, Principal]> {
  const data = yield* comparisonFactorSteps(engine, pair)
  return [yield* principalSteps(engine, data, 0), yield* principalSteps(engine, data, 1)]
}

/** As many as the smaller rank. */
export function* correlationSteps(engine: Engine, a: Principal, b: Principal): Steps<Float64Array> {
  if (a.S.length === 0 || b.S.length === 0) return new Float64Array(0)
  const product = yield* multiplySteps(engine, a.U, b.U, { transposeA: true })
  const { S } = yield* svdSteps(engine, product, { U: 'none', V: 'none' })
  return S.map((rho) => Math.min(1, rho))
}

/** Of two sets whose principal directions are known. */
export function* svccaSteps(engine: Engine, a: Principal, b: Principal, variance = DEFAULT_VARIANCE): Steps<number> {
  const correlations = yield* correlationSteps(engine, leading(a, variance), leading(b, variance))
  return meanCorrelation(correlations)
}

/** The mean of correlations, 0 of none. */
export function meanCorrelation(correlations: Float64Array): number {
  return correlations.length === 0 ? 0 : mean(correlations)
}

/** The fewest leading directions that explain the share. */
function leading({ U, S, V }: Principal, share: number): Principal {
  const squares = S.map((sigma) => (sigma / S[0]) ** 2)
  const wanted = share * squares.reduce((sum, x) => sum + x, 0)
  let [count, sum] = [0, 0]
  while (count < S.length && sum < wanted) sum += squares[count++]
  return { U: columnRange(U, 0, count), S: S.slice(0, count), V: columnRange(V, 0, count) }
}
