import type { FlatMetric, FlatStorage } from './flat-options.js'
import { Instance } from './instance.js'

/** Bytes of compared rows in a block: half of an L2 cache, so that all queries of a pass find it there. */
const BLOCK_BYTES = 2 ** 18
const BLOCK_ROWS = [64, 1024] as const

const up = (x: number, multiple: number): number => Math.ceil(x / multiple) * multiple

/** A row may be so many times as long as the first rows are. */
export const LONGEST = 2 ** 60

/** A bias that marks a place as empty. */
export const EMPTY = -Infinity

/**
 * Rows in WebAssembly memory: blocks of some places each, appended and never moved. A block holds for each place a bias (float64; -Infinity
 * where there is no row), a scale and an offset (float32), what is compared, and, where that is not the row itself, the row if it is kept. Places
 * are in the order of insertion; one that was emptied stays so until {@link compact}.
 */
export class Gallery {
  readonly instance = new Instance()
  readonly dimensions: number
  readonly metric: FlatMetric
  readonly storage: FlatStorage
  /** Whether the rows themselves are there, in float32. */
  readonly keepsRows: boolean
  /** Entries of a row as it lies in memory, padded with zeros. */
  readonly width: number
  /** Bytes of what is compared. */
  readonly rowBytes: number
  readonly blockRows: number
  /** Places in use, those that were emptied included. */
  count = 0
  /** Rows that are there: places that are neither empty nor waiting for theirs. */
  size = 0
  /** Addresses of blocks, for the kernels. */
  table = 0
  /** A power of two that rows are multiplied by, by 'dot' and 'euclidean'; undefined until a row is not zero. */
  scale: number | undefined
  /** Where the mean of the rows is, of `width` float32; 0 while there is none, or none is needed. */
  mean = 0
  /** Rows at the time the mean was taken. */
  centredAt = 0
  /** A row as it comes, in float64; one in float32; two numbers that come back. */
  readonly input: number
  readonly #row: number
  readonly #centred: number
  readonly #pair: number
  readonly #blocks: number[] = []
  #tableSize = 0
  #sums = 0

  constructor(dimensions: number, metric: FlatMetric, storage: FlatStorage, keepsRows: boolean) {
    this.dimensions = dimensions
    this.metric = metric
    this.storage = storage
    this.keepsRows = keepsRows || storage === 'f32'
    this.width = up(dimensions, storage === 'f32' ? 4 : 16)
    this.rowBytes = storage === 'f32' ? 4 * this.width : storage === 'i8' ? this.width : up(dimensions, 128) / 8
    const fitting = 2 ** Math.floor(Math.log2(BLOCK_BYTES / this.rowBytes))
    this.blockRows = Math.min(BLOCK_ROWS[1], Math.max(BLOCK_ROWS[0], fitting))
    this.input = this.instance.allocate(8 * this.width)
    this.#row = this.instance.allocate(4 * this.width)
    this.#centred = this.instance.allocate(4 * this.width)
    this.#pair = this.instance.allocate(8)
  }

  get #keptBytes(): number {
    return this.keepsRows && this.storage !== 'f32' ? 4 * this.width : 0
  }

  /** Makes room for so many places. @throws OutOfMemoryError when there is none */
  reserve(places: number): void {
    const { instance, blockRows } = this
    const missing = Math.ceil(places / blockRows) - this.#blocks.length
    if (missing <= 0) return
    const blockBytes = up(blockRows * (16 + this.rowBytes + this.#keptBytes), 64)
    const blocks = this.#blocks.length + missing
    const tableSize = blocks <= this.#tableSize ? 0 : Math.max(64, 2 * blocks)
    const wanted = missing * blockBytes + 4 * tableSize + 128
    try {
      // An eighth more than there is: growing one by one would move all of it each time, where memory is not reserved ahead.
      instance.reserve(Math.max(wanted, instance.memory.buffer.byteLength / 8))
    } catch {
      instance.reserve(wanted)
    }
    if (tableSize > 0) {
      this.table = instance.allocate(4 * tableSize)
      this.#tableSize = tableSize
    }
    while (this.#blocks.length < blocks) this.#blocks.push(instance.allocate(blockBytes))
    new Uint32Array(instance.memory.buffer, this.table, blocks).set(this.#blocks)
  }

  /** Where the parts of a place are. */
  #at(place: number): { bias: number; scale: number; offset: number; codes: number; row: number } {
    const { blockRows, rowBytes } = this
    const i = place % blockRows
    const block = this.#blocks[(place - i) / blockRows]
    const rows = block + 16 * blockRows
    return {
      bias: block + 8 * i,
      scale: block + 8 * blockRows + 4 * i,
      offset: block + 12 * blockRows + 4 * i,
      codes: rows + i * rowBytes,
      row: this.#keptBytes === 0 ? rows + i * rowBytes : rows + blockRows * rowBytes + i * this.#keptBytes,
    }
  }

  /** Where the row of a place is, if rows are kept. */
  rowAt(place: number): number {
    return this.#at(place).row
  }

  bias(place: number): number {
    return this.instance.doubles(this.#at(place).bias, 1)[0]
  }

  setBias(place: number, value: number): void {
    this.instance.doubles(this.#at(place).bias, 1)[0] = value
  }

  /** The row that {@link input} holds, scaled, in float32. Returns its length, NaN if an entry is not finite. */
  ingest(out: number): number {
    const isUnit = this.metric === 'cosine'
    return this.instance.kernels.ingest(this.width, this.input, this.scale ?? 1, isUnit ? 1 : 0, out)
  }

  /** Adds the row that {@link input} holds to sums of `width` float64. Returns its length, NaN if an entry is not finite. */
  addTo(sums: number): number {
    const length = this.ingest(this.#row)
    this.instance.kernels.accumulate(this.width, this.#row, sums)
    return length
  }

  /** Writes the row that {@link input} holds to a place. Returns its length, NaN if an entry is not finite. */
  write(place: number): number {
    const { row } = this.#at(place)
    const length = this.ingest(this.keepsRows ? row : this.#row)
    if (this.storage !== 'f32') this.encode(place)
    return length
  }

  /**
   * Writes what a place is compared by, of its row c less the mean: codes with a scale, and an offset that holds exactly what is lost without
   * the mean, mean . c, or by 'euclidean' -|c|^2 / 2.
   */
  encode(place: number): void {
    const { instance, metric, storage, width } = this
    const { kernels } = instance
    const { codes, scale, offset, row } = this.#at(place)
    const [centred, pair] = [this.#centred, this.#pair]
    kernels.centre(width, this.keepsRows ? row : this.#row, this.mean, centred, pair)
    const [length, product] = instance.floats(pair, 2)
    instance.floats(offset, 1)[0] = metric === 'euclidean' ? -(length ** 2) / 2 : product
    if (storage === 'binary') kernels.signs(width, centred, codes)
    instance.floats(scale, 1)[0] = storage === 'binary' ? length : kernels.quantize(width, centred, codes)
  }

  /** Takes over the row that a file put into a place. @throws RangeError if an entry is not finite, or it is longer than rows may be */
  adopt(place: number): void {
    let square = 0
    for (const x of this.instance.floats(this.rowAt(place), this.dimensions)) square += x * x
    if (!(square <= LONGEST ** 2))
      throw new RangeError(`tensor 'rows': row ${place} has entries that are not finite, or too large`)
    if (this.storage !== 'f32') this.encode(place)
  }

  /** Reserves the mean, and so many float64 for the sums that it is made of. */
  reserveMean(): number {
    if (this.mean === 0) this.mean = this.instance.allocate(4 * this.width)
    return (this.#sums ||= this.instance.allocate(8 * this.width))
  }

  /** Takes the mean from sums over so many rows. */
  setMean(sums: number, rows: number): void {
    const mean = this.instance.floats(this.mean, this.width)
    this.instance.doubles(sums, this.width).forEach((sum, j) => (mean[j] = sum / Math.max(1, rows)))
    this.centredAt = rows
  }

  /** Takes the mean of all rows anew, and their codes: rows are kept. */
  recentre(): void {
    const sums = this.reserveMean()
    this.instance.doubles(sums, this.width).fill(0)
    let rows = 0
    for (let place = 0; place < this.count; place++) {
      if (this.bias(place) === EMPTY) continue
      this.instance.kernels.accumulate(this.width, this.rowAt(place), sums)
      rows++
    }
    this.setMean(sums, rows)
    for (let place = 0; place < this.count; place++) if (this.bias(place) !== EMPTY) this.encode(place)
  }

  /** Moves these places, ascending, to the front; the others are gone. */
  compact(places: readonly number[]): void {
    places.forEach((from, to) => {
      if (from === to) return
      const [source, target] = [this.#at(from), this.#at(to)]
      this.#copy(source.bias, target.bias, 8)
      this.#copy(source.scale, target.scale, 4)
      this.#copy(source.offset, target.offset, 4)
      this.#copy(source.codes, target.codes, this.rowBytes)
      if (this.#keptBytes > 0) this.#copy(source.row, target.row, this.#keptBytes)
    })
    this.count = places.length
  }

  #copy(from: number, to: number, bytes: number): void {
    this.instance.bytes(0, this.instance.memory.buffer.byteLength).copyWithin(to, from, from + bytes)
  }

  /** The bytes of a place that a file holds: its row, or what it is compared by; and what belongs to that. */
  stored(place: number): { body: Uint8Array; scale: Float32Array; offset: Float32Array } {
    const { codes, scale, offset, row } = this.#at(place)
    const { instance, keepsRows } = this
    const bodyBytes = keepsRows ? 4 * this.dimensions : this.storedBytes
    return {
      body: instance.bytes(keepsRows ? row : codes, bodyBytes),
      scale: instance.floats(scale, 1),
      offset: instance.floats(offset, 1),
    }
  }

  /** Bytes of a row in a file: of its entries, or its codes. */
  get storedBytes(): number {
    if (this.keepsRows) return 4 * this.dimensions
    return this.storage === 'i8' ? this.dimensions : Math.ceil(this.dimensions / 8)
  }
}
