import { blockOffsets } from '../dense/slices.js'
import type { DataFactor } from '../align/factor/data-factor.js'
import { atStage, partsOf } from '../progress.js'
import { singularValueSteps } from '../linalg/singular-vectors.js'
import { qrSteps } from '../linalg/qr.js'
import { Matrix } from '../matrix.js'
import type { RandomStream } from '../random/random-stream.js'
import type { Engine } from '../runtime/engine.js'
import { inPieces, type Steps } from '../steps.js'
import { largestSingularValueSteps } from './largest-singular-value.js'

/**
 * The largest strength that modalities reach which have nothing in common, but the rows, columns and covariances of these: the most
 * of some draws, in each of which every modality is rotated by itself, uniformly among the samples.
 *
 * A rotation test (Langsrud 2005), and Horn's parallel analysis (1965) with rotations for his random numbers: for normal data and D draws,
 * unrelated modalities exceed it once in D + 1 times. With s = sum of z_m, the latents of a, the pairs of `balancedSteps` are M sum ||z_m||^2 -
 * ||s||^2 apart, and so mu = nu / (M^2 (1 - nu)) for the largest
 *
 *     nu = ||s||^2 / sum_m (M ||X_m a_m||^2 + gamma_m ||a_m||^2) = ||[Q_1 W_1, ..., Q_M W_M]||^2,
 *
 * where X_m = Q_m diag(sigma) V^T and W_m = diag(sigma / sqrt(M sigma^2 + gamma_m)): of each modality its singular values are enough.
 *
 * @param factors - triangular, of every modality by itself
 */
export function* chanceStrengthSteps(
  engine: Engine,
  { freeRows }: DataFactor,
  factors: readonly Matrix[],
  gammaRoots: Float64Array,
  draws: number,
  random: RandomStream,
): Steps<number> {
  const M = factors.length
  const weights: Float64Array[] = []
  const part = partsOf(...factors.map(() => 3 / M), ...Array.from({ length: 2 * draws }, () => 0.5))
  for (const [m, T] of factors.entries()) {
    const sigma = yield* part(singularValueSteps(engine, T))
    const weight = sigma.map((s) => s / Math.hypot(Math.sqrt(M) * s, gammaRoots[m]))
    if (gammaRoots[m] > 0) weights.push(weight.filter((w) => w > Number.EPSILON))
  }
  // The first one is not drawn: the widest.
  weights.sort((a, b) => b.length - a.length)
  let largest = 0
  for (let done = 0; done < draws; done++) {
    const stage = { phase: 'unrelated', done, total: draws }
    const latents = yield* part(atStage(stage, unrelatedLatentSteps(engine, weights, freeRows, random)))
    const sigma = yield* part(atStage(stage, largestSingularValueSteps(engine, latents, random)))
    largest = Math.max(largest, sigma ** 2)
  }
  return largest / (M ** 2 * (1 - largest))
}

/**
 * [Q_1 W_1, ..., Q_M W_M] for independent and uniform Q_m (p x r_m, orthonormal columns), in coordinates in which Q_1 are the first axes.
 *
 * With G = [G_1, ..., G_M] of independent standard normal numbers, Q_m is the orthonormal factor of G_m. Only products of such
 * enter, and these stay the same if G gives way to its triangular factor, of which the distribution is known (Bartlett 1933): row i has
 * the root of a chi-square of p - i degrees of freedom on the diagonal, standard normal numbers right of it.
 *
 * @param weights - the diagonal of each W_m, r_m <= p numbers
 * @returns min(p, r_1 + ... + r_M) rows
 */
export function* unrelatedLatentSteps(
  engine: Engine,
  weights: readonly Float64Array[],
  p: number,
  random: RandomStream,
): Steps<Matrix> {
  const offsets = blockOffsets(weights.map(({ length }) => length))
  const columns = offsets[weights.length]
  const latents = new Matrix(Math.min(p, columns), columns)
  for (const [m, w] of weights.entries()) {
    const Q = m === 0 ? Matrix.identity(w.length) : yield* basisSteps(engine, p, offsets[m], w.length, random)
    yield* inPieces(Q.rows, w.length, (from, to) => {
      for (let i = from; i < to; i++) for (let j = 0; j < w.length; j++) latents.set(i, offsets[m] + j, w[j] * Q.get(i, j)) // prettier-ignore
    })
  }
  return latents
}

/** The orthonormal factor of columns `first` to `first + r - 1` of the triangular factor of standard normal numbers, without the rows that are zero. */
function* basisSteps(engine: Engine, p: number, first: number, r: number, random: RandomStream): Steps<Matrix> {
  const G = new Matrix(Math.min(p, first + r), r)
  // A normal number takes as long as ten entries of a pass.
  yield* inPieces(G.rows, 10 * r, (from, to) => {
    for (let i = from; i < to; i++) {
      const diagonal = i - first
      if (diagonal >= 0) G.set(i, diagonal, chi(p - i, random))
      for (let j = Math.max(0, diagonal + 1); j < r; j++) G.set(i, j, random.normal())
    }
  })
  return (yield* qrSteps(engine, G)).Q
}

// From here on Wilson and Hilferty's approximation (1931) is off by less than 1e-3 of a deviation.
const MANY_DEGREES = 50

/** The root of a sum of squares of standard normal numbers. */
function chi(degrees: number, { normal }: RandomStream): number {
  if (degrees > MANY_DEGREES) {
    const variance = 2 / (9 * degrees)
    return Math.sqrt(degrees * (1 - variance + normal() * Math.sqrt(variance)) ** 3)
  }
  let sum = 0
  for (let i = 0; i < degrees; i++) sum += normal() ** 2
  return Math.sqrt(sum)
}
