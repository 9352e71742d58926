import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { JointFactor, PerfectAlignment } from '../../src/align/index.js'
import { collapseRatio } from '../../src/comparison/index.js'
import { Matrix } from '../../src/matrix.js'
import { spectrum, spectrumAsync, type Spectrum, type SpectrumOptions } from '../../src/model-selection/index.js'
import { Engine } from '../../src/runtime/engine.js'
import type { Progress } from '../../src/steps.js'
import { beside, centred, frobenius, scaledBy, sharedLatents, times } from '../align/support.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'

afterEach(() => {
  Engine.use('simd')
})

const SELECTIONS = ['auto', 'balanced', 'informative', 'last'] as const
const FEW = { draws: 2 }

/** Modalities whose latents have these correlations, with noise of a tenth. */
function correlated(n: number, widths: readonly number[], rhos: readonly number[], seed: number): Matrix[] {
  const q = rhos.length
  const Z = gaussian(n, q, seed)
  return widths.map((d, m) => {
    const own = gaussian(n, q, seed + 50 + m)
    const latents = Float64Array.from(Z.data, (z, at) => {
      const rho = rhos[at % q]
      return Math.sqrt(rho) * z + Math.sqrt(1 - rho) * own.data[at]
    })
    const X = times(new Matrix(n, q, latents), gaussian(q, d, seed + 100 + m))
    const noise = gaussian(n, d, seed + 200 + m)
    return new Matrix(n, d, Float64Array.from(X.data, (x, at) => x + 0.1 * noise.data[at])) // prettier-ignore
  })
}

/** Rank 3 of 6 columns, and a constant one. */
function deficient(n: number, seed: number): Matrix {
  const X = times(gaussian(n, 3, seed), gaussian(3, 6, seed + 1))
  for (let i = 0; i < n; i++) X.set(i, 4, 7)
  return X
}

const DATA: [name: string, modalities: Matrix[]][] = [
  ['tall', sharedLatents(120, [7, 5], 3, 0.5, 1)],
  ['three modalities', sharedLatents(90, [5, 4, 6], 2, 0.7, 2)],
  ['fewer rows than columns', sharedLatents(9, [8, 12], 3, 0.3, 3)],
  ['exact relations', sharedLatents(60, [6, 5], 3, 0, 4)],
  ['an exact relation of few rows', sharedLatents(14, [12, 10], 2, 0, 5)],
  ['rank-deficient, with a constant column', [deficient(50, 6), gaussian(50, 4, 7)]],
  ['a modality that is constant', [gaussian(30, 3, 8), new Matrix(30, 2, new Float64Array(60).fill(3))]],
  ['one column each', [gaussian(20, 1, 9), gaussian(20, 1, 10)]],
]

onEveryBinary(() => {
  describe.each(DATA)('spectrum of data: %s', (_name, modalities) => {
    const d = modalities.reduce((sum, { cols }) => sum + cols, 0)

    it.each(SELECTIONS)("has the singular values, strengths and energies of the models of '%s'", (selection) => {
      const { components, rows } = spectrum(modalities, { selection, ...FEW })
      expect(rows).toBe(modalities[0].rows)
      expect(components.map(({ k }) => k)).toEqual(components.map((_, i) => i + 1))
      for (const { k, energyKept, selected, singularValue, sharedStrength } of components) {
        const model = new PerfectAlignment({ nComponents: k, selection }).fit(modalities)
        expect([k, selected]).toEqual([k, model.selected])
        const sigma = selection === 'balanced' ? new PerfectAlignment({ nComponents: k, selection: 'last', scale: 'auto' }).fit(modalities).singularValues : model.singularValues // prettier-ignore
        expect(Math.abs(singularValue - sigma[d - k])).toBeLessThan(1e-12 * sigma[0])
        const balanced = new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit(modalities)
        expect(Math.abs(sharedStrength - balanced.sharedStrength[k - 1])).toBeLessThan(
          1e-10 * balanced.sharedStrength[0],
        )
        // Fewer components than there are exact directions: which 'last' takes of them, rounding decides.
        if (selected === 'last' && sigma[d - k] < 1e-10 * sigma[0]) continue
        modalities.forEach((X, m) => {
          const Z = model.transform(X, m)
          // Of latents that are rounding a ratio means nothing.
          const collapsed = frobenius(centred(Z)) < 1e-12 * frobenius(X) * frobenius(beside(...model.maps))
          expect(energyKept[m]).toBeCloseTo(collapsed ? 0 : collapseRatio(X, Z), 8)
        })
      }
    })
  })

  it('says how many times the next strength each is', () => {
    const { components } = spectrum(sharedLatents(80, [6, 5], 2, 0.5, 11), FEW)
    components.slice(1).forEach(({ sharedStrength }, i) => {
      expect(components[i].gap).toBeCloseTo(components[i].sharedStrength / sharedStrength, 10)
    })
    const [only] = spectrum([gaussian(20, 1, 9), gaussian(20, 1, 10)], { nComponents: 2, ...FEW }).components
    expect(only.gap).toBeGreaterThan(1)
    const all = spectrum([gaussian(20, 2, 9), gaussian(20, 1, 10)], { nComponents: 3, ...FEW }).components
    expect(all[2].gap).toBe(Infinity)
  })
})

/** How often each k is suggested, in so many draws of the data. */
function suggestions(draws: number, data: (seed: number) => Matrix[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let seed = 0; seed < draws; seed++) {
    const { suggested = 'none' } = spectrum(data(1000 * seed + 7), { seed })
    counts[suggested] = (counts[suggested] ?? 0) + 1
  }
  return counts
}

describe('the k that is suggested', () => {
  it.each([
    ['3 latents in 8 + 6 columns', 3, (seed: number) => sharedLatents(200, [8, 6], 3, 0.1, seed)],
    ['5 latents in 40 + 30 columns, noise of a fifth of their variance', 5, (seed: number) => sharedLatents(300, [40, 30], 5, 1, seed)],
    ['5 latents in 40 + 30 columns, 60 rows', 5, (seed: number) => sharedLatents(60, [40, 30], 5, 1, seed)],
    ['5 latents in 40 + 30 columns, 30 rows', 5, (seed: number) => sharedLatents(30, [40, 30], 5, 0.1, seed)],
    ['3 latents in three modalities', 3, (seed: number) => sharedLatents(200, [8, 6, 7], 3, 0.5, seed)],
    ['3 latents without noise', 3, (seed: number) => sharedLatents(200, [8, 6], 3, 0, seed)],
    ['3 latents without noise, 20 rows of 30 + 30 columns', 3, (seed: number) => sharedLatents(20, [30, 30], 3, 0, seed)],
    ['as many latents as columns, without noise', 6, (seed: number) => sharedLatents(200, [8, 6], 6, 0, seed)],
    ['3 latents of unlike strength', 3, (seed: number) => correlated(800, [20, 15], [0.99, 0.9, 0.6], seed)],
  ])('is the number of latents: %s', (_name, latents, data) => {
    expect(suggestions(12, data)).toEqual({ [latents]: 12 })
  }) // prettier-ignore

  it.each([
    ['200 rows of 8 + 6 columns', (seed: number) => [gaussian(200, 8, seed), gaussian(200, 6, seed + 1)]],
    ['60 rows of 40 + 30 columns', (seed: number) => [gaussian(60, 40, seed), gaussian(60, 30, seed + 1)]],
    ['three modalities', (seed: number) => [0, 1, 2].map((m) => gaussian(50, 3, seed + m))],
  ])('is none for unrelated modalities: %s', (_name, data) => {
    expect(suggestions(20, data)).toEqual({ none: 20 })
  }) // prettier-ignore

  it('is wrong for unrelated modalities in one case of 21 where any strength is a gap: two rows', () => {
    const { none, ...wrong } = suggestions(210, (seed) => [gaussian(10, 2, seed), gaussian(10, 2, seed + 1)])
    const count = Object.values(wrong).reduce((sum, n) => sum + n, 0)
    expect(none + count).toBe(210)
    // Ten expected; more than 22 have a probability of 2e-4.
    expect(count).toBeLessThanOrEqual(22)
  })

  it.each([
    ['evenly', Array.from({ length: 12 }, (_, j) => 0.95 * (1 - j / 12))],
    ['geometrically', Array.from({ length: 12 }, (_, j) => 0.99 * 0.8 ** j)],
  ])('is none where correlations fade out %s, but they are above chance', (_name, rhos) => {
    expect(suggestions(12, (seed) => correlated(1000, [20, 15], rhos, seed))).toEqual({ none: 12 })
    const { aboveChance, reason } = spectrum(correlated(1000, [20, 15], rhos, 5))
    expect(aboveChance).toBeGreaterThan(4)
    expect(reason).toContain(`no gap: the strengths above chance (${aboveChance}) fade into it`)
  })

  it('does not depend on the selection, nor on the mean', () => {
    const modalities = sharedLatents(100, [6, 5], 2, 0, 3).map((X) => Matrix.from(X.toArray().map((row) => row.map((x) => x + 5)))) // prettier-ignore
    for (const selection of SELECTIONS) {
      const { suggested, relations } = spectrum(modalities, { selection, ...FEW })
      expect([selection, suggested, relations]).toEqual([selection, 2, 2])
    }
  })

  it('comes of exact relations where these are too weak for the shrinkage', () => {
    const found = spectrum(sharedLatents(200, [8, 6], 6, 0, 0))
    expect([found.suggested, found.relations]).toEqual([6, 6])
    expect(found.aboveChance).toBeLessThan(6)
    expect(found.reason).toContain('exact relations')
  })
})

describe('spectrum', () => {
  const modalities = sharedLatents(150, [6, 5], 2, 0.3, 12)
  const plain = (found: Spectrum) => JSON.parse(JSON.stringify(found)) as unknown

  it.each([1e300, 1e-300])('does not depend on the scale: %s', (scale) => {
    for (const data of [modalities, sharedLatents(60, [6, 5], 3, 0, 4), sharedLatents(9, [8, 12], 3, 0.3, 3)]) {
      for (const selection of SELECTIONS) {
        const expected = spectrum(data, { selection, ...FEW })
        const found = spectrum([scaledBy(data[0], scale), scaledBy(data[1], scale)], { selection, ...FEW })
        expect([found.suggested, found.relations, found.aboveChance]).toEqual([expected.suggested, expected.relations, expected.aboveChance]) // prettier-ignore
        expect(found.chance / expected.chance).toBeCloseTo(1, 9)
        found.components.forEach(({ sharedStrength, singularValue, energyKept }, i) => {
          const other = expected.components[i]
          expect(Math.abs(sharedStrength - other.sharedStrength)).toBeLessThan(1e-9 * expected.components[0].sharedStrength)
          expect(Math.abs(singularValue / scale - other.singularValue)).toBeLessThan(1e-12 * frobeniusOf(data))
          if (other.singularValue > 1e-10) energyKept.forEach((share, m) => { expect(share).toBeCloseTo(other.energyKept[m], 8) })
        })
      }
    }
  }) // prettier-ignore

  const frobeniusOf = (data: readonly Matrix[]) => Math.hypot(...data.map(frobenius))

  it('takes a factor, which stays as it was, for the samples', () => {
    const factor = new JointFactor([6, 5]).update(modalities)
    const before = factor.toBytes()
    expect(plain(spectrum(factor))).toEqual(plain(spectrum(modalities)))
    expect(factor.toBytes()).toEqual(before)
  })

  it('does not depend on the order of the rows', () => {
    const backwards = modalities.map((X) => Matrix.from(X.toArray().reverse()))
    expect(spectrum(backwards).chance / spectrum(modalities).chance).toBeCloseTo(1, 9)
  })

  it('draws the same from the same seed', () => {
    const chances = [0, 0, 1].map((seed) => spectrum(modalities, { seed }).chance)
    expect(chances[1]).toBe(chances[0])
    expect(chances[2]).not.toBe(chances[0])
    expect(spectrum(modalities, { draws: 40 }).chance).toBeGreaterThanOrEqual(chances[0])
  })

  it('suggests nothing of two rows, which any two modalities share', () => {
    const found = spectrum(sharedLatents(2, [3, 2], 1, 0.1, 13))
    expect([found.suggested, found.aboveChance]).toEqual([undefined, 0])
  })

  it('looks at as many components as it is told to', () => {
    expect(spectrum(modalities, FEW).components.length).toBe(5)
    expect(spectrum(sharedLatents(50, [3, 9, 4], 2, 0.3, 12), FEW).components.length).toBe(4)
    expect(spectrum(modalities, { nComponents: 3, ...FEW }).components.length).toBe(3)
    const all = spectrum(modalities, { nComponents: 11, ...FEW }).components
    expect(all[10].energyKept).toEqual([1, 1].map((one) => expect.closeTo(one, 12) as number))
  })

  it.each(SELECTIONS)('sees float32 columns beside a time stamp as well as in float64: %s', (selection) => {
    const kept = ([Float32Array, Float64Array] as const).map((array) => {
      const rows = Array.from({ length: 100 }, (_, i) => [Math.sin(i), Math.cos(1.7 * i), 1.7e9 + 60 * i])
      const X = new Matrix(100, 3, array.from(rows.flat()))
      const Y = new Matrix(100, 2, array.from(rows.flatMap((row) => row.slice(0, 2))))
      const { components } = spectrum([X, Y], { selection, center: true, scale: false, nComponents: 3, ...FEW })
      return components.map(({ energyKept }) => energyKept)
    })
    // The third latent is the time stamp's, which Y knows nothing of.
    expect(kept[0][2]).toEqual(kept[1][2].map((share) => expect.closeTo(share, 6) as number))
    // Two latents know what they have in common, by which they tell a little of the time stamp.
    for (const at of [0, 1]) expect(1 - kept[0][1][at]).toBeLessThan(1.2 * (1 - kept[1][1][at]) + 1e-12)
    expect(kept[0][1][0]).toBeGreaterThan(0)
  })

  it('takes center and tolerance as PerfectAlignment does', () => {
    const found = spectrum(modalities, { selection: 'last', center: true, ...FEW })
    const model = new PerfectAlignment({ nComponents: 1, selection: 'last', center: true }).fit(modalities)
    expect(found.components[0].singularValue).toBeCloseTo(model.singularValues[10], 10)
    const rough = spectrum(modalities, { selection: 'informative', tolerance: 0.2, ...FEW })
    expect(rough.components[0].selected).toBe('informative')
  })

  it('is plain data, and as a string a table', () => {
    const found = spectrum(modalities)
    expect(plain(found)).toEqual(Object.fromEntries(Object.entries(found)))
    const lines = String(found).split('\n')
    expect(lines[0]).toMatch(/^150 rows, selection auto, chance \d\.\d+$/)
    expect(lines[2]).toMatch(/^ +k +sigma +strength +gap +kept 0 +kept 1 +selected$/)
    expect(lines.slice(3, 8).map((line) => line.includes('suggested'))).toEqual([false, true, false, false, false])
    expect(lines.at(-1)).toMatch(/^k = 2: the last strength above chance is [\d.]+ times the next one$/)
  })

  it('is as docs/estimators.md shows it', () => {
    const docs = readFileSync(new URL('../../docs/estimators.md', import.meta.url), 'utf8')
    expect(docs).toContain(String(spectrum(sharedLatents(200, [8, 6], 3, 0.3, 1))).split('\n').slice(0, 7).join('\n')) // prettier-ignore
  })

  it('shows ten lines, or some more than are above chance', () => {
    const many = String(spectrum([gaussian(100, 30, 14), gaussian(100, 30, 15)], FEW)).split('\n')
    expect(many.filter((line) => /^ +\d/.test(line)).length).toBe(10)
    expect(many.at(-3)).toBe('and 20 more')
    expect(many.at(-1)).toBe('no k is suggested: no strength is above what unrelated modalities reach')
  })

  it('has an asynchronous form, with progress and an end to it', async () => {
    const seen: Progress[] = []
    const found = await spectrumAsync(modalities, { onProgress: (progress) => seen.push(progress) })
    expect(plain(found)).toEqual(plain(spectrum(modalities)))
    const draws = seen.filter(({ phase }) => phase === 'unrelated')
    expect([draws[0], draws.at(-2), draws.at(-1)]).toMatchObject([
      { phase: 'unrelated', done: 0, total: 20 },
      { phase: 'unrelated', done: 19, total: 20 },
      { phase: 'unrelated', done: 20, total: 20, share: 1 },
    ])
    const reason = new Error('enough')
    await expect(spectrumAsync(modalities, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const stop = { signal: abort.signal, onProgress: () => { abort.abort(reason) } } // prettier-ignore
    await expect(spectrumAsync(modalities, stop)).rejects.toBe(reason)
    await expect(spectrumAsync(modalities, { draws: 0 })).rejects.toThrow(RangeError)
  })

  it.each([
    [null, {}, TypeError, 'modalities must be an array of matrices'],
    [[modalities[0]], {}, RangeError, 'got 1 modalities, expected at least 2'],
    [new JointFactor([3]).update([gaussian(5, 3, 1)]), {}, RangeError, 'got a factor of 1 modalities, expected at least 2'],
    [[gaussian(1, 2, 1), gaussian(1, 2, 2)], {}, RangeError, 'spectrum needs at least 2 rows, got 1'],
    [new JointFactor([3, 2]), {}, RangeError, 'spectrum needs at least 2 rows, got 0'],
    [[gaussian(5, 2, 1), gaussian(4, 2, 2)], {}, RangeError, 'modality 1 has 4 rows, modality 0 has 5'],
    [[[[1], [NaN]], [[1], [2]]], {}, RangeError, 'modality 0: entry (1, 0) is NaN'],
    [modalities, null, TypeError, 'options must be an object'],
    [modalities, { nComponents: 12 }, RangeError, 'nComponents must be an integer from 1 to 11, got 12'],
    [modalities, { nComponents: 0 }, RangeError, 'nComponents'],
    [modalities, { nComponents: '3' }, TypeError, 'nComponents'],
    [modalities, { selection: 'best' }, RangeError, "selection must be one of 'auto'"],
    [modalities, { center: 1 }, TypeError, 'center must be true or false'],
    [modalities, { tolerance: 1 }, RangeError, 'tolerance must be from 0 to below 1'],
    [modalities, { draws: 0 }, RangeError, 'draws must be an integer from 1'],
    [modalities, { draws: 'many' }, TypeError, 'draws must be an integer'],
    [modalities, { seed: NaN }, RangeError, 'seed must be finite'],
  ])('refuses what it cannot take, and works on: %#', (samples, options, kind, message) => {
    const call = () => spectrum(samples as Matrix[], options as SpectrumOptions)
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
    expect(spectrum(modalities, FEW).suggested).toBe(2)
  }) // prettier-ignore
})
