import { expect, test } from 'vitest'
import { BLOCK_ROWS, qrUpdateSteps, triangularFactorSteps } from '../../src/linalg/qr-update.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, NC, PANEL } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { stack } from '../support/factors.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { gramRatio } from '../support/ratios.js'

const BOUND = 10

function update(R: Matrix, chunk: Matrix, first?: number): Matrix {
  return run(qrUpdateSteps(Engine.shared(), R, [{ rows: chunk, firstColumn: first }], chunk.rows))
}

function rows(A: Matrix, from: number, to: number): Matrix {
  return new Matrix(to - from, A.cols, A.data.slice(from * A.cols, to * A.cols))
}

onEveryBinary(() => {
  test('chunks of any height, around its block of rows', () => {
    const p = 7
    for (const b of [0, 1, 2, p, ...around(BLOCK_ROWS, 2 * BLOCK_ROWS)]) {
      const R = oracle.triangle(gaussian(p, p, b), true)
      const before = R.data.slice()
      const chunk = gaussian(b, p, b + 1)
      const result = update(R, chunk)
      expect(gramRatio(stack(R, chunk), result), `${b} rows`).toBeLessThanOrEqual(BOUND)
      expectSame(oracle.triangle(result, true).data, result.data, 'zeros below the diagonal')
      expect(R.data).toEqual(before)
    }
  })

  test('row by row it is the factor of the whole', () => {
    const A = gaussian(60, PANEL + 1, 1)
    let R = new Matrix(A.cols, A.cols)
    for (let i = 0; i < A.rows; i++) R = update(R, rows(A, i, i + 1))
    expect(gramRatio(A, R)).toBeLessThanOrEqual(BOUND)
    expect(gramRatio(A, run(triangularFactorSteps(Engine.shared(), A)))).toBeLessThanOrEqual(BOUND)
  })

  test('single rows wider than a block of the matrix product, in memory with nothing behind it', () => {
    for (const p of [NC + PANEL, NC + PANEL + 2, NC + 2 * PANEL + 5]) {
      // An instance of its own: its memory ends within a page of the scratch.
      const engine = Engine.create()
      const chunk = gaussian(1, p, 1)
      const R = run(qrUpdateSteps(engine, new Matrix(p, p), [{ rows: chunk }], chunk.rows))
      // One row in an empty factor is that row, but for its sign.
      const sign = Math.sign(R.get(0, 0) * chunk.get(0, 0))
      expectSame(R.row(0).map((x) => sign * x), chunk.data, `width ${p}`) // prettier-ignore
      expect(R.data.subarray(p).every((x) => x === 0)).toBe(true)
    }
  })

  test('leading columns of a chunk that are zero need not be touched', () => {
    const p = 50
    const R = oracle.triangle(gaussian(p, p, 1), true)
    const chunk = gaussian(30, p, 2)
    for (let i = 0; i < 30; i++) chunk.data.fill(0, i * p, i * p + 20)
    const result = update(R, chunk, 20)
    expect(gramRatio(stack(R, chunk), result)).toBeLessThanOrEqual(BOUND)
    expectSame(result.data.slice(0, 20 * p), R.data.slice(0, 20 * p), 'rows before the first column')
  })

  test('gives its memory back', () => {
    const engine = Engine.create()
    const R = new Matrix(20, 20)
    run(qrUpdateSteps(engine, R, [{ rows: gaussian(300, 20, 1) }], 300))
    const [held, mark] = [engine.memoryBytes, engine.scope(() => engine.allocate(8))]
    for (let i = 0; i < 20; i++) run(qrUpdateSteps(engine, R, [{ rows: gaussian(300, 20, i) }], 300))
    expect(engine.memoryBytes).toBe(held)
    expect(engine.scope(() => engine.allocate(8))).toBe(mark)
  })
})
