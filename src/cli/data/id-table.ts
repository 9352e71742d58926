// Typed arrays all through: as strings in a Map a million ids take 100 MB more.

const FIRST = 1024
const FREE = -1

/** Room for `length` numbers, with those that there are. */
export function grown<T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(array: T, length: number): T {
  if (length <= array.length) return array
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, 2 * array.length))
  larger.set(array)
  return larger
}

/** A list of texts: 8 bytes each, and themselves in UTF-8. */
export class Texts {
  #bytes = new Uint8Array(FIRST)
  #ends = new Float64Array(FIRST)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(text: string): void {
    const start = this.#start(this.#length)
    // A character takes at most three bytes of UTF-8.
    this.#bytes = grown(this.#bytes, start + 3 * text.length)
    this.#ends = grown(this.#ends, this.#length + 1)
    this.#ends[this.#length++] = start + bufferOf(this.#bytes).write(text, start)
  }

  /** Takes the last away. */
  pop(): void {
    this.#length--
  }

  at(i: number): string {
    return bufferOf(this.#bytes).toString('utf8', this.#start(i), this.#ends[i])
  }

  slice(from: number, to: number): string[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.#length) - from) }, (_, i) => this.at(from + i))
  }

  /** The FNV-1a hash of a text, 32 bits. */
  hash(i: number): number {
    let hash = 0x811c9dc5 | 0
    for (let at = this.#start(i); at < this.#ends[i]; at++) hash = Math.imul(hash ^ this.#bytes[at], 0x01000193)
    return hash
  }

  equal(i: number, j: number): boolean {
    const [a, b] = [this.#start(i), this.#start(j)]
    const length = this.#ends[i] - a
    if (this.#ends[j] - b !== length) return false
    for (let at = 0; at < length; at++) if (this.#bytes[a + at] !== this.#bytes[b + at]) return false
    return true
  }

  #start(i: number): number {
    return i === 0 ? 0 : this.#ends[i - 1]
  }
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** Different ids, numbered from 0 on as they come: 18 to 24 bytes each, and themselves. By open addressing. */
export class IdTable {
  readonly #texts = new Texts()
  #hashes = new Int32Array(FIRST)
  #slots = new Int32Array(2 * FIRST).fill(FREE)

  get size(): number {
    return this.#texts.length
  }

  /** The number of an id, a new one if it has none yet. */
  number(id: string): number {
    const texts = this.#texts
    const last = texts.length
    texts.push(id)
    const hash = texts.hash(last)
    let slot = this.#slot(hash)
    for (; this.#slots[slot] !== FREE; slot = this.#next(slot)) {
      const other = this.#slots[slot]
      if (this.#hashes[other] !== hash || !texts.equal(other, last)) continue
      texts.pop()
      return other
    }
    this.#hashes = grown(this.#hashes, last + 1)
    this.#hashes[last] = hash
    this.#slots[slot] = last
    if (3 * texts.length > 2 * this.#slots.length) this.#rehash()
    return last
  }

  /** The id of a number. */
  at(number: number): string {
    return this.#texts.at(number)
  }

  #slot(hash: number): number {
    // The low bits of FNV-1a alone collide for ids that differ in their last digits.
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1)
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1)
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(FREE)
    for (let number = 0; number < this.size; number++) {
      let slot = this.#slot(this.#hashes[number])
      while (this.#slots[slot] !== FREE) slot = this.#next(slot)
      this.#slots[slot] = number
    }
  }
}
