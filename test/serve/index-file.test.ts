import { describe, expect, test } from 'vitest'
import { FileFormatError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { FlatIndex, type FlatIndexOptions } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'

type Options = Omit<FlatIndexOptions, 'dimensions'>
type Tensors = Map<string, { shape: readonly number[]; data: unknown }>

const ROWS = 20
const [D, MIXED] = [12, Array.from({ length: ROWS }, (_, i) => (i % 2 ? `id ${i}` : i))]

function file(options: Options, ids?: (string | number)[]): Uint8Array {
  const index = new FlatIndex({ dimensions: D, ...options })
  index.add(gaussian(ROWS, D, 1), ids)
  return index.toBytes()
}

/** The file with its tensors or its metadata changed, and otherwise sound. */
function changed(bytes: Uint8Array, change: (tensors: Tensors, metadata: Record<string, string>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes)
  const [given, texts] = [new Map(tensors), { ...metadata } as Record<string, string>]
  change(given, texts)
  return writeSafetensors({ tensors: given as never, metadata: texts })
}

const rough: Options = { storage: 'i8', rescore: false }
const signs: Options = { storage: 'binary', rescore: false }

describe('a file that lies is refused', () => {
  const set = (name: string, at: number, value: number) => (tensors: Tensors) => {
    const found = tensors.get(name)
    if (found === undefined) throw new Error(`there is no ${name}`)
    const data = (found.data as Float64Array).slice()
    data[at] = value
    tensors.set(name, { ...found, data })
  }
  const text = (key: string, value: string) => (_: Tensors, metadata: Record<string, string>) => { metadata[key] = value } // prettier-ignore
  const drop = (name: string) => (tensors: Tensors) => { tensors.delete(name) } // prettier-ignore
  const cases: [string, Options, (string | number)[] | undefined, Parameters<typeof changed>[1]][] = [
    ['no rows', {}, undefined, drop('rows')],
    ['other dimensions', {}, undefined, text('dimensions', '11')],
    ['dimensions beyond what an index takes', {}, undefined, text('dimensions', '1000000000')],
    ['no dimensions', {}, undefined, text('dimensions', '0')],
    ['a metric that there is not', {}, undefined, text('metric', 'manhattan')],
    ['a storage that there is not', {}, undefined, text('storage', 'f16')],
    ['codes that are said to be rows', rough, undefined, text('rescore', 'true')],
    ['rows that are said to be codes', { storage: 'i8' }, undefined, text('rescore', 'false')],
    ['a scale beyond float64', { metric: 'dot' }, undefined, text('scale', '9999')],
    ['a scale that is no number', { metric: 'dot' }, undefined, text('scale', '1e3')],
    ['a number to come that is negative', {}, undefined, text('next', '-1')],
    ['a number to come that is no integer', {}, undefined, text('next', '1e400')],
    ['an entry that is NaN', {}, undefined, set('rows', 7, NaN)],
    ['an entry that is infinite', {}, undefined, set('rows', 7, Infinity)],
    ['a scale of a row that is NaN', rough, undefined, set('scales', 3, NaN)],
    ['no scales', rough, undefined, drop('scales')],
    ['no offsets', rough, undefined, drop('offsets')],
    ['8 bits without a mean', rough, undefined, drop('mean')],
    ['no mean', signs, undefined, drop('mean')],
    ['a mean that is NaN', signs, undefined, set('mean', 0, NaN)],
    ['an id twice', {}, MIXED, set('ids.numbers', 2, 0)],
    ['an id that is no integer', {}, MIXED, set('ids.numbers', 2, 0.5)],
    ['an id beyond 2^53', {}, MIXED, set('ids.numbers', 2, 2 ** 60)],
    ['ids that end before they begin', {}, MIXED, set('ids.ends', 3, 0)],
    ['ids that end beyond their bytes', {}, MIXED, set('ids.ends', ROWS - 1, 1e9)],
    ['an id of half a character', {}, MIXED, set('ids.bytes', 0, 0xff)],
    ['no bytes of ids', {}, MIXED, drop('ids.bytes')],
    ['another version', {}, undefined, text('version', '2')],
    ['another kind', {}, undefined, text('collimate', 'JointFactor')],
  ]

  test.each(cases)('%s', (_, options, ids, change) => {
    const bytes = file(options, ids)
    expect(FlatIndex.fromBytes(changed(bytes, () => undefined)).size).toBe(ROWS)
    let caught: unknown
    try {
      FlatIndex.fromBytes(changed(bytes, change))
    } catch (error) {
      caught = error
    }
    expect(caught instanceof FileFormatError || caught instanceof RangeError, String(caught)).toBe(true)
  })

  test('bits that are flipped, in every storage', () => {
    for (const options of [rough, signs, { metric: 'euclidean', ...rough }, { storage: 'i8' }] as const) {
      const bytes = file(options, MIXED)
      for (let seed = 1; seed < 80; seed++) {
        const damaged = bytes.slice()
        damaged[(seed * 7919) % damaged.length] ^= 1 << (seed % 8)
        try {
          const index = FlatIndex.fromBytes(damaged)
          expect(index.search(new Float64Array(index.dimensions).fill(1), 3).k).toBeLessThanOrEqual(3)
        } catch (error) {
          expect(error instanceof FileFormatError || error instanceof RangeError, String(error)).toBe(true)
        }
      }
    }
  })
})

describe('what a file leaves out', () => {
  test('ids that count from 0', () => {
    const names = (bytes: Uint8Array) => [...readSafetensors(bytes).tensors.keys()].sort()
    expect(names(file(rough))).toEqual(['codes', 'mean', 'offsets', 'scales'])
    expect(names(file({}))).toEqual(['rows'])
    expect(names(file(rough, MIXED))).toEqual([
      'codes',
      'ids.bytes',
      'ids.ends',
      'ids.numbers',
      'mean',
      'offsets',
      'scales',
    ])
    const index = FlatIndex.fromBytes(file(rough))
    expect([...index.search(gaussian(1, D, 1).data, ROWS).ids].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: ROWS }, (_, i) => i)) // prettier-ignore
    expect(index.add(gaussian(1, D, 2))).toEqual([ROWS])
  })

  test('so that 99,000 x 256 in 8 bits are an asset of 25 MiB', () => {
    const bytes = (rows: number) => {
      const index = new FlatIndex({ dimensions: 256, storage: 'i8', rescore: false })
      index.add(gaussian(rows, 256, 1))
      return index.toBytes().length
    }
    const [few, more] = [bytes(100), bytes(200)]
    expect(few + ((more - few) / 100) * (99_000 - 100)).toBeLessThan(25 * 2 ** 20)
  })
})
