import { describe, expect, it } from 'vitest'
import { neighbourOverlap, type SimilarityMetric } from '../../src/metrics/index.js'
import { nearest } from '../../src/search/index.js'
import { gaussian } from '../support/random.js'
import { Matrix } from '../../src/matrix.js'

const METRICS: SimilarityMetric[] = ['cosine', 'euclidean', 'dot']
/** Points of a line. */
const line = (...x: number[]) => x.map((value) => [value, 0])
const euclidean = { metric: 'euclidean' } as const

/** By the definition, where nothing ties: sets of the k nearest others. */
function naive(Y: Matrix, P: Matrix, k: number, metric: SimilarityMetric): number {
  const others = (Q: Matrix) => {
    const { indices } = nearest(Q, Y, Y.rows, { metric })
    return Array.from({ length: Q.rows }, (_, i) =>
      [...indices.subarray(i * Y.rows, (i + 1) * Y.rows)].filter((j) => j !== i).slice(0, k),
    )
  }
  const [near, found] = [others(Y), others(P)]
  return near.reduce((sum, own, i) => sum + own.filter((j) => found[i].includes(j)).length / k / Y.rows, 0)
}

describe('neighbourOverlap', () => {
  it('is what comes out by hand', () => {
    // Nearest two of 0: 1, 3; of 1: 0, 3; of 3: 1, 0; of 7: 3, 1. What is predicted lies at 0, 1, 3 and 1.9: of the last one 1 and 3 are nearest too.
    expect(neighbourOverlap(line(0, 1, 3, 7), line(0, 1, 3, 1.9), 2, euclidean)).toBe(1)
    // And at 7 in place of 0: 3 and 1 again. At 0 in place of 1: 0 and 3. At 7 in place of 3: 7 and 1, of 1 and 0 one.
    expect(neighbourOverlap(line(0, 1, 3, 7), line(7, 0, 7, 7), 2, euclidean)).toBe((0.5 + 1 + 0.5 + 1) / 4)
  })

  it('counts ties by their expected value', () => {
    // From 0 both others are as near: one of two at random. From 1 and -1 it is 0, and then the other.
    expect(neighbourOverlap(line(0, 1, -1), line(0, 1, -1), 1, euclidean)).toBeCloseTo((0.5 + 1 + 1) / 3, 15)
    for (const metric of [...METRICS, 'csls'] as const) {
      const Y = gaussian(12, 3, 1)
      for (const k of [1, 4, 11]) {
        const zeros = new Matrix(12, 3)
        if (metric !== 'euclidean') expect(neighbourOverlap(Y, zeros, k, { metric })).toBeCloseTo(k / 11, 14)
        expect(neighbourOverlap(zeros, zeros, k, { metric })).toBeCloseTo(k / 11, 14)
      }
    }
  })

  it.each([...METRICS, 'csls'] as const)('is 1 of the truth itself, and of all others, by %s', (metric) => {
    const Y = gaussian(23, 5, 2)
    for (const k of [1, 5, 22]) expect(neighbourOverlap(Y, Y, k, { metric })).toBe(1)
    expect(neighbourOverlap(Y, gaussian(23, 5, 3), 22, { metric })).toBe(1)
  })

  it.each(METRICS)('is the definition, by %s: sizes about the queries that are scored together', (metric) => {
    for (const n of [2, 3, 4, 5, 9, 40]) {
      const Y = gaussian(n, 4, n)
      const noise = gaussian(n, 4, n + 1)
      const P = new Matrix(
        n,
        4,
        Y.data.map((x, i) => x + 0.7 * noise.data[i]),
      )
      for (const k of new Set([1, n >> 1, n - 1])) {
        expect(neighbourOverlap(Y, P, k, { metric })).toBeCloseTo(naive(Y, P, k, metric), 14)
      }
    }
  })

  it('takes any magnitude', () => {
    const Y = gaussian(20, 4, 5)
    const P = gaussian(20, 4, 6)
    const scaled = (X: Matrix, by: number) => new Matrix(20, 4, X.data.map((x) => x * by)) // prettier-ignore
    for (const metric of METRICS) {
      const expected = neighbourOverlap(Y, P, 5, { metric })
      for (const by of [1e300, 1e-300]) expect(neighbourOverlap(scaled(Y, by), scaled(P, by), 5, { metric })).toBe(expected)
    }
  }) // prettier-ignore

  it.each<[string, () => unknown, unknown, RegExp]>([
    ['other shapes', () => neighbourOverlap(line(1, 2), line(1, 2, 3), 1), RangeError, /truth is 2 x 2 but predicted is 3 x 2/],
    ['one row', () => neighbourOverlap(line(1), line(1), 1), RangeError, /truth has 1 row, expected at least 2/],
    ['no rows', () => neighbourOverlap([], [], 1), RangeError, /truth must hold at least one sample/],
    ['as many neighbours as rows', () => neighbourOverlap(line(1, 2), line(1, 2), 2), RangeError, /k must be .* 1, got 2/],
    ['no neighbours', () => neighbourOverlap(line(1, 2), line(1, 2), 0), RangeError, /k must be/],
    ['half a neighbour', () => neighbourOverlap(line(1, 2), line(1, 2), 0.5), RangeError, /k must be/],
    ['k as text', () => neighbourOverlap(line(1, 2), line(1, 2), '1' as never), TypeError, /k must be/],
    ['no matrix', () => neighbourOverlap(3 as never, line(1, 2), 1), TypeError, /truth/],
    ['NaN', () => neighbourOverlap(line(1, 2), line(NaN, 2), 1), RangeError, /predicted/],
    ['an unknown metric', () => neighbourOverlap(line(1, 2), line(1, 2), 1, { metric: 'near' as never }), RangeError, /metric must be one of/],
    ['an unknown option', () => neighbourOverlap(line(1, 2), line(1, 2), 1, { k: 1 } as never), TypeError, /k/],
  ])('refuses %s', (_name, call, kind, message) => {
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
  }) // prettier-ignore
})
