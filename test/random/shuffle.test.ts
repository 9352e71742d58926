import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/random/random-stream.js'
import { shuffledIndices } from '../../src/random/shuffle.js'

describe('shuffled indices', () => {
  it('are every index once, and follow from the seed', () => {
    const order = shuffledIndices(1000, randomStream(3, 'test'))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(shuffledIndices(1000, randomStream('3', 'test'))).toEqual(order)
    expect(shuffledIndices(1000, randomStream(4, 'test'))).not.toEqual(order)
  })

  it.each([0, 1])('of %i are no work', (n) => {
    expect(shuffledIndices(n, randomStream(1, 'test'))).toEqual(new Uint32Array(n))
  })

  it('come in every order as often', () => {
    const stream = randomStream(5, 'test')
    const counts = new Map<string, number>()
    const tries = 24_000
    for (let t = 0; t < tries; t++) {
      const order = shuffledIndices(4, stream).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    const expected = tries / 24
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // The 0.999 quantile of chi-square with 23 degrees of freedom.
    expect(chiSquare).toBeLessThan(49.73)
  })
})
