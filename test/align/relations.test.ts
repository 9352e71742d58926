import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian, uniform } from '../support/random.js'
import { beside, relations, times, toFloat32 } from './support.js'

/** Latents that some of the modalities have in common: how many, and which modalities. */
type Common = readonly [count: number, modalities: readonly number[]]

/** Modalities of the given widths, each a mixture of all latents that it takes part in. */
function modalitiesWith(n: number, widths: readonly number[], common: readonly Common[], noise: number, seed: number) {
  const latents = common.map(([count], index) => gaussian(n, count, seed + index))
  return widths.map((width, m) => {
    const parts = latents.filter((_, index) => common[index][1].includes(m))
    const Z = beside(new Matrix(n, 0), ...parts)
    const X = times(Z, gaussian(Z.cols, width, seed + 100 + m))
    const E = gaussian(n, width, seed + 200 + m)
    return new Matrix(
      n,
      width,
      X.data.map((x, at) => x + noise * E.data[at]),
    )
  })
}

const selected = (modalities: Matrix[], nComponents: number) =>
  new PerfectAlignment({ nComponents }).fit(modalities).selected

describe('relations of three and more modalities', () => {
  const all = (count: number, M: number): Common => [count, Array.from({ length: M }, (_, m) => m)]

  it.each([
    ['three, many rows', 200, [12, 11, 13], [all(5, 3)], 5],
    ['three, every modality with latents of its own', 200, [12, 11, 13], [all(5, 3), [4, [0]], [3, [1]], [6, [2]]], 5],
    [
      'three, each pair with latents of its own',
      200,
      [14, 14, 14],
      [all(3, 3), [4, [0, 1]], [3, [1, 2]], [5, [0, 2]]],
      3,
    ],
    ['three, rank-deficient, fewer rows than columns', 31, [40, 50, 60], [all(7, 3), [5, [0]], [4, [1, 2]]], 7],
    ['four', 200, [12, 11, 13, 10], [all(4, 4), [2, [0, 1]], [3, [2, 3]]], 4],
    ['four, rank-deficient, fewer rows than columns', 40, [50, 60, 45, 70], [all(6, 4), [3, [0, 1, 2]], [4, [3]]], 6],
    [
      'two of three',
      200,
      [12, 11, 13],
      [
        [5, [0, 1]],
        [6, [2]],
      ],
      0,
    ],
    [
      'two and two of four',
      200,
      [12, 11, 13, 9],
      [
        [5, [0, 1]],
        [6, [2, 3]],
      ],
      0,
    ],
    [
      'none',
      200,
      [5, 6, 7],
      [
        [5, [0]],
        [6, [1]],
        [7, [2]],
      ],
      0,
    ],
  ] as [string, number, number[], Common[], number][])('%s', (_, n, widths, common, count) => {
    const modalities = modalitiesWith(n, widths, common, 0, 800)
    expect(relations(modalities)).toBe(count)
    expect(relations(modalities.map(toFloat32))).toBe(count)
    if (count > 0) expect(selected(modalities, count)).toBe('informative')
    expect(selected(modalities, count + 1)).toBe('balanced')
    expect(relations(modalitiesWith(n, widths, common, 1e-3, 800))).toBe(0)
  })

  // sum of ranks - 2 p is 8 + 8 + 20 - 2 * 20 < 0: nothing would be forced were the first two not related.
  it('does not take what two share for a relation to a third that spans all rows', () => {
    const modalities = modalitiesWith(21, [8, 8, 30], [[5, [0, 1]], [3, [0]], [3, [1]], [30, [2]]], 0, 810) // prettier-ignore
    expect(relations(modalities)).toBe(0)
    expect(selected(modalities, 1)).toBe('balanced')
  })

  it('does not take what two pairs share for a relation of all four', () => {
    const modalities = modalitiesWith(
      21,
      [30, 30, 30, 30],
      [
        [14, [0, 1]],
        [13, [2, 3]],
      ],
      0,
      820,
    )
    expect(relations(modalities)).toBe(0)
    expect(selected(modalities, 1)).toBe('balanced')
  })

  it('never counts more than there are, and all where there are rows enough to tell', () => {
    const next = uniform(830)
    const upTo = (most: number) => Math.floor(next() * (most + 1))
    let told = 0
    for (let trial = 0; trial < 300; trial++) {
      const M = 2 + (trial % 3)
      const subsets = Array.from({ length: 2 ** M - 1 }, (_, code) =>
        Array.from({ length: M }, (__, m) => m).filter((m) => Math.floor((code + 1) / 2 ** m) % 2 === 1),
      )
      const common: Common[] = subsets.map((subset) => [upTo(4), subset])
      const ranks = Array.from({ length: M }, (_, m) =>
        common.reduce((sum, [count, subset]) => sum + (subset.includes(m) ? count : 0), 0),
      )
      const enough = ranks.reduce((sum, rank) => sum + rank, 0)
      const n = 3 + upTo(1.3 * enough)
      const widths = Array.from({ length: M }, () => 1 + upTo(30))
      const ofAll = common[common.length - 1][0]
      const found = relations(modalitiesWith(n, widths, common, 0, 1000 * trial))
      const what = JSON.stringify({ trial, n, widths, common })
      expect(found, what).toBeLessThanOrEqual(ofAll)
      if (n - 1 < enough || widths.some((width, m) => width < ranks[m])) continue
      expect(found, what).toBe(ofAll)
      told++
    }
    expect(told).toBeGreaterThan(30)
  })
})
