import { wrongKind } from '../../describe.js'
import { integerIn } from '../../validation.js'

/** k. @throws TypeError if it is no number, RangeError unless it is an integer from 1 on */
export function componentCount(value: unknown): number {
  return integerIn(value, 1, Number.MAX_SAFE_INTEGER, 'nComponents')
}

/** @throws TypeError unless `value` is a number, RangeError unless it lies in [min, max] */
export function numberIn(value: unknown, min: number, max: number, name: string): number {
  if (typeof value !== 'number') throw wrongKind(name, 'a number', value)
  if (!(value >= min && value <= max)) throw new RangeError(`${name} must be from ${min} to ${max}, got ${value}`)
  return value
}

/** @throws RangeError unless there are two modalities */
export function exactlyTwo(widths: readonly number[], method: string): void {
  if (widths.length !== 2) throw new RangeError(`${method} aligns two modalities, got ${widths.length}`)
}

/** @throws RangeError if there are more components than the narrowest modality has columns */
export function atMostNarrowest(widths: readonly number[], k: number): void {
  const narrowest = Math.min(...widths)
  if (k > narrowest) {
    throw new RangeError(`nComponents is ${k}, expected at most ${narrowest}, the columns of the narrowest modality`)
  }
}

/** @throws RangeError unless there are two rows or more */
export function atLeastTwoRows(rows: number, method: string): void {
  if (rows < 2) throw new RangeError(`${method} needs at least 2 rows, got ${rows}`)
}
