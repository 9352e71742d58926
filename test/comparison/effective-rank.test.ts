import { describe, expect, it } from 'vitest'
import { effectiveRank as bySvd, effectiveRankAsync } from '../../src/comparison/index.js'
import { Matrix } from '../../src/matrix.js'
import { effectiveRank } from '../../src/metrics/index.js'
import { gaussian } from '../support/random.js'

const scaled = (X: Matrix, s: number) =>
  new Matrix(
    X.rows,
    X.cols,
    X.data.map((x) => s * x),
  )
const Z = gaussian(50, 6, 1)

/** Latents of every kind that the measure has a rule for. */
const LATENTS: [string, Matrix][] = [
  ['tall', Z],
  ['wide', gaussian(5, 40, 2)],
  ['one row', gaussian(1, 4, 3)],
  ['one column', gaussian(9, 1, 4)],
  ['all zero', new Matrix(4, 3)],
  ['all equal', new Matrix(4, 3, new Float64Array(12).fill(0.1))],
  ['on one line', new Matrix(3, 2, Float64Array.of(1, 2, 2, 4, 3, 6))],
  ['near the largest double', scaled(Z, 4e307)],
  ['of tiny numbers', scaled(Z, 1e-300)],
  ['subnormal', new Matrix(2, 2, Float64Array.of(5e-324, 0, 0, 5e-324))],
  [
    'far from zero',
    new Matrix(
      Z.rows,
      Z.cols,
      Z.data.map((x) => x + 1e6),
    ),
  ],
  ['float32', new Matrix(Z.rows, Z.cols, Float32Array.from(Z.data))],
]

describe.each([false, true])('effectiveRank by the SVD, centred %s', (center) => {
  it.each(LATENTS)('is that of the metrics to rounding, at once and in turns: latents %s', async (_name, latents) => {
    const expected = effectiveRank(latents, { center })
    const found = bySvd(latents, { center })
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-11 * expected)
    expect(await effectiveRankAsync(latents, { center })).toBe(found)
  })
})

it('refuses what effectiveRank refuses', async () => {
  expect(() => bySvd(new Matrix(0, 3))).toThrow(RangeError)
  expect(() => bySvd([[1, NaN]])).toThrow('Z: entry (0, 1) is NaN')
  expect(() => bySvd('Z' as never)).toThrow(TypeError)
  await expect(effectiveRankAsync(new Matrix(0, 3))).rejects.toThrow(RangeError)
  await expect(effectiveRankAsync([[1, NaN]])).rejects.toThrow('Z: entry (0, 1) is NaN')
  await expect(effectiveRankAsync('Z' as never)).rejects.toThrow(TypeError)
})
