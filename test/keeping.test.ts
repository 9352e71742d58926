import { describe, expect, expectTypeOf, test } from 'vitest'
import * as collimate from '../src/index.js'
import * as selection from '../src/model-selection/index.js'
import { gaussian } from './support/random.js'

const {
  CanonicalCorrelation,
  JointFactor,
  LeastSquares,
  LinearContrastive,
  loadAlignment,
  Matrix,
  OrthogonalProcrustes,
  PerfectAlignment,
} = collimate
const samples = [gaussian(40, 4, 1), gaussian(40, 4, 2)]

interface Kept {
  toBytes(): Uint8Array
}

/** One of each class whose numbers are private. */
const KEPT: Record<string, () => Kept> = {
  PerfectAlignment: () => new PerfectAlignment({ nComponents: 2 }).fit(samples),
  CanonicalCorrelation: () => new CanonicalCorrelation({ nComponents: 2 }).fit(samples),
  OrthogonalProcrustes: () => new OrthogonalProcrustes().fit(samples),
  LeastSquares: () => new LeastSquares().fit(samples),
  LinearContrastive: () => new LinearContrastive({ nComponents: 2 }).fit(samples),
  JointFactor: () => new JointFactor([4, 4]).update(samples),
}

test('every class that has toBytes is here', () => {
  const classes = Object.entries(collimate).filter(
    ([, value]) => typeof value === 'function' && 'toBytes' in Object(value.prototype),
  )
  expect(Object.keys(KEPT).sort()).toEqual(classes.map(([name]) => name).sort())
})

describe.each(Object.entries(KEPT))('%s', (name, make) => {
  const read = name === 'JointFactor' ? (bytes: Uint8Array) => JointFactor.fromBytes(bytes) : loadAlignment

  test('structuredClone, which IndexedDB and postMessage use, refuses it and says what to keep', () => {
    expect.assertions(4)
    try {
      structuredClone({ deep: [make()] })
    } catch (error) {
      expect(error).toHaveProperty('name', 'DataCloneError')
      expect(String(error)).toContain('toBytes()')
      expect(String(error)).toContain('loadAlignment')
    }
    expect(read(structuredClone(make().toBytes())).toBytes()).toEqual(make().toBytes())
  })

  test('JSON.stringify refuses it and says what to keep', () => {
    const refusal = /JSON .* lose .* toBytes\(\), which loadAlignment or fromBytes reads/
    expect(() => JSON.stringify({ deep: [make()] })).toThrow(refusal)
    expect(() => JSON.stringify(make())).toThrow(TypeError)
  })

  test('what was loaded refuses both as well', () => {
    const loaded = read(make().toBytes())
    expect(() => structuredClone(loaded)).toThrow('toBytes()')
    expect(() => JSON.stringify(loaded)).toThrow('toBytes()')
  })

  test('the guard is the only property beside the options', () => {
    for (const [key, value] of Object.entries(make())) {
      if (key === 'notCloned') expect(typeof value).toBe('symbol')
      else expect(['string', 'number', 'boolean', 'object', 'undefined']).toContain(typeof value)
    }
    expect({ ...make() }).toHaveProperty('notCloned')
  })
})

test('Vue, which asks for __v_skip, makes no proxy of what has private fields', () => {
  const validated = selection.crossValidate(PerfectAlignment, samples, { grid: { nComponents: [1, 2] }, folds: 2 })
  for (const value of [...Object.values(KEPT).map((make) => make()), new Matrix(1, 1), validated]) {
    expect(value).toHaveProperty('__v_skip', true)
    expect(Object.keys(value)).not.toContain('__v_skip')
  }
})

test('a matrix works through a proxy, as of Valtio', () => {
  const proxy = new Proxy(new Matrix(2, 2, Float64Array.of(1, 2, 3, 4)), {})
  expect(proxy.set(0, 1, 5).get(0, 1)).toBe(5)
  expect(proxy.transpose().toArray()).toEqual([
    [1, 3],
    [5, 4],
  ])
  expect(collimate.svd(proxy)).toEqual(collimate.svd(proxy.toArray()))
  expect(() => proxy.get(2, 0)).toThrow('entry (2, 0) is outside a 2 x 2 matrix')
})

test('bytes are typed as what a Blob takes', () => {
  expectTypeOf(new PerfectAlignment({ nComponents: 2 }).fit(samples).toBytes()).toEqualTypeOf<Uint8Array<ArrayBuffer>>()
  expectTypeOf(new JointFactor([1]).toBytes()).toEqualTypeOf<Uint8Array<ArrayBuffer>>()
  expectTypeOf<Uint8Array<ArrayBuffer>>().toExtend<BlobPart>()
})
