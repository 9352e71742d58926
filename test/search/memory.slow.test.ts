import { expect, test } from 'vitest'
import { Engine } from '../../src/runtime/engine.js'
import { nearest } from '../../src/search/index.js'
import { gaussian } from '../support/random.js'

const MEBIBYTE = 2 ** 20
const METRICS = ['cosine', 'euclidean', 'dot', 'csls'] as const

/** WebAssembly memory that a search takes. */
function bytesFor(n: number, p: number, d: number, metric: (typeof METRICS)[number]): number {
  const [queries, gallery] = [gaussian(n, d, 1), gaussian(p, d, 2)]
  Engine.use('simd')
  const before = Engine.shared().memoryBytes
  nearest(queries, gallery, 3, { metric })
  return Engine.shared().memoryBytes - before
}

test.each(METRICS)('by %s the WebAssembly memory has a bound that more rows do not move', (metric) => {
  const few = bytesFor(600, 2048, 64, metric)
  expect(bytesFor(700, 12_000, 64, metric)).toBe(few)
  expect(few).toBeGreaterThan(4 * MEBIBYTE)
  for (const [n, p, d] of [
    [600, 1100, 512],
    [300, 300, 2500],
    [20, 70, 8192],
  ])
    // prettier-ignore
    expect(bytesFor(n, p, d, metric), `${n} of ${p} x ${d}`).toBeLessThanOrEqual(10 * MEBIBYTE)
})

test('for very long rows it grows with them alone', () => {
  const d = 40_000
  expect(bytesFor(40, 130, d, 'cosine')).toBeLessThanOrEqual(8 * 150 * d + 6 * MEBIBYTE)
})
