import { describe } from '../describe.js'

/** What random data is made from. The number 7 and the string '7' are the same seed. */
export type Seed = string | number

/** @throws TypeError if the seed is neither string nor number, RangeError if it is not finite */
export function seedText(seed: unknown): string {
  if (typeof seed === 'string') return seed
  if (typeof seed !== 'number') throw new TypeError(`seed must be a string or a number, got ${describe(seed)}`)
  if (!Number.isFinite(seed)) throw new RangeError(`seed must be finite, got ${seed}`)
  return String(seed)
}
