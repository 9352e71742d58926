import { numberThat } from '../validation.js'

/** What random data is made from. The number 7 and the string '7' are the same seed. */
export type Seed = string | number

/** @throws TypeError if the seed is neither string nor number, RangeError if it is not finite */
export function seedText(seed: unknown): string {
  if (typeof seed === 'string') return seed
  return String(numberThat(Number.isFinite, 'finite', seed, 'seed', 'a string or a number'))
}
