import { describe, expect, test } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { epsilon, onEveryBinary } from '../support/binaries.js'
import { expectWithin } from '../support/expectations.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

const EPS = epsilon('f32')
const [n, k] = [1500, 3]
const [X, Y] = [gaussian(n, 12, 1), gaussian(n, 9, 2)]

onEveryBinary(() => {
  describe.each([true, false])('center: %s', (center) => {
    const model = new PerfectAlignment({ nComponents: k, selection: 'last', center }).fit([X, Y])

    // One row and three are mapped in a plain loop, more in WebAssembly, and more than 1024 in chunks.
    test.each([0, 1, 3, 4, n])("transform with precision 'f32' rounds %i rows as a product of float32 does", (rows) => {
      const x = new Matrix(rows, 12, X.data.slice(0, 12 * rows))
      const [single, double] = [model.transform(x, 0, { precision: 'f32' }), model.transform(x, 0)]
      expect(single.data).toBeInstanceOf(Float32Array)
      expect([single.rows, single.cols]).toEqual([rows, k])
      const centred = new Matrix(
        rows,
        12,
        x.data.map((entry, at) => entry - (center ? model.means[0][at % 12] : 0)),
      )
      const magnitude = oracle.absoluteProduct(centred, model.maps[0].transpose()).data
      expectWithin(single.data, double.data, magnitude.map((size) => 20 * EPS * size), `${rows} rows`) // prettier-ignore
    })
  })
})

describe('what float32 cannot hold', () => {
  const model = new PerfectAlignment({ nComponents: k, selection: 'last' }).fit([X, Y])
  const large = new Matrix(2, 12)
  large.set(1, 4, 1e39)

  test('is refused, and float64 maps it', () => {
    expect(() => model.transform(large, 0, { precision: 'f32' })).toThrow(
      /entry \(1, 4\) is 1e\+39, beyond the range of float32/,
    )
    expect(model.transform(large, 0).data.every(Number.isFinite)).toBe(true)
  })

  test('in a map as well', () => {
    const tiny = new Matrix(n, 9, Y.data.map((y) => y * 1e-60)) // prettier-ignore
    const scaled = new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit([X, tiny])
    expect(() => scaled.transform(tiny, 1, { precision: 'f32' })).toThrow(
      /the map of modality 1: .* beyond the range of float32/,
    )
  })

  test('and a precision that does not exist', () => {
    expect(() => model.transform(X, 0, { precision: 'f16' as 'f32' })).toThrow(/precision must be one of 'f64', 'f32'/)
  })
})
