import { randomStream } from '../random/random-stream.js'

/** `count` of the numbers from 0 to `total` - 1, every choice as likely, ascending (Floyd's method, CACM 30, 1987). */
export function drawnNumbers(total: number, count: number, seed: string): Uint32Array {
  const { uniform } = randomStream(seed, 'rows of a sample')
  const drawn = new Set<number>()
  for (let last = total - count; last < total; last++) {
    const one = Math.floor(uniform() * (last + 1))
    drawn.add(drawn.has(one) ? last : one)
  }
  return Uint32Array.from(drawn).sort()
}
