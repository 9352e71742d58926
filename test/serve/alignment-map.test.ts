import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OrthogonalProcrustes, PerfectAlignment, loadAlignment as loadFitted } from '../../src/align/index.js'
import { CollimateError, FileFormatError, NotFittedError } from '../../src/errors.js'
import { Matrix } from '../../src/matrix.js'
import { loadAlignment } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'
import { onEveryServeBuild } from './support.js'

const fixtures = new URL('../fixtures/0.1.0/', import.meta.url)
const files = readdirSync(fixtures).filter((name) => name.endsWith('.safetensors'))

/** The largest difference, for the largest entry. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  const largest = Math.max(...Array.from(b, Math.abs), 1e-300)
  return Math.max(0, ...Array.from(a, (x, i) => Math.abs(x - b[i]))) / largest
}

const fitted = (widths = [7, 6], k = 3, rows = 60) =>
  new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit(widths.map((d, m) => gaussian(rows, d, m + 5)))

onEveryServeBuild(() => {
  describe('every file that a fitted model writes', () => {
    const models = files.filter((name) => !name.startsWith('joint-factor'))

    test('there are such files', () => {
      expect(models.length).toBeGreaterThan(30)
    })

    test.each(models)('%s maps and translates as the model does', (name) => {
      const bytes = new Uint8Array(readFileSync(new URL(name, fixtures)))
      const [served, model] = [loadAlignment(bytes), loadFitted(bytes)]
      const bound = served.precision === 'f32' ? 1e-5 : 1e-13
      expect(served.method).toBe(model.constructor.name)
      expect(served.centered).toBe(model.centered)
      expect(served.maps.map(({ data }) => Array.from(data))).toEqual(model.maps.map(({ data }) => Array.from(data)))
      expect(served.means).toEqual(model.means)
      served.widths.forEach((d, m) => {
        const x = gaussian(67, d, 3)
        expect(difference(served.transform(x, m).data, model.transform(x, m).data)).toBeLessThan(bound)
        const to = (m + 1) % served.widths.length
        expect(difference(served.translate(x, m, to).data, model.translate(x, m, to).data)).toBeLessThan(bound)
        const z = served.transformVector(x.row(5), m)
        expect(z).toEqual(served.transform(new Matrix(1, d, x.row(5)), m).data)
        expect(z).toBeInstanceOf(served.precision === 'f32' ? Float32Array : Float64Array)
        const y = new Float64Array(served.widths[to])
        expect(served.translateVector(Array.from(x.row(5)), m, to, y)).toBe(y)
        expect(difference(y, model.translate(new Matrix(1, d, x.row(5)), m, to).data)).toBeLessThan(bound)
      })
    })
  })

  test.each([
    ['about the means', {}],
    ['about the origin', { center: false }],
    ['about the origin, with a scale', { center: false, scaling: true }],
    ['of principal components', { center: false, nComponents: 2 }],
  ])('a rotation %s translates as the model does', (_, options) => {
    const samples = [4, 5].map((seed) => gaussian(40, 4, seed)).map(({ data }) => new Matrix(40, 4, data.map((x) => x + 3))) // prettier-ignore
    const model = new OrthogonalProcrustes(options).fit(samples)
    const served = loadAlignment(model.toBytes())
    expect(difference(served.translate(samples[1], 1, 0).data, model.translate(samples[1], 1, 0).data)).toBeLessThan(1e-13) // prettier-ignore
    expect(difference(served.translateVector(samples[0].row(3), 0, 1), model.translateVector(samples[0].row(3), 0, 1))).toBeLessThan(1e-13) // prettier-ignore
  })

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 31])('widths of %i and more, in both precisions', (d) => {
    const model = fitted([d, d + 1], Math.min(d, 5), 80)
    for (const precision of ['f32', 'f64'] as const) {
      const served = loadAlignment(model.toBytes({ precision }))
      for (const n of [0, 1, 2, 3, 63, 64, 65, 130]) {
        const x = gaussian(n, d + 1, 9)
        const bound = precision === 'f32' ? 1e-5 : 1e-13
        expect(difference(served.transform(x, 1).data, model.transform(x, 1).data)).toBeLessThan(bound)
        expect(difference(served.translate(x, 1, 0).data, model.translate(x, 1, 0).data)).toBeLessThan(bound)
      }
    }
  })
})

describe('what it refuses', () => {
  const served = loadAlignment(fitted().toBytes())
  const single = loadAlignment(fitted().toBytes({ precision: 'f32' }))

  test('wrong kinds and values', () => {
    const x = new Float64Array(7)
    expect(() => served.transformVector(x, 2)).toThrow(RangeError)
    expect(() => served.transformVector(x, '0' as never)).toThrow(TypeError)
    expect(() => served.transformVector(new Float64Array(6), 0)).toThrow('x has 6 numbers, expected 7')
    expect(() => served.transformVector('1234567' as never, 0)).toThrow(TypeError)
    expect(() => served.transformVector(null as never, 0)).toThrow(TypeError)
    expect(() => served.transformVector(Array(7) as never, 0)).toThrow('entry 0 must be a number')
    expect(() => served.transformVector([1, 2, 3, '4', 5, 6, 7] as never, 0)).toThrow('entry 3 must be a number')
    expect(() => served.transformVector([1, 2, 3, 4, 5, 6, NaN], 0)).toThrow('entry 6 is NaN')
    expect(() => served.transform([[1, 2, 3, 4, 5, 6, Infinity]], 0)).toThrow('entry (0, 6) is Infinity')
    expect(() => served.transform([[1]], 0)).toThrow('x has 1 columns, expected 7')
    expect(() => served.transformVector(x, 0, new Float64Array(4))).toThrow('out has 4 entries, expected 3')
    expect(() => served.transformVector(x, 0, [] as never)).toThrow(TypeError)
    expect(() => served.translateVector(x, 0, 0)).toThrow('two different modalities')
    expect(() => single.transformVector(x.fill(1e300), 0)).toThrow('float32')
    expect(() => single.transform([Array.from(x)], 0)).toThrow('float32')
    expect(Array.from(served.transformVector(new Float64Array(7), 0))).toEqual(
      Array.from(served.transform(new Matrix(1, 7), 0).data),
    )
  })

  test('a refused vector leaves nothing behind', () => {
    const narrow = loadAlignment(fitted([5, 9], 3).toBytes({ precision: 'f32' }))
    const expected = narrow.transformVector([1, 2, 3, 4, 5], 0)
    expect(() => narrow.transformVector(new Float64Array(9).fill(NaN), 1)).toThrow(RangeError)
    expect(narrow.transformVector([1, 2, 3, 4, 5], 0)).toEqual(expected)
  })

  test('other files', () => {
    expect(() => loadAlignment(new Uint8Array(9))).toThrow(FileFormatError)
    expect(() => loadAlignment('model' as never)).toThrow(TypeError)
    const factor = files.find((name) => name.startsWith('joint-factor'))
    if (factor !== undefined) {
      const bytes = new Uint8Array(readFileSync(new URL(factor, fixtures)))
      expect(() => loadAlignment(bytes)).toThrow('this is a JointFactor, expected a model')
    }
  })
})

describe('a file without decoders', () => {
  const model = fitted()
  const served = loadAlignment(model.toBytes({ decoders: false }))
  const x = gaussian(5, 7, 1)

  test('maps as the whole one does', () => {
    expect(served.transform(x, 0)).toEqual(loadAlignment(model.toBytes()).transform(x, 0))
    expect(served.decoders).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  test('does not translate', () => {
    expect(() => served.translate(x, 0, 1)).toThrow(NotFittedError)
    expect(() => served.translateVector(x.row(0), 1, 0)).toThrow(NotFittedError)
    expect(() => served.translate(x, 0, 1)).toThrow('written without decoders')
  })
})

describe('its memory', () => {
  test('is its own, is given back, and comes back', () => {
    const served = loadAlignment(fitted().toBytes())
    expect(served.byteLength).toBe(0)
    const x = gaussian(5, 7, 1)
    const before = served.transform(x, 0)
    const held = served.byteLength
    expect(held).toBeGreaterThan(0)
    expect(held).toBeLessThanOrEqual(2 ** 20)
    for (let i = 0; i < 50; i++) served.transformVector(x.row(0), 0)
    expect(served.byteLength).toBe(held)
    expect(served.releaseMemory()).toBe(held)
    expect(served.byteLength).toBe(0)
    expect(served.transform(x, 0)).toEqual(before)
  })

  test('a closed one refuses', () => {
    const served = loadAlignment(fitted().toBytes())
    served.close()
    served.close()
    expect(() => served.transformVector(new Float64Array(7), 0)).toThrow(CollimateError)
    expect(() => served.maps).toThrow('closed')
    expect(served.releaseMemory()).toBe(0)
  })
})
