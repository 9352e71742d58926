import { inverse } from '../dense/arithmetic.js'
import { qrSteps } from '../linalg/qr.js'
import { Matrix } from '../matrix.js'
import { norm } from '../dense/norms.js'
import { randomStream, type RandomStream } from '../random/random-stream.js'
import { seedText, type Seed } from '../random/seed.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { flag, integerIn, knownOptions, positive } from '../validation.js'
import { FeatureMap, recipe, type Features } from './feature-map.js'
import { columnMeansSteps, lessRowSteps, median, rootMeanSquare, rowNormsSteps } from './statistics.js'

/** Options of {@link fourierFeatures}. */
export interface FourierFeaturesOptions {
  /** Cosines, D; default 768. More are closer to the kernel. */
  readonly dimensions?: number
  /** Width of the Gaussian kernel, in multiples of the median length of the centred rows; default 4. */
  readonly width?: number
  /** Whether the rows themselves stand in front of the cosines; default true. `translate` leads back to rows by them. */
  readonly linear?: boolean
  /**
   * Whether frequencies are orthogonal, d at a time, with the lengths that they would have anyway: closer to the kernel for as many cosines
   * (Yu, Suresh, Choromanski, Holtmann-Rice and Kumar 2016). Default true.
   */
  readonly orthogonal?: boolean
  /** Where the random numbers start; default 0. Give every modality its own. */
  readonly seed?: Seed
}

/** What {@link FourierFeaturesOptions} come to. */
type Checked = Required<FourierFeaturesOptions>

const MOST_DIMENSIONS = 2 ** 16

/**
 * Random Fourier features of a Gaussian kernel, and the rows themselves beside them: [C / c, (sqrt(2 / D) cos(C W^T / sigma + b) - centre) / v] of
 * rows C less their mean, with sigma = width * median ||C_i||, W standard normal and b uniform on [0, 2 pi). c and v make the mean square
 * length of both parts 1, so that neither outweighs the other in what is fitted to them. All is measured in lengths of the rows given, so that nothing
 * depends on their unit. Inner products of the cosines come to exp(-||x - y||^2 / (2 sigma^2)) as D grows, with an error of the order of 1 / sqrt D.
 *
 * W and b are rounded to float32 and lie in files as they are; what is computed with them is float64. Engines differ in the last digit of `Math.cos`, so the features
 * of one file differ by 2^-52 sqrt(2 / D) / v from runtime to runtime, and as much from the order of sums. W comes of `Math.log`, of which the same is true: rounding to float32 hides it in
 * all but some four of 10^9 entries. Parts that are to be merged had better share one fitted map.
 *
 * Source: Rahimi and Recht 2007, "Random Features for Large-Scale Kernel Machines".
 *
 * @returns what makes a map when it sees rows: for `features` of an estimator, or by itself
 * @throws TypeError if an option is unknown or of the wrong kind
 * @throws RangeError unless `dimensions` is an integer from 1 to 65536, `width` finite and above 0, and the seed finite
 */
export function fourierFeatures(options: FourierFeaturesOptions = {}): Features {
  const given = knownOptions(options, ['dimensions', 'width', 'linear', 'orthogonal', 'seed'])
  const { dimensions = 768, width = 4, linear = true, orthogonal = true, seed = 0 } = given
  seedText(seed)
  const checked: Checked = {
    dimensions: integerIn(dimensions, 1, MOST_DIMENSIONS, 'dimensions'),
    width: positive(width, 'width'),
    linear: flag(linear, 'linear'),
    orthogonal: flag(orthogonal, 'orthogonal'),
    seed,
  }
  return recipe('fourier', { ...given }, (engineOf, rows) => fitSteps(engineOf, rows, checked))
}

function* fitSteps(engineOf: () => Engine, rows: Matrix, options: Checked): Steps<FeatureMap> {
  const { dimensions: D, width, linear, seed } = options
  const mean = yield* columnMeansSteps(rows)
  const lengths = yield* rowNormsSteps(yield* lessRowSteps(rows, mean))
  const { uniform } = randomStream(seed, 'fourier phases')
  const cosines = {
    mean,
    // Half of the rows may be equal; if all are, nothing varies, whatever the frequencies.
    frequency: inverse(width * (median(lengths) || rootMeanSquare(lengths))),
    units: yield* frequencySteps(engineOf, D, rows.cols, options),
    b: Float64Array.from({ length: D }, () => Math.fround(2 * Math.PI * uniform())),
    activation: { kind: 'cosine' },
    centre: new Float64Array(D),
    gain: 1,
  } as const
  const plain = yield* new FeatureMap(cosines).transformSteps(engineOf, rows)
  const centre = yield* columnMeansSteps(plain)
  const spread = rootMeanSquare(yield* rowNormsSteps(yield* lessRowSteps(plain, centre)))
  const scale = linear ? inverse(rootMeanSquare(lengths)) : undefined
  return new FeatureMap({ ...cosines, centre, gain: inverse(spread), scale })
}

/** W, D x d, rounded to float32. */
function* frequencySteps(engineOf: () => Engine, D: number, d: number, { orthogonal, seed }: Checked): Steps<Matrix> {
  const stream = randomStream(seed, 'fourier frequencies')
  const W = orthogonal ? yield* orthogonalRowsSteps(engineOf, D, d, stream) : normalMatrix(D, d, stream)
  for (let at = 0; at < W.data.length; at++) W.data[at] = Math.fround(W.data[at])
  return W
}

function normalMatrix(rows: number, cols: number, { normal }: RandomStream): Matrix {
  return new Matrix(rows, cols, Float64Array.from({ length: rows * cols }, normal))
}

/** Rows of the lengths of normal ones that are orthogonal to each other, d at a time. */
function* orthogonalRowsSteps(engineOf: () => Engine, D: number, d: number, stream: RandomStream): Steps<Matrix> {
  const out = new Matrix(D, d)
  for (let start = 0; start < D; start += d) {
    const count = Math.min(d, D - start)
    const { Q } = yield* qrSteps(engineOf(), normalMatrix(d, count, stream))
    for (let j = 0; j < count; j++) {
      const length = norm(normalMatrix(1, d, stream).data)
      for (let l = 0; l < d; l++) out.data[(start + j) * d + l] = length * Q.data[l * count + j]
    }
    yield
  }
  return out
}
