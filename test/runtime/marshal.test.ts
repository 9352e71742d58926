import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import {
  allocateColumns,
  allocateScratch,
  readColumnsSteps,
  readTransposedSteps,
  writeColumnsSteps,
  writeTransposedSteps,
} from '../../src/runtime/marshal.js'
import { run } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { expectSame } from '../support/expectations.js'
import { gaussian } from '../support/random.js'

/** Sizes on both sides of the tiles of the copies and of the rows staged at a time. */
const SIZES = [0, 1, 7, 8, 9, 31, 32, 33, 255, 256, 257, 520]

function expectMatrix(actual: Matrix, expected: Matrix): void {
  expect([actual.rows, actual.cols]).toEqual([expected.rows, expected.cols])
  expectSame(actual.data, expected.data, `${expected.rows} x ${expected.cols}`)
}

/** The first rows and columns. */
function corner(A: Matrix, rows: number, cols: number): Matrix {
  const data = Float64Array.from({ length: rows * cols }, (_, at) => A.get(Math.floor(at / cols), at % cols))
  return new Matrix(rows, cols, data)
}

onEveryBinary(() => {
  test('what is written by columns is read by columns, and transposed', () => {
    const engine = Engine.create()
    for (const m of SIZES) {
      for (const n of [0, 1, 8, 33, 40]) {
        const A = gaussian(m, n, m + n)
        engine.scope(() => {
          const a = allocateColumns(engine, m, n)
          const staging = allocateScratch(engine, m, n)
          run(writeColumnsSteps(engine, A, a, staging))
          expectMatrix(run(readColumnsSteps(engine, a)), A)
          expectMatrix(run(readTransposedSteps(engine, a)), A.transpose())
          const [rows, cols] = [Math.min(m, 5), Math.min(n, 3)]
          expectMatrix(run(readColumnsSteps(engine, a, rows, cols)), corner(A, rows, cols))
          expectMatrix(run(readTransposedSteps(engine, a, rows, cols)), corner(A, rows, cols).transpose())
        })
      }
    }
  })

  test('what is written transposed lies there as the columns of the transpose', () => {
    const engine = Engine.create()
    for (const m of [0, 1, 8, 9, 40]) {
      for (const n of SIZES) {
        const A = gaussian(m, n, m + n)
        engine.scope(() => {
          const a = allocateColumns(engine, n, m)
          run(writeTransposedSteps(engine, A, a))
          expectMatrix(run(readColumnsSteps(engine, a)), A.transpose())
          expectMatrix(run(readTransposedSteps(engine, a)), A)
        })
      }
    }
  })

  test('rows from the middle of a matrix, float32 among them', () => {
    const engine = Engine.create()
    const A = new Matrix(
      700,
      5,
      Float32Array.from({ length: 3500 }, (_, i) => i),
    )
    for (const [from, count] of [
      [0, 300],
      [1, 256],
      [443, 257],
      [699, 1],
    ]) {
      engine.scope(() => {
        const a = allocateColumns(engine, count, 5)
        run(writeColumnsSteps(engine, A, a, allocateScratch(engine, count, 5), from))
        expect(Array.from(run(readColumnsSteps(engine, a)).data)).toEqual(
          Array.from(A.data.slice(5 * from, 5 * (from + count))),
        )
      })
    }
  })
})
