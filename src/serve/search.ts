import type { Matrix, MatrixData } from '../matrix.js'
import { EMPTY, type Gallery } from './gallery.js'
import { refuseEntry } from '../vector.js'

/** Queries that go through the gallery together, unless so many candidates are wanted that their heaps would not stay in cache. */
const PASS_QUERIES = 16
const PASS_CANDIDATES = 2 ** 16

/** Lengths beyond this, in units of the gallery, are shortened for what is ranked in float32: at such a distance all rows are alike. */
const FAR = 2 ** 60

/** What the kernels compare, in the order of assembly/serve/scan.ts. */
const KINDS = { f32: 0, differences: 1, i8: 2, binary: 3 } as const

/** Places and scores (or distances) of one query, the best first. */
export interface Ranked {
  readonly places: number[]
  readonly values: number[]
}

/** A query in memory: where it is in float64, what that was multiplied by; its squared length, and its product with the mean, where codes are compared. */
interface Prepared {
  readonly pointer: number
  readonly factor: number
  readonly square: number
  readonly constant: number
}

const powerNear = (x: number): number => 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(x))))

/** Scratch of a gallery for searches, kept between them. */
export class Searcher {
  readonly #gallery: Gallery
  readonly #scan: number
  readonly #queries: number
  readonly #doubles: number
  readonly #factors: number
  readonly #values: number
  readonly #table: number
  readonly #queryBytes: number
  #heaps = 0
  #heapBytes = 0

  constructor(gallery: Gallery) {
    const { instance, width, rowBytes, storage } = gallery
    this.#gallery = gallery
    this.#queryBytes = storage === 'i8' ? 2 * width : rowBytes
    this.#scan = instance.allocate(64)
    this.#queries = instance.allocate(PASS_QUERIES * this.#queryBytes)
    this.#doubles = instance.allocate(PASS_QUERIES * 8 * width)
    this.#factors = instance.allocate(PASS_QUERIES * 24)
    this.#values = instance.allocate(Math.max(PASS_QUERIES * 4 * gallery.blockRows, 12 * width))
    this.#table = storage === 'binary' ? instance.allocate(4 * (gallery.dimensions + 1)) : 0
    if (storage === 'binary') {
      const cosines = instance.floats(this.#table, gallery.dimensions + 1)
      cosines.forEach((_, h) => (cosines[h] = Math.cos((Math.PI * h) / gallery.dimensions)))
    }
  }

  /**
   * The k best of every row of Q; of `candidates` many as they are compared, those of float64 scores.
   *
   * @param largestBias - no bias is larger in magnitude
   * @param accepts - whether a place may be among them
   */
  search(
    Q: Matrix,
    k: number,
    candidates: number,
    largestBias: number,
    accepts: ((place: number) => boolean) | undefined,
  ): Ranked[] {
    const most = Math.max(1, Math.min(PASS_QUERIES, Math.floor(PASS_CANDIDATES / candidates)))
    this.#reserveHeaps(8 * candidates * most)
    const out: Ranked[] = []
    for (let first = 0; first < Q.rows; first += most) {
      const count = Math.min(most, Q.rows - first)
      const prepared = Array.from({ length: count }, (_, q) => this.#prepare(Q.row(first + q), q, largestBias))
      this.#describe(count, candidates)
      const heaps = this.#gallery.instance.integers(this.#heaps, 2 * candidates * count)
      for (let q = 0; q < count; q++) {
        new Float32Array(heaps.buffer, heaps.byteOffset + 8 * q * candidates, candidates).fill(-Infinity)
        heaps.fill(-1, (2 * q + 1) * candidates, (2 * q + 2) * candidates)
      }
      if (accepts === undefined) this.#gallery.instance.kernels.searchAll(this.#scan)
      else this.#filtered(count, candidates, accepts)
      prepared.forEach((query, q) => out.push(this.#ranked(query, q, k, candidates)))
    }
    return out
  }

  #reserveHeaps(bytes: number): void {
    if (bytes <= this.#heapBytes) return
    this.#heapBytes = Math.max(bytes, 2 * this.#heapBytes)
    this.#heaps = this.#gallery.instance.allocate(this.#heapBytes)
  }

  #describe(queries: number, candidates: number): void {
    const { instance, storage, metric, blockRows, table, count, rowBytes } = this.#gallery
    const kind = storage !== 'f32' ? KINDS[storage] : metric === 'euclidean' ? KINDS.differences : KINDS.f32
    // prettier-ignore
    instance.integers(this.#scan, 13).set([
      kind, blockRows, table, count, rowBytes, this.#table, queries, this.#queries, this.#queryBytes, this.#factors, this.#values, candidates,
      this.#heaps,
    ])
  }

  /** Brings a query into memory, in the forms in which it is compared. */
  #prepare(x: MatrixData, q: number, largestBias: number): Prepared {
    const { instance, metric, storage, width, scale = 1, dimensions, mean } = this.#gallery
    const { kernels } = instance
    const pointer = this.#doubles + 8 * q * width
    const numbers = instance.doubles(pointer, width)
    numbers.fill(0)
    numbers.set(x)
    let largest = 0
    for (const value of x) largest = Math.max(largest, Math.abs(value))
    let factor = 1
    // By 'dot' only the ranking is at stake: brought near 1, unless biases then leave the range of float32.
    if (metric === 'dot' && largest > 0)
      factor = Math.min(powerNear(1 / largest), powerNear(FAR / (largestBias * scale || 1)))
    else if (metric === 'euclidean') factor = largest * scale > FAR ? powerNear(FAR / largest) : scale
    const to = this.#queries + q * this.#queryBytes
    // What is not compared in float32 has its float32 form where values will be.
    const single = storage === 'f32' ? to : this.#values
    const length = kernels.ingest(width, pointer, factor, metric === 'cosine' ? 1 : 0, single)
    if (Number.isNaN(length)) refuseEntry(x, 'query')
    const biasFactor = metric === 'dot' ? scale * factor : 1
    const factors = instance.doubles(this.#factors + 24 * q, 3)
    factors.set([1, 0, biasFactor])
    const prepared = { pointer, factor, square: length ** 2, constant: 0 }
    if (storage === 'f32') return prepared
    // The query less what it has of the mean, which is known exactly of every row; by 'euclidean' less the mean.
    const m = instance.floats(mean, dimensions)
    let [product, square] = [0, 0]
    m.forEach((value, j) => {
      product += value * numbers[j]
      square += value * value
    })
    const isDistance = metric === 'euclidean'
    const share = isDistance ? 1 : square > 0 ? product / square : 0
    const row = instance.floats(single, width)
    let rest = 0
    m.forEach((value, j) => {
      row[j] = numbers[j] - share * value
      rest += row[j] ** 2
    })
    if (storage === 'binary') kernels.signs(width, single, to)
    factors.set([storage === 'binary' ? Math.sqrt(rest) : this.#quantize(row, to), share])
    return { ...prepared, ...(isDistance ? { square: rest } : { constant: product }) }
  }

  /** Writes a query as integers so large that no sum of products with 8-bit codes exceeds 32 bits. Returns the value of 1. */
  #quantize(x: Float32Array, to: number): number {
    const { instance, width, dimensions } = this.#gallery
    let largest = 0
    for (const value of x) largest = Math.max(largest, Math.abs(value))
    const levels = Math.min(32767, Math.floor((2 ** 31 - 1) / (127 * dimensions)))
    const integers = new Int16Array(instance.memory.buffer, to, width)
    const perUnit = largest > 0 ? levels / largest : 0
    x.forEach((value, j) => (integers[j] = Math.round(value * perUnit)))
    return largest / levels
  }

  /** The search with a say for the caller in what is among the best. */
  #filtered(queries: number, candidates: number, accepts: (place: number) => boolean): void {
    const { instance, blockRows, count } = this.#gallery
    const { kernels } = instance
    for (let block = 0; block * blockRows < count; block++) {
      const rows = kernels.rateBlock(this.#scan, block)
      const values = instance.floats(this.#values, queries * blockRows)
      for (let q = 0; q < queries; q++) {
        const heap = this.#heaps + 8 * q * candidates
        const [worst] = [instance.floats(heap, 1)]
        const from = this.#values + 4 * q * blockRows
        for (let i = kernels.seek(from, 0, rows, worst[0]); i < rows; i = kernels.seek(from, i + 1, rows, worst[0])) {
          const place = block * blockRows + i
          if (accepts(place)) kernels.push(candidates, heap, values[q * blockRows + i], place)
        }
      }
    }
  }

  /** What a query found, scored and in order. */
  #ranked({ pointer, factor, square, constant }: Prepared, q: number, k: number, candidates: number): Ranked {
    const gallery = this.#gallery
    const { instance, metric, keepsRows, scale = 1 } = gallery
    const heap = this.#heaps + 8 * q * candidates
    const keys = instance.floats(heap, candidates)
    const found: { place: number; value: number }[] = []
    instance.integers(heap + 4 * candidates, candidates).forEach((place, i) => {
      if (place < 0) return
      found.push({ place, value: keepsRows ? this.#exact(pointer, place, factor) : keys[i] })
    })
    found.sort((a, b) => b.value - a.value || a.place - b.place)
    const best = found.slice(0, k)
    const score = (value: number): number => {
      if (metric === 'euclidean') {
        // Rows are in units of `scale`, the query in those of `factor`.
        const squared = keepsRows ? -value : Math.max(0, square - 2 * value)
        return Math.sqrt(squared) / factor
      }
      if (keepsRows) return value
      return metric === 'cosine' ? value + constant : (value + constant) / factor / scale
    }
    return { places: best.map(({ place }) => place), values: best.map(({ value }) => score(value)) }
  }

  /** The score of a row in float64, with its bias; by 'euclidean' minus the squared distance, in the query's units. */
  #exact(pointer: number, place: number, factor: number): number {
    const { instance, metric, width, scale = 1 } = this.#gallery
    const what = metric === 'dot' ? 0 : metric === 'euclidean' ? 1 : 2
    const value = instance.kernels.exact(width, pointer, this.#gallery.rowAt(place), what, factor / scale)
    if (metric === 'euclidean') return -value
    const bias = this.#gallery.bias(place)
    return (metric === 'dot' ? value / factor / scale : Math.min(1, Math.max(-1, value))) + (bias === EMPTY ? 0 : bias)
  }
}
