import { wrongKind } from '../describe.js'
import { listOf } from '../matrix-input.js'

/** The class of each row: numbers, strings or bigints, in whatever kind of array. Equal values are one class. */
export type Labels = ArrayLike<number | string | bigint>

/**
 * Labels as small integers. `codes` remembers which value has which, so that two lists can share it.
 *
 * @throws TypeError unless it is a list of numbers, strings or bigints
 * @throws RangeError if its length differs from `rows`, or a label is NaN
 */
export function classCodes(
  labels: unknown,
  rows: number,
  name: string,
  of: string,
  codes = new Map<unknown, number>(),
): Int32Array {
  const list = listOf(labels, name, 'an array with the class of each row', of, rows)
  return Int32Array.from(list, (label, i) => {
    if (!['number', 'string', 'bigint'].includes(typeof label)) {
      throw wrongKind(`${name}[${i}]`, 'a number or a string', label)
    }
    if (Number.isNaN(label)) throw new RangeError(`${name}[${i}] is NaN, which is no class`)
    const code = codes.get(label) ?? codes.size
    codes.set(label, code)
    return code
  })
}
