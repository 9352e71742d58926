import { createHash } from 'node:crypto'
import type { MatrixData } from '../../matrix.js'

const FIRST_SLOTS = 1024
const EMPTY = 0n

/**
 * Rows that were seen, by 64 bits of their SHA-256: two of 2^21 different rows have the same in one of 8 million files.
 *
 * @memory 16 to 32 bytes a row, half as much again while it grows
 */
export class Fingerprints {
  #slots = new BigUint64Array(FIRST_SLOTS)
  #count = 0

  /** Whether a row of the same numbers was added before; adds it. */
  add(row: MatrixData): boolean {
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow()
    const print = fingerprint(row)
    const slot = slotOf(this.#slots, print)
    if (this.#slots[slot] === print) return true
    this.#slots[slot] = print
    this.#count++
    return false
  }

  #grow(): void {
    const slots = new BigUint64Array(2 * this.#slots.length)
    for (const print of this.#slots) if (print !== EMPTY) slots[slotOf(slots, print)] = print
    this.#slots = slots
  }
}

/** Where a fingerprint is, or would be. */
function slotOf(slots: BigUint64Array, print: bigint): number {
  const mask = slots.length - 1
  let slot = Number(BigInt.asUintN(32, print)) & mask
  while (slots[slot] !== EMPTY && slots[slot] !== print) slot = (slot + 1) & mask
  return slot
}

function fingerprint(row: MatrixData): bigint {
  const print = createHash('sha256').update(Float64Array.from(row)).digest().readBigUInt64LE()
  return print === EMPTY ? 1n : print
}
