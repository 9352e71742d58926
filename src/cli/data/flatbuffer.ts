/** A table of a flatbuffer, whose fields have numbers and may be left out. Reading beyond the bytes throws a RangeError. */
export class FlatTable {
  readonly #view: DataView
  readonly #start: number
  readonly #fields: number
  readonly #fieldBytes: number

  /** The table that is pointed to at `pointer`. */
  constructor(view: DataView, pointer: number) {
    this.#view = view
    this.#start = pointer + view.getUint32(pointer, true)
    this.#fields = this.#start - view.getInt32(this.#start, true)
    this.#fieldBytes = view.getUint16(this.#fields, true)
  }

  /** 0 where there is none. */
  byte(field: number): number {
    const at = this.#at(field)
    return at === 0 ? 0 : this.#view.getUint8(at)
  }

  long(field: number): bigint {
    const at = this.#at(field)
    return at === 0 ? 0n : this.#view.getBigInt64(at, true)
  }

  table(field: number): FlatTable | undefined {
    const at = this.#at(field)
    return at === 0 ? undefined : new FlatTable(this.#view, at)
  }

  /** Where the elements of a list begin, and how many there are. @throws RangeError if there is no room for them */
  vector(field: number, elementBytes: number): { readonly start: number; readonly length: number } {
    const at = this.#at(field)
    if (at === 0) return { start: 0, length: 0 }
    const start = at + this.#view.getUint32(at, true)
    const length = this.#view.getUint32(start, true)
    if (start + 4 + length * elementBytes > this.#view.byteLength) throw new RangeError(`${length} elements have no room`) // prettier-ignore
    return { start: start + 4, length }
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.vector(field, 4)
    return Array.from({ length }, (_, i) => new FlatTable(this.#view, start + 4 * i))
  }

  #at(field: number): number {
    const entry = 4 + 2 * field
    const offset = entry + 2 <= this.#fieldBytes ? this.#view.getUint16(this.#fields + entry, true) : 0
    return offset === 0 ? 0 : this.#start + offset
  }
}
