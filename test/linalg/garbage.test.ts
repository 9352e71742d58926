import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import * as comparison from '../../src/comparison/index.js'
import * as linalg from '../../src/linalg/index.js'
import { Matrix } from '../../src/matrix.js'
import { recallAtK } from '../../src/metrics/index.js'
import { nearest } from '../../src/search/index.js'
import { gaussian } from '../support/random.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void

const SIDE = 64
const CALLS = 40

const dominant = gaussian(SIDE, SIDE, 1)
for (let i = 0; i < SIDE; i++) dominant.set(i, i, dominant.get(i, i) + SIDE)
const symmetric = linalg.gram(dominant)
const upper = linalg.qr(dominant, { mode: 'r' }).R
const tall = gaussian(SIDE * 4, SIDE / 4, 2)
const singles = new Matrix(SIDE * 4, SIDE, Float32Array.from(gaussian(SIDE * 4, SIDE, 5).data))
const few = gaussian(4, SIDE / 4, 3)
const right = gaussian(SIDE, 2, 4)

/** Calls on a new matrix, which is the largest thing in them. */
const CALLS_ON: Record<string, [operand: Matrix, call: (A: Matrix) => unknown]> = {
  cholesky: [symmetric, linalg.cholesky],
  cond: [dominant, (A) => linalg.cond(A)],
  det: [dominant, linalg.det],
  eigh: [symmetric, linalg.eigh],
  gram: [tall, linalg.gram],
  inv: [dominant, linalg.inv],
  lstsq: [tall, (A) => linalg.lstsq(A, new Float64Array(A.rows))],
  lu: [dominant, linalg.lu],
  matmul: [tall, (A) => linalg.matmul(A, A, { transposeA: true })],
  'null space': [dominant, (A) => linalg.nullSpace(A)],
  'orthonormal basis': [tall, (A) => linalg.orth(A)],
  pinv: [tall, (A) => linalg.pinv(A)],
  polar: [dominant, (A) => linalg.polar(A)],
  'procrustes rotation': [dominant, (A) => linalg.orthogonalProcrustes(A, A)],
  qr: [dominant, (A) => linalg.qr(A)],
  'qr, tall': [tall, (A) => linalg.qr(A, { mode: 'r' })],
  solve: [dominant, (A) => linalg.solve(A, right)],
  solveTriangular: [upper, (A) => linalg.solveTriangular(A, right)],
  svd: [dominant, (A) => linalg.svd(A)],
  svdvals: [dominant, (A) => linalg.svdvals(A)],
  svdPartial: [tall, (A) => linalg.svdPartial(A, 2)],
  'linear CKA': [tall, (A) => comparison.linearCka(A, A)],
  'canonical correlations': [tall, (A) => comparison.canonicalCorrelations(A, A)],
  svcca: [tall, (A) => comparison.svcca(A, A)],
  'Procrustes disparity': [tall, (A) => comparison.procrustesDisparity(A, A)],
  nearest: [tall, (A) => nearest(few, A, 3)],
  'nearest, in float32': [singles, (A) => nearest(A, A, 3)],
  recall: [tall, (A) => recallAtK(A, A, 1)],
}

const arrayBytes = () => process.memoryUsage().arrayBuffers

/** Bytes that calls on new operands leave to the next full collection, in operands. What is done with a result is the caller's. */
function leftBehind(operand: Matrix, call: (A: Matrix) => unknown): number {
  const once = () => {
    const { rows, cols, data } = operand
    call(new Matrix(rows, cols, data.slice()))
  }
  // What is kept for good is there now: memory, compiled code.
  for (let i = 0; i < 3; i++) once()
  collect()
  const before = arrayBytes()
  for (let i = 0; i < CALLS; i++) {
    once()
    // Twice, since what outlives one is moved to where only full collections go.
    collect({ type: 'minor' })
    collect({ type: 'minor' })
  }
  return (arrayBytes() - before) / operand.data.byteLength
}

test('a generator function that is made for every call keeps what it captures, so that it is seen here', () => {
  const steps = (A: Matrix) => {
    const captured = function* () {
      yield A.data[0]
    }
    return captured().next().value
  }
  expect(leftBehind(tall, steps)).toBeGreaterThan(CALLS / 2)
})

test.each(Object.entries(CALLS_ON))('%s leaves its operands to the next minor collection', (_, [operand, call]) => {
  // Buffers are freed beside the program: where the machine is busy, some are counted late. What a closure keeps is there every time.
  let left = leftBehind(operand, call)
  for (let again = 0; again < 2 && left >= CALLS / 4; again++) left = Math.min(left, leftBehind(operand, call))
  expect(left).toBeLessThan(CALLS / 4)
})
