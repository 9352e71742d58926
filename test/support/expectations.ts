import { expect } from 'vitest'

/** Equal numbers throughout; +0 equals -0, NaN equals nothing. Says where the first difference is. */
export function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, `${what}: length`).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) expect.fail(`${what}: entry ${i} is ${actual[i]}, expected ${expected[i]}`)
  }
}

/** |actual - expected| <= bound, entry by entry. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: ArrayLike<number>,
  what: string,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    // Negated, so that NaN fails.
    if (!(Math.abs(actual[i] - expected[i]) <= bound[i])) {
      expect.fail(`${what}: entry ${i} is ${actual[i]}, expected ${expected[i]} within ${bound[i]}`)
    }
  }
}
