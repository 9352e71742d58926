import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BestK } from '../../src/metrics/best-k.js'
import './arbitraries.js'

const keys = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
  minLength: 1,
  maxLength: 40,
})

it('holds what sorting everything and cutting gives, lower items first among equal keys, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(keys, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(), (rows, size, shuffle) => {
      const k = 1 + (size % Math.min(...rows.map(({ length }) => length)))
      const best = new BestK(rows.length, k)
      rows.forEach((row, r) => {
        const order = row.map((_, item) => item).sort((a, b) => ((a * 7 + shuffle) % 13) - ((b * 7 + shuffle) % 13))
        for (const item of order) best.offer(r, row[item], item)
        expect(best.threshold(r)).toBe([...row].sort((a, b) => b - a)[k - 1])
      })
      best.sort(0, rows.length)
      rows.forEach((row, r) => {
        const expected = row.map((key, item) => ({ key, item })).sort((a, b) => (a.key === b.key ? a.item - b.item : b.key > a.key ? 1 : -1)) // prettier-ignore
        expect([...best.items.subarray(r * k, (r + 1) * k)]).toEqual(expected.slice(0, k).map(({ item }) => item))
        expect([...best.keys.subarray(r * k, (r + 1) * k)]).toEqual(expected.slice(0, k).map(({ key }) => key))
      })
    }),
    { numRuns: 300 },
  )
})
