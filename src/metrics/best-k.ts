/** Stands for no item yet: any item comes before it. */
const NONE = 2 ** 31 - 1

/**
 * The k best items of each of several sequences, as they come in. Higher keys are better; of equal keys the lower item is. A heap a
 * row with the worst on top: an item that is not among the best costs one comparison, any other log k.
 */
export class BestK {
  readonly k: number
  /** rows x k; heaps until they are sorted. */
  readonly keys: Float64Array
  /** rows x k, the items in the places of their keys. */
  readonly items: Int32Array

  constructor(rows: number, k: number) {
    this.k = k
    this.keys = new Float64Array(rows * k).fill(-Infinity)
    this.items = new Int32Array(rows * k).fill(NONE)
  }

  /** The key that a new item of a row must reach. */
  threshold(row: number): number {
    return this.keys[row * this.k]
  }

  /** Takes the item in if it is one of the best of the row so far. */
  offer(row: number, key: number, item: number): void {
    const top = row * this.k
    if (!this.#precedes(key, item, top)) return
    this.#sink(top, this.k, key, item)
  }

  /** Puts rows [from, to) in order, the best first. Nothing can be offered to them afterwards. */
  sort(from: number, to: number): void {
    for (let top = from * this.k; top < to * this.k; top += this.k) {
      for (let last = this.k - 1; last > 0; last--) {
        const key = this.keys[top + last]
        const item = this.items[top + last]
        this.keys[top + last] = this.keys[top]
        this.items[top + last] = this.items[top]
        this.#sink(top, last, key, item)
      }
    }
  }

  /** The mean key of each row, once it has k items. */
  means(): Float64Array {
    const { k, keys } = this
    return Float64Array.from({ length: keys.length / k }, (_, row) => {
      let sum = 0
      for (let at = row * k; at < (row + 1) * k; at++) sum += keys[at]
      return sum / k
    })
  }

  /** Whether the item is better than the one at `index`. */
  #precedes(key: number, item: number, index: number): boolean {
    return key > this.keys[index] || (key === this.keys[index] && item < this.items[index])
  }

  /** Replaces the top of the heap of `size` at `top`, and restores its order. */
  #sink(top: number, size: number, key: number, item: number): void {
    const { keys, items } = this
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1
      if (right < size && this.#precedes(keys[top + child], items[top + child], top + right)) child = right
      if (!this.#precedes(key, item, top + child)) break
      keys[top + at] = keys[top + child]
      items[top + at] = items[top + child]
      at = child
    }
    keys[top + at] = key
    items[top + at] = item
  }
}
