import { describe, Matrix, toMatrix } from './matrix.js'

/**
 * Reads a {@link MatrixLike} and checks that every entry is finite.
 *
 * @throws TypeError if it is no matrix
 * @throws RangeError with the first offending index if an entry is NaN or infinite
 */
export function finiteMatrix(x: unknown, name: string): Matrix {
  const matrix = toMatrix(x, name)
  const { data, cols } = matrix
  for (let i = 0; i < data.length; i++) {
    // x - x is 0 for a finite number and NaN for NaN and the infinities: one comparison in the hot loop.
    if (data[i] - data[i] !== 0) {
      throw new RangeError(
        `${name}: entry (${Math.floor(i / cols)}, ${i % cols}) is ${data[i]}; every entry must be finite: drop or impute such rows first`,
      )
    }
  }
  return matrix
}

/** @throws TypeError if `value` is no number, RangeError unless it is an integer in [min, max] */
export function integerIn(value: unknown, min: number, max: number, name: string): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be an integer, got ${describe(value)}`)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, got ${value}`)
  }
  return value
}

/** @throws TypeError unless `value` is one of the strings in `choices` */
export function oneOf<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  if (typeof value === 'string' && (choices as readonly string[]).includes(value)) return value as T
  const got = typeof value === 'string' ? `'${value}'` : describe(value)
  const list = choices.map((c) => `'${c}'`).join(', ')
  if (typeof value === 'string') throw new RangeError(`${name} must be one of ${list}, got ${got}`)
  throw new TypeError(`${name} must be one of ${list}, got ${got}`)
}

/** @throws TypeError unless `value` is a number or undefined, RangeError if it is negative or NaN */
export function nonNegative(value: unknown, name: string): void {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`)
  if (!(value >= 0)) throw new RangeError(`${name} must be >= 0, got ${value}`)
}

/** @throws TypeError unless `value` is true, false or undefined */
export function flag(value: unknown, name: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`${name} must be true or false, got ${describe(value)}`)
  }
  return value ?? false
}
