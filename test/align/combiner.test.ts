import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { FileFormatError } from '../../src/errors.js'
import * as collimate from '../../src/index.js'
import { readSafetensors, writeSafetensors, type Safetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { beside, frobenius, minus, rowRanges, sharedLatents, subspaceDistance, times, toFloat32 } from './support.js'

const EPS = Number.EPSILON
const guide = readFileSync(new URL('../../docs/combiner.md', import.meta.url), 'utf8')

/** What an engine is handed, by the example of the guide itself. */
interface Combiner {
  create: (widths: number[]) => Uint8Array
  add: (part: Uint8Array, modalities: Matrix[]) => Uint8Array
  merge: (part: Uint8Array, other: Uint8Array) => Uint8Array
  extract: (part: Uint8Array, options: object) => PerfectAlignment
}
const [, code] = /^```js\nimport (?:[^\n]*)\n([\s\S]*?)^```$/m.exec(guide) ?? []
const FunctionOf = (() => undefined).constructor as new (...text: string[]) => (modules: object) => Combiner
const { create, add, merge, extract } = new FunctionOf('{ JointFactor, PerfectAlignment }', `${code}; return combiner`)(
  collimate,
)

const gram = (bytes: Uint8Array) => {
  const { R } = JointFactor.fromBytes(bytes)
  return times(R.transpose(), R)
}

/** Distance of two parts in units of what rounding may do. */
function gap(a: Uint8Array, b: Uint8Array): number {
  const [A, B] = [gram(a), gram(b)]
  const { rows, R } = JointFactor.fromBytes(b)
  return frobenius(minus(A, B)) / (10 * EPS * Math.max(rows, R.cols) * frobenius(B))
}

const widths = [3, 4]
/** Every row twice, one below the other. */
const repeated = (n: number, d: number, seed: number) =>
  Matrix.from(Array.from({ length: n }, (_, i) => gaussian(n, d, seed).row(i >> 1)))
const data = (n: number, seed: number) => widths.map((d, m) => gaussian(n, d, seed + 100 * m))
const part = (n: number, seed: number) => add(create(widths), data(n, seed))

describe('the combiner', () => {
  it('gives what one pass gives, whatever the parts and the order of merges', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 7 }),
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        (sizes, choices) => {
          const n = sizes.reduce((a, b) => a + b, 0)
          if (n === 0) return
          const whole = data(n, 1)
          let start = 0
          const parts = sizes.map((size) => add(create(widths), rowRanges(whole, start, (start += size))))
          // Any two of those left, until there is one.
          for (let step = 0; parts.length > 1; step++) {
            const [a] = parts.splice(choices[step] % parts.length, 1)
            const at = choices[step + 1] % parts.length
            parts[at] = merge(parts[at], a)
          }
          expect(JointFactor.fromBytes(parts[0]).rows).toBe(n)
          expect(gap(parts[0], add(create(widths), whole))).toBeLessThan(1)
        },
      ),
      { numRuns: 40, seed: 3 },
    )
  })

  // A column that depends exactly on those before it gets no row of the factor, so that rows further down get what is left.
  it.each<[string, (n: number, seed: number) => Matrix[]]>([
    ['rows that repeat in one modality', (n, seed) => [repeated(n, 3, seed), gaussian(n, 4, seed + 1)]],
    ['a modality of zeros', (n, seed) => [new Matrix(n, 3), gaussian(n, 4, seed)]],
    ['a constant modality', (n, seed) => [new Matrix(n, 3, new Float64Array(3 * n).fill(2)), gaussian(n, 4, seed)]],
    ['equal columns', (n, seed) => [beside(...[0, 0, 0].map(() => gaussian(n, 1, seed))), gaussian(n, 4, seed + 1)]],
  ])('loses nothing of fewer rows than columns: %s', (_, samples) => {
    for (let n = 1; n <= 9; n++) {
      const whole = samples(n, 20 + n)
      const joint = beside(new Matrix(n, 1, new Float64Array(n).fill(1)), ...whole)
      const expected = times(joint.transpose(), joint)
      for (let cut = 0; cut <= n; cut++) {
        const [a, b] = [rowRanges(whole, 0, cut), rowRanges(whole, cut, n)].map((rows) => add(create(widths), rows))
        for (const part of [merge(a, b), merge(b, a), add(a, rowRanges(whole, cut, n))]) {
          const { R, rows } = JointFactor.fromBytes(part)
          expect(rows).toBe(n)
          expect(R.data.subarray(n * R.cols).every((v) => v === 0)).toBe(true)
          expect(frobenius(minus(gram(part), expected)) / (10 * EPS * 8 * frobenius(expected))).toBeLessThan(1)
        }
      }
    }
  })

  it('has a neutral element, and does not care which side is which', () => {
    const [a, b, empty] = [part(20, 5), part(9, 6), create(widths)]
    expect(merge(a, empty)).toEqual(a)
    expect(merge(empty, a)).toEqual(a)
    expect(merge(empty, empty)).toEqual(empty)
    expect(merge(a, b)).toEqual(merge(b, a))
  })

  it('extracts the model of a single pass', () => {
    const samples = sharedLatents(300, [6, 5], 3, 0.01, 960)
    const parts = [0, 100, 200].map((start) => add(create([6, 5]), rowRanges(samples, start, start + 100)))
    const model = extract(parts.reduce(merge), { nComponents: 3 })
    const whole = new PerfectAlignment({ nComponents: 3 }).fit(samples)
    expect(subspaceDistance(beside(...model.maps), beside(...whole.maps))).toBeLessThan(1e-12)
    expect(model.selected).toBe(whole.selected)
  })

  it('keeps in mind which modalities came as float32', () => {
    const [X, Y] = data(9, 7)
    const single = add(create(widths), [X, toFloat32(Y)])
    expect(JointFactor.fromBytes(merge(part(5, 8), single)).float32).toEqual([false, true])
  })

  it('refuses what would not be finite, and leaves the factor as it was', () => {
    const huge = [[[1.7e308]], [[1.7e308]]]
    const [a, b] = [0, 1].map(() => new JointFactor([1, 1]).update(huge))
    const before = a.toBytes()
    expect(() => a.merge(b)).toThrow(RangeError)
    expect(() => a.merge(b)).toThrow('beyond the largest float64')
    expect(a.toBytes()).toEqual(before)
  })
})

describe('the bytes of a part', () => {
  it('are as many as the guide says: no more rows than have been seen', () => {
    const packed = (n: number, d: number) => {
      const { tensors } = readSafetensors(new JointFactor([d, d]).update([gaussian(n, d, 1), gaussian(n, d, 2)]).toBytes()) // prettier-ignore
      return tensors.get('R')?.shape
    }
    expect(packed(40, 8)).toEqual([(17 * 18) / 2])
    expect(packed(17, 8)).toEqual([(17 * 18) / 2])
    expect(packed(16, 8)).toEqual([(17 * 18) / 2 - 1])
    expect(packed(3, 8)).toEqual([17 + 16 + 15])
    expect(new JointFactor([128, 128]).update([gaussian(300, 128, 1), gaussian(300, 128, 2)]).toBytes().length).toBeLessThan(266_000) // prettier-ignore
    expect(new JointFactor([128, 128]).toBytes().length).toBeLessThan(300)
  })

  it('hold the triangle row by row, from the diagonal on', () => {
    const factor = new JointFactor(widths).update(data(20, 9))
    const { tensors, metadata } = readSafetensors(factor.toBytes())
    expect({ ...metadata }).toEqual({
      collimate: 'JointFactor',
      version: '1',
      widths: '3,4',
      rows: '20',
      float32: '0,0',
    })
    const rows = Array.from({ length: 8 }, (_, i) => [...factor.R.row(i)].slice(i))
    expect([...(tensors.get('R')?.data ?? [])]).toEqual(rows.flat())
  })

  it('come back exactly, an empty part and one of few rows too', () => {
    for (const n of [0, 1, 5, 8, 50]) {
      const factor = new JointFactor(widths).update(data(n, 10))
      const loaded = JointFactor.fromBytes(factor.toBytes())
      expect(loaded).toBeInstanceOf(JointFactor)
      expect([loaded.widths, loaded.rows, loaded.R, loaded.float32]).toEqual([widths, n, factor.R, factor.float32])
      expect(loaded.toBytes()).toEqual(factor.toBytes())
      // Below as many rows as have been seen there is nothing, not even rounding.
      expect(factor.R.data.subarray(n * 8).every((x) => x === 0)).toBe(true)
    }
  })

  it('are a buffer of their own, which can be moved to another thread', () => {
    const bytes = part(20, 11)
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength)
    const moved = structuredClone(bytes, { transfer: [bytes.buffer] })
    expect(bytes.byteLength).toBe(0)
    expect(JointFactor.fromBytes(moved).rows).toBe(20)
  })

  const sound = part(20, 12)
  const edited = (edit: (file: Safetensors) => void) => {
    const file = readSafetensors(sound)
    edit(file)
    return writeSafetensors(file)
  }
  const metadata = (name: string, value: string) =>
    edited((file) => {
      file.metadata[name] = value
    })
  const R = (change: (packed: Float64Array) => Float64Array | Int32Array) =>
    edited(({ tensors }) => {
      const data = change(Float64Array.from(tensors.get('R')?.data ?? [], Number))
      tensors.set('R', { shape: [data.length], data, dtype: data instanceof Float64Array ? 'F64' : 'I32' })
    })

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ['text', () => 'factor', TypeError, 'must be a Uint8Array or an ArrayBuffer, got a string'],
    ['a list', () => Array.from(sound), TypeError, 'Uint8Array.from(x)'],
    ['a later version', () => metadata('version', '2'), FileFormatError, 'this JointFactor has format version 2, this release reads 1: update collimate'], // prettier-ignore
    ['a model', () => extract(sound, { nComponents: 1 }).toBytes(), FileFormatError, 'this is a PerfectAlignment, expected a JointFactor'], // prettier-ignore
    ['other widths', () => metadata('widths', '3,5'), FileFormatError, "tensor 'R' has shape [36], expected [45]"],
    ['widths of the same sum, told by the flags', () => metadata('widths', '3,2,2'), FileFormatError, 'expected 3 times 0 or 1'], // prettier-ignore
    ['a width that is no number', () => metadata('widths', '3,NaN'), FileFormatError, "'widths' has 'NaN'"],
    ['gigantic widths', () => metadata('widths', '9007199254740991,4'), FileFormatError, "tensor 'R' has shape [36]"],
    ['another number of rows', () => metadata('rows', '21'), RangeError, 'expected the root of 21 rows'],
    ['fewer rows than the triangle', () => metadata('rows', '2'), FileFormatError, "tensor 'R' has shape [36], expected [15]"], // prettier-ignore
    ['rows that are no number', () => metadata('rows', '20.5'), FileFormatError, "'rows' has '20.5'"],
    ['NaN', () => R((packed) => packed.fill(NaN, 7)), RangeError, "tensor 'R' has the entry NaN at index 7"],
    ['infinity', () => R((packed) => packed.fill(Infinity, 7, 8)), RangeError, 'has the entry Infinity at index 7'],
    ['a number too few', () => R((packed) => packed.slice(1)), FileFormatError, 'has shape [35], expected [36]'],
    ['integers', () => R((packed) => Int32Array.from(packed)), FileFormatError, 'has type I32'],
  ])('are refused as %s', (_, bytes, kind, message) => {
    const read = () => JointFactor.fromBytes(bytes() as Uint8Array)
    expect(read).toThrow(kind)
    expect(read).toThrow(message)
  })

  it('are refused without any part of them, cut at every byte, or with one more', () => {
    for (const name of ['collimate', 'version', 'widths', 'rows', 'float32']) {
      expect(() => JointFactor.fromBytes(edited((file) => Reflect.deleteProperty(file.metadata, name)))).toThrow(FileFormatError) // prettier-ignore
    }
    expect(() => JointFactor.fromBytes(edited((file) => file.tensors.delete('R')))).toThrow("tensor 'R' is missing")
    for (let length = 0; length < sound.length; length++) {
      expect(() => JointFactor.fromBytes(sound.slice(0, length))).toThrow(FileFormatError)
    }
    expect(() => JointFactor.fromBytes(new Uint8Array([...sound, 0]))).toThrow(FileFormatError)
  })

  it('never merge with a part of other widths, nor change what they did not merge with', () => {
    const [ours, theirs] = [sound, add(create([4, 3]), [gaussian(9, 4, 1), gaussian(9, 3, 2)])]
    expect(() => merge(ours, theirs)).toThrow('cannot merge a factor of widths 4, 3 into one of 3, 4')
  })
})
