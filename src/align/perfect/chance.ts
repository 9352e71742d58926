import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { centeredFactorSteps, modalityBlockSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { shrinkageScaleSteps } from '../factor/shrinkage.js'
import { singularValueSteps } from '../../linalg/singular-vectors.js'

// Of the largest eigenvalue of unrelated data, 95 % are below this many of its deviations' unit above the edge (Tracy and Widom 1996, beta = 1).
const TRACY_WIDOM_95 = 0.9793
// Halvings of an interval of log g: the minimum is flat, half the digits are all it has.
const HALVINGS = 60
const RELATIVE_STEP = 1e-3

/**
 * The largest strength that modalities of these rows and covariances reach in 19 of 20 draws if nothing relates them.
 *
 * With gamma_m as in 'balanced', mu is the largest where lambda = M^2 mu M / (1 + M^2 mu) is the largest eigenvalue of B_1 + ... + B_M, B_m =
 * X_m (X_m^T X_m + gamma_m / M)^-1 X_m^T. Unrelated modalities are rotated against each other at random, so that for many rows these are
 * free: the inverse of the Stieltjes transform of the sum is K(g) = K_1(g) + ... + K_M(g) - (M - 1) / g (Voiculescu 1986), and its least value
 * the edge of the spectrum. The largest eigenvalue lies about it by units of (p root(2 / K''))^(-2/3), p the free rows.
 */
export function* chanceStrengthSteps(engine: Engine, joint: JointFactor): Steps<number> {
  const data = yield* centeredFactorSteps(joint)
  const roots = yield* shrinkageScaleSteps(engine, data)
  const M = roots.length
  const spectra: Float64Array[] = []
  for (let m = 0; m < M; m++) {
    const S = yield* singularValueSteps(engine, yield* modalityBlockSteps(data, m))
    spectra.push(S.map((sigma) => (sigma > 0 ? 1 / (1 + (roots[m] / sigma) ** 2 / M) : 0)))
  }
  const lambda = Math.min(M, upperEdge(spectra, data.freeRows))
  return lambda < M ? lambda / (M ** 2 * (M - lambda)) : Number.MAX_VALUE
}

/** What the largest eigenvalue of a sum of p x p matrices with these and zeros for eigenvalues, rotated at random, rarely exceeds. */
export function upperEdge(spectra: readonly Float64Array[], p: number): number {
  const K = (g: number) =>
    spectra.reduce((sum, values) => sum + inverseStieltjes(values, p, g), 0) - (spectra.length - 1) / g
  // K is convex in g on (0, infinity), from 1 / g for small g on. Golden sections of log g.
  let [low, high] = [Math.log(1e-3), Math.log(1e6)]
  for (let i = 0; i < HALVINGS; i++) {
    const [a, b] = [low + 0.382 * (high - low), low + 0.618 * (high - low)]
    if (K(Math.exp(a)) < K(Math.exp(b))) high = b
    else low = a
  }
  const g = Math.exp((low + high) / 2)
  const h = RELATIVE_STEP * g
  const curvature = (K(g + h) - 2 * K(g) + K(g - h)) / h ** 2
  return K(g) + TRACY_WIDOM_95 * (p * Math.sqrt(2 / curvature)) ** (-2 / 3)
}

/** The z above all values with mean of 1 / (z - value) = g over p of them, zeros included: Newton's method for 1 / mean, which is concave. */
function inverseStieltjes(values: Float64Array, p: number, g: number): number {
  const zeros = p - values.length
  let [low, high] = [values[0] + 1 / (p * g), values[0] + 1 / g]
  for (let i = 0; i < HALVINGS && high - low > Number.EPSILON * high; i++) {
    const z = (low + high) / 2
    let sum = zeros / z
    for (const value of values) sum += 1 / (z - value)
    if (sum > p * g) low = z
    else high = z
  }
  return (low + high) / 2
}
