import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topKAccuracy } from '../../src/metrics/index.js'
import './arbitraries.js'

// The example of scikit-learn's documentation of top_k_accuracy_score.
const scores = [
  [0.5, 0.2, 0.2],
  [0.3, 0.4, 0.2],
  [0.2, 0.4, 0.3],
  [0.7, 0.2, 0.1],
]
const labels = [0, 1, 2, 2]

describe('topKAccuracy', () => {
  it("gives scikit-learn's result on its example", () => {
    expect(topKAccuracy(scores, labels, 1)).toBe(0.5)
    expect(topKAccuracy(scores, labels, 2)).toBe(0.75)
    expect(topKAccuracy(scores, labels, 3)).toBe(1)
    expect(topKAccuracy(scores, Int32Array.from(labels), 99)).toBe(1)
  })

  it('is the share of rows whose label is among the k first of the sorted scores, where none tie', () => {
    const row = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })
    const problem = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(problem, fc.integer({ min: 1, max: 6 }), (rows, k) => {
        const hits = rows.filter(([s, label]) =>
          [...s.keys()]
            .sort((a, b) => s[b] - s[a])
            .slice(0, k)
            .includes(label),
        )
        const S = rows.map(([s]) => s)
        const y = rows.map(([, label]) => label)
        expect(topKAccuracy(S, y, k)).toBeCloseTo(hits.length / rows.length, 15)
      }),
    )
  })

  it('does not change with the order of the classes, ties or not', () => {
    const order = [3, 0, 2, 1]
    const row = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(row, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 }), (s, label, k) => {
        const permuted = order.map((c) => s[c])
        expect(topKAccuracy([permuted], [order.indexOf(label)], k)).toBe(topKAccuracy([s], [label], k))
      }),
    )
  })

  it('is chance, k / c, for constant scores, whatever the labels', () => {
    const constant = [Array<number>(5).fill(0.2), Array<number>(5).fill(-7)]
    for (const k of [1, 2, 3, 4, 5]) expect(topKAccuracy(constant, [0, 4], k)).toBe(k / 5)
  })

  it('counts a tie across the cut by its probability', () => {
    expect(topKAccuracy([[3, 2, 2, 2]], [2], 2)).toBe(1 / 3)
    expect(topKAccuracy([[3, 2, 2, 2]], [2], 3)).toBe(2 / 3)
    expect(topKAccuracy([[3, 2, 2, 2]], [0], 1)).toBe(1)
  })

  it('refuses labels that are no classes and counts that do not fit', () => {
    expect(() => topKAccuracy(scores, [0, 1, 2], 1)).toThrow(
      new RangeError('scores has 4 rows but labels has 3 entries'),
    )
    expect(() => topKAccuracy(scores, [0, 1, 2, 3], 1)).toThrow(
      new RangeError('labels[3] must be an integer from 0 to 2, got 3'),
    )
    expect(() => topKAccuracy(scores, [0, 1, 2, -1], 1)).toThrow(RangeError)
    expect(() => topKAccuracy(scores, [0, 1, 2, '1'] as never, 1)).toThrow(TypeError)
    expect(() => topKAccuracy(scores, null as never, 1)).toThrow(TypeError)
    expect(() => topKAccuracy(scores, labels, 0)).toThrow(RangeError)
    expect(() => topKAccuracy(scores, labels, 1.5)).toThrow(RangeError)
    expect(() => topKAccuracy([], [], 1)).toThrow(RangeError)
    expect(() => topKAccuracy([[NaN]], [0], 1)).toThrow(RangeError)
  })
})
