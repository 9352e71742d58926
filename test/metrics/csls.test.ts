import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateRetrieval, recallAtK } from '../../src/metrics/index.js'
import { randomStream } from '../../src/random/random-stream.js'
import './arbitraries.js'

const dot = (x: number[], y: number[]) => x.reduce((sum, value, l) => sum + value * y[l], 0)
const cosine = (x: number[], y: number[]) => dot(x, y) / (Math.sqrt(dot(x, x) * dot(y, y)) || 1)
const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
const closest = (x: number[], others: number[][], k: number) =>
  average(others.map((y) => cosine(x, y)).sort((a, b) => b - a).slice(0, k)) // prettier-ignore

/** 2 cos(x, y) - r(x) - r(y) for every query and gallery row, by the letter of Conneau et al. 2018. */
function naiveCsls(queries: number[][], gallery: number[][], neighbours: number): number[][] {
  return queries.map((x) =>
    gallery.map((y) => 2 * cosine(x, y) - closest(x, gallery, neighbours) - closest(y, queries, neighbours)),
  )
}

/** The share of queries whose partner is among the first k, ties (to rounding) at their expected value. */
function naiveRecall(scores: number[][], partners: number[], k: number): number {
  return average(
    scores.map((row, i) => {
      const better = row.filter((s) => s > row[partners[i]] + 1e-9).length
      const tied = row.filter((s) => Math.abs(s - row[partners[i]]) <= 1e-9).length
      return Math.min(1, Math.max(0, (k - better) / tied))
    }),
  )
}

const rowsOf = (count: number, d: number) =>
  fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: d, maxLength: d }), {
    minLength: count,
    maxLength: count,
  })

describe("retrieval by 'csls'", () => {
  const problem = fc
    .record({ n: fc.integer({ min: 1, max: 9 }), p: fc.integer({ min: 1, max: 9 }), d: fc.integer({ min: 1, max: 4 }) })
    .chain(({ n, p, d }) => {
      const partners = fc.array(fc.integer({ min: 0, max: p - 1 }), { minLength: n, maxLength: n })
      return fc.tuple(rowsOf(n, d), rowsOf(p, d), partners, fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 2, 3, 10)) // prettier-ignore
    })

  it('agrees with its definition, ties, zero vectors and neighbourhoods larger than the data included', () => {
    fc.assert(
      fc.property(problem, ([queries, gallery, partners, k, neighbours]) => {
        const expected = naiveRecall(naiveCsls(queries, gallery, neighbours), partners, k)
        expect(recallAtK(queries, gallery, k, { metric: 'csls', partners, neighbours })).toBeCloseTo(expected, 12)
      }),
      { numRuns: 400 },
    )
  })

  it('takes neighbourhoods of ten unless told otherwise', () => {
    const { normal } = randomStream(1, 'csls')
    const rows = () => Array.from({ length: 60 }, () => Array.from({ length: 3 }, normal))
    const [queries, gallery] = [rows(), rows()]
    const plain = evaluateRetrieval(queries, gallery, { metric: 'csls' })
    expect(plain).toEqual(evaluateRetrieval(queries, gallery, { metric: 'csls', neighbours: 10 }))
    expect(plain).not.toEqual(evaluateRetrieval(queries, gallery, { metric: 'csls', neighbours: 2 }))
  })

  it('finds partners that a hub hides', () => {
    // Every query is nearest to the hub, the last gallery row, by cosine.
    const queries = [[1, 0.5, 0], [0.5, 1, 0], [1, 1, 0.1], [1, 1, -0.1]] // prettier-ignore
    const gallery = [[1, 0, 0], [0, 1, 0], [0.3, 0.3, 1], [1, 1, 0]] // prettier-ignore
    const recall = (metric: 'cosine' | 'csls') => recallAtK(queries, gallery, 1, { metric, neighbours: 2 })
    expect(recall('cosine')).toBe(0.25)
    expect(recall('csls')).toBeGreaterThan(0.25)
  })

  it.each([1, 2, 5, 23])('scores exactly chance where %i latents collapsed', (n) => {
    const equal = Array.from({ length: n }, () => [0.1, -0.7, 1 / 3])
    const zero = equal.map((row) => row.map(() => 0))
    for (const [queries, gallery] of [
      [equal, equal],
      [zero, zero],
      [equal, zero],
    ])
      // prettier-ignore
      expect(recallAtK(queries, gallery, 1, { metric: 'csls' })).toBeCloseTo(1 / n, 14)
  })

  it('refuses neighbourhoods of no size', () => {
    const Z = [[1, 2], [3, 4]] // prettier-ignore
    expect(() => recallAtK(Z, Z, 1, { metric: 'csls', neighbours: 0 })).toThrow(RangeError)
    expect(() => recallAtK(Z, Z, 1, { metric: 'csls', neighbours: '3' as never })).toThrow(TypeError)
  })
})
