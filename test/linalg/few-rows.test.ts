import { describe, expect, test } from 'vitest'
import { multiplyRows } from '../../src/linalg/few-rows.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { expectWithin } from '../support/expectations.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

/** Rows on either side of where WebAssembly takes over, and sizes on either side of the loops' fours. */
const ROWS = [0, 1, 2, 3, 4, 5]
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 33]

const single = ({ rows, cols, data }: Matrix) => new Matrix(rows, cols, Float32Array.from(data))

describe('products of few rows', () => {
  test('agree with the plain sum, within the bound of any order of summation', () => {
    for (const m of ROWS) {
      for (const k of SIZES) {
        for (const n of SIZES) {
          const [A, B] = [gaussian(m, k, 100 * k + n), gaussian(k, n, 7 * k + n)]
          const bound = oracle.absoluteProduct(A, B).data.map((v) => (k + 1) * EPS * v)
          const expected = oracle.product(A, B).data
          const what = `${m} x ${k} times ${k} x ${n}`
          expectWithin(multiplyRows(A, B).data, expected, bound, what)
          expectWithin(multiplyRows(A, B.transpose(), { transposeB: true }).data, expected, bound, what)
        }
      }
    }
  })

  test('take float32, and sum it in float64', () => {
    for (const m of [1, 4]) {
      const [A, B] = [single(gaussian(m, 21, 1)), single(gaussian(21, 10, 2))]
      const [A64, B64] = [A, B].map(({ rows, cols, data }) => new Matrix(rows, cols, Float64Array.from(data)))
      const bound = oracle.absoluteProduct(A64, B64).data.map((v) => 22 * EPS * v)
      const expected = oracle.product(A64, B64).data
      for (const product of [multiplyRows(A, B), multiplyRows(A, B.transpose(), { transposeB: true })]) {
        expect(product.data).toBeInstanceOf(Float64Array)
        expectWithin(product.data, expected, bound, `${m} rows`)
      }
    }
  })

  test('round to float32 where that is asked for, once', () => {
    for (const m of [1, 4]) {
      const [A, B] = [single(gaussian(m, 21, 1)), single(gaussian(21, 10, 2))]
      const expected = oracle.product(A, B).data
      const bound = oracle.absoluteProduct(A, B).data.map((v) => (m === 1 ? 1 : 22) * 2 ** -23 * v)
      const options = { precision: 'f32' } as const
      for (const product of [
        multiplyRows(A, B, options),
        multiplyRows(A, B.transpose(), { ...options, transposeB: true }),
      ]) {
        expect(product.data).toBeInstanceOf(Float32Array)
        expectWithin(product.data, expected, bound, `${m} rows`)
      }
    }
  })

  test('keep numbers whose products do not overflow, however large or small', () => {
    for (const scale of [1e300, 1e-300]) {
      const A = new Matrix(
        1,
        6,
        Float64Array.of(1, -2, 3, -4, 5, -6).map((v) => v * scale),
      )
      const B = new Matrix(6, 1, Float64Array.of(1, 1, 1, 1, 1, 1))
      expectWithin(multiplyRows(A, B).data, [-3 * scale], [1e-14 * scale], 'B')
      expectWithin(multiplyRows(A, B.transpose(), { transposeB: true }).data, [-3 * scale], [1e-14 * scale], 'B^T')
    }
  })
})

test('a query is mapped and translated without WebAssembly memory', () => {
  const model = new PerfectAlignment({ nComponents: 3 }).fit([gaussian(40, 6, 1), gaussian(40, 5, 2)])
  const query = gaussian(1, 6, 3)
  // The first translation computes the decoder.
  model.translate(query, 0, 1)
  Engine.release()
  const [z, y] = [model.transform(query, 0), model.translate(query, 0, 1)]
  expect(Engine.release()).toBe(0)
  const many = new Matrix(
    8,
    6,
    Float64Array.from({ length: 48 }, (_, i) => query.data[i % 6]),
  )
  const close = (a: Matrix, b: Matrix) => {
    expectWithin(
      a.data,
      b.row(7),
      Float64Array.from(b.row(7), () => 1e-14),
      'row by row',
    )
  }
  close(z, model.transform(many, 0))
  close(y, model.translate(many, 0, 1))
  expect(Engine.release()).toBeGreaterThan(0)
})
