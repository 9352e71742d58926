import type { Matrix, MatrixData } from '../matrix.js'
import { Instance } from './instance.js'
import type { ServedModel } from './model-file.js'

/** Rows that go through WebAssembly memory at a time. */
export const CHUNK_ROWS = 64

/** A matrix in WebAssembly memory, by rows that are padded to whole vectors. */
export interface Resident {
  readonly rows: number
  readonly pointer: number
  /** From one row to the next. */
  readonly bytes: number
}

const up = (x: number, multiple: number): number => Math.ceil(x / multiple) * multiple

/** What a model needs in WebAssembly memory: its matrices, as far as they were used, and room for some rows. */
export class Stage {
  readonly instance = new Instance()
  /** Rows as they come, in float64. */
  readonly input: number
  /** Rows less their mean, in the precision of the model; latents, and what is translated. */
  readonly rows: number
  readonly latents: number
  readonly output: number
  readonly rowBytes: number
  readonly #elementBytes: 4 | 8
  readonly #resident = new Map<MatrixData, Resident>()

  constructor({ maps }: ServedModel, isSingle: boolean) {
    this.#elementBytes = isSingle ? 4 : 8
    const width = Math.max(...maps.map(({ rows, cols }) => Math.max(rows, cols)))
    this.input = this.instance.allocate(8 * width)
    this.rowBytes = up(width * this.#elementBytes, 64)
    const allocate = () => this.instance.allocate(CHUNK_ROWS * this.rowBytes)
    this.rows = allocate()
    this.latents = allocate()
    this.output = allocate()
  }

  /** `count` elements at a pointer. */
  elements(pointer: number, count: number): MatrixData {
    return this.#elementBytes === 4 ? this.instance.floats(pointer, count) : this.instance.doubles(pointer, count)
  }

  /** The rows of a matrix, or of its transpose, staged once. */
  resident(key: MatrixData, make: () => Matrix): Resident {
    let found = this.#resident.get(key)
    if (found === undefined) {
      const { rows, cols, data } = make()
      // Of whole quads: so are the results of products, and what fills them up are products with rows of zeros.
      const bytes = up(cols, 4) * this.#elementBytes
      const pointer = this.instance.allocate(up(rows, 4) * bytes)
      for (let i = 0; i < rows; i++) {
        this.elements(pointer + i * bytes, cols).set(data.subarray(i * cols, (i + 1) * cols))
      }
      found = { rows, pointer, bytes }
      this.#resident.set(key, found)
    }
    return found
  }

  /** The address of a vector of means. */
  mean(mean: Float64Array): number {
    let found = this.#resident.get(mean)
    if (found === undefined) {
      const pointer = this.instance.allocate(mean.byteLength)
      this.instance.doubles(pointer, mean.length).set(mean)
      found = { rows: 1, pointer, bytes: mean.byteLength }
      this.#resident.set(mean, found)
    }
    return found.pointer
  }

  /** Products of `count` rows at `x`, as far apart as those of A, with the rows of A. */
  multiply(A: Resident, count: number, x: number, out: number, outBytes: number): void {
    const { kernels } = this.instance
    const products = this.#elementBytes === 4 ? kernels.sproducts : kernels.dproducts
    products(A.rows, A.bytes, A.pointer, count, x, out, outBytes)
  }
}
