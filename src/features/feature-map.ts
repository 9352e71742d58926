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
}

/** All forms of a recipe. */
export function recipe(fitSteps: (engineOf: () => Engine, rows: Matrix) => Steps<FeatureMap>): Features {
  const checked = (rows: MatrixLike): Matrix => {
    const X = finiteMatrix(rows, 'rows')
    if (X.data.length > 0) return X
    throw new RangeError(`rows is ${X.rows} x ${X.cols}, expected at least one row and one column`)
  }
  return {
    fit: (rows) => run(fitSteps(() => Engine.shared(), checked(rows))),
    async fitAsync(rows, options = {}) {
      const X = checked(taken(rows, 'rows', options))
      return performAsync((engine) => fitSteps(() => engine, X), options)
    },
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
  /** For structuredClone and its like to stumble over. @internal */
  readonly notCloned = NOT_CLONED
  /** All that it is. @internal */
  readonly parameters: FeatureParameters

  /** @internal */
  constructor(parameters: FeatureParameters) {
    const { mean, centre, scale } = parameters
    this.parameters = parameters
    this.inputs = mean.length
    this.outputs = centre.length + (scale === undefined ? 0 : mean.length)
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
    return run(this.transformSteps(() => Engine.shared(), this.#checked(toMatrix(rows, 'rows'))))
  }

  /**
   * {@link transform} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link transform}, and the reason of `signal` on an abort: the promise rejects
   */
  async transformAsync(rows: MatrixLike, options: AsyncOptions = {}): Promise<Matrix> {
    const X = this.#checked(taken(rows, 'rows', options))
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
    if (scale === undefined) throw new RangeError('these features do not hold the rows: make them with linear: true')
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

  /** Vue makes no proxy of what has it: private methods are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  /** Refuses: JSON would lose the numbers without a word. @throws TypeError always; keep {@link toBytes} instead */
  toJSON(): never {
    return refuseJson()
  }

  #checked(X: Matrix): Matrix {
    if (X.cols !== this.inputs && X.rows + X.cols > 0) {
      throw new RangeError(`rows has ${X.cols} columns, expected ${this.inputs} as the feature map was fitted with`)
    }
    return finiteMatrix(X, 'rows')
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
    yield undefined
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
