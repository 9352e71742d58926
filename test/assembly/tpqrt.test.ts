import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, KC, NC, STREAM_PANEL } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { stack, upperTrapezoid } from '../support/factors.js'
import { AWKWARD, finish, tpqrt } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { gramRatio } from '../support/ratios.js'

const BOUND = 10

/** An upper triangle, NaN below its diagonal: what lies there must be neither read nor written. */
function triangleWithGarbage(T: Matrix): Matrix {
  const R = oracle.triangle(T, true)
  for (let i = 0; i < R.rows; i++) R.data.fill(NaN, i * R.cols, i * R.cols + i)
  return R
}

/** Takes B into R and compares R'^T R' with R^T R + B^T B, column by column. */
function update(R: Matrix, B: Matrix, what: string, first = 0, layout = AWKWARD): Matrix {
  const memory = new KernelMemory()
  const result = finish(memory, tpqrt(memory, triangleWithGarbage(R), B, first, layout))
  for (let i = 0; i < R.rows; i++) {
    expect(result.row(i).subarray(0, i).every(Number.isNaN), `below the diagonal, ${what}`).toBe(true)
  }
  const updated = upperTrapezoid(result, R.rows)
  const columns = sampledColumns(R.rows)
  const ratio = gramRatio(pick(stack(R, B), columns), pick(updated, columns))
  expect(ratio, `R^T R, ${what}`).toBeLessThanOrEqual(BOUND)
  return updated
}

/** All columns of a small matrix, a quarter of a large one: those at the borders of panels and blocks among them. */
function sampledColumns(p: number): number[] {
  const all = Array.from({ length: p }, (_, j) => j)
  return p <= 4 * STREAM_PANEL
    ? all
    : all.filter((j) => [0, 1, 3, 5, STREAM_PANEL - 1].includes(j % STREAM_PANEL) || j >= p - 5)
}

function pick({ rows, cols, data }: Matrix, columns: number[]): Matrix {
  const n = columns.length
  return new Matrix(
    rows,
    n,
    Float64Array.from({ length: rows * n }, (_, at) => data[Math.floor(at / n) * cols + columns[at % n]]),
  )
}

const randomTriangle = (p: number, seed: number) => oracle.triangle(gaussian(p, p, seed), true)

onEveryBinary(() => {
  describe('dtpqrt: the R factor of [R; B]', () => {
    test('widths around its panel, heights from none to more than a block', () => {
      for (const p of [0, 1, 2, ...around(STREAM_PANEL), 2 * STREAM_PANEL + 3]) {
        for (const b of [0, 1, 2, STREAM_PANEL, STREAM_PANEL + 1, KC + 1]) {
          update(randomTriangle(p, p), gaussian(b, p, b), `${b} x ${p}`)
          update(new Matrix(p, p), gaussian(b, p, b), `${b} x ${p} into zero`, 0, { gap: 0, offset: 0 })
        }
      }
    })

    test('wider than a block of the matrix product, of any height', () => {
      for (const p of [NC + 1, NC + 2 * STREAM_PANEL]) {
        for (const b of [1, STREAM_PANEL - 1, STREAM_PANEL + 1])
          update(randomTriangle(p, p), gaussian(b, p, b), `${b} x ${p}`)
      }
    })

    test.each(MATRIX_TYPES)('%s', (type) => {
      for (const [b, p] of [
        [STREAM_PANEL + 9, STREAM_PANEL + 2],
        [7, 11],
        [2 * STREAM_PANEL, 3],
      ]) {
        const R = oracle.triangle(matrixOfType(type, p, p, 3), true)
        update(R, matrixOfType(type, b, p, b * p), `${b} x ${p}`)
      }
    })

    test('rows of very different size, in either order', () => {
      const p = STREAM_PANEL + 3
      const scaledBy = (A: Matrix, s: number) => new Matrix(A.rows, A.cols, A.data.map((x) => x * s)) // prettier-ignore
      for (const s of [1e-150, 1e-20, 1e20, 1e150]) {
        update(randomTriangle(p, 1), scaledBy(gaussian(20, p, 2), s), `scale ${s}`)
      }
    })

    test('columns before `first` are taken for zero, and not read', () => {
      const p = 2 * STREAM_PANEL + 5
      for (const first of [1, STREAM_PANEL - 1, STREAM_PANEL, STREAM_PANEL + 7, p - 1, p]) {
        const R = randomTriangle(p, first)
        const B = gaussian(STREAM_PANEL, p, 2)
        for (let i = 0; i < B.rows; i++) B.data.fill(0, i * p, i * p + first)
        const result = update(R, B, `first ${first}`, first)
        expectSame(result.data.slice(0, first * p), R.data.slice(0, first * p), `rows before ${first}`)
        const garbage = new Matrix(B.rows, p, B.data.slice())
        for (let i = 0; i < B.rows; i++) garbage.data.fill(NaN, i * p, i * p + first)
        const memory = new KernelMemory()
        const unread = finish(memory, tpqrt(memory, R, garbage, first))
        expectSame(unread.data, result.data, `first ${first}, NaN before it`)
      }
    })

    test('only the first columns are eliminated if R has no more rows', () => {
      const p = 2 * STREAM_PANEL + 5
      for (const q of [1, STREAM_PANEL - 1, STREAM_PANEL, STREAM_PANEL + 7, p - 1, p]) {
        const R = randomTriangle(p, 1)
        const B = gaussian(STREAM_PANEL + 3, p, 2)
        const memory = new KernelMemory()
        const part = finish(memory, tpqrt(memory, new Matrix(q, p, R.data.slice(0, q * p)), B))
        const { data } = finish(memory, tpqrt(memory, R, B))
        const farthest = Array.from(part.data).reduce((most, x, at) => Math.max(most, Math.abs(x - data[at])), 0)
        expect(farthest, `${q} x ${p}`).toBeLessThan(1e-12)
      }
    })

    test('chunk by chunk it is the R factor of all rows', () => {
      const p = STREAM_PANEL + 1
      const A = gaussian(500, p, 7)
      let R = new Matrix(p, p)
      for (const [from, to] of [
        [0, 1],
        [1, 20],
        [20, 300],
        [300, 301],
        [301, 500],
      ]) {
        R = update(R, new Matrix(to - from, p, A.data.slice(from * p, to * p)), `rows ${from} to ${to}`)
      }
      expect(gramRatio(A, R)).toBeLessThanOrEqual(BOUND)
    })
  })
})
