import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import type { SimilarityMetric } from '../../src/metrics/index.js'
import type { Progress } from '../../src/steps.js'
import { nearest, nearestAsync } from '../../src/search/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'
import { byScore, naiveScores } from './naive.js'
import { double, enginesFor, EPS, expectNearest, found, single } from './support.js'
import '../metrics/arbitraries.js'

const METRICS: SimilarityMetric[] = ['cosine', 'euclidean', 'dot', 'csls']
onEveryBinary(() => {
  describe.each(METRICS)('by %s', (metric) => {
    const problem = fc
      .record({
        n: fc.integer({ min: 1, max: 9 }),
        p: fc.integer({ min: 1, max: 12 }),
        d: fc.integer({ min: 1, max: 6 }),
      })
      .chain(({ n, p, d }) => {
        const rows = (count: number) =>
          fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: d, maxLength: d }), {
            minLength: count,
            maxLength: count,
          })
        return fc.tuple(rows(n), rows(p), fc.integer({ min: 1, max: p }))
      })

    it('agrees with sorting all scores, zero vectors included', () => {
      fc.assert(
        fc.property(problem, ([queries, gallery, k]) => {
          expectNearest(queries, gallery, k, metric, 1e-14)
        }),
        { numRuns: 200 },
      )
    })

    it.each([
      [1, 1, 1, 1],
      [1, 1025, 3, 7],
      [3, 1024, 5, 1],
      [513, 70, 4, 70],
      [33, 2050, 17, 11],
      [130, 100, 600, 5],
      [17, 65, 8200, 3],
    ])('and so for %i queries of %i x %i', (n, p, d, k) => {
      const [queries, gallery] = [gaussian(n, d, 1).toArray(), gaussian(p, d, 2).toArray()]
      expectNearest(queries, gallery, k, metric, 8 * d * d * EPS)
    })

    it('puts the lower index first among equal rows, wherever in a block they are', () => {
      const p = 2100
      const gallery = gaussian(p, 7, 3)
      const copies = [0, 1, 2, 3, 5, 63, 64, 1021, 1023, 1024, 1029, 2047, 2048, 2098, 2099]
      for (const j of copies) gallery.row(j).set([9, 8, 7, 6, 5, 4, 3])
      const queries = gaussian(5, 7, 4)
      for (let i = 0; i < 5; i++) queries.row(i).set([9, 8, 7, 6, 5, 4, 3].map((x, l) => x + 0.01 * queries.get(i, l)))
      const result = nearest(queries, gallery, copies.length + 2, { metric })
      for (let i = 0; i < 5; i++) {
        const { indices, scores } = found(result, i)
        const at = indices.indexOf(copies[0])
        expect(indices.slice(at, at + copies.length)).toEqual(copies)
        expect(new Set(scores.slice(at, at + copies.length)).size).toBe(1)
      }
    })

    it('ranks rows that are all equal, or all zero, by index', () => {
      for (const row of [
        [0.1, 0.7, -1 / 3],
        [0, 0, 0],
      ]) {
        const gallery = Array.from({ length: 1100 }, () => row)
        const { indices } = nearest([[1, 2, 3], [0, 0, 0]], gallery, 4, { metric }) // prettier-ignore
        expect([...indices]).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
      }
    })

    it('reads float32 without loss, and any kind of matrix', () => {
      const [Q, G] = [single(gaussian(20, 9, 5)), single(gaussian(50, 9, 6))]
      const tensor = (Z: Matrix) => ({ data: Float64Array.from(Z.data), dims: [Z.rows, Z.cols] })
      expect(nearest(Q, G, 6, { metric })).toEqual(nearest(tensor(Q), tensor(G), 6, { metric }))
    })

    it.each([1e-300, 1e-160, 1e160, 1e300])('does not depend on the scale: %f', (scale) => {
      const [Q, G] = [gaussian(12, 5, 7), gaussian(40, 5, 8)]
      const times = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Z.data.map((x) => x * scale)) // prettier-ignore
      expect(nearest(times(Q), times(G), 5, { metric }).indices).toEqual(nearest(Q, G, 5, { metric }).indices)
    })

    it('gives nothing for no queries', () => {
      for (const none of [[], new Matrix(0, 3)]) {
        const { indices, scores, distances } = nearest(none, [[1, 2, 3]], 1, { metric })
        expect([indices.length, (scores ?? distances ?? [0]).length]).toEqual([0, 0])
      }
    })
  })

  it.each(METRICS)('of float32, by %s, is what the same numbers in float64 give', (metric) => {
    const [Q, G] = [single(gaussian(70, 131, 21)), single(gaussian(500, 131, 22))]
    const options = { metric, neighbours: 1 }
    const precisions = enginesFor(() => {
      expect(nearest(Q, G, 3, options).indices).toEqual(nearest(double(Q), double(G), 3, options).indices)
    })
    expect(precisions).toEqual(['f32', undefined])
  })

  it('compares distances that products cannot tell apart, and gives them to full precision', () => {
    // Differences of 1e-3 beside norms of 1e8: |x|^2 + |y|^2 - 2 x.y is noise of size 1.
    const gallery = Array.from({ length: 1500 }, (_, j) => [1e8 + ((j * 577) % 1500) * 1e-3, -1e8, 1e8])
    const queries = [[1e8, -1e8, 1e8], [1e8 + 0.7501, -1e8, 1e8]] // prettier-ignore
    const exact = naiveScores(queries, gallery, 'euclidean')
    const { indices, distances } = nearest(queries, gallery, 9, { metric: 'euclidean' })
    expect([...indices]).toEqual(exact.flatMap((scores) => byScore(scores).slice(0, 9)))
    distances.forEach((x, at) => {
      expect(x).toBe(-exact[Math.floor(at / 9)][indices[at]])
    })
  })

  it('compares distances across 600 orders of magnitude', () => {
    const gallery = [[1e300, 0], [1e300, 1e-300], [0, 1e-300], [0, -2e-300], [-1.7e308, 0], [1.7e308, 0]] // prettier-ignore
    const { indices, distances } = nearest(gallery, gallery, 2, { metric: 'euclidean' })
    expect([...indices.filter((_, at) => at % 2 === 0)]).toEqual([0, 1, 2, 3, 4, 5])
    expect(distances[4]).toBe(0)
    expect(distances[5] / 3e-300).toBeCloseTo(1, 14)
  })

  it('takes directions from rows of any length', () => {
    const Q = gaussian(20, 4, 9)
    const G = gaussian(60, 4, 10)
    const stretched = Matrix.from(G.toArray().map((row, i) => row.map((x) => x * 2 ** ((i % 60) * 33 - 990))))
    expect(nearest(Q, stretched, 7)).toEqual(nearest(Q, G, 7))
  })

  it('keeps cosines from -1 to 1', () => {
    const Z = gaussian(200, 37, 11)
    const { indices, scores } = nearest(Z, Z, 200)
    expect(scores.every((x) => x >= -1 && x <= 1)).toBe(true)
    expect([...indices.filter((_, at) => at % 200 === 0)]).toEqual([
      ...indices.filter((_, at) => at % 200 === 0).keys(),
    ])
  })

  it('says Infinity only for an inner product beyond the largest double', () => {
    const { indices, scores } = nearest([[1e200, 0]], [[1e200, 0], [1e100, 0], [-1e200, 1]], 3, { metric: 'dot' }) // prettier-ignore
    expect([...indices]).toEqual([0, 1, 2])
    expect([...scores]).toEqual([Infinity, 1e300, -Infinity])
  })
})

describe('nearest', () => {
  const Z = [[1, 2], [3, 4], [5, 6]] // prettier-ignore

  it('is hand-countable on a small case', () => {
    const gallery = [[3, 4], [0, 5], [-1, 0], [5, 0]] // prettier-ignore
    const { indices, scores, distances } = nearest([[1, 0]], gallery, 3)
    expect([...indices]).toEqual([3, 0, 1])
    expect(scores[0]).toBe(1)
    expect(scores[1]).toBeCloseTo(0.6, 15)
    expect(scores[2]).toBe(0)
    expect(distances).toBeUndefined()
    expect(nearest([[1, 0]], gallery, 4, { metric: 'euclidean' })).toEqual({
      k: 4,
      indices: Int32Array.of(2, 3, 0, 1),
      scores: undefined,
      distances: Float64Array.of(2, 4, Math.sqrt(20), Math.sqrt(26)),
    })
  })

  it('says what is wrong with its arguments', () => {
    expect(() => nearest(Z, Z, 0)).toThrow(/k must be an integer from 1 to/)
    expect(() => nearest(Z, Z, 1.5)).toThrow(RangeError)
    expect(() => nearest(Z, Z, Infinity)).toThrow(RangeError)
    expect(() => nearest(Z, Z, '1' as never)).toThrow(TypeError)
    expect(() => nearest(Z, [], 1)).toThrow('gallery has no rows, expected at least 1')
    expect(() => nearest(Z, [[1, 2, 3]], 1)).toThrow('queries has 2 columns and gallery 3: both must have the same')
    expect(() => nearest(new Matrix(2, 0), new Matrix(2, 0), 1)).toThrow('gallery has no columns, expected at least 1')
    expect(() => nearest([[NaN, 1]], Z, 1)).toThrow(/queries: entry \(0, 0\) is NaN/)
    expect(() => nearest(Z, [[1, Infinity]], 1)).toThrow(/gallery: entry \(0, 1\) is Infinity/)
    expect(() => nearest([1, 2] as never, Z, 1)).toThrow(TypeError)
    expect(() => nearest(Z, Z, 1, { metric: 'manhattan' as never })).toThrow(/metric must be one of/)
    expect(() => nearest(Z, Z, 1, { metric: 'csls', neighbours: 0 })).toThrow(RangeError)
    expect([...nearest(Z, Z, 1, { metric: 'euclidean' }).indices]).toEqual([0, 1, 2])
  })
})

describe.each(METRICS)('a gallery of fewer rows than k, by %s', (metric) => {
  const queries = gaussian(5, 4, 30)

  it.each([1, 2, 7])('gives all of them: %i', async (rows) => {
    const gallery = gaussian(rows, 4, 31)
    const all = nearest(queries, gallery, rows, { metric })
    expect(all.k).toBe(rows)
    for (const k of [rows + 1, 10_000, Number.MAX_SAFE_INTEGER]) {
      expect(nearest(queries, gallery, k, { metric })).toEqual(all)
      expect(await nearestAsync(queries, gallery, k, { metric })).toEqual(all)
    }
  })
})

describe.each(METRICS)('nearestAsync by %s', (metric) => {
  const [Q, G] = [gaussian(300, 40, 12), gaussian(2500, 40, 13)]
  const now = () => nearest(Q, G, 5, { metric })

  test('finds the same, with progress', async () => {
    const seen: Progress[] = []
    const result = await nearestAsync(Q, G, 5, { metric, onProgress: (progress) => seen.push(progress) })
    expect(result).toEqual(now())
    const search = seen.filter(({ phase }) => phase === 'search')
    expect(search.length).toBeGreaterThan(2)
    expect(search.map(({ done }) => done)).toEqual(search.map(({ done }) => done).sort((a, b) => a - b))
    expect(search.at(-1)).toEqual({ phase: 'search', done: 750_000, total: 750_000 })
    expect(seen.some(({ phase }) => phase === 'neighbourhoods')).toBe(metric === 'csls')
  })

  test('is aborted at any point with the reason', async () => {
    const reason = new Error('enough')
    await expect(nearestAsync(Q, G, 5, { metric, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => {
      controller.abort(reason)
    }
    await expect(nearestAsync(Q, G, 5, { metric, signal: controller.signal, onProgress })).rejects.toBe(reason)
    expect(now()).toEqual(now())
  })

  test('does not disturb what runs beside it', async () => {
    const [a, b] = await Promise.all([nearestAsync(Q, G, 5, { metric }), nearestAsync(G, Q, 5, { metric })])
    expect(a).toEqual(now())
    expect(b).toEqual(nearest(G, Q, 5, { metric }))
  })
})
