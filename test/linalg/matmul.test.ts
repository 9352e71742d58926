import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matmul, multiplySteps } from '../../src/linalg/matmul.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import type { Progress } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { KC, MC, MR, NC, NR } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian, uniform } from '../support/random.js'

const EPS = Number.EPSILON
const DIMENSION = fc.nat(40)
const SEED = fc.nat(1_000_000)

function integers(rows: number, cols: number, seed: number): Matrix {
  const next = uniform(seed)
  return new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => Math.floor(19 * next()) - 9),
  )
}

/** All four ways to hand over the same product. */
function forms(A: Matrix, B: Matrix): Matrix[] {
  const [At, Bt] = [A.transpose(), B.transpose()]
  return [
    matmul(A, B),
    matmul(At, B, { transposeA: true }),
    matmul(A, Bt, { transposeB: true }),
    matmul(At, Bt, { transposeA: true, transposeB: true }),
  ]
}

function checkExact(m: number, k: number, n: number): void {
  const [A, B] = [integers(m, k, 1), integers(k, n, 2)]
  const expected = oracle.product(A, B)
  forms(A, B).forEach((C, form) => {
    expect([C.rows, C.cols]).toEqual([m, n])
    expectSame(C.data, expected.data, `${m} x ${k} times ${k} x ${n}, form ${form}`)
  })
}

onEveryBinary(() => {
  test('whole numbers, exactly: any shape, in every form', () => {
    fc.assert(
      fc.property(DIMENSION, DIMENSION, DIMENSION, (m, k, n) => {
        checkExact(m, k, n)
      }),
      { numRuns: 60, seed: 1 },
    )
  })

  test('an entry that is not finite is named wherever it stands, and whatever the other factor holds there', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (let at = 0; at < 7 * 5; at++) {
        const A = new Matrix(7, 5)
        A.data[at] = bad
        const place = `(${Math.floor(at / 5)}, ${at % 5}) is ${bad}`
        const others: Matrix[] = [new Matrix(5, 3), integers(5, 3, at)]
        for (const B of others) {
          expect(() => matmul(A, B)).toThrow(`A: entry ${place}`)
          expect(() => matmul(B, A, { transposeA: true, transposeB: true })).toThrow(`B: entry ${place}`)
        }
        expect(() => matmul(A, new Matrix(5, 0))).toThrow(`A: entry ${place}`)
      }
    }
  })

  test('a product of finite factors may overflow', () => {
    expect(matmul([[1e200, 1]], [[1e200], [1]]).toArray()).toEqual([[Infinity]])
  })

  test.each([-1, 0, 1])('whole numbers, exactly: around every tile and block, %i', (d) => {
    checkExact(MR + d, 3, NR + d)
    checkExact(MC + d, KC + d, 5)
    checkExact(5, KC + d, MC + d)
    checkExact(NC + d, 3, 9)
    checkExact(9, 3, NC + d)
    checkExact(3, 2 * KC + d, 2)
  })

  test('rounding: within k eps |A| |B| on every type of matrix', () => {
    fc.assert(
      fc.property(DIMENSION, DIMENSION, DIMENSION, SEED, fc.constantFrom(...MATRIX_TYPES), (m, k, n, seed, type) => {
        const A = matrixOfType(type, m, k, seed)
        const B = gaussian(k, n, seed + 9)
        const bound = oracle.absoluteProduct(A, B).data.map((x) => 2 * (k + 1) * EPS * x + k * 2 ** -1074)
        const expected = oracle.product(A, B).data
        for (const C of forms(A, B)) expectWithin(C.data, expected, bound, `${type} ${m} ${k} ${n}`)
      }),
      { numRuns: 60, seed: 2 },
    )
  })

  test.each([
    [1, 13, 7, 17],
    [5, 13, 7, 17],
    // Without a side of its own it is chosen by the depth: 64 is the smallest.
    [undefined, 66, 9000, 65],
  ])('in tiles of side %s, between which other work may run', (side, m, k, n) => {
    const [X, Y] = [integers(m, k, 1), integers(k, n, 2)]
    const expected = oracle.product(X, Y)
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const engine = Engine.create()
        const [left, right] = [transposeA ? X.transpose() : X, transposeB ? Y.transpose() : Y]
        const steps = multiplySteps(engine, left, right, { transposeA, transposeB }, side)
        const seen: Progress[] = []
        let step = steps.next()
        for (; step.done !== true; step = steps.next()) if (step.value !== undefined) seen.push(step.value)
        expectSame(step.value.data, expected.data, `transposes ${transposeA}, ${transposeB}`)
        expect(seen.length).toBeGreaterThan(1)
        expect(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done)).toBe(true)
        expect(seen[seen.length - 1].done).toBe(X.rows)
      }
    }
  })

  test('the identity changes nothing', () => {
    const A = gaussian(37, 21, 1)
    expect(matmul(A, Matrix.identity(21)).data).toEqual(A.data)
    expect(matmul(Matrix.identity(37), A).data).toEqual(A.data)
  })

  test('an empty inner dimension gives zeros', () => {
    expect(matmul(new Matrix(3, 0), new Matrix(0, 4))).toEqual(new Matrix(3, 4))
    expect(matmul(new Matrix(0, 0), new Matrix(0, 0)).data).toHaveLength(0)
    expect(matmul(new Matrix(2, 0), [])).toEqual(new Float64Array(2))
  })

  test('gives the same bits for the same input, leaves it alone, and returns numbers of its own', () => {
    const [A, B] = [gaussian(50, 60, 1), gaussian(60, 40, 2)]
    const before = [A.data.slice(), B.data.slice()]
    const C = matmul(A, B)
    const copy = C.data.slice()
    matmul(gaussian(80, 80, 3), gaussian(80, 80, 4))
    expect(matmul(A, B).data).toEqual(copy)
    expect(C.data).toEqual(copy)
    expect([A.data, B.data]).toEqual(before)
    expect(C.data.buffer).not.toBe(Engine.shared().memory.buffer)
  })

  test('float32 factors, mixed with float64 and with rows, are computed in float64', () => {
    const single = new Matrix(2, 2, Float32Array.of(0.1, 0.2, 0.3, 0.4))
    const C = matmul(single, [
      [1, 2],
      [3, 4],
    ])
    expect(C.data).toBeInstanceOf(Float64Array)
    const [a, b, c, d] = single.data
    expectWithin(
      C.data,
      [a + 3 * b, 2 * a + 4 * b, c + 3 * d, 2 * c + 4 * d],
      [0, 0, 0, 0].fill(4 * EPS),
      'mixed precision',
    )
  })
})
