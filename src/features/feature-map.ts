import { inverse } from '../dense/arithmetic.js'
import { norm } from '../dense/norms.js'
import type { FileBytes } from '../io/file-bytes.js'
import { NOT_CLONED, refuseJson, type Bytes } from '../keeping.js'
import { FEW_ROWS, rowTimes } from '../linalg/few-rows.js'
import { multiplySteps } from '../linalg/matmul.js'
import { Matrix, toMatrix, type MatrixLike } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { taken } from '../runtime/taken.js'
import { performAsync } from '../runtime/work.js'
import { run, type AsyncOptions, type Steps } from '../steps.js'
import { allFinite, finiteMatrix } from '../validation.js'
import { decodeFeatures, encodeFeatures } from './feature-file.js'
import { front } from './front.js'
import type { FeatureParameters } from './parameters.js'

/** A recipe for a feature map, before it has seen rows: what `fourierFeatures` and `nystroemFeatures` give. */
export interface Features {
  /**
   * The map that these rows make of it: of their mean, lengths, landmarks. The same rows give the same map.
   *
   * @param rows - n x d, n at least 1
   * @throws TypeError if it is no matrix, RangeError if it has no entry, or one that is not finite
   */
  fit(rows: MatrixLike): FeatureMap
  /**
   * {@link fit} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link fit}, and the reason of `signal` on an abort: the promise rejects
   */
  fitAsync(rows: MatrixLike, options?: AsyncOptions): Promise<FeatureMap>
  /** What it is and what was asked for, as the command line takes it: 'fourier:dimensions=512,seed=1'. */
  toString(): string
  /** What estimators do with it. @internal */
  readonly front: typeof front
  /** {@link fit} in bounded pieces. @internal */
  fitSteps(engineOf: () => Engine, rows: MatrixLike, name: string): Steps<FeatureMap>
}

/** What stands in front of a modality: a map, or what makes one of the rows that are fitted; null or undefined for nothing. */
export type ModalityFeatures = Features | FeatureMap | null | undefined

/** All forms of a recipe, which says its name and what was asked for. */
export function recipe(
  name: string,
  options: Readonly<Record<string, unknown>>,
  fitSteps: (engineOf: () => Engine, rows: Matrix) => Steps<FeatureMap>,
): Features {
  const checked = (rows: MatrixLike, what = 'rows'): Matrix => {
    const X = finiteMatrix(rows, what)
    if (X.data.length > 0) return X
    throw new RangeError(`${what} is ${X.rows} x ${X.cols}, expected at least one row and one column`)
  }
  return {
    front,
    fit: (rows) => run(fitSteps(() => Engine.shared(), checked(rows))),
    async fitAsync(rows, options = {}) {
      const X = checked(taken(rows, 'rows', options))
      return performAsync((engine) => fitSteps(() => engine, X), options)
    },
    fitSteps: (engineOf, rows, what) => fitSteps(engineOf, checked(rows, what)),
    toString: () =>
      [
        name,
        Object.entries(options)
          .map(([key, value]) => `${key}=${String(value)}`)
          .join(),
      ]
        .filter(Boolean)
        .join(':'),
  }
}

// Entries between two turns of the event loop: a cosine takes some 15 ns.
const PIECE_ENTRIES = 2 ** 17

/**
 * A map of rows into other rows, to be aligned in their place: [C scale, (a(C W^T / sigma + b) M - centre) gain] of rows C less a mean. Made by
 * `fourierFeatures` or `nystroemFeatures`, or read from a file; it does not change.
 */
export class FeatureMap {
  /** Columns that it takes, d. */
  readonly inputs: number
  /** Columns that it gives. */
  readonly outputs: number
  /** Whether the rows themselves are among the features, first of them: {@link inverse} takes them from there. */
  readonly linear: boolean
  /** For structuredClone and its like to stumble over. @internal */
  readonly notCloned = NOT_CLONED
  /** What estimators do with it. @internal */
  readonly front = front
  /** What {@link decoder} gave, of each the same every time. */
  readonly #decoders = new WeakMap<Matrix, Matrix>()
  /** All that it is. @internal */
  readonly parameters: FeatureParameters

  /** @internal */
  constructor(parameters: FeatureParameters) {
    const { mean, centre, scale } = parameters
    this.parameters = parameters
    this.linear = scale !== undefined
    this.inputs = mean.length
    this.outputs = centre.length + (this.linear ? mean.length : 0)
  }

  /**
   * The features of rows.
   *
   * @param rows - n x d
   * @returns n x `outputs`, in float64. 2 n D (d + r) operations for D frequencies or landmarks, r features of them
   * @throws TypeError if it is no matrix, RangeError for other columns than `inputs`, an entry that is not finite, or a row so far from those of the
   *   fit that its features are beyond all numbers
   */
  transform(rows: MatrixLike): Matrix {
    return run(this.transformSteps(() => Engine.shared(), this.#checked(toMatrix(rows, 'rows'), 'rows')))
  }

  /**
   * {@link transform} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link transform}, and the reason of `signal` on an abort: the promise rejects
   */
  async transformAsync(rows: MatrixLike, options: AsyncOptions = {}): Promise<Matrix> {
    const X = this.#checked(taken(rows, 'rows', options), 'rows')
    return performAsync((engine) => this.transformSteps(() => engine, X), options)
  }

  /**
   * Rows from their features, or from something near: from the part of them that is the rows. What `translate` predicts of features leads back to rows by it.
   *
   * @param features - n x `outputs`
   * @returns n x d
   * @throws TypeError if it is no matrix
   * @throws RangeError for other columns than `outputs`, an entry that is not finite, or if the map has no such part
   */
  inverse(features: MatrixLike): Matrix {
    const F = finiteMatrix(features, 'features')
    const { mean, scale } = this.parameters
    if (scale === undefined) {
      throw new RangeError(
        'these features do not hold the rows, and nothing leads back to them: make them with linear: true',
      )
    }
    if (F.cols !== this.outputs) throw new RangeError(`features has ${F.cols} columns, expected ${this.outputs}`)
    const out = new Matrix(F.rows, this.inputs)
    for (let i = 0; i < F.rows; i++) {
      for (let j = 0; j < this.inputs; j++) out.data[i * this.inputs + j] = F.get(i, j) * inverse(scale) + mean[j]
    }
    return out
  }

  /** The map as a safetensors file in memory, which {@link fromBytes} reads, here or elsewhere. Frequencies are float32, all else float64. */
  toBytes(): Bytes {
    return encodeFeatures(this.parameters)
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound feature map
   */
  static fromBytes(bytes: FileBytes): FeatureMap {
    return new FeatureMap(decodeFeatures(bytes))
  }

  /** In one line. */
  toString(): string {
    const { units, activation } = this.parameters
    const kind = activation.kind === 'polynomial' ? `polynomial of degree ${activation.degree}` : activation.kind
    return `${this.linear ? 'rows and ' : ''}${kind} features of ${units.rows} ${activation.kind === 'cosine' ? 'frequencies' : 'landmarks'}`
  }

  /** Vue makes no proxy of what has it: private methods are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  /** Refuses: JSON would lose the numbers without a word. @throws TypeError always; keep {@link toBytes} instead */
  toJSON(): never {
    return refuseJson()
  }

  #checked(X: Matrix, name: string): Matrix {
    if (X.cols !== this.inputs && X.rows + X.cols > 0) {
      throw new RangeError(`${name} has ${X.cols} columns, expected ${this.inputs} as the feature map was fitted with`)
    }
    return finiteMatrix(X, name)
  }

  /** {@link transform} in bounded pieces; `name` is for errors. @internal */
  featureSteps(engineOf: () => Engine, X: Matrix, name: string): Steps<Matrix> {
    return this.transformSteps(engineOf, this.#checked(X, name))
  }

  /**
   * What leads to the rows, of what leads to their features by a product; of that itself, if it does so already.
   *
   * @param D - k x `outputs`, or k x d
   * @returns k x {@link decoded}
   * @internal
   */
  decoder(D: Matrix): Matrix {
    const { scale = 0 } = this.parameters
    const { decoded } = this
    if (D.cols === decoded) return D
    const known = this.#decoders.get(D)
    if (known !== undefined) return known
    const out = new Matrix(D.rows, decoded)
    this.#decoders.set(D, out)
    for (let i = 0; i < D.rows; i++) {
      for (let j = 0; j < decoded; j++) out.data[i * decoded + j] = D.get(i, j) * inverse(scale)
    }
    return out
  }

  /** Columns that lead to the rows: none if the features do not hold them. @internal */
  get decoded(): number {
    return this.linear ? this.inputs : 0
  }

  /** What is added to what {@link decoder} gives: the row whose features are these, or 0. @internal */
  offset(features?: Float64Array): Float64Array {
    return this.inverse(new Matrix(1, this.outputs, features)).data as Float64Array
  }

  /** Whether the other is the same, bit by bit. @internal */
  equals(other: FeatureMap | undefined): boolean {
    const [own, theirs] = [this.toBytes(), other?.toBytes()]
    return own.length === theirs?.length && own.every((byte, i) => byte === theirs[i])
  }

  /** {@link transform} in bounded pieces, of rows that are known to be sound. @internal */
  *transformSteps(engineOf: () => Engine, X: Matrix): Steps<Matrix> {
    const out = new Matrix(X.rows, this.outputs)
    const height = Math.max(1, Math.floor(PIECE_ENTRIES / Math.max(this.inputs, this.parameters.units.rows)))
    for (let from = 0; from < X.rows; from += height) {
      const to = Math.min(from + height, X.rows)
      yield* this.#pieceSteps(engineOf, X, from, to, out)
      yield { phase: 'features', done: to, total: X.rows }
    }
    return out
  }

  *#pieceSteps(engineOf: () => Engine, X: Matrix, from: number, to: number, out: Matrix): Steps<void> {
    const { mean, frequency, units, mix, centre, gain, scale = 0 } = this.parameters
    const centred = new Matrix(to - from, mean.length)
    centred.data.forEach((_, at, data) => {
      data[at] = (X.data[from * mean.length + at] - mean[at % mean.length]) * frequency
    })
    const products = yield* productSteps(engineOf, centred, units, true)
    yield
    this.#activate(products, centred)
    const mixed = mix === undefined ? products : yield* productSteps(engineOf, products, mix, false)
    const linear = this.outputs - centre.length
    for (let i = from; i < to; i++) {
      const [row, x, last] = [out.row(i), X.row(i), mixed.row(i - from)]
      for (let j = 0; j < linear; j++) row[j] = (x[j] - mean[j]) * scale
      for (let j = 0; j < last.length; j++) row[linear + j] = (last[j] - centre[j]) * gain
      if (!allFinite(row)) {
        throw new RangeError(`row ${i} is too far from those of the fit for features: they are beyond all numbers`)
      }
    }
  }

  /** The activations of inner products, in their place. */
  #activate({ rows, cols, data }: Matrix, centred: Matrix): void {
    const { activation, b } = this.parameters
    const amplitude = Math.sqrt(2 / cols)
    for (let i = 0, at = 0; i < rows; i++) {
      if (activation.kind === 'cosine') {
        for (let j = 0; j < cols; j++, at++) data[at] = amplitude * Math.cos(data[at] + b[j])
      } else if (activation.kind === 'gaussian') {
        const half = norm(centred.row(i)) ** 2 / 2
        for (let j = 0; j < cols; j++, at++) data[at] = Math.exp(Math.min(0, data[at] + b[j] - half))
      } else {
        for (let j = 0; j < cols; j++, at++) data[at] = (data[at] + b[j]) ** activation.degree
      }
    }
  }
}

/** X A, or X A^T; of few rows without WebAssembly. */
function* productSteps(engineOf: () => Engine, X: Matrix, A: Matrix, isTransposed: boolean): Steps<Matrix> {
  if (X.rows > FEW_ROWS) return yield* multiplySteps(engineOf(), X, A, { transposeB: isTransposed })
  const out = new Matrix(X.rows, isTransposed ? A.rows : A.cols)
  for (let i = 0; i < X.rows; i++) out.row(i).set(rowTimes(X.row(i), { A, isTransposed }))
  return out
}
