import { strengthProblemSteps } from '../align/perfect/balanced.js'
import { blockOffsets, submatrix } from '../dense/blocks.js'
import type { DataFactor } from '../align/factor/data-factor.js'
import { atStage } from '../progress.js'
import { multiplySteps } from '../linalg/matmul.js'
import { qrSteps } from '../linalg/qr.js'
import { Matrix } from '../matrix.js'
import type { RandomStream } from '../random/random-stream.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { largestSingularValueSteps } from './largest-singular-value.js'

/**
 * The largest strength that modalities reach which have nothing in common, but the rows, columns and covariances of these: the most
 * of some draws, in each of which every modality is rotated by itself, uniformly among the samples.
 *
 * A rotation test (Langsrud 2005), and Horn's parallel analysis (1965) with rotations for his random numbers: for normal data and D draws,
 * unrelated modalities exceed it once in D + 1 times. It needs no samples, only the triangular factors T_m of the
 * modalities: see {@link unrelatedFactorSteps}.
 */
export function* chanceStrengthSteps(
  engine: Engine,
  data: DataFactor,
  factors: readonly Matrix[],
  gammaRoots: Float64Array,
  draws: number,
  random: RandomStream,
): Steps<number> {
  let largest = 0
  for (let done = 0; done < draws; done++) {
    const stage = { phase: 'unrelated', done, total: draws }
    const drawn = yield* atStage(stage, unrelatedFactorSteps(engine, data, factors, random))
    const { energy } = yield* atStage(stage, strengthProblemSteps(engine, drawn, gammaRoots))
    largest = Math.max(largest, (yield* atStage(stage, largestSingularValueSteps(engine, energy, random))) ** 2)
  }
  return largest
}

/**
 * The joint factor of X_m = Q_m T_m for independent and uniform Q_m (p x r_m, orthonormal columns).
 *
 * With G = [G_1, ..., G_M] of independent standard normal numbers, Q_m is the orthonormal factor of G_m. Only products of such
 * enter, and these stay the same if G gives way to its triangular factor, of which the distribution is known (Bartlett 1933): row i has
 * the root of a chi-square of p - i degrees of freedom on the diagonal, standard normal numbers right of it. The result is
 * triangular as well.
 */
export function* unrelatedFactorSteps(
  engine: Engine,
  data: DataFactor,
  factors: readonly Matrix[],
  random: RandomStream,
): Steps<DataFactor> {
  const { widths, freeRows } = data
  const ranks = blockOffsets(factors.map(({ rows }) => rows))
  const columns = blockOffsets(widths)
  const d = columns[widths.length]
  const G = normalFactor(freeRows, ranks[widths.length], random)
  const R = new Matrix(d, d)
  for (const [m, T] of factors.entries()) {
    const block = submatrix(G, 0, Math.min(G.rows, ranks[m + 1]), ranks[m], ranks[m + 1])
    const { Q } = yield* qrSteps(engine, block, { mode: 'thin', pivoting: false })
    const X = yield* multiplySteps(engine, Q as Matrix, T)
    for (let i = 0; i < X.rows; i++) R.data.set(X.row(i), i * d + columns[m])
  }
  return { ...data, R }
}

/** The triangular factor of p x r standard normal numbers, min(p, r) x r. */
function normalFactor(p: number, r: number, random: RandomStream): Matrix {
  const G = new Matrix(Math.min(p, r), r)
  for (let i = 0; i < G.rows; i++) {
    G.set(i, i, chi(p - i, random))
    for (let j = i + 1; j < r; j++) G.set(i, j, random.normal())
  }
  return G
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
