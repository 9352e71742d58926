import { describe } from '../matrix.js'
import { integerIn } from '../validation.js'

/** @throws TypeError if `value` is no number, RangeError unless it is finite and at least `min` */
export function finiteNumber(value: unknown, name: string, min = -Infinity): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`)
  if (!Number.isFinite(value) || value < min) {
    throw new RangeError(`${name} must be finite${min > -Infinity ? ` and at least ${min}` : ''}, got ${value}`)
  }
  return value
}

/** A count of samples, dimensions or rows: at least one, and few enough to index. */
export const positiveCount = (value: unknown, name: string): number => integerIn(value, 1, 2 ** 31 - 1, name)

/** An interval from `low` up to `high`, of finite length. */
export function interval(low: unknown, high: unknown, names: readonly [string, string]): readonly [number, number] {
  const from = finiteNumber(low, names[0])
  const to = finiteNumber(high, names[1])
  if (from <= to && Number.isFinite(to - from)) return [from, to]
  throw new RangeError(
    `${names[0]} must not exceed ${names[1]}, and their difference must be finite; got ${from} and ${to}`,
  )
}
