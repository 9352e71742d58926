import { describe, wrongKind } from '../describe.js'
import type { FlatMetric } from './flat-options.js'
import { idList, type Id } from './ids.js'

/** What float32 can hold beside a cosine; a product is scaled to fit. */
const LARGEST = { cosine: 1e30, dot: 1e150 } as const

/** The ids, for each of which there is a bias. @throws TypeError or RangeError unless both are of their kind, and the metric has biases */
export function checkedBiases(ids: unknown, values: ArrayLike<unknown>, metric: FlatMetric): Id[] {
  if (metric === 'euclidean') throw new RangeError("biases are for 'dot' and 'cosine': distances have none")
  const list = idList(ids, 'ids')
  const given: unknown = values
  if (typeof given !== 'object' || given === null || values.length !== list.length) {
    throw new RangeError(`values must be ${list.length} numbers, one for each id, got ${describe(values)}`)
  }
  const largest = LARGEST[metric]
  for (let i = 0; i < list.length; i++) {
    const value = values[i]
    if (typeof value !== 'number') throw wrongKind(`values[${i}]`, 'a number', value)
    if (!(Math.abs(value) <= largest)) {
      throw new RangeError(`values[${i}] is ${value}, expected a finite number up to ${largest}`)
    }
  }
  return list
}
