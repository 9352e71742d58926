import { inverse } from '../dense/arithmetic.js'
import { eighSteps } from '../linalg/eigh.js'
import { Matrix } from '../matrix.js'
import { randomStream } from '../random/random-stream.js'
import { seedText, type Seed } from '../random/seed.js'
import { shuffledIndices } from '../random/shuffle.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { flag, integerIn, knownOptions, oneOf, positive } from '../validation.js'
import { FeatureMap, recipe, type Features } from './feature-map.js'
import type { Activation, FeatureParameters } from './parameters.js'
import { columnMeansSteps, lessRowSteps, median, rootMeanSquare, rowNormsSteps } from './statistics.js'

const KERNELS = ['gaussian', 'polynomial', 'linear'] as const

/** Options of {@link nystroemFeatures}. */
export interface NystroemFeaturesOptions {
  /**
   * Of rows less their mean, in units of sigma: exp(-||x - y||^2 / 2), (x . y + offset)^degree, or x . y. Default 'gaussian'.
   */
  readonly kernel?: (typeof KERNELS)[number]
  /** Rows that stand for all, drawn without replacement; all of them if there are no more. Default 512. */
  readonly landmarks?: number
  /** sigma in multiples of the median length of the centred rows; default 4 of 'gaussian', 1 of the others. */
  readonly width?: number
  /** Of 'polynomial'; default 2. */
  readonly degree?: number
  /** Of 'polynomial'; default 1. */
  readonly offset?: number
  /** Whether the rows themselves, with a mean square length of 1, stand in front; default false. `translate` leads back to rows by them. */
  readonly linear?: boolean
  /** Where the random numbers start; default 0. Modalities of one seed have the same samples for landmarks. */
  readonly seed?: Seed
}

interface Checked {
  readonly landmarks: number
  readonly width: number
  readonly linear: boolean
  readonly seed: Seed
  /** Given the landmarks' b, the activation. */
  readonly activation: Activation
  readonly offset: number
}

const MOST_LANDMARKS = 2 ** 14
const MOST_DEGREE = 16

/**
 * Features whose inner products are a kernel, to the share of it that some rows span: phi(x) = [k(x, z_1), ..., k(x, z_L)] K^(-1/2), K the kernel
 * of the landmarks z. Directions of K up to L eps of its largest eigenvalue are left out, so there may be fewer features than landmarks. With all rows as landmarks
 * phi(x) . phi(y) = k(x, y) for every row of the fit, and a linear method becomes its kernel method: CanonicalCorrelation with regularization c is kernel CCA (Hardoon,
 * Szedmak and Shawe-Taylor 2004) of centred kernels with kappa = m c t / (1 - c), t being the mean variance of a feature and m the rows less one.
 *
 * Cost of the map: 2 n L d operations for the kernels and 10 L^3.
 * Source: Williams and Seeger 2001, "Using the Nyström Method to Speed Up Kernel Machines".
 *
 * @returns what makes a map when it sees rows: for `features` of an estimator, or by itself
 * @throws TypeError if an option is unknown or of the wrong kind
 * @throws RangeError unless `landmarks` is an integer from 1 to 16384, `degree` one from 1 to 16, `width` and `offset` finite and above 0, the seed
 *   finite, and degree and offset given for 'polynomial' only
 */
export function nystroemFeatures(options: NystroemFeaturesOptions = {}): Features {
  const given = knownOptions(options, ['kernel', 'landmarks', 'width', 'degree', 'offset', 'linear', 'seed'])
  const kernel = oneOf(given.kernel ?? 'gaussian', KERNELS, 'kernel')
  const { landmarks = 512, width = kernel === 'gaussian' ? 4 : 1, seed = 0 } = given
  for (const name of ['degree', 'offset'] as const) {
    if (given[name] !== undefined && kernel !== 'polynomial') throw new RangeError(`${name} is of kernel 'polynomial', got it with '${kernel}'`) // prettier-ignore
  }
  seedText(seed)
  const { degree = kernel === 'linear' ? 1 : 2, offset = 1 } = given
  const checked: Checked = {
    landmarks: integerIn(landmarks, 1, MOST_LANDMARKS, 'landmarks'),
    width: positive(width, 'width'),
    linear: flag(given.linear, 'linear'),
    seed,
    activation:
      kernel === 'gaussian'
        ? { kind: 'gaussian' }
        : { kind: 'polynomial', degree: integerIn(degree, 1, MOST_DEGREE, 'degree') },
    offset: kernel === 'linear' ? 0 : positive(offset, 'offset'),
  }
  return recipe('nystroem', { ...given }, (engineOf, rows) => fitSteps(engineOf, rows, checked))
}

function* fitSteps(engineOf: () => Engine, rows: Matrix, options: Checked): Steps<FeatureMap> {
  const { landmarks, width, linear, seed, activation, offset } = options
  const mean = yield* columnMeansSteps(rows)
  const lengths = yield* rowNormsSteps(yield* lessRowSteps(rows, mean))
  const frequency = inverse(width * (median(lengths) || rootMeanSquare(lengths)))
  const count = Math.min(landmarks, rows.rows)
  const chosen = shuffledIndices(rows.rows, randomStream(seed, 'landmarks')).subarray(0, count).sort()
  const Z = new Matrix(count, rows.cols)
  chosen.forEach((row, i) => { Z.row(i).set(rows.row(row)) }) // prettier-ignore
  const units = yield* lessRowSteps(Z, mean, frequency)
  const squares = (yield* rowNormsSteps(units)).map((length) => -(length ** 2) / 2)
  const kernel: FeatureParameters = {
    mean,
    frequency,
    units,
    b: activation.kind === 'gaussian' ? squares : new Float64Array(count).fill(offset),
    activation,
    centre: new Float64Array(count),
    gain: 1,
  }
  const K = yield* new FeatureMap(kernel).transformSteps(engineOf, Z)
  const mix = yield* inverseRootSteps(engineOf, K)
  const scale = linear ? inverse(rootMeanSquare(lengths)) : undefined
  return new FeatureMap({ ...kernel, mix, centre: new Float64Array(mix.cols), scale })
}

/** U S^(-1/2) of the eigenvalues that are no rounding, largest first: L x r. */
function* inverseRootSteps(engineOf: () => Engine, K: Matrix): Steps<Matrix> {
  const L = K.rows
  for (let i = 0; i < L; i++) for (let j = 0; j < i; j++) K.data[j * L + i] = K.data[i * L + j]
  const { values, vectors } = yield* eighSteps(engineOf(), K, true)
  const U = vectors as Matrix
  const least = values[L - 1] * L * Number.EPSILON
  const kept = values[L - 1] > 0 ? values.filter((value) => value > least).length : 0
  const out = new Matrix(L, kept)
  for (let i = 0; i < L; i++) {
    for (let j = 0; j < kept; j++) out.data[i * kept + j] = U.data[i * L + (L - 1 - j)] / Math.sqrt(values[L - 1 - j])
  }
  return out
}
