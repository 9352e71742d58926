import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import {
  evaluateRetrieval,
  meanReciprocalRank,
  recallAtK,
  type RetrievalOptions,
  type SimilarityMetric,
} from '../../src/metrics/index.js'
import { randomStream } from '../../src/random/random-stream.js'
import './arbitraries.js'

type PlainMetric = Exclude<SimilarityMetric, 'csls'>
const METRICS: PlainMetric[] = ['cosine', 'euclidean', 'dot']
const dot = (x: number[], y: number[]) => x.reduce((sum, value, l) => sum + value * y[l], 0)

/** Sign of similarity(q, a) - similarity(q, b), exact for small integers: no square roots and no divisions. */
const compare: Record<PlainMetric, (q: number[], a: number[], b: number[]) => number> = {
  dot: (q, a, b) => dot(q, a) - dot(q, b),
  euclidean: (q, a, b) => {
    const squared = (g: number[]) => dot(g, g) - 2 * dot(q, g)
    return squared(b) - squared(a)
  },
  cosine: (q, a, b) => {
    // cos^2 up to the query's length, as a fraction with its sign; a zero vector has cosine 0.
    const fraction = (g: number[]) => [Math.sign(dot(q, g)) * dot(q, g) ** 2, dot(g, g) || 1]
    const [[p, r], [s, t]] = [fraction(a), fraction(b)]
    return p * t - s * r
  },
}

/** Sorts the whole gallery for each query and averages over the possible places of the partner. */
function naive(queries: number[][], gallery: number[][], metric: PlainMetric, partners: number[], k: number) {
  const ranks = queries.map((q, i) => {
    const order = gallery.map((g) => compare[metric](q, g, gallery[partners[i]]))
    const better = order.filter((sign) => sign > 0).length
    const tied = order.filter((sign) => sign === 0).length
    return Array.from({ length: tied }, (_, l) => better + 1 + l)
  })
  const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
  return {
    recall: average(ranks.map((places) => average(places.map((rank) => (rank <= k ? 1 : 0))))),
    reciprocal: average(ranks.map((places) => average(places.map((rank) => 1 / rank)))),
  }
}

const harmonic = (n: number) => Array.from({ length: n }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b, 0)

function normalRows(n: number, d: number, seed: string): number[][] {
  const { normal } = randomStream(seed, 'test')
  return Array.from({ length: n }, () => Array.from({ length: d }, normal))
}

describe.each(METRICS)('retrieval by %s', (metric) => {
  // Few values, so that ties, zero vectors and parallel vectors are common; n straddles the four queries of a block.
  const problem = fc
    .record({ n: fc.integer({ min: 1, max: 9 }), p: fc.integer({ min: 1, max: 9 }), d: fc.integer({ min: 1, max: 5 }) })
    .chain(({ n, p, d }) => {
      const rows = (count: number) =>
        fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: d, maxLength: d }), {
          minLength: count,
          maxLength: count,
        })
      const partners = fc.array(fc.integer({ min: 0, max: p - 1 }), { minLength: n, maxLength: n })
      return fc.tuple(rows(n), rows(p), partners, fc.integer({ min: 1, max: p + 1 }))
    })

  it('agrees with an exact brute-force ranking, ties and zero vectors included', () => {
    fc.assert(
      fc.property(problem, ([queries, gallery, partners, k]) => {
        const expected = naive(queries, gallery, metric, partners, k)
        const options: RetrievalOptions = { metric, partners }
        expect(recallAtK(queries, gallery, k, options)).toBeCloseTo(expected.recall, 13)
        expect(meanReciprocalRank(queries, gallery, options)).toBeCloseTo(expected.reciprocal, 13)
      }),
      { numRuns: 400 },
    )
  })

  it('agrees with it on general data', () => {
    const queries = normalRows(67, 5, 'queries')
    const gallery = queries.map((row, i) => row.map((x, j) => x + 0.3 * normalRows(67, 5, 'noise')[i][j]))
    const partners = queries.map((_, i) => i)
    for (const k of [1, 3, 10]) {
      const expected = naive(queries, gallery, metric, partners, k)
      expect(recallAtK(queries, gallery, k, { metric })).toBeCloseTo(expected.recall, 13)
      expect(meanReciprocalRank(queries, gallery, { metric })).toBeCloseTo(expected.reciprocal, 13)
    }
  })

  it.each([1, 2, 3, 4, 5, 37])(
    'scores exactly chance where %i latents collapsed to a point, to zero or on one side',
    (n) => {
      const equal = Array.from({ length: n }, () => [0.1, -0.7, 1 / 3])
      const zero = equal.map((row) => row.map(() => 0))
      const healthy = normalRows(n, 3, 'healthy')
      for (const [queries, gallery] of [
        [equal, equal],
        [zero, zero],
        [healthy, zero],
        [healthy, equal],
        [equal, healthy],
      ]) {
        const ks = [1, Math.ceil(n / 2), n]
        const scores = evaluateRetrieval(queries, gallery, { metric, ks })
        scores.recallAtK.forEach((recall, i) => {
          expect(recall).toBeCloseTo(ks[i] / n, 14)
        })
        expect(scores.meanReciprocalRank).toBeCloseTo(harmonic(n) / n, 14)
      }
    },
  )

  it.each([1e-300, 1e-160, 1e160, 1e300, 1e307])('does not change with the scale of both sides: %f', (scale) => {
    const queries = normalRows(30, 4, 'scale')
    const gallery = queries.map((row, i) => row.map((x, j) => x + normalRows(30, 4, 'more')[i][j]))
    const times = (rows: number[][]) => rows.map((row) => row.map((x) => x * scale))
    const plain = evaluateRetrieval(queries, gallery, { metric })
    expect(plain.recallAtK[0]).toBeGreaterThan(0.05)
    expect(plain.recallAtK[0]).toBeLessThan(0.95)
    expect(evaluateRetrieval(times(queries), times(gallery), { metric })).toEqual(plain)
  })

  it('follows its partners when the gallery is shuffled, and reads float32', () => {
    const queries = normalRows(23, 6, 'shuffle')
    const gallery = queries.map((row) => row.map((x) => Math.fround(x + 0.5 * Math.sin(40 * x))))
    const order = gallery.map((_, i) => (i * 7) % 23)
    const shuffled = new Matrix(23, 6, Float32Array.from(order.flatMap((i) => gallery[i])))
    const partners = Int32Array.from(gallery, (_, i) => order.indexOf(i))
    expect(evaluateRetrieval(queries, shuffled, { metric, partners })).toEqual(
      evaluateRetrieval(queries, gallery, { metric }),
    )
  })
})

describe('retrieval', () => {
  it('finds every partner among equal latents that differ from each other, by cosine and by distance', () => {
    const Z = normalRows(50, 3, 'perfect')
    expect(recallAtK(Z, Z, 1)).toBe(1)
    expect(meanReciprocalRank(Z, Z, { metric: 'euclidean' })).toBe(1)
  })

  it('is hand-countable on a small case', () => {
    // Ranks of the partners by cosine: 1, 2, 3.
    const queries = [[1, 0], [1, 0], [1, 0]] // prettier-ignore
    const gallery = [[2, 0], [1, 1], [0, 1]] // prettier-ignore
    expect(evaluateRetrieval(queries, gallery, { ks: [1, 2, 3] })).toEqual({
      recallAtK: [1 / 3, 2 / 3, 1],
      meanReciprocalRank: (1 + 1 / 2 + 1 / 3) / 3,
    })
  })

  it('scores chance by cosine where all latents lie on one ray, although rounding tells them apart', () => {
    const n = 101
    const lengths = Array.from({ length: n }, (_, i) => 1 + i / 7)
    const ray = lengths.map((length) => [0.1, 0.7, -0.3, 1 / 3, 0.9].map((x) => x * length))
    expect(recallAtK(ray, ray, 1)).toBeCloseTo(1 / n, 14)
    expect(meanReciprocalRank(ray, ray)).toBeCloseTo(harmonic(n) / n, 14)
    // By distance the lengths do tell them apart.
    expect(recallAtK(ray, ray, 1, { metric: 'euclidean' })).toBe(1)
  })

  it('is fooled by latents of one direction by distance alone, as docs/metrics.md says', () => {
    const ray = Array.from({ length: 20 }, (_, i) => [3 * (i + 1), 4 * (i + 1)])
    for (const metric of ['cosine', 'csls', 'dot'] as const) {
      expect(recallAtK(ray, ray, 1, { metric }), metric).toBeCloseTo(1 / 20, 12)
    }
    expect(recallAtK(ray, ray, 1, { metric: 'euclidean' })).toBe(1)
  })

  it('ignores the length of every row by cosine', () => {
    const queries = normalRows(40, 3, 'lengths')
    const gallery = queries.map((row, i) => row.map((x, j) => x + normalRows(40, 3, 'other')[i][j]))
    const stretched = gallery.map((row, i) => row.map((x) => x * 10 ** ((i % 60) * 10 - 300)))
    expect(evaluateRetrieval(queries, stretched)).toEqual(evaluateRetrieval(queries, gallery))
  })

  it('tells neighbours apart by distance at magnitudes whose squares do not exist', () => {
    const Z = [[1e300, 0], [1e300, 1e-300], [0, 1e-300], [0, -2e-300], [-1.7e308, 0], [1.7e308, 0]] // prettier-ignore
    expect(recallAtK(Z, Z, 1, { metric: 'euclidean' })).toBeCloseTo(1, 15)
  })

  it('ranks inner products of gallery rows near the largest double', () => {
    const gallery = [[1.7e308, 1.7e308], [1.7e308, -1.7e308], [1e308, 1e308]] // prettier-ignore
    expect(recallAtK([[1, 1], [1, -1]], gallery, 1, { metric: 'dot', partners: [0, 1] })).toBe(1) // prettier-ignore
    expect(recallAtK([[1, 1]], gallery, 1, { metric: 'dot', partners: [2] })).toBe(0)
  })

  it('gives at several cut-offs what each alone gives', () => {
    const queries = normalRows(20, 2, 'ks')
    const gallery = normalRows(20, 2, 'ks2')
    const { recallAtK: recalls, meanReciprocalRank: mrr } = evaluateRetrieval(queries, gallery)
    expect(recalls).toEqual([1, 5, 10].map((k) => recallAtK(queries, gallery, k)))
    expect(mrr).toBe(meanReciprocalRank(queries, gallery))
    expect(recallAtK(queries, gallery, 20)).toBe(1)
    expect(recallAtK(queries, gallery, 21)).toBe(1)
  })

  it('says what is wrong with its arguments', () => {
    const Z = [[1, 2], [3, 4]] // prettier-ignore
    expect(() => recallAtK(Z, [[1, 2]], 1)).toThrow(/queries is 2 x 2 but gallery is 1 x 2: .* pass `partners`/)
    expect(() => recallAtK(Z, [[1], [2]], 1)).toThrow(/queries is 2 x 2 but gallery is 2 x 1: .* same components/)
    expect(() => recallAtK(Z, Z, 0)).toThrow(RangeError)
    expect(() => recallAtK(Z, Z, 1.5)).toThrow(RangeError)
    expect(() => recallAtK(Z, Z, '1' as never)).toThrow(TypeError)
    expect(() => recallAtK(Z, Z, 1, { metric: 'manhattan' as never })).toThrow(RangeError)
    expect(() => recallAtK(Z, Z, 1, { partners: [0] })).toThrow(
      new RangeError('queries has 2 rows but partners has 1 entries'),
    )
    expect(() => recallAtK(Z, Z, 1, { partners: [0, 2] })).toThrow(
      /partners\[1\] must be an integer from 0 to 1, got 2/,
    )
    expect(() => recallAtK(Z, Z, 1, { partners: 7 as never })).toThrow(TypeError)
    expect(() => meanReciprocalRank([], [])).toThrow(RangeError)
    expect(() => meanReciprocalRank([[NaN]], [[1]])).toThrow(RangeError)
  })
})
