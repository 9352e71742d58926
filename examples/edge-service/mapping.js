import { loadAlignment } from 'collimate/serve'

const ROUNDS = 200

/**
 * How long mapping one vector takes, apart from all else, by this runtime's clock. Where that ticks in milliseconds several vectors
 * are mapped between two looks at it, one after the other as requests would, and counted by their mean.
 *
 * @param {Uint8Array} file - a model
 * @param {number} together - vectors between two looks at the clock
 * @returns microseconds per vector of each round, ascending
 */
export function mappingTimes(file, together) {
  const model = loadAlignment(file)
  const [width] = model.widths
  const vectors = Array.from({ length: together }, (_, i) => Array.from({ length: width }, (_, j) => Math.sin(i + j)))
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (const vector of vectors) model.transformVector(vector, 0)
    times.push((1000 * (performance.now() - start)) / together)
  }
  return times.sort((a, b) => a - b)
}
