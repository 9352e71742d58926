import fc from 'fast-check'
import { describe, expect, it, test, vi } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import type { SimilarityMetric } from '../../src/metrics/index.js'
import type { Progress } from '../../src/steps.js'
import { nearest, nearestAsync } from '../../src/search/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'
import { byScore, naiveScores } from './naive.js'
import '../metrics/arbitraries.js'

const METRICS: SimilarityMetric[] = ['cosine', 'euclidean', 'dot', 'csls']
const EPS = 2 ** -52

const single = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Float32Array.from(Z.data))
const double = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Float64Array.from(Z.data))

/** Indices and scores (minus the distances) of one query. */
function found(result: ReturnType<typeof nearest<SimilarityMetric>>, query: number) {
  const { k, indices, scores, distances } = result
  const values = scores ?? (distances ?? new Float64Array()).map((x) => -x)
  const part = (all: Int32Array | Float64Array) => [...all.subarray(query * k, (query + 1) * k)]
  return { indices: part(indices), scores: part(values) }
}

const rowsOf = (Z: Matrix | number[][]) => (Z instanceof Matrix ? Z.toArray() : Z)

/** Nearest to the letter where scores differ by more than `error`; where they do not, some that score as well. */
function expectNearest(
  queries: Matrix | number[][],
  gallery: Matrix | number[][],
  k: number,
  metric: SimilarityMetric,
  error: number,
) {
  const result = nearest(queries, gallery, k, { metric, neighbours: 3 })
  expect([result.k, result.indices.length]).toEqual([k, rowsOf(queries).length * k])
  naiveScores(rowsOf(queries), rowsOf(gallery), metric, 3).forEach((scores, i) => {
    const { indices, scores: values } = found(result, i)
    const best = byScore(scores)
    expect(new Set(indices).size).toBe(k)
    const wrong = (a: number, b: number, bound: number) => !(Math.abs(a - b) <= bound)
    const badScore = indices.findIndex((j, l) => wrong(values[l], scores[j], error))
    expect(badScore, `the place of query ${i} whose score is wrong`).toBe(-1)
    const badPlace = indices.findIndex((j, l) => wrong(scores[j], scores[best[l]], 2 * error))
    expect(badPlace, `the place of query ${i} with another row`).toBe(-1)
  })
}

/** Precisions of the engines that are asked for. */
function enginesFor(work: () => void) {
  const shared = vi.spyOn(Engine, 'shared')
  work()
  const precisions = shared.mock.calls.map(([precision]) => precision)
  shared.mockRestore()
  return precisions
}

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

  describe.each(['cosine', 'euclidean', 'dot'] as const)('float32, by %s', (metric) => {
    const [n, p, d] = [17, 2100, 131]
    const [someQueries, someRows] = [single(gaussian(n, d, 21)), single(gaussian(p, d, 22))]
    /** Rounding of float64 scores: of rows of these lengths. */
    const error = (length: number) => 4 * d * EPS * (metric === 'cosine' ? 1 : length ** 2)

    /** As many queries, and gallery rows some of which are said to be near to them. */
    function problem(change: (row: Float32Array, j: number, queries: Matrix) => void): [Matrix, Matrix] {
      const [Q, G] = [single(someQueries), single(someRows)]
      for (let j = 0; j < p; j++) change(G.row(j) as Float32Array, j, Q)
      return [Q, G]
    }

    it('is compared in float32 where that decides, and found as in float64', () => {
      const [Q, G] = problem(() => undefined)
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 10, metric, error(20))
      })
      expect(precisions).toEqual(['f32'])
    })

    it('is told apart by less than float32 rounding', () => {
      const steps = gaussian(p, d, 23)
      const [Q, G] = problem((row, j, queries) => {
        if (j % 70 !== 3) return
        row.set(queries.row(4).map((x, l) => x * (1 + 2e-7 * steps.get(j, l))))
      })
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 5, metric, metric === 'euclidean' ? 1e-13 : error(13))
      })
      expect(precisions).toEqual(['f32'])
    })

    it('goes to float64 where nearly all rows are near', () => {
      const steps = gaussian(p, d, 24)
      const [Q, G] = problem((row, j, queries) => {
        row.set(queries.row(0).map((x, l) => x * (1 + 2e-7 * steps.get(j, l))))
      })
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 5, metric, metric === 'euclidean' ? 1e-13 : error(13))
      })
      expect(precisions).toEqual(['f32', undefined])
    })

    it('has equal rows by index, and zero rows and queries where they belong', () => {
      const copies = [7, 8, 500, 1023, 1024, 2099]
      const [Q, G] = problem((row, j, queries) => {
        if (copies.includes(j)) row.set(queries.row(2))
        if (j % 3 === 0 && !copies.includes(j)) row.fill(0)
      })
      Q.row(5).fill(0)
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 8, metric, error(20))
      })
      expect(precisions[0]).toBe('f32')
      expect(found(nearest(Q, G, 8, { metric }), 2).indices.slice(0, 6)).toEqual(copies)
      if (metric !== 'cosine') return
      expect(found(nearest(Q, G, 8), 5)).toEqual({ indices: [0, 1, 2, 3, 4, 5, 6, 7], scores: Array(8).fill(0) })
    })

    it.each([1e-38, 1e30])('does not depend on the scale: %f', (scale) => {
      const [Q, G] = problem(() => undefined)
      // A power of two, so that only what becomes subnormal is rounded.
      const factor = 2 ** Math.round(Math.log2(scale))
      const times = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Z.data.map((x) => x * factor)) // prettier-ignore
      const [q, g] = [times(Q), times(G)]
      expect(nearest(q, g, 9, { metric }).indices).toEqual(nearest(double(q), double(g), 9, { metric }).indices)
    })

    it('has rows of all lengths from the least to the largest float32 beside each other', () => {
      const [Q, G] = problem((row, j) => {
        row.forEach((x, l) => (row[l] = x * 2 ** ((j % 270) - 145)))
      })
      const [here, there] = [nearest(Q, G, 30, { metric }), nearest(double(Q), double(G), 30, { metric })]
      expect(here.indices).toEqual(there.indices)
      const values = (all: typeof here) => all.scores ?? all.distances ?? new Float64Array()
      values(here).forEach((x, at) => {
        expect(Math.abs(x - values(there)[at])).toBeLessThanOrEqual(1e-13 * Math.max(Math.abs(x), 1e-30))
      })
    })

    it('says which entry is not finite, as in float64', () => {
      const [Q, G] = problem((row, j) => {
        if (j === 1500) row[7] = Infinity
      })
      expect(() => nearest(Q, G, 1, { metric })).toThrow('gallery: entry (1500, 7) is Infinity')
    })

    it('is compared in float64 if there is little of it, or much is wanted of it', () => {
      const [Q, G] = problem(() => undefined)
      const few = new Matrix(3, d, Q.data.slice(0, 3 * d))
      const precisions = enginesFor(() => {
        expect(nearest(Q, G, p, { metric })).toEqual(nearest(double(Q), double(G), p, { metric }))
        expect(nearest(few, G, 1, { metric })).toEqual(nearest(double(few), double(G), 1, { metric }))
      })
      expect(precisions).toEqual(Array(4).fill(undefined))
    })
  })

  describe('float32, by csls', () => {
    const [n, p, d] = [200, 400, 131]
    const queries = single(gaussian(n, d, 25))
    const rows = single(gaussian(p, d, 26))
    const steps = gaussian(p, d, 27)
    /** Row j hardly differs from a query. */
    const nearTo = (Q: Matrix, j: number, query: number) => Q.row(query).map((x, l) => x * (1 + 2e-7 * steps.get(j, l)))

    it('is compared in float32 where that decides, neighbourhoods too', () => {
      const precisions = enginesFor(() => {
        expectNearest(queries, rows, 5, 'csls', 1e-13)
      })
      expect(precisions).toEqual(['f32'])
    })

    it('is told apart by less than float32 rounding, on either side, zero and equal rows among them', () => {
      const [Q, G] = [single(queries), single(rows)]
      for (let j = 0; j < p; j += 50) G.row(j).set(nearTo(Q, j, 4))
      for (let i = 10; i < 16; i++) Q.row(i).set(nearTo(G, i, 77))
      G.row(301).set(G.row(300))
      G.row(303).fill(0)
      Q.row(9).fill(0)
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 6, 'csls', 1e-13)
      })
      expect(precisions).toEqual(['f32'])
    })

    it.each(['queries', 'rows'])('goes to float64 where nearly all %s are near', (side) => {
      const [Q, G] = [single(queries), single(rows)]
      if (side === 'rows') for (let j = 0; j < p; j++) G.row(j).set(nearTo(queries, j, 0))
      else for (let i = 0; i < n; i++) Q.row(i).set(nearTo(rows, i, 0))
      const precisions = enginesFor(() => {
        expectNearest(Q, G, 5, 'csls', 1e-13)
      })
      expect(precisions).toEqual(['f32', undefined])
    })

    it('is compared in float64 if neighbourhoods are large', () => {
      const precisions = enginesFor(() => {
        const options = { metric: 'csls', neighbours: 4 } as const
        expect(nearest(queries, rows, 2, options)).toEqual(nearest(double(queries), double(rows), 2, options))
      })
      expect(precisions).toEqual([undefined, undefined])
    })

    it('is found asynchronously as well', async () => {
      const options = { metric: 'csls', neighbours: 2 } as const
      const phases = new Set<string>()
      const found = await nearestAsync(queries, rows, 3, { ...options, onProgress: ({ phase }) => phases.add(phase) })
      expect(found).toEqual(nearest(queries, rows, 3, options))
      expect([...phases]).toEqual(['neighbourhoods', 'search'])
    })
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
