import { wrongKind } from '../describe.js'

/** What names a row of an index. */
export type Id = string | number

// A Map, or a Set, holds 2^24 entries at most in V8.
const SHARD = 2 ** 23

/**
 * The ids of places, in the order of places. Numbers that ascend, as those that are given by default, are found by bisection and cost 8 bytes each;
 * others by hashing.
 */
export class IdTable {
  /** Of every place; what was removed is undefined once there is a map, and kept while numbers ascend. */
  #ids: (Id | undefined)[] = []
  /** Shards of a map from ids to places; none while numbers ascend. */
  #maps: Map<Id, number>[] | undefined
  /** The number that the next row is given by default: beyond all that there ever were. */
  next = 0

  /** @throws TypeError or RangeError unless they are as many ids as there are rows, of which `taken` says none is in use */
  checked(ids: unknown, rows: number, taken: (id: Id) => boolean): Id[] {
    if (ids === undefined) {
      if (!Number.isSafeInteger(this.next + rows)) {
        throw new RangeError(`no numbers are left beyond ${this.next}: give ids`)
      }
      return Array.from({ length: rows }, (_, i) => this.next + i)
    }
    const list = idList(ids, 'ids')
    if (list.length !== rows) throw new RangeError(`got ${list.length} ids for ${rows} rows`)
    // Numbers that ascend cannot recur: as those of a file mostly do, and then nothing is held besides.
    const ascend = list.every((id, i) => typeof id === 'number' && (i === 0 || id > (list[i - 1] as number)))
    const seen: Set<Id>[] = []
    list.forEach((id, i) => {
      if (seen.some((ids) => ids.has(id)) || taken(id)) {
        throw new RangeError(`ids[${i}] is ${shown(id)}, which there is already`)
      }
      if (ascend) return
      if (i % SHARD === 0) seen.push(new Set())
      seen[seen.length - 1].add(id)
    })
    return list
  }

  /** Gives the places from `first` on these ids. */
  assign(first: number, ids: readonly Id[]): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]
      if (typeof id === 'number') {
        if (this.#maps === undefined && !(first + i === 0 || id > (this.#ids[first + i - 1] as number))) this.#hash()
        this.next = Math.max(this.next, id + 1)
      } else if (this.#maps === undefined) this.#hash()
      this.#ids[first + i] = id
      if (this.#maps !== undefined) this.#put(id, first + i)
    }
  }

  /** The place of an id, where there is one or was one. */
  placeOf(id: Id): number | undefined {
    if (this.#maps !== undefined) {
      for (const map of this.#maps) {
        const place = map.get(id)
        if (place !== undefined) return place
      }
      return undefined
    }
    if (typeof id !== 'number') return undefined
    let [low, high] = [0, this.#ids.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ids[middle] as number) < id) low = middle + 1
      else high = middle
    }
    return low < this.#ids.length && this.#ids[low] === id ? low : undefined
  }

  idAt(place: number): Id {
    return this.#ids[place] as Id
  }

  /** Forgets the id of a place. */
  remove(place: number): void {
    if (this.#maps === undefined) return
    for (const map of this.#maps) map.delete(this.#ids[place] as Id)
    this.#ids[place] = undefined
  }

  /** Forgets all places but those given, which move to the front. */
  keep(places: readonly number[]): void {
    const ids = places.map((place) => this.#ids[place] as Id)
    this.truncate(0)
    ids.forEach((id, place) => {
      this.#ids[place] = id
      if (this.#maps !== undefined) this.#put(id, place)
    })
  }

  /** Forgets the places from `count` on. */
  truncate(count: number): void {
    if (count === 0) {
      if (this.#maps !== undefined) this.#maps = []
    } else for (let place = count; place < this.#ids.length; place++) this.remove(place)
    this.#ids.length = count
  }

  #hash(): void {
    this.#maps = []
    this.#ids.forEach((id, place) => {
      this.#put(id as Id, place)
    })
  }

  #put(id: Id, place: number): void {
    const maps = this.#maps as Map<Id, number>[]
    if (maps.length === 0 || maps[maps.length - 1].size >= SHARD) maps.push(new Map())
    // An id that was removed, and is in use again, may still have a place in an earlier shard.
    for (const map of maps) map.delete(id)
    maps[maps.length - 1].set(id, place)
  }
}

/** @throws TypeError unless it is a list of strings and numbers, RangeError for a number that is no safe integer, or half a surrogate pair */
export function idList(ids: unknown, name: string): Id[] {
  const list = ids as ArrayLike<unknown> | null
  if (typeof list !== 'object' || typeof list?.length !== 'number') {
    throw wrongKind(name, 'an array of strings and integers', ids)
  }
  return Array.from(list, (id, i) => checkedId(id, `${name}[${i}]`))
}

/** @throws TypeError or RangeError unless it is a string, or an integer up to 2^53 - 1 */
export function checkedId(id: unknown, name: string): Id {
  if (typeof id === 'string') {
    if (/\p{Surrogate}/u.test(id)) throw new RangeError(`${name} is no Unicode text: it has half a surrogate pair`)
    return id
  }
  if (typeof id !== 'number') throw wrongKind(name, 'a string or an integer', id)
  if (!Number.isSafeInteger(id)) throw new RangeError(`${name} must be an integer up to 2^53 - 1, got ${id}`)
  return id + 0
}

/** An id in a message. */
export function shown(id: Id): string {
  return typeof id === 'string' ? `'${id.slice(0, 40)}'` : String(id)
}
