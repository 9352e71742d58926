import { describe, Matrix, type MatrixLike } from '../matrix.js'
import { finiteMatrix, givenObject } from '../validation.js'
import { finiteNumber, interval, positiveCount } from './arguments.js'
import { randomStream } from '../random/random-stream.js'
import { seedText, type Seed } from '../random/seed.js'

/** Options of {@link modalityMatrix}. */
export interface ModalityMatrixOptions {
  /** Dimension d_m of the modality. */
  readonly rows: number
  /** Dimension k of the latents. */
  readonly cols: number
  /** Lower end of the interval; default -5. */
  readonly low?: number
  /** Upper end of the interval; default 5. */
  readonly high?: number
  readonly seed: Seed
}

/**
 * A modality's generation matrix S^(m), its entries independent and uniform on [low, high]. The same seed gives the same
 * matrix, bit for bit in every engine (stream 'matrix', row by row).
 *
 * @returns rows x cols. O(rows cols)
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if rows or cols < 1, low > high, or an end is not finite
 * @see Kamboj and Do (2025), section 3.1
 */
export function modalityMatrix(options: ModalityMatrixOptions): Matrix {
  const { rows, cols, low = -5, high = 5, seed } = givenObject(options)
  positiveCount(rows, 'rows')
  positiveCount(cols, 'cols')
  const [from, to] = interval(low, high, ['low', 'high'])
  const { uniform } = randomStream(seed, 'matrix')
  const S = new Matrix(rows, cols)
  for (let i = 0; i < S.data.length; i++) S.data[i] = from + (to - from) * uniform()
  return S
}

/** Options of {@link pairedModalities}. */
export interface PairedModalitiesOptions {
  /** n x k, the true latents. */
  readonly Z: MatrixLike
  /** The dimension d_m of each modality. */
  readonly dims: readonly number[]
  /** Standard deviation of the noise; default 0, none. */
  readonly noise?: number
  readonly seed: Seed
}

/** What {@link pairedModalities} returns. */
export interface PairedModalities {
  /** X^(m), n x d_m each, row i observed from row i of Z. */
  readonly modalities: Matrix[]
  /** S^(m), d_m x k each. */
  readonly matrices: Matrix[]
}

/**
 * Several linear views of the same latents: x_i^(m) = S^(m) z_i + noise e, with S^(m) uniform on [-5, 5] and e standard
 * normal; with samples as rows X^(m) = Z S^(m)T + noise E^(m).
 *
 * The same seed gives the same data. S^(m) is `modalityMatrix({ rows: dims[m], cols: k, seed: `${seed}:${m}` })`, so it
 * depends on neither n nor the noise nor the other modalities; the noise comes from the stream 'noise' of that same seed, row
 * by row, so a larger n only appends, and another level scales the same noise.
 *
 * @returns `modalities` and `matrices`. O(n k sum d_m)
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if Z is empty or not finite, there are no dims or one is < 1, or the noise is negative
 * @see Kamboj and Do (2025), Eq. 11 and "Parameter and Noise Experiments"
 */
export function pairedModalities(options: PairedModalitiesOptions): PairedModalities {
  const { Z, dims, noise = 0, seed } = givenObject(options)
  const latents = finiteMatrix(Z, 'Z')
  if (latents.rows === 0 || latents.cols === 0) {
    throw new RangeError(`Z must hold at least one sample and one component, got ${latents.rows} x ${latents.cols}`)
  }
  finiteNumber(noise, 'noise', 0)
  const matrices = dimensionList(dims).map((rows, m) =>
    modalityMatrix({ rows, cols: latents.cols, seed: modalitySeed(seed, m) }),
  )
  const modalities = matrices.map((S, m) => {
    const X = timesTranspose(latents, S)
    if (noise > 0) addNoise(X, noise, modalitySeed(seed, m))
    return X
  })
  return { modalities, matrices }
}

const modalitySeed = (seed: Seed, m: number): Seed => `${seedText(seed)}:${m}`

function dimensionList(dims: unknown): number[] {
  if (!Array.isArray(dims)) throw new TypeError(`dims must be an array of dimensions, got ${describe(dims)}`)
  if (dims.length === 0) throw new RangeError('dims must hold the dimension of at least one modality, got none')
  return dims.map((d: unknown, m) => positiveCount(d, `dims[${m}]`))
}

function timesTranspose(Z: Matrix, S: Matrix): Matrix {
  const k = Z.cols
  const X = new Matrix(Z.rows, S.rows)
  for (let i = 0; i < Z.rows; i++) {
    for (let j = 0; j < S.rows; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) sum += Z.data[i * k + l] * S.data[j * k + l]
      X.data[i * S.rows + j] = sum
    }
  }
  return X
}

function addNoise(X: Matrix, deviation: number, seed: Seed): void {
  const { normal } = randomStream(seed, 'noise')
  for (let i = 0; i < X.data.length; i++) X.data[i] += deviation * normal()
}
