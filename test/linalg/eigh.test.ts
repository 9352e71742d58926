import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eigh, eigvalsh, type Eigh } from '../../src/linalg/eigh.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, PANEL } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { jacobiEigenvalues } from '../support/jacobi-eigenvalues.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'
import { symmetric, SYMMETRIC_TYPES, symmetricOfType, wilkinson, withEigenvalues } from '../support/symmetric-types.js'

const BOUND = 10
const EPS = Number.EPSILON
const RUNS = { numRuns: 8, seed: 20251 }

const vectorsOf = ({ vectors }: Eigh): Matrix => vectors

/** What rounding may do to eigenvalues: a multiple of n eps times the largest. */
function bound(values: Float64Array): Float64Array {
  const n = values.length
  const largest = n === 0 ? 0 : Math.max(Math.abs(values[0]), Math.abs(values[n - 1]))
  return values.map(() => BOUND * n * EPS * largest + 2 ** -1072)
}

/** All that holds for any symmetric matrix. */
function check(A: Matrix, what: string): Eigh {
  const n = A.rows
  const result = eigh(A)
  const { values } = result
  const V = vectorsOf(result)
  expect(values, what).toHaveLength(n)
  expect([V.rows, V.cols], what).toEqual([n, n])
  expect(
    values.every((x, i) => Number.isFinite(x) && (i === 0 || x >= values[i - 1])),
    `ascending, ${what}`,
  ).toBe(true)
  expect(orthogonalityRatio(V), `V, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(factorisationRatio(A, V, values, V), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
  expectWithin(eigvalsh(A), values, bound(values), `without vectors, ${what}`)
  return result
}

onEveryBinary(() => {
  describe.each(SYMMETRIC_TYPES)('%s', (type) => {
    test('any size', () => {
      fc.assert(
        fc.property(fc.nat(50), fc.nat(1_000_000), (n, seed) => {
          check(symmetricOfType(type, n, seed), `n = ${n}, seed ${seed}`)
        }),
        RUNS,
      )
    })

    test('small, and around the panels', () => {
      for (const n of [0, 1, 2, 3, 4, 5, ...around(PANEL, 2 * PANEL)]) check(symmetricOfType(type, n, n), `n = ${n}`)
    })

    test('eigenvalues as the classical Jacobi iteration has them', () => {
      for (const n of [1, 2, 7, PANEL + 3]) {
        const A = symmetricOfType(type, n, n)
        // The oracle squares entries.
        const e = type === 'near overflow' ? -1000 : type === 'near underflow' ? 1020 : 0
        const scaled = symmetric(n, (i, j) => A.get(i, j) * 2 ** (e / 2) * 2 ** (e / 2))
        const expected = jacobiEigenvalues(scaled)
        expectWithin(eigvalsh(scaled), expected, bound(expected), `n = ${n}`)
      }
    })
  })

  test.each([
    ['random', 150],
    ['repeated', 129],
    ['graded', 140],
    ['integer', 151],
    ['tridiagonal', 133],
  ] as const)('%s, n = %i', (type, n) => {
    check(symmetricOfType(type, n, n), type)
  })

  describe('eigenvalues that are known', () => {
    test('of a diagonal matrix, exactly', () => {
      const d = [3, -1, 0, 2 ** -60, 3, -8]
      const { values, vectors } = eigh(symmetric(6, (i, j) => (i === j ? d[i] : 0)))
      expectSame(values, [-8, -1, 0, 2 ** -60, 3, 3], 'values')
      expect(vectors.data.every((x) => x === 0 || Math.abs(x) === 1)).toBe(true)
    })

    test('of 2 x 2', () => {
      for (const [a, b, c] of [[2, 1, 2], [1, 2, -2], [0, 3, 0], [-5, 4, 1], [1, 1e-9, 1]]) {
        const A = new Matrix(2, 2, [a, b, b, c])
        const { values } = check(A, `${a} ${b} ${c}`)
        const [mean, radius] = [(a + c) / 2, Math.hypot((a - c) / 2, b)]
        expectWithin(values, [mean - radius, mean + radius], bound(values), `${a} ${b} ${c}`)
      }
    }) // prettier-ignore

    test('of the second difference: 2 - 2 cos(k pi / (n + 1))', () => {
      for (const n of [3, 10, 100]) {
        const { values } = check(
          symmetric(n, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0)),
          `n = ${n}`,
        )
        const expected = values.map((_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * n + 2)) ** 2)
        expectWithin(values, expected, bound(values), `n = ${n}`)
      }
    })

    test("of Wilkinson's W21+: the two largest agree in 13 digits and have vectors of their own", () => {
      const { values } = check(wilkinson(21), 'W21+')
      expect(Math.abs(values[20] - 10.746194182903393)).toBeLessThan(1e-13)
      expect(Math.abs(values[19] - 10.746194182903322)).toBeLessThan(1e-13)
    })

    test('of V diag(values) V^T', () => {
      for (const n of [40, 101]) {
        const values = Float64Array.from({ length: n }, (_, i) => (i < 3 ? -1e-9 * (3 - i) : i < n / 2 ? 1 : i))
        expectWithin(eigvalsh(withEigenvalues(values, n)), values, bound(values), `n = ${n}`)
      }
    })

    test('of a semidefinite matrix: its singular values', () => {
      const A = symmetricOfType('semidefinite', 80, 3)
      const values = eigvalsh(A)
      expectWithin(values.slice().reverse(), svdvals(A), bound(values), 'against svdvals')
    })
  })

  describe('as a function', () => {
    const A = symmetricOfType('random', 70, 5)

    test('gives the same bits for the same input, and does not change it', () => {
      const before = A.data.slice()
      const first = eigh(A)
      eigh(symmetricOfType('random', 83, 6))
      expect(eigh(A)).toEqual(first)
      expect(eigvalsh(A)).toEqual(eigvalsh(A))
      expect(A.data).toEqual(before)
    })

    test('a power of two scales the values exactly and leaves the vectors', () => {
      const { values, vectors } = eigh(A)
      for (const e of [-900, 1, 900]) {
        const scaled = eigh(symmetric(70, (i, j) => A.get(i, j) * 2 ** e))
        expectSame(scaled.values, values.map((x) => x * 2 ** e), `2^${e}`) // prettier-ignore
        expect(scaled.vectors).toEqual(vectors)
      }
    })

    test('without vectors none come back', () => {
      expect(eigh(A, { vectors: false }).vectors).toBeUndefined()
      expect(eigvalsh(A)).toEqual(eigh(A, { vectors: false }).values)
    })

    test('takes every form of a matrix, float32 too', () => {
      const single = Float32Array.from(A.data)
      expect(eigh({ rows: 70, cols: 70, data: single })).toEqual(eigh(new Matrix(70, 70, Float64Array.from(single))))
      expect(eigh(A.toArray())).toEqual(eigh(A))
      expect(eigh([])).toEqual({ values: new Float64Array(0), vectors: new Matrix(0, 0) })
    })

    test('needs 2 n^2 doubles with vectors, n^2 without, and a constant times n', () => {
      const n = 400
      const B = symmetricOfType('random', n, 1)
      for (const [vectors, squares] of [
        [false, 1],
        [true, 2],
      ] as const) {
        Engine.use(Engine.shared().binary)
        const before = Engine.shared().memoryBytes
        eigh(B, { vectors })
        const constant = 1.5 * 2 ** 20
        expect(Engine.shared().memoryBytes - before).toBeLessThan(8 * (squares * n * (n + 16) + 110 * n) + constant)
      }
    })
  })

  describe('symmetry', () => {
    test('a matrix that is not symmetric is refused, with the worst pair and what to do', () => {
      const A = gaussian(40, 40, 1)
      const S = symmetric(40, (i, j) => A.get(i, j)).set(37, 3, 100)
      expect(() => eigh(S)).toThrow(RangeError)
      expect(() => eigh(S)).toThrow(
        /eigh needs a symmetric matrix, but entry \(37, 3\) is 100 and entry \(3, 37\) is .*\(A \+ A\^T\) \/ 2/,
      )
      expect(() => eigvalsh([[0, 1], [-1, 0]])).toThrow(/eig and eigvals elsewhere, are not part of collimate$/) // prettier-ignore
      expect(() => eigvalsh([[1, 2]])).toThrow(/eigh needs a square matrix, got 1 x 2/)
      expect(() => eigh([[1, 1e300], [-1e300, 1]])).toThrow(/symmetric/) // prettier-ignore
      expect(() => eigh([[1, 1.7e308], [-1.7e308, 1]])).toThrow(/symmetric/) // prettier-ignore
      expect(() => eigh([[1]], { vectors: 1 as never })).toThrow(TypeError)
    })

    test('rounding is no asymmetry: the symmetric part is decomposed', () => {
      const S = symmetricOfType('random', 30, 2)
      const P = new Matrix(30, 30, S.data.map((x, at) => x * (1 + (at % 30) * EPS))) // prettier-ignore
      const mean = symmetric(30, (i, j) => P.get(j, i) + (P.get(i, j) - P.get(j, i)) / 2)
      expectWithin(eigvalsh(P), eigvalsh(mean), bound(eigvalsh(mean)), 'values')
      expect(factorisationRatio(S, vectorsOf(eigh(P)), eigh(P).values, vectorsOf(eigh(P)))).toBeLessThan(2 * BOUND)
    })

    test('float32 rounding in float32 data is none either, the same in float64 is', () => {
      const data = Float32Array.of(1, 0.5, 0.5 * (1 + 2 ** -20), 1)
      expect(eigvalsh({ rows: 2, cols: 2, data })).toHaveLength(2)
      expect(() => eigvalsh({ rows: 2, cols: 2, data: Float64Array.from(data) })).toThrow(RangeError)
    })
  })
})
