import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { nearest, nearestAsync } from '../../src/search/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'
import { double, enginesFor, EPS, expectNearest, found, single } from './support.js'

onEveryBinary(() => {
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
})
