import { describe, expect, test } from 'vitest'
import { rowTimes } from '../../src/linalg/few-rows.js'
import { Matrix } from '../../src/matrix.js'
import { expectWithin } from '../support/expectations.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

/** On either side of the loop's four. */
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 33]

const single = ({ rows, cols, data }: Matrix) => new Matrix(rows, cols, Float32Array.from(data))
const double = ({ rows, cols, data }: Matrix) => new Matrix(rows, cols, Float64Array.from(data))

/** A row times B, and times the transpose of B^T. */
const products = (x: Matrix, B: Matrix) => [
  rowTimes(x.data, { A: B, isTransposed: false }),
  rowTimes(x.data, { A: B.transpose(), isTransposed: true }),
]

describe('a row times a matrix in a plain loop', () => {
  test('agrees with the plain sum, within the bound of any order of summation', () => {
    for (const k of SIZES) {
      for (const n of SIZES) {
        const [x, B] = [gaussian(1, k, 100 * k + n), gaussian(k, n, 7 * k + n)]
        const bound = oracle.absoluteProduct(x, B).data.map((v) => (k + 1) * EPS * v)
        for (const y of products(x, B)) expectWithin(y, oracle.product(x, B).data, bound, `${k} times ${k} x ${n}`)
      }
    }
  })

  test('takes float32, and sums it in float64', () => {
    const [x, B] = [single(gaussian(1, 21, 1)), single(gaussian(21, 10, 2))]
    const bound = oracle.absoluteProduct(double(x), double(B)).data.map((v) => 22 * EPS * v)
    for (const y of products(x, B)) {
      expect(y).toBeInstanceOf(Float64Array)
      expectWithin(y, oracle.product(double(x), double(B)).data, bound, 'float32')
    }
  })

  test('keeps numbers whose products do not overflow, however large or small', () => {
    for (const scale of [1e300, 1e-300]) {
      const x = new Matrix(1, 6, Float64Array.of(1, -2, 3, -4, 5, -6).map((v) => v * scale)) // prettier-ignore
      const B = new Matrix(6, 1, Float64Array.of(1, 1, 1, 1, 1, 1))
      for (const y of products(x, B)) expectWithin(y, [-3 * scale], [1e-14 * scale], `${scale}`)
    }
  })
})
