import { CollimateError } from '../errors.js'
import type { FileBytes } from '../io/file-bytes.js'
import { wrongKind } from '../describe.js'
import { Matrix, toMatrix, type MatrixLike } from '../matrix.js'
import { run, runAsync, type AsyncOptions, type Steps } from '../steps.js'
import { flag, integerIn, knownOptions, oneOf } from '../validation.js'
import { Additions } from './additions.js'
import { Closable } from './disposable.js'
import { checkedBiases } from './biases.js'
import {
  METRICS,
  STORAGES,
  type FlatIndexOptions,
  type FlatMetric,
  type FlatSearchOptions,
  type FlatStorage,
} from './flat-options.js'
import { EMPTY, Gallery } from './gallery.js'
import { checkedId, idList, IdTable, shown, type Id } from './ids.js'
import { readIndex, writeIndex } from './index-file.js'
import { neighboursOf, type FlatNeighbours } from './neighbours.js'
import { ofDimensions, queriesOf } from './queries.js'
import { Searcher } from './search.js'
import type { VectorLike } from '../vector.js'

const OVERSAMPLING = { f32: 1, i8: 4, binary: 8 } as const
const MOST_DIMENSIONS = 2 ** 16
/** Empty places are given back once they are this share of all. */
const EMPTY_SHARE = 4

/**
 * Exact search of a gallery that is prepared once: all rows are compared, at the speed of memory. The rows lie in the memory of a WebAssembly instance
 * of the index's own; by 'cosine' at length 1, otherwise times a power of two that the first rows set. Products are summed in float32 and what is
 * found is scored in float64, so the k best are those of float64 wherever scores differ by more than (d / 4 + 8) 2^-24 |x| |y| (by
 * 'euclidean', squared distances by that share of themselves). Of equal scores the row that was added first comes first. A zero vector is orthogonal to everything.
 *
 * 'i8' holds rows less their mean in 8 bits an entry with a scale for each, a quarter of the memory that a search reads; 'binary' the signs of the
 * same, a 32nd. Both then rank `oversampling` x k candidates by the rows; with `rescore: false` there are no rows, and scores are
 * approximate. **'binary' is for 128 dimensions and more**: below, signs say too little, and near rows are missed (docs/serve.md). Without
 * rows the mean is that of the first `add`, which should be large.
 *
 * A row takes 16 bytes and 4 (f32), 1 (i8) or 1/8 (binary) a dimension, and with `rescore` 4 more.
 */
export class FlatIndex<Metric extends FlatMetric = 'cosine'> extends Closable {
  /** Entries of a row. */
  readonly dimensions: number
  /** What near means. */
  readonly metric: Metric
  /** What rows are compared by. */
  readonly storage: FlatStorage
  /** Whether candidates are ranked by float32 rows. */
  readonly rescore: boolean
  #gallery: Gallery | undefined
  #searcher: Searcher | undefined
  #ids = new IdTable()
  #largestBias = 0
  readonly #additions = new Additions()
  #filtering = false

  /**
   * @throws TypeError if an option is unknown or of the wrong kind, RangeError unless dimensions is an integer from 1 to 65536, and metric and storage are known
   * @throws UnsupportedRuntimeError where WebAssembly cannot run
   */
  constructor(options: FlatIndexOptions<Metric>) {
    super()
    const given = knownOptions<FlatIndexOptions>(options, ['dimensions', 'metric', 'storage', 'rescore'])
    const { dimensions, metric = 'cosine', storage = 'f32', rescore } = given
    this.dimensions = integerIn(dimensions, 1, MOST_DIMENSIONS, 'dimensions')
    this.metric = oneOf(metric, METRICS, 'metric') as Metric
    this.storage = oneOf(storage, STORAGES, 'storage')
    const keepsRows = rescore === undefined || flag(rescore, 'rescore')
    this.rescore = this.storage === 'f32' || keepsRows
    this.#gallery = this.#newGallery()
  }

  /** Rows that there are. */
  get size(): number {
    return this.#gallery?.size ?? 0
  }

  /** Bytes of WebAssembly memory held now. */
  get byteLength(): number {
    return this.#gallery?.instance.memory.buffer.byteLength ?? 0
  }

  /**
   * Adds rows. After an error the index is as it was.
   *
   * @param rows - n x d
   * @param ids - n strings or integers (up to 2^53 - 1), none in use; default: the numbers from the first on that is greater than all there ever were
   * @returns the ids
   * @throws TypeError if rows is no matrix or an id of the wrong kind
   * @throws RangeError for other columns than `dimensions`, an entry that is not finite, an id that is in use or comes twice, or a row 2^60 times as long
   *   as the first were
   * @throws OutOfMemoryError if there is no room, CollimateError if the index is closed
   */
  add(rows: MatrixLike, ids?: ArrayLike<Id>): Id[] {
    return run(this.#addSteps(this.#rows(rows), ids))
  }

  /**
   * {@link add} with turns for the event loop, progress and cancellation. The rows are those at the time of the call, and their ids are taken at once; what is
   * searched meanwhile does not have them. An abort leaves the index without them.
   *
   * @throws as {@link add}, and the reason of `signal` on an abort: the promise rejects
   */
  async addAsync(rows: MatrixLike, ids?: ArrayLike<Id>, options: AsyncOptions = {}): Promise<Id[]> {
    const { rows: n, cols, data } = this.#rows(rows)
    // Plain JavaScript may give null for options, which is refused later.
    const isLent = (options as AsyncOptions | null)?.copy === false
    const steps = this.#addSteps(new Matrix(n, cols, isLent ? data : data.slice()), ids)
    // Ids and places are taken now.
    steps.next()
    return runAsync(steps, options)
  }

  /**
   * Removes rows; ids that there are not are passed over. Memory is given to later rows once a quarter of the places is empty.
   *
   * @param ids - an array of ids, or one
   * @returns how many there were
   * @throws TypeError if it is neither, CollimateError if the index is closed
   */
  remove(ids: ArrayLike<Id> | Id): number {
    const gallery = this.#open()
    let removed = 0
    for (const id of typeof ids === 'object' ? idList(ids, 'ids') : [checkedId(ids, 'id')]) {
      const place = this.#placeOf(id)
      if (place === undefined) continue
      gallery.setBias(place, EMPTY)
      this.#ids.remove(place)
      removed++
    }
    gallery.size -= removed
    if (this.#additions.isIdle && (gallery.count - gallery.size) * EMPTY_SHARE > gallery.count) {
      const places = this.#places()
      gallery.compact(places)
      this.#ids.keep(places)
    }
    return removed
  }

  /** Whether there is a row of this id. @throws TypeError if it is no id */
  has(id: Id): boolean {
    this.#open()
    return this.#placeOf(checkedId(id, 'id')) !== undefined
  }

  /** Removes all rows. Numbers that were given by default do not come again. */
  clear(): void {
    const gallery = this.#open()
    this.#additions.abandon()
    gallery.count = gallery.size = 0
    gallery.scale = undefined
    gallery.centredAt = 0
    this.#ids.truncate(0)
    this.#largestBias = 0
  }

  /**
   * Adds a number to the score of rows, by 'dot' and 'cosine': what a correction for hubs, or a prior, comes to. A row that is added has 0.
   *
   * @param ids - n ids
   * @param values - n finite numbers
   * @throws TypeError if either is of the wrong kind
   * @throws RangeError by 'euclidean', for different lengths, an id that there is not, or a value that is not finite or beyond 1e30 ('dot': 1e150);
   *   then nothing is changed
   */
  setBias(ids: ArrayLike<Id>, values: ArrayLike<number>): void {
    const gallery = this.#open()
    const list = checkedBiases(ids, values, this.metric)
    const places = list.map((id, i) => {
      const place = this.#placeOf(id)
      if (place === undefined) throw new RangeError(`ids[${i}] is ${shown(id)}, which there is not`)
      return place
    })
    places.forEach((place, i) => {
      gallery.setBias(place, values[i])
      this.#largestBias = Math.max(this.#largestBias, Math.abs(values[i]))
    })
  }

  /**
   * The k nearest rows of a query, or of each of several.
   *
   * @param query - d numbers; or n x d
   * @param k - an integer >= 1; beyond `size` it is that
   * @throws TypeError if an argument is of the wrong kind
   * @throws RangeError for another number of entries than `dimensions`, one that is not finite, k < 1, or oversampling < 1
   * @throws what the filter throws; CollimateError if the index is closed, or the filter changes or searches it
   */
  search(query: VectorLike | MatrixLike, k: number, options: FlatSearchOptions = {}): FlatNeighbours<Metric> {
    const gallery = this.#open()
    const { filter, oversampling = OVERSAMPLING[this.storage] } = knownOptions(options, ['filter', 'oversampling'])
    if (filter !== undefined && typeof filter !== 'function') throw wrongKind('filter', 'a function', filter) // prettier-ignore
    const wanted = Math.min(integerIn(k, 1, Number.MAX_SAFE_INTEGER, 'k'), gallery.size)
    if (typeof oversampling !== 'number') throw wrongKind('oversampling', 'a number', oversampling) // prettier-ignore
    if (!(oversampling >= 1)) throw new RangeError(`oversampling must be >= 1, got ${oversampling}`)
    const Q = queriesOf(query, this.dimensions)
    const isRanked = this.storage !== 'f32' && this.rescore
    const candidates = isRanked ? Math.min(gallery.size, Math.ceil(wanted * oversampling)) : wanted
    this.#searcher ??= new Searcher(gallery)
    this.#filtering = filter !== undefined
    try {
      const accepts = filter && remembered((place) => filter(this.#ids.idAt(place)), gallery.count)
      const found = wanted === 0 ? [] : this.#searcher.search(Q, wanted, candidates, this.#largestBias, accepts)
      return neighboursOf(found, this.#ids, this.metric)
    } finally {
      this.#filtering = false
    }
  }

  /** The index as a safetensors file in memory: rows, or what they are compared by, ids and biases. @throws CollimateError if it is closed */
  toBytes(): Uint8Array {
    const gallery = this.#open()
    const places = this.#places()
    const ids = places.map((place) => this.#ids.idAt(place))
    return writeIndex(gallery, places, ids, this.#ids.next)
  }

  /**
   * Reads what {@link toBytes} wrote, with one copy, into the memory of the index.
   *
   * @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if they hold no sound index
   */
  static fromBytes(bytes: FileBytes): FlatIndex<FlatMetric> {
    const file = readIndex(bytes)
    const index = new FlatIndex<FlatMetric>(file.options)
    const gallery = index.#open()
    gallery.reserve(file.rows)
    const ids = index.#ids.checked(file.ids, file.rows, () => false)
    file.fill(gallery)
    index.#ids.assign(0, ids)
    index.#ids.next = Math.max(index.#ids.next, file.next)
    gallery.size = gallery.count = file.rows
    for (let place = 0; place < file.rows; place++) {
      index.#largestBias = Math.max(index.#largestBias, Math.abs(gallery.bias(place)))
    }
    return index
  }

  /**
   * Gives back the memory that rows do not need: what grew ahead, and what removed rows and searches took.
   *
   * @returns bytes that were given back; the runtime frees them at its next garbage collection
   */
  releaseMemory(): number {
    if (this.#gallery === undefined || this.#filtering || !this.#additions.isIdle) return 0
    const before = this.byteLength
    const other = FlatIndex.fromBytes(this.toBytes())
    if (other.byteLength >= before) return 0
    this.#gallery = other.#gallery
    this.#ids = other.#ids
    this.#searcher = undefined
    return before - this.byteLength
  }

  /** Gives back all memory, for good: whatever is called afterwards throws. `Symbol.dispose` does the same, where there is one. */
  close(): void {
    if (this.#filtering) this.#open()
    this.#additions.abandon()
    this.#gallery = undefined
    this.#searcher = undefined
    this.#ids = new IdTable()
  }

  #newGallery(): Gallery {
    return new Gallery(this.dimensions, this.metric, this.storage, this.rescore)
  }

  #open(): Gallery {
    if (this.#gallery === undefined) throw new CollimateError('this FlatIndex was closed: make a new one')
    if (this.#filtering) throw new CollimateError('a filter must not change or search the index that it filters')
    return this.#gallery
  }

  #rows(rows: MatrixLike): Matrix {
    this.#open()
    return ofDimensions(toMatrix(rows, 'rows'), this.dimensions, 'rows', 'columns')
  }

  #addSteps(rows: Matrix, ids: ArrayLike<Id> | undefined): Steps<Id[]> {
    return this.#additions.steps(this.#open(), this.#ids, rows, ids)
  }

  /** The place of an id whose row is there. */
  #placeOf(id: Id): number | undefined {
    const place = this.#ids.placeOf(id)
    return place === undefined || this.#open().bias(place) === EMPTY ? undefined : place
  }

  /** Places of rows that are there, ascending. */
  #places(): number[] {
    const gallery = this.#open()
    const places: number[] = []
    for (let place = 0; place < gallery.count; place++) if (gallery.bias(place) !== EMPTY) places.push(place)
    return places
  }
}

/** What is asked about each of so many places once. */
function remembered(ask: (place: number) => boolean, places: number): (place: number) => boolean {
  const [YES, NO] = [1, 2]
  const verdicts = new Uint8Array(places)
  return (place) => {
    if (verdicts[place] === 0) verdicts[place] = ask(place) ? YES : NO
    return verdicts[place] === YES
  }
}
