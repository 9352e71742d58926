// What a worker does with one part.
import { JointFactor } from 'collimate'
import { generate } from './rows.js'

/**
 * The factor of one part as bytes, and what it took in milliseconds.
 *
 * @param {Parameters<typeof generate>[0]} part
 */
export function fitPart(part) {
  const start = performance.now()
  const modalities = generate(part)
  const generated = performance.now()
  const bytes = new JointFactor(part.columns).update(modalities).toBytes()
  return { bytes, generateMs: generated - start, factorMs: performance.now() - generated }
}
