import { CollimateError, NotFittedError } from '../errors.js'
import { Matrix, toMatrix, type MatrixData, type MatrixLike } from '../matrix.js'
import { finiteMatrix, integerIn } from '../validation.js'
import { isFloat32 } from '../typed-arrays.js'
import { Closable } from './disposable.js'
import type { ServedModel } from './model-file.js'
import { CHUNK_ROWS, Stage, type Resident } from './stage.js'
import { outputVector, readVector, refuseEntry, type VectorLike } from '../vector.js'

/**
 * The maps of a fitted model, for mapping and nothing else: what `loadAlignment` reads. A model that was written in float32 is computed with in
 * float32, another in float64; means are subtracted in float64. Each owns a WebAssembly instance, made when it is first used, of the size of the maps
 * and decoders that were used, and 3 x 64 rows.
 */
export class AlignmentMap extends Closable {
  /** The name of the class that was fitted. */
  readonly method: string
  /** Dimensions of the latent space, k. */
  readonly nComponents: number
  /** Columns of every modality, d_m. */
  readonly widths: readonly number[]
  /** What is computed with, and what results are: 'f32' if the model was written so. */
  readonly precision: 'f32' | 'f64'
  /** Whether mapping subtracts the means. */
  readonly centered: boolean
  #model: ServedModel | undefined
  #stage: Stage | undefined

  /** @internal */
  constructor(model: ServedModel) {
    super()
    const { method, maps, centered, features } = model
    this.method = method
    this.nComponents = maps[0].rows
    this.widths = maps.map(({ cols }, m) => features[m]?.mean.length ?? cols)
    this.precision = maps.every(({ data }) => isFloat32(data)) ? 'f32' : 'f64'
    this.centered = centered
    this.#model = model
  }

  /** A^(m) for every modality, k x d_m; copies. @throws CollimateError once closed */
  get maps(): Matrix[] {
    return this.#open.maps.map(copyOf)
  }

  /** Column means of every modality; copies. @throws CollimateError once closed */
  get means(): Float64Array[] {
    return this.#open.means.map((mean) => mean.slice())
  }

  /**
   * `decoders[from][to]`, k x d_to, from the latent of one modality to another; undefined from a modality to itself, and where the file has none. Copies.
   *
   * @throws CollimateError once closed
   */
  get decoders(): (Matrix | undefined)[][] {
    return this.#open.decoders.map((row) => row.map((decoder) => decoder && copyOf(decoder)))
  }

  /** Bytes of WebAssembly memory held now. */
  get byteLength(): number {
    return this.#stage?.instance.memory.buffer.byteLength ?? 0
  }

  /**
   * Maps rows of one modality into the latent space: x -> A^(m) x, of x less its mean if the model is centred. 2 n k d_m operations.
   *
   * @param x - n x d_m
   * @param modality - m, from 0 on
   * @returns n x k, in the precision of the model
   * @throws TypeError if x is no matrix
   * @throws RangeError if there is no such modality, x has other columns than it, or an entry is not finite, or beyond float32 and
   *   the model is
   * @throws CollimateError once closed
   */
  transform(x: MatrixLike, modality: number): Matrix {
    const m = this.#modality(modality, 'modality')
    return this.#project(toMatrix(x, 'x'), m, undefined)
  }

  /**
   * Predicts rows of one modality from those of another: by way of the latent space, and from there by least squares.
   *
   * @param x - n x d_from
   * @returns n x d_to, in the precision of the model
   * @throws as {@link transform}; RangeError if `from` and `to` are the same, NotFittedError if the file has no decoders
   */
  translate(x: MatrixLike, from: number, to: number): Matrix {
    const [source, target] = this.#pair(from, to)
    return this.#project(toMatrix(x, 'x'), source, target)
  }

  /**
   * {@link transform} of one vector: no matrix in, none out.
   *
   * @param x - d_m numbers
   * @param out - k entries to write to; default: a new array in the precision of the model
   * @returns k numbers: `out` if it is given
   * @throws as {@link transform}
   */
  transformVector(x: VectorLike, modality: number): Float32Array | Float64Array
  transformVector<Out extends Float32Array | Float64Array>(x: VectorLike, modality: number, out: Out): Out
  transformVector(x: VectorLike, modality: number, out?: MatrixData): MatrixData {
    const m = this.#modality(modality, 'modality')
    return this.#projectVector(x, m, undefined, out)
  }

  /**
   * {@link translate} of one vector.
   *
   * @param x - d_from numbers
   * @param out - d_to entries to write to; default: a new array in the precision of the model
   * @returns d_to numbers: `out` if it is given
   * @throws as {@link translate}
   */
  translateVector(x: VectorLike, from: number, to: number): Float32Array | Float64Array
  translateVector<Out extends Float32Array | Float64Array>(x: VectorLike, from: number, to: number, out: Out): Out
  translateVector(x: VectorLike, from: number, to: number, out?: MatrixData): MatrixData {
    const [source, target] = this.#pair(from, to)
    return this.#projectVector(x, source, target, out)
  }

  /**
   * Gives back the WebAssembly memory; the next call makes a new one.
   *
   * @returns the bytes that were held; the runtime frees them at its next garbage collection
   */
  releaseMemory(): number {
    const { byteLength } = this
    this.#stage = undefined
    return byteLength
  }

  /** Gives back all memory, for good: whatever is called afterwards but this throws. `Symbol.dispose` does the same, where there is one. */
  close(): void {
    this.#stage = undefined
    this.#model = undefined
  }

  get #open(): ServedModel {
    if (this.#model === undefined) throw new CollimateError('this AlignmentMap was closed: load the model again')
    return this.#model
  }

  #modality(value: unknown, name: string): number {
    return integerIn(value, 0, this.widths.length - 1, name)
  }

  #pair(from: unknown, to: unknown): [number, number] {
    const [source, target] = [this.#modality(from, 'from'), this.#modality(to, 'to')]
    if (source === target) throw new RangeError(`from and to are both ${source}, expected two different modalities`)
    const decoder = this.#open.decoders[source][target]
    if (!decoder?.cols) {
      throw new NotFittedError(
        decoder
          ? 'the features do not hold the rows, and nothing leads to them'
          : 'this model was written without decoders: write it with toBytes(), which keeps them',
      )
    }
    return [source, target]
  }

  /** Reads a row that {@link Stage.input} holds, less its mean, into place i. Returns whether it was finite, and is in the model's precision. */
  #load(stage: Stage, i: number, m: number, centered: boolean, bytes: number): boolean {
    const { kernels } = stage.instance
    const { means, maps, features } = this.#open
    const shift = this.precision === 'f32' ? kernels.sshift : kernels.dshift
    const front = features[m]
    const width = maps[m].cols
    if (front !== undefined) {
      const { mean, units, write } = front
      if (shift(mean.length, stage.input, stage.mean(mean), stage.latents) === 0) return false
      stage.multiply(
        stage.resident(units.data, () => units),
        1,
        stage.latents,
        stage.output,
        stage.rowBytes,
      )
      const [row, products] = [stage.elements(stage.latents, mean.length), stage.elements(stage.output, units.rows)]
      write(row, products, stage.instance.doubles(stage.input, width))
    }
    return shift(width, stage.input, centered ? stage.mean(means[m]) : 0, stage.rows + i * bytes) !== 0
  }

  /** Maps the rows that were loaded, and translates them if there is a target. What comes out is at {@link Stage.output}. */
  #map(stage: Stage, A: Resident, D: Resident | undefined, count: number): void {
    if (D === undefined) stage.multiply(A, count, stage.rows, stage.output, stage.rowBytes)
    else {
      stage.multiply(A, count, stage.rows, stage.latents, D.bytes)
      stage.multiply(D, count, stage.latents, stage.output, stage.rowBytes)
    }
  }

  /** The stage with all that this mapping needs; views of its memory may be made afterwards. */
  #prepare(source: number, target: number | undefined) {
    const { maps, means, decoders, centered, translatesMeans, offsets, features } = this.#open
    const stage = (this.#stage ??= new Stage(this.#open, this.precision === 'f32'))
    const decoder = target === undefined ? undefined : decoders[source][target]
    const isCentered = target === undefined ? centered : translatesMeans
    if (isCentered) stage.mean(means[source])
    const front = features[source]
    if (front !== undefined) {
      stage.mean(front.mean)
      stage.resident(front.units.data, () => front.units)
    }
    const A = stage.resident(maps[source].data, () => maps[source])
    const D = decoder && stage.resident(decoder.data, () => decoder.transpose())
    const offset = target === undefined ? undefined : offsets[target]
    return { stage, A, D, isCentered, offset, width: (D ?? A).rows }
  }

  #project(X: Matrix, source: number, target: number | undefined): Matrix {
    const d = this.widths[source]
    // An array of no rows has no columns either.
    if (X.cols !== d && X.rows + X.cols > 0) throw new RangeError(`x has ${X.cols} columns, expected ${d}`)
    const { stage, A, D, isCentered, offset, width } = this.#prepare(source, target)
    const input = stage.instance.doubles(stage.input, d)
    const out = this.precision === 'f32' ? new Float32Array(X.rows * width) : new Float64Array(X.rows * width)
    for (let start = 0; start < X.rows; start += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, X.rows - start)
      for (let i = 0; i < count; i++) {
        const row = X.data.subarray((start + i) * d, (start + i + 1) * d)
        input.set(row)
        if (!this.#load(stage, i, source, isCentered, A.bytes)) {
          finiteMatrix(X, 'x')
          throw beyondSingle(`x: row ${start + i}`)
        }
      }
      this.#map(stage, A, D, count)
      for (let i = 0; i < count; i++) {
        const result = stage.elements(stage.output + i * stage.rowBytes, width)
        write(result, offset, out.subarray((start + i) * width, (start + i + 1) * width))
      }
    }
    return new Matrix(X.rows, width, out)
  }

  #projectVector(x: VectorLike, source: number, target: number | undefined, out: MatrixData | undefined): MatrixData {
    const { stage, A, D, isCentered, offset, width } = this.#prepare(source, target)
    const result = outputVector(out, width, this.precision === 'f32')
    const numbers = readVector(x, 'x', this.widths[source])
    stage.instance.doubles(stage.input, numbers.length).set(numbers)
    if (!this.#load(stage, 0, source, isCentered, A.bytes)) {
      refuseEntry(numbers, 'x')
      throw beyondSingle('x')
    }
    this.#map(stage, A, D, 1)
    write(stage.elements(stage.output, width), offset, result)
    return result
  }
}

/** out = x, plus an offset if there is one. */
function write(x: MatrixData, offset: Float64Array | undefined, out: MatrixData): void {
  if (offset === undefined) out.set(x)
  else for (let i = 0; i < x.length; i++) out[i] = x[i] + offset[i]
}

function beyondSingle(name: string): RangeError {
  return new RangeError(`${name} has entries beyond the range of float32, in which this model is: scale the data, or write it in float64`) // prettier-ignore
}

function copyOf({ rows, cols, data }: Matrix): Matrix {
  return new Matrix(rows, cols, data.slice())
}
