import { CollimateError } from '../errors.js'
import type { Matrix } from '../matrix.js'
import type { Steps } from '../steps.js'
import { finiteMatrix } from '../validation.js'
import { EMPTY, LONGEST, type Gallery } from './gallery.js'
import type { Id, IdTable } from './ids.js'

/** Rows that are written between two turns of the event loop have about so many entries. */
const PIECE_ENTRIES = 2 ** 18

/** An addition that is not done yet: the places from `first` on are its own. */
interface Addition {
  readonly first: number
  readonly rows: number
}

/** Rows on their way into an index. Their places and ids are taken when an addition begins; they are found once it is done, all or none. */
export class Additions {
  #pending: Addition[] = []
  /** How often all was given up. */
  #epoch = 0

  get isIdle(): boolean {
    return this.#pending.length === 0
  }

  /** Gives up whatever is on its way: the index is another from now on. */
  abandon(): void {
    this.#epoch++
    this.#pending = []
  }

  /**
   * Adds rows; ids and places are taken before the first yield. What ends early takes its places back.
   *
   * @throws RangeError if an entry is not finite, a row too long or an id in use; CollimateError once the index is another
   */
  *steps(gallery: Gallery, ids: IdTable, X: Matrix, given: ArrayLike<Id> | undefined): Steps<Id[]> {
    // While rows are on their way their ids are taken though they are not there yet.
    const isComing = (place: number) => this.#pending.some(({ first, rows }) => place >= first && place < first + rows)
    const taken = (id: Id) => {
      const place = ids.placeOf(id)
      return place !== undefined && (gallery.bias(place) !== EMPTY || isComing(place))
    }
    const checked = ids.checked(given, X.rows, taken)
    const first = gallery.count
    const { next } = ids
    gallery.reserve(first + X.rows)
    gallery.count += X.rows
    ids.assign(first, checked)
    for (let i = 0; i < X.rows; i++) gallery.setBias(first + i, EMPTY)
    const epoch = this.#epoch
    const addition = { first, rows: X.rows }
    this.#pending.push(addition)
    const still = () => {
      if (epoch !== this.#epoch) throw new CollimateError('the index was cleared or closed while rows were added')
    }
    let done = false
    try {
      yield
      yield* writeSteps(gallery, X, first, still)
      still()
      for (let i = 0; i < X.rows; i++) gallery.setBias(first + i, 0)
      gallery.size += X.rows
      done = true
      const isAlone = this.#pending.length === 1
      const { storage, keepsRows, size, centredAt } = gallery
      if (storage !== 'f32' && keepsRows && isAlone && size >= 2 * centredAt) gallery.recentre()
      return checked
    } finally {
      this.#pending = this.#pending.filter((other) => other !== addition)
      if (!done && epoch === this.#epoch) this.#forget(gallery, ids, addition, next)
    }
  }

  /** Takes back places that were reserved; and their numbers, if no others were given since. */
  #forget(gallery: Gallery, ids: IdTable, { first, rows }: Addition, next: number): void {
    if (gallery.count === first + rows) {
      ids.truncate(first)
      ids.next = next
      gallery.count = first
    } else for (let i = 0; i < rows; i++) ids.remove(first + i)
    if (gallery.size === 0 && this.isIdle) gallery.scale = undefined
  }
}

/** @param still - throws if the index is another than when the addition began */
function* writeSteps(gallery: Gallery, X: Matrix, first: number, still: () => void): Steps<void> {
  still()
  if (gallery.scale === undefined && gallery.metric !== 'cosine') yield* scaleSteps(gallery, X)
  if (gallery.storage !== 'f32' && gallery.centredAt === 0) {
    const sums = gallery.reserveMean()
    gallery.instance.doubles(sums, gallery.width).fill(0)
    yield* eachRow(gallery, X, still, 'mean', () => gallery.addTo(sums))
    still()
    gallery.setMean(sums, X.rows)
  }
  yield* eachRow(gallery, X, still, 'add', (i) => gallery.write(first + i))
}

/** A power of two that brings the largest entry near 1, unless it is within 2^20 of that. */
function* scaleSteps(gallery: Gallery, X: Matrix): Steps<void> {
  finiteMatrix(X, 'rows')
  let largest = 0
  for (const x of X.data) largest = Math.max(largest, Math.abs(x))
  if (largest === 0) return
  const exponent = Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(largest))))
  gallery.scale = Math.abs(exponent) <= 20 ? 1 : 2 ** exponent
  yield
}

/** Brings every row into memory and has it worked on; what comes back is its length. */
function* eachRow(
  gallery: Gallery,
  X: Matrix,
  still: () => void,
  phase: string,
  work: (i: number) => number,
): Steps<void> {
  const d = gallery.dimensions
  const piece = Math.ceil(PIECE_ENTRIES / d)
  for (let from = 0; from < X.rows; from += piece) {
    still()
    const to = Math.min(from + piece, X.rows)
    const input = gallery.instance.doubles(gallery.input, gallery.width)
    for (let i = from; i < to; i++) {
      input.fill(0, d)
      input.set(X.data.subarray(i * d, (i + 1) * d))
      const length = work(i)
      if (!(length <= LONGEST)) {
        finiteMatrix(X, 'rows')
        throw new RangeError(`rows: row ${i} is more than 2^60 times as long as the first rows were: scale the rows`)
      }
    }
    yield { phase, done: to, total: X.rows }
  }
}
