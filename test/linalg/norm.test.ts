import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matmul } from '../../src/linalg/matmul.js'
import { norm, type NormKind } from '../../src/linalg/norm.js'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import { gaussian } from '../support/random.js'

const KINDS: readonly NormKind[] = ['fro', 1, 2, 'inf', 'nuc']
const DIMENSION = fc.integer({ min: 1, max: 30 })
const SEED = fc.nat(1_000_000)
const RUNS = { numRuns: 30, seed: 20252 }
const EPS = Number.EPSILON

/** Any matrix whose norms neither over- nor underflow. */
const ANY = fc
  .tuple(DIMENSION, DIMENSION, SEED, fc.constantFrom(...MATRIX_TYPES.filter((t) => !t.startsWith('near'))))
  .map(([m, n, seed, type]) => matrixOfType(type, m, n, seed))

function expectAtMost(value: number, bound: number): void {
  expect(value).toBeLessThanOrEqual(bound * (1 + 100 * EPS) + Number.MIN_VALUE)
}

const times = (A: Matrix, s: number) =>
  new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x) => s * x),
  )

onEveryBinary(() => {
  test('values worked out by hand', () => {
    const A = [
      [1, -2, 3],
      [-4, 5, -6],
    ]
    expect(norm(A, 1)).toBe(9)
    expect(norm(A, 'inf')).toBe(15)
    expect(norm(A, Infinity)).toBe(15)
    for (const kind of [-Infinity, 3, NaN]) expect(() => norm(A, kind)).toThrow(`'nuc', got '${kind}'`)
    expect(norm(A)).toBeCloseTo(Math.sqrt(91), 14)
    expect(norm(A, 'fro')).toBe(norm(A))
    expect(norm([[3, 4]], 2)).toBe(5)
    // The larger root of lambda^2 - 91 lambda + 54, the characteristic polynomial of A A^T.
    expect(norm(A, 2)).toBeCloseTo(Math.sqrt((91 + Math.sqrt(91 ** 2 - 4 * 54)) / 2), 13)
  })

  test.each(KINDS)('%s: 0 for an empty or a zero matrix, 1 for one entry', (kind) => {
    for (const [m, n] of [[0, 0], [0, 3], [3, 0], [2, 3]]) expect(norm(new Matrix(m, n), kind)).toBe(0) // prettier-ignore
    expect(norm([[-1]], kind)).toBe(1)
  })

  describe.each(KINDS)('%s', (kind) => {
    test('is a norm: homogeneous, subadditive, submultiplicative', () => {
      fc.assert(
        fc.property(ANY, SEED, (A, seed) => {
          const B = gaussian(A.rows, A.cols, seed)
          const sum = new Matrix(
            A.rows,
            A.cols,
            Float64Array.from(A.data, (x, i) => x + B.data[i]),
          )
          expectAtMost(norm(sum, kind), norm(A, kind) + norm(B, kind))
          expectAtMost(norm(matmul(A, B, { transposeB: true }), kind), norm(A, kind) * norm(B.transpose(), kind))
          expectAtMost(norm(times(A, -3), kind), 3 * norm(A, kind))
          expectAtMost(3 * norm(A, kind), norm(times(A, -3), kind))
        }),
        RUNS,
      )
    })

    test('scales with a power of two to the last bit, up to the ends of the range', () => {
      const A = gaussian(5, 4, 1)
      for (const e of [-900, -300, 300, 1000]) {
        const scaled = norm(times(A, 2 ** e), kind)
        expect(Math.abs(scaled / 2 ** e / norm(A, kind) - 1), `2^${e}`).toBeLessThan(10 * EPS)
      }
    })
  })

  test('the transpose swaps 1 and inf and keeps the others', () => {
    fc.assert(
      fc.property(ANY, (A) => {
        const T = A.transpose()
        expectAtMost(Math.abs(norm(A, 1) - norm(T, 'inf')), 100 * EPS * norm(A, 1))
        for (const kind of ['fro', 2, 'nuc'] as const) {
          expectAtMost(Math.abs(norm(A, kind) - norm(T, kind)), 100 * EPS * norm(A, kind))
        }
      }),
      RUNS,
    )
  })

  test('the inequalities between them', () => {
    fc.assert(
      fc.property(ANY, (A) => {
        const [fro, one, two, inf, nuc] = KINDS.map((kind) => norm(A, kind))
        const r = Math.min(A.rows, A.cols)
        expectAtMost(two, fro)
        expectAtMost(fro, Math.sqrt(r) * two)
        expectAtMost(fro, nuc)
        expectAtMost(nuc, Math.sqrt(r) * fro)
        expectAtMost(two * two, one * inf)
        expectAtMost(one, Math.sqrt(A.rows) * two)
        expectAtMost(inf, Math.sqrt(A.cols) * two)
      }),
      RUNS,
    )
  })

  test('an orthogonal matrix has spectral norm 1', () => {
    const c = Math.cos(0.3)
    const s = Math.sin(0.3)
    expect(Math.abs(norm([[c, -s], [s, c]], 2) - 1)).toBeLessThan(4 * EPS) // prettier-ignore
  })
})
