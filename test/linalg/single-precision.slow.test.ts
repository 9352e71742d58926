import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { matmul, matmulAsync } from '../../src/linalg/matmul.js'
import { qr, qrAsync, type QrMode } from '../../src/linalg/qr.js'
import { svd, svdAsync, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { epsilon, onEveryBinary } from '../support/binaries.js'
import { KC } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { permuteColumns, pivotExcess } from '../support/factors.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { gramRatio, orthogonalityRatio, productRatio, factorisationRatio } from '../support/ratios.js'
import { SMALL, STRADDLING } from '../support/shapes.js'

/** `precision: 'f32'`: the ratios of the float64 routines, with the eps of float32, on the same types and shapes. */
const EPS = epsilon('f32')
const BOUND = 10
const f32 = { precision: 'f32' } as const

function single(rows: number, cols: number, seed: number): Matrix {
  return new Matrix(rows, cols, Float32Array.from(gaussian(rows, cols, seed).data))
}

function checkSvd(A: Matrix, vectors: 'thin' | 'full', what: string): void {
  const { U, S, V } = svd(A, { vectors, ...f32 })
  for (const [factor, name] of [
    [U, 'U'],
    [V, 'V'],
  ] as const) {
    // prettier-ignore
    expect(factor.data, `${name}, ${what}`).toBeInstanceOf(Float32Array)
    expect(orthogonalityRatio(factor, EPS), `${name}, ${what}`).toBeLessThanOrEqual(BOUND)
  }
  expect(factorisationRatio(A, U, S, V, EPS), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
  const exact = svdvals(A)
  const bound = exact.map(() => BOUND * Math.max(A.rows, A.cols) * EPS * exact[0] + 2 ** -149)
  expectWithin(S, exact, bound, `singular values, ${what}`)
  expectWithin(svdvals(A, f32), exact, bound, `singular values alone, ${what}`)
}

function checkQr(A: Matrix, mode: QrMode, pivoting: boolean, what: string): void {
  const { Q, R, pivots } = qr(A, { mode, pivoting, ...f32 })
  const permuted = pivots === undefined ? A : permuteColumns(A, pivots)
  expect(R.data, what).toBeInstanceOf(Float32Array)
  expect(gramRatio(permuted, R, EPS), `R^T R, ${what}`).toBeLessThanOrEqual(BOUND)
  if (pivoting) expect(pivotExcess(R), `diagonal, ${what}`).toBeLessThanOrEqual(1 + 1e-3)
  if (Q === undefined) return
  expect(Q.data, what).toBeInstanceOf(Float32Array)
  expect(orthogonalityRatio(Q, EPS), `Q, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(productRatio(permuted, Q, R, EPS), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
}

function checkAll(A: Matrix, what: string): void {
  for (const vectors of ['thin', 'full'] as const) checkSvd(A, vectors, `${what}, ${vectors}`)
  for (const mode of ['thin', 'full', 'r'] as const) {
    for (const pivoting of [false, true]) checkQr(A, mode, pivoting, `${what}, ${mode}, pivoting ${pivoting}`)
  }
}

onEveryBinary(() => {
  test.each(MATRIX_TYPES)('svd and qr, %s', (type) => {
    for (const [m, n] of [...SMALL, [12, 12], [30, 19], [19, 30], [41, 40]]) {
      checkAll(matrixOfType(type, m, n, m + n, 'f32'), `${m} x ${n}`)
    }
  })

  test.each(STRADDLING.map(([m, n], i) => ({ m, n, i })))('svd and qr, $m x $n', ({ m, n, i }) => {
    const type = MATRIX_TYPES[i % MATRIX_TYPES.length]
    const A = matrixOfType(type, m, n, i, 'f32')
    checkSvd(A, 'thin', type)
    for (const pivoting of [false, true]) checkQr(A, 'thin', pivoting, type)
    checkQr(A, 'r', false, type)
  })

  test('R of a tall matrix by streaming', () => {
    checkQr(single(2 * KC + 1, 40, 1), 'r', false, 'tall')
  })

  test('matmul within the bound of any order of summation, any transposes', () => {
    for (const [m, k, n] of [
      [0, 3, 2],
      [2, 0, 3],
      [1, 1, 1],
      [9, KC + 1, 7],
      [40, 33, 50],
    ]) {
      // prettier-ignore
      const [A, B] = [single(m, k, 1), single(k, n, 2)]
      const bound = oracle.absoluteProduct(A, B).data.map((x) => 2 * (k + 1) * EPS * x)
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const left = transposeA ? A.transpose() : A
          const right = transposeB ? B.transpose() : B
          const C = matmul(left, right, { transposeA, transposeB, ...f32 })
          expect(C.data).toBeInstanceOf(Float32Array)
          expectWithin(C.data, oracle.product(A, B).data, bound, `${m} x ${k} x ${n}`)
        }
      }
    }
  })

  test('the asynchronous forms give the same bits', async () => {
    const A = single(90, 70, 3)
    expect(await svdAsync(A, f32)).toEqual(svd(A, f32))
    expect(await qrAsync(A, f32)).toEqual(qr(A, f32))
    expect(await matmulAsync(A, A, { transposeA: true, ...f32 })).toEqual(matmul(A, A, { transposeA: true, ...f32 }))
  })
})

interface GoldenCase {
  readonly name: string
  readonly rows: number
  readonly cols: number
  readonly data: number[]
  readonly singularValues: number[]
  readonly accuracy: 'relative' | 'absolute'
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/svd.json', import.meta.url), 'utf8')) as {
  cases: GoldenCase[]
}

const relatives = new Set<string>()

onEveryBinary(() => {
  // Rounded to float32 they are other matrices; float64 has their singular values to more digits than float32 holds.
  describe.each(cases)('golden $name', ({ name, rows, cols, data, accuracy, singularValues }) => {
    test('keeps the relative accuracy of small singular values, as far as float32 has numbers for the matrix', () => {
      const e = -Math.floor(Math.log2(data.reduce((most, x) => Math.max(most, Math.abs(x)), 2 ** -1000)))
      const half = 2 ** Math.trunc(e / 2)
      const A = new Matrix(
        rows,
        cols,
        Float32Array.from(data, (x) => x * half * 2 ** (e - Math.trunc(e / 2))),
      )
      const exact = svdvals(A)
      const size = Math.max(rows, cols)
      // As in float64, where the bound is 1e-13: 450 eps. What is subnormal in float32 has no such digits, and rounding makes noise
      // of exact zeros.
      const normal = A.data.every((x) => x === 0 || Math.abs(x) > 2 ** -100)
      const relative = accuracy === 'relative' && normal && singularValues.every((g) => g > 0)
      if (relative) relatives.add(name)
      const bound = exact.map((g) => (relative && g > 0 ? 450 * EPS * g : 10 * size * EPS * exact[0]))
      expectWithin(svd(A, f32).S, exact, bound, 'with vectors')
      expectWithin(svdvals(A, f32), exact, bound, 'alone')
    })
  })
})

afterAll(() => {
  expect(relatives.size).toBeGreaterThan(5)
})

describe('what goes in', () => {
  const A = gaussian(9, 6, 1)
  const rounded = new Matrix(9, 6, Float32Array.from(A.data))

  test('float64 is rounded, float32 taken as it is', () => {
    expect(svd(A, f32)).toEqual(svd(rounded, f32))
    expect(qr(A, f32)).toEqual(qr(rounded, f32))
    expect(matmul(A, A, { transposeA: true, ...f32 })).toEqual(matmul(rounded, rounded, { transposeA: true, ...f32 }))
  })

  test('float64 stays the default for float32 input', () => {
    expect(svd(rounded).U.data).toBeInstanceOf(Float64Array)
    expect(svd(rounded, { precision: 'f64' })).toEqual(svd(rounded))
  })

  test('numbers beyond float32 are refused with their place, and the next call works', () => {
    const B = new Matrix(2, 2, Float64Array.of(1, 2, 3, 1e39))
    for (const call of [() => svd(B, f32), () => qr(B, f32), () => matmul(B, B, f32)]) {
      expect(call).toThrow(
        /entry \(1, 1\) is 1e\+39, beyond the range of float32; scale the data or use precision 'f64'/,
      )
    }
    expectSame(matmul([[2]], [[3]], f32).data, [6], 'works on')
  })

  test('other precisions are refused', () => {
    expect(() => svd(A, { precision: 'f16' as 'f32' })).toThrow(RangeError)
    expect(() => qr(A, { precision: 32 as unknown as 'f32' })).toThrow(TypeError)
    expect(() => matmul(A, A, { precision: 'F32' as 'f32' })).toThrow(/precision must be one of 'f64', 'f32'/)
  })

  test('an R beyond float32 is refused', () => {
    const largest = 3.4e38
    expect(() => qr([[largest, largest], [largest, largest]], f32)).toThrow(/R is beyond the largest number/) // prettier-ignore
  })

  test('rank counts by the eps of float32', () => {
    const B = [[1, 1], [1, 1 + 2 ** -23]] // prettier-ignore
    expect(svd(B).rank).toBe(2)
    expect(svd(B, f32).rank).toBe(1)
  })
})

test('takes half the memory', () => {
  const held = (precision: 'f64' | 'f32') => {
    const before = Engine.shared(precision).memoryBytes
    svd(single(500, 500, 1), { precision })
    return Engine.shared(precision).memoryBytes - before
  }
  Engine.use('simd')
  const [double, half] = [held('f64'), held('f32')]
  expect(half).toBeLessThanOrEqual(4 * (4 * 500 * 515 + 450 * 500) + 2 ** 21)
  expect(half).toBeLessThan(0.6 * double)
  expect(Engine.release()).toBeGreaterThan(double + half)
})
