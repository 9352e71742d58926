import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { meanAveragePrecision, precisionAtK } from '../../src/metrics/index.js'
import { randomStream } from '../../src/random/random-stream.js'
import './arbitraries.js'
import { orders } from './orders.js'

const METRICS = ['cosine', 'euclidean', 'dot', 'csls'] as const
const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
const dot = (x: number[], y: number[]) => x.reduce((sum, value, l) => sum + value * y[l], 0)
const cosine = (x: number[], y: number[]) => dot(x, y) / (Math.sqrt(dot(x, x) * dot(y, y)) || 1)
const NEIGHBOURS = 2

/** Scores by each metric's definition. */
const score: Record<(typeof METRICS)[number], (x: number[], y: number[], queries: number[][]) => number> = {
  dot,
  cosine,
  euclidean: (x, y) => -Math.hypot(...x.map((v, l) => v - y[l])),
  csls: (x, y, queries) => {
    const near = queries.map((q) => cosine(q, y)).sort((a, b) => b - a)
    return 2 * cosine(x, y) - average(near.slice(0, NEIGHBOURS))
  },
}

/** Rankings in random order of ties, many of them: relevance by rank. */
function naive(
  queries: number[][],
  gallery: number[][],
  metric: (typeof METRICS)[number],
  labels: number[],
  galleryLabels: number[],
  k: number,
) {
  const perQuery = queries.map((x, i) => {
    const scores = gallery.map((y) => score[metric](x, y, queries))
    const all = orders(gallery.map((_, j) => j)).filter((order) =>
      order.every((j, at) => at === 0 || scores[order[at - 1]] >= scores[j] - 1e-9),
    )
    const relevance = all.map((order) => order.map((j) => galleryLabels[j] === labels[i]))
    const ranks = (ranking: boolean[]) => ranking.flatMap((isRelevant, at) => (isRelevant ? [at + 1] : []))
    const precision = (ranking: boolean[], at: number) => ranking.slice(0, at).filter(Boolean).length / at
    return {
      precision: average(relevance.map((ranking) => precision(ranking, k))),
      averages: relevance.map((ranking) => average(ranks(ranking).map((rank) => precision(ranking, rank)))),
    }
  })
  const withClass = perQuery.map(({ averages }) => average(averages)).filter((ap) => !Number.isNaN(ap))
  return {
    precision: average(perQuery.map((q) => q.precision)),
    map: withClass.length === 0 ? undefined : average(withClass),
  }
}

describe.each(METRICS)('retrieval of classes by %s', (metric) => {
  const problem = fc
    .record({ n: fc.integer({ min: 1, max: 5 }), p: fc.integer({ min: 1, max: 5 }), d: fc.integer({ min: 1, max: 3 }) })
    .chain(({ n, p, d }) => {
      const list = <T>(entry: fc.Arbitrary<T>, length: number) =>
        fc.array(entry, { minLength: length, maxLength: length })
      const rows = (count: number) => list(list(fc.integer({ min: -2, max: 2 }), d), count)
      const label = fc.integer({ min: 0, max: 2 })
      return fc.tuple(rows(n), rows(p), list(label, n), list(label, p), fc.integer({ min: 1, max: p }))
    })

  it('agrees with an average over all orders of ties, zero vectors and absent classes included', () => {
    fc.assert(
      fc.property(problem, ([queries, gallery, labels, galleryLabels, k]) => {
        const expected = naive(queries, gallery, metric, labels, galleryLabels, k)
        const options = { metric, galleryLabels, neighbours: NEIGHBOURS }
        expect(precisionAtK(queries, gallery, k, labels, options)).toBeCloseTo(expected.precision, 12)
        const map = () => meanAveragePrecision(queries, gallery, labels, options)
        if (expected.map === undefined) expect(map).toThrow(/no query has a gallery row of its class/)
        else expect(map()).toBeCloseTo(expected.map, 12)
      }),
      { numRuns: 120 },
    )
  })

  it('is worth the share of the class where latents collapsed', () => {
    const labels = [...Array<string>(3).fill('a'), ...Array<string>(7).fill('b')]
    const shares = (3 * 0.3 + 7 * 0.7) / 10
    for (const row of [
      [0.1, -0.7, 1 / 3],
      [0, 0, 0],
    ]) {
      const Z = labels.map(() => row)
      for (const k of [1, 4, 10]) expect(precisionAtK(Z, Z, k, labels, { metric })).toBeCloseTo(shares, 13)
    }
  })
})

describe('retrieval of classes', () => {
  const queries = [[1, 0], [0, 1]] // prettier-ignore
  const gallery = [[1, 0], [1, 0.5], [0.2, 1], [0, 1]] // prettier-ignore
  const galleryLabels = ['x', 'y', 'x', 'y']

  it('is hand-countable on a small case', () => {
    // Relevant ranks of the first query 1 and 3, of the second (y) 1 and 3.
    const ap = (1 + 2 / 3) / 2
    expect(meanAveragePrecision(queries, gallery, ['x', 'y'], { galleryLabels })).toBeCloseTo(ap, 14)
    expect(precisionAtK(queries, gallery, 1, ['x', 'y'], { galleryLabels })).toBe(1)
    expect(precisionAtK(queries, gallery, 2, ['x', 'y'], { galleryLabels })).toBe(0.5)
    expect(precisionAtK(queries, gallery, 4, ['x', 'y'], { galleryLabels })).toBe(0.5)
  })

  it('takes labels of any kind: what is equal is one class', () => {
    const expected = meanAveragePrecision(queries, gallery, ['x', 'y'], { galleryLabels })
    const same = (labels: ArrayLike<number | bigint | string>, others: ArrayLike<number | bigint | string>) => {
      expect(meanAveragePrecision(queries, gallery, labels, { galleryLabels: others })).toBe(expected)
    }
    same(new Uint8Array([4, 9]), [4, 9, 4, 9])
    same(BigInt64Array.from([4n, 9n]), [4n, 9n, 4n, 9n])
    same([-1.5, Infinity], [-1.5, Infinity, -1.5, Infinity])
  })

  it('leaves queries without their class out of the mean average precision, and counts their precision as 0', () => {
    const labels = ['x', 'absent']
    expect(meanAveragePrecision(queries, gallery, labels, { galleryLabels })).toBeCloseTo((1 + 2 / 3) / 2, 14)
    expect(precisionAtK(queries, gallery, 1, labels, { galleryLabels })).toBe(0.5)
  })

  it('finds every class of latents that differ by class only', () => {
    const { uniform, normal } = randomStream(5, 'classes')
    const labels = Array.from({ length: 80 }, () => Math.floor(4 * uniform()))
    const Z = labels.map((c) => [0, 1, 2, 3].map((l) => (l === c ? 5 : 0) + 0.1 * normal()))
    expect(meanAveragePrecision(Z, Z, labels)).toBeCloseTo(1, 12)
    expect(precisionAtK(Matrix.from(Z), Z, 5, labels)).toBe(1)
  })

  it('says what is wrong with its arguments', () => {
    const Z = [[1, 2], [3, 4]] // prettier-ignore
    expect(() => precisionAtK(Z, Z, 1, [0])).toThrow(new RangeError('queries has 2 rows but labels has 1 entries'))
    expect(() => precisionAtK(Z, gallery, 1, [0, 1])).toThrow(
      /gallery has 4 rows and queries has 2: pass `galleryLabels`/,
    )
    expect(() => precisionAtK(Z, gallery, 1, [0, 1], { galleryLabels: [1] })).toThrow(
      new RangeError('gallery has 4 rows but galleryLabels has 1 entries'),
    )
    expect(() => precisionAtK(Z, Z, 3, [0, 1])).toThrow('k must be an integer from 1 to 2, got 3')
    expect(() => precisionAtK(Z, Z, 0, [0, 1])).toThrow(RangeError)
    expect(() => precisionAtK(Z, Z, 1, [0, NaN])).toThrow(new RangeError('labels[1] is NaN, which is no class'))
    expect(() => precisionAtK(Z, Z, 1, [0, null] as never)).toThrow(TypeError)
    expect(() => precisionAtK(Z, Z, 1, new Array(2) as never)).toThrow(TypeError)
    expect(() => meanAveragePrecision(Z, Z, undefined as never)).toThrow(TypeError)
    expect(() => meanAveragePrecision([], [], [])).toThrow(RangeError)
    expect(() => meanAveragePrecision([[NaN]], [[1]], [0])).toThrow(RangeError)
    expect(() => meanAveragePrecision(Z, Z, [0, 1], { metric: 'manhattan' as never })).toThrow(RangeError)
  })
})
