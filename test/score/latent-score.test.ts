import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { LatentScore } from '../../src/score/index.js'
import { FlatIndex, loadAlignment } from '../../src/serve/index.js'
import { maxDifference, rowRanges, sharedLatents } from '../align/support.js'
import '../support/scores.js'

const all = sharedLatents(150, [9, 7, 5], 4, 0.7, 81)
const [train, test] = [rowRanges(all, 0, 100), rowRanges(all, 100, 150)]
const options = { nComponents: 'all', selection: 'balanced' } as const
const two = new PerfectAlignment(options).fit(train.slice(0, 2))
const METRICS = ['normalised', 'likelihood', 'cosine'] as const

describe.each([
  ["'balanced'", two, 0, 1],
  ["three of 'balanced'", new PerfectAlignment(options).fit(train), 2, 0],
  ['CanonicalCorrelation', new CanonicalCorrelation({ nComponents: 'all', regularization: 'oas' }).fit(train), 1, 2],
] as const)('LatentScore of %s', (_name, model, from, to) => {
  it.each(['f64', 'f32'] as const)('gives the rows of the model to what an AlignmentMap maps, in %s', (precision) => {
    const bytes = model.toBytes({ precision, decoders: false })
    const [score, map] = [LatentScore.fromBytes(bytes), loadAlignment(bytes)]
    for (const metric of METRICS) {
      for (const [role, m, partner] of [
        ['query', from, to],
        ['gallery', to, from],
      ] as const) {
        const found = score.rows(map.transform(test[m], m), m, { role, metric, partner })
        const wanted = model.transform(test[m], m, { role, metric, partner })
        const size = Math.max(...wanted.rows.data.map(Math.abs))
        expect(maxDifference(found.rows.data, wanted.rows.data)).toBeLessThan(
          (precision === 'f32' ? 1e-5 : 1e-12) * size,
        )
        expect(maxDifference(found.bias, wanted.bias)).toBeLessThan((precision === 'f32' ? 1e-4 : 1e-11) * size ** 2)
        expect(found.rows.data.constructor).toBe(precision === 'f32' ? Float32Array : Float64Array)
      }
    }
  })

  it('ranks in an index as the model scores', () => {
    const bytes = model.toBytes()
    const [score, map] = [LatentScore.fromBytes(bytes), loadAlignment(bytes)]
    const gallery = score.rows(map.transform(test[to], to), to, { role: 'gallery', partner: from })
    const index = new FlatIndex({ dimensions: score.nComponents, metric: 'dot' })
    index.setBias(index.add(gallery.rows), gallery.bias)
    const { ids } = index.search(
      score.rows(map.transform(test[from], from), from, { role: 'query', partner: to }).rows,
      1,
    )
    const S = model.similarity(test[from], from, test[to], to)
    const best = Array.from({ length: S.rows }, (_, i) => S.row(i).indexOf(Math.max(...S.row(i))))
    expect(ids).toEqual(best)
  })
})

it('refuses what has no rho, and latents that are none', () => {
  const without = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(train)
  expect(() => LatentScore.fromBytes(without.toBytes())).toThrow(NotFittedError)
  expect(() => LatentScore.fromBytes(without.toBytes())).toThrow(/this file has no rho: call registerScore before/)
  expect(() => LatentScore.fromBytes('x' as never)).toThrow(TypeError)
  expect(() => LatentScore.fromBytes(two.toBytes().slice(0, 300))).toThrow(FileFormatError)
  const { metadata, tensors } = readSafetensors(two.toBytes())
  const { rho, ...others } = Object.fromEntries(tensors)
  const written = (changed: typeof others) => writeSafetensors({ tensors: Object.entries(changed), metadata })
  expect(() => LatentScore.fromBytes(written({ rho }))).toThrow(/this is no model of collimate/)
  const flat = { ...others, rho: { ...rho, data: Float64Array.from(rho.data as Float64Array, () => 1) } }
  expect(() => LatentScore.fromBytes(written(flat))).toThrow(/tensor 'rho' has the entry 1 at index 0/)
  const score = LatentScore.fromBytes(two.toBytes())
  const Z = two.transform(test[0], 0)
  expect(() => score.rows(test[0], 0, { role: 'query' })).toThrow(
    `latents has 9 columns, expected ${score.nComponents}`,
  )
  expect(() => score.rows(Z, 2, { role: 'query' })).toThrow(RangeError)
  expect(() => score.rows(Z, 0, { role: 'judge' as never })).toThrow(/role must be one of/)
  expect(() => score.rows(Z, 0, {} as never)).toThrow(TypeError)
  expect(() => score.rows(Z, 0, { role: 'query', metric: 'dot' as never })).toThrow(/metric must be one of/)
  expect(() => score.rows(Z, 0, { role: 'query', precision: 'f32' } as never)).toThrow(/no option 'precision'/)
  expect(() => score.rows(Z, 0, { role: 'query', partner: 0 })).toThrow(/both 0/)
  expect(() => score.rows(new Matrix(1, Z.cols, new Float64Array(Z.cols).fill(NaN)), 0, { role: 'query' })).toThrow(/entry \(0, 0\) is NaN/) // prettier-ignore
  expect(() => score.rows('z' as never, 0, { role: 'query' })).toThrow(TypeError)
  expect(score.rows([], 0, { role: 'query' }).rows.rows).toBe(0)
})
