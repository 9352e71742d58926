import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { maxDifference } from './support.js'
import '../support/solvers.js'

interface Written {
  readonly file: string
  readonly kind: string
  readonly state: boolean
  readonly modalities: 'two' | 'three' | 'same'
  readonly transforms: readonly number[][][]
  readonly translations: readonly number[][][]
  readonly centered: boolean
  readonly nComponents?: number
}

const folder = new URL('../fixtures/0.1.0/', import.meta.url)
const read = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)))
const { data, models } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as {
  data: Record<Written['modalities'], number[][][]>
  models: Written[]
}

// Another build of the kernels may fuse multiplications and additions: entries are of the order of 10.
const ROUNDING = 1e-13

describe.each(models)(
  '0.1.0 wrote $file',
  ({ file, kind, state, modalities, transforms, translations, ...written }) => {
    const model = loadAlignment(read(file))
    const { tensors } = readSafetensors(read(file))
    const tensor = (name: string) => tensors.get(name) ?? expect.fail(`no tensor ${name}`)
    const samples = data[modalities]
    const head = samples.map((X) => X.slice(0, 3))

    it('loads with its maps and means, and maps alike', () => {
      expect(model.constructor.name).toBe(kind)
      expect([model.centered, model.nComponents]).toEqual([written.centered, written.nComponents])
      expect(model.maps.map((map) => map.data)).toEqual(
        model.maps.map((_, m) => Float64Array.from(tensor(`maps.${m}`).data, Number)),
      )
      expect(model.means).toEqual(model.means.map((_, m) => tensor(`means.${m}`).data))
      head.forEach((X, m) => {
        const next = (m + 1) % head.length
        expect(maxDifference(model.transform(X, m).data, transforms[m].flat())).toBeLessThan(ROUNDING)
        expect(maxDifference(model.translate(X, m, next).data, translations[m].flat())).toBeLessThan(ROUNDING)
      })
    })

    it('is written again with the same tensors', () => {
      const precision = tensor('maps.0').dtype === 'F32' ? 'f32' : 'f64'
      const again = readSafetensors(model.toBytes({ precision, state })).tensors
      for (const [name, { shape, data }] of tensors) expect(again.get(name)).toMatchObject({ shape, data })
    })

    it(state ? 'goes on where its state was kept' : 'says that its state was not kept', () => {
      const more = () => loadAlignment(read(file)).partialFit(samples)
      if (file.includes('infonce')) expect(more).toThrow(/needs the matrices/)
      else if (!state) expect(more).toThrow(NotFittedError)
      else expect(more().maps).toHaveLength(samples.length)
    })
  },
)

describe('options that 0.1.0 kept as texts', () => {
  const [{ file }] = models.filter(({ kind }) => kind === 'PerfectAlignment')
  it.each([
    ['selection', 'best', "got 'best'"],
    ['center', '1', 'center must be true or false'],
    ['tolerance', '1', 'tolerance must be from 0 to below 1, got 1'],
    ['tolerance', ' ', "metadata 'options' is"],
  ])('%s: %j is refused', (name, text, message) => {
    const { tensors, metadata } = readSafetensors(read(file))
    expect(metadata[name]).toBeDefined()
    const damaged = writeSafetensors({ tensors, metadata: { ...metadata, [name]: text } })
    expect(() => loadAlignment(damaged)).toThrow(FileFormatError)
    expect(() => loadAlignment(damaged)).toThrow(message)
  })
})

describe('joint factors of 0.1.0', () => {
  it.each([
    ['joint-factor.safetensors', 'three', false],
    ['joint-factor-float32.safetensors', 'two', true],
  ] as const)('%s loads, and is what the same rows give today', (file, modalities, float32) => {
    const factor = JointFactor.fromBytes(read(file))
    const samples = data[modalities].map((X) => X.map((row) => (float32 ? Float32Array.from(row) : row)))
    const today = new JointFactor(samples.map((X) => X[0].length)).update(samples)
    expect([factor.rows, factor.widths, factor.float32]).toEqual([today.rows, today.widths, today.float32])
    expect(maxDifference(absolute(factor), absolute(today))).toBeLessThan(ROUNDING)
    expect(factor.merge(today).rows).toBe(2 * today.rows)
  })
})

/** R up to the signs of its rows. */
const absolute = (factor: JointFactor) => factor.R.data.map(Math.abs)
