import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { keptColumnsSteps } from '../../src/runtime/marshal.js'
import { run } from '../../src/steps.js'
import { releaseMemory } from '../../src/runtime/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { expectWithin } from '../support/expectations.js'
import { gaussian } from '../support/random.js'

const [d, e, k] = [21, 13, 6]
const fitted = () => new PerfectAlignment({ nComponents: k }).fit([gaussian(60, d, 1), gaussian(60, e, 2)])
const first = (X: Matrix, rows: number) => new Matrix(rows, X.cols, X.data.slice(0, rows * X.cols))
const X = gaussian(2500, d, 3)
const x = X.row(0)

/** Elements that are copied into WebAssembly memory meanwhile. */
function copied(work: () => void): number {
  let elements = 0
  const original = Reflect.get(Object.getPrototypeOf(Float64Array.prototype) as object, 'set') as Float64Array['set']
  const spies = [Float32Array, Float64Array].map((kind) => {
    return vi.spyOn(kind.prototype, 'set').mockImplementation(function (this: Float64Array, source, at) {
      if (Engine.keeper('f64').memory.buffer === this.buffer || Engine.keeper('f32').memory.buffer === this.buffer) {
        elements += source.length
      }
      original.call(this, source, at)
    })
  })
  try {
    work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return elements
}

const close = (a: ArrayLike<number>, b: ArrayLike<number>, what = '') => {
  expectWithin(Float64Array.from(a), b, Float64Array.from(b, (v) => 1e-13 * (1 + Math.abs(v))), what) // prettier-ignore
}

beforeEach(() => {
  releaseMemory()
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a map', () => {
  test('is used the first time without WebAssembly, and stays in its memory from the second time on', () => {
    const model = loadAlignment(fitted().toBytes())
    releaseMemory()
    const z = model.transformVector(x, 0)
    expect(releaseMemory(), 'the first use').toBe(0)
    expect(
      copied(() => {
        close(model.transformVector(x, 0), z)
      }),
    ).toBe(d * k + 2 * d - d)
    for (let i = 0; i < 5; i++)
      expect(
        copied(() => {
          close(model.transform([x], 0).data, z)
        }),
      ).toBe(d)
    expect(releaseMemory()).toBeGreaterThan(0)
    expect(releaseMemory()).toBe(0)
    expect(
      copied(() => {
        close(model.transformVector(x, 0), z)
      }),
      'after the memory was given back',
    ).toBe(d * k + d)
  })

  test('and its decoder, for translating', () => {
    const model = fitted()
    const y = model.translateVector(x, 0, 1)
    expect(
      copied(() => {
        close(model.translateVector(x, 0, 1), y)
      }),
    ).toBe(d * k + k * e + d + e)
    expect(
      copied(() => {
        close(model.translate([x, x], 0, 1).row(1), y)
      }),
    ).toBe(2 * d + e)
  })

  test.each(['f64', 'f32'] as const)('is staged once by a batch of several chunks, %s', (precision) => {
    const rows = 20_000
    const many = new Matrix(
      rows,
      d,
      Float64Array.from({ length: rows * d }, (_, at) => X.data[at % X.data.length]),
    )
    const model = fitted()
    // The map, the mean, and every row.
    expect(copied(() => model.transform(many, 0, { precision }))).toBe(d * k + d + rows * d)
    expect(copied(() => model.transform(many, 0, { precision }))).toBe(d + rows * d)
  })

  test('of another fit is another map', () => {
    const model = fitted()
    for (let i = 0; i < 3; i++) model.transformVector(x, 0)
    const before = model.transformVector(x, 0)
    model.fit([gaussian(60, d, 11), gaussian(60, e, 12)])
    const after = model.transformVector(x, 0)
    expect(after).not.toEqual(before)
    close(model.transformVector(x, 0), after)
  })

  test('that is its own inverse, transposed, is not taken for that', () => {
    const model = new OrthogonalProcrustes().fit([gaussian(50, 7, 1), gaussian(50, 7, 2)])
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ]) {
      // prettier-ignore
      const row = gaussian(1, 7, 5)
      const expected = model.translate(row, from, to).data.slice()
      for (let i = 0; i < 3; i++) close(model.translateVector(row.data, from, to), expected, `${from} to ${to}`)
    }
  })

  test('is one of as many as 32 MiB hold and the last one; then all go, and what is used comes back', () => {
    const maps = Array.from({ length: 9 }, (_, i) => new Matrix(1000, 1000, new Float64Array(1e6).fill(i)))
    const staged = (map: Matrix) => {
      const engine = Engine.keeper('f64')
      const { pointer } = run(keptColumnsSteps(engine, map, true))
      return { pointer, values: [...engine.doubles(pointer, 2)] }
    }
    const first = maps.map(staged)
    first.forEach(({ values }, i) => {
      expect(values).toEqual([i, i])
    })
    // Five take more than 32 MiB, so that the sixth is where the first was.
    expect(new Set(first.map(({ pointer }) => pointer)).size).toBe(5)
    expect(staged(maps[8])).toEqual(first[8])
    expect(staged(maps[0]).values).toEqual([0, 0])
    expect(releaseMemory()).toBeLessThan(42 * 2 ** 20)
  })
})

onEveryBinary(() => {
  describe('one vector', () => {
    test('is mapped and translated as a row of a matrix is, the first time and the next', () => {
      const model = fitted()
      const [Z, Y] = [model.transform(X, 0), model.translate(X, 0, 1)]
      for (const uncached of [true, false]) {
        const other = uncached ? loadAlignment(model.toBytes()) : model
        for (let i = 0; i < 4; i++) {
          close(other.transformVector(X.row(i), 0), Z.row(i), `latent ${i}`)
          close(other.translateVector(X.row(i), 0, 1), Y.row(i), `translated ${i}`)
        }
      }
      expect(model.transformVector(x, 0)).toBeInstanceOf(Float64Array)
      close(model.transformVector(Array.from(x), 0), Z.row(0), 'a list')
      close(first(Z, 3).data, model.transform(first(X, 3), 0).data, 'three rows')
    })

    test('goes where it is wanted, in float32 as well', () => {
      const model = fitted()
      model.transformVector(x, 0)
      const z = model.transformVector(x, 0)
      for (const out of [new Float64Array(k), new Float32Array(k)]) {
        expect(model.transformVector(x, 0, out)).toBe(out)
        expect(Array.from(out)).toEqual(Array.from(out instanceof Float32Array ? Float32Array.from(z) : z))
      }
      const y = new Float32Array(e)
      expect(model.translateVector(x, 0, 1, y)).toBe(y)
    })
  })
})

test('what is no vector, or does not fit, is refused, and the model works on', () => {
  const model = fitted()
  const z = model.transformVector(x, 0)
  expect(() => new PerfectAlignment({ nComponents: 2 }).transformVector([1], 0)).toThrow('fit')
  expect(() => model.transformVector(x, 2)).toThrow(RangeError)
  expect(() => model.transformVector(x, '0' as never)).toThrow(TypeError)
  expect(() => model.transformVector([1, 2], 0)).toThrow(`x has 2 numbers, expected ${d}`)
  expect(() => model.transformVector(null as never, 0)).toThrow(TypeError)
  expect(() => model.transformVector([x] as never, 0)).toThrow(TypeError)
  expect(() => model.transformVector('a'.repeat(d) as never, 0)).toThrow(TypeError)
  expect(() => model.transformVector(x, 0, new Float64Array(k + 1))).toThrow(`out has ${k + 1} entries, expected ${k}`)
  expect(() => model.transformVector(x, 0, Array(k) as never)).toThrow(TypeError)
  expect(() => model.translateVector(x, 0, 0)).toThrow('two different modalities')
  expect(() => model.translateVector(x, 0, 5)).toThrow(RangeError)
  for (const bad of [NaN, Infinity, -Infinity]) {
    const y = x.slice()
    y[4] = bad
    const out = new Float64Array(k).fill(7)
    expect(() => model.transformVector(y, 0, out)).toThrow(`x: entry 4 is ${bad}`)
    expect(Array.from(out), 'nothing was written').toEqual(Array(k).fill(7))
    expect(() => model.transform([x, y], 0)).toThrow(/x: entry \(1, 4\)/)
    const many = new Matrix(2000, d)
    many.set(1777, 4, bad)
    expect(() => model.transform(many, 0)).toThrow(/x: entry \(1777, 4\)/)
    expect(() => model.transform(many, 0, { precision: 'f32' })).toThrow(/x: entry \(1777, 4\)/)
  }
  close(model.transformVector(x, 0), z)
})

test('where there is no WebAssembly any more, vectors are mapped in a plain loop', () => {
  const model = fitted()
  const z = model.transformVector(x, 0)
  const map = loadAlignment(model.toBytes())
  map.transformVector(x, 0)
  vi.spyOn(Engine, 'keeper').mockImplementation(() => {
    throw new Error('not one of ours')
  })
  expect(() => map.transformVector(x, 0)).toThrow('not one of ours')
  vi.restoreAllMocks()
  close(map.transformVector(x, 0), z)
})
