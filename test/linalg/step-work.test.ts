import { expect, test } from 'vitest'
import { gramNormSteps, gramSteps } from '../../src/linalg/gram.js'
import { leadingTripletSteps } from '../../src/linalg/leading-triplets.js'
import { multiplySteps } from '../../src/linalg/matmul.js'
import { solveSteps } from '../../src/linalg/solve.js'
import { leastSingularBoundSteps } from '../../src/linalg/stacked-triangles.js'
import { solveUpperRightSteps, solveUpperSteps } from '../../src/linalg/triangular.js'
import { Matrix } from '../../src/matrix.js'
import type { Engine } from '../../src/runtime/engine.js'
import { STEP_FLOPS, type Steps } from '../../src/steps.js'
import { countedWork } from '../support/counting-engine.js'
import { gaussian } from '../support/random.js'

const n = 1800
const T = Matrix.identity(n)
const long = new Matrix(70, 60_000)
const B = new Matrix(n, 130)
const row = new Matrix(130, n)

const DRIVERS: [name: string, steps: (engine: Engine) => Steps<unknown>, flops: number, made?: boolean][] = [
  ['a product of much depth', (e) => multiplySteps(e, long, long, { transposeB: true }), 2 * 70 ** 2 * 60_000],
  ['a square product', (e) => multiplySteps(e, T, B), 2 * n ** 2 * 130],
  ['a Gram matrix', (e) => gramSteps(e, T), n ** 3],
  ['a Gram matrix of many rows', (e) => gramSteps(e, new Matrix(60_000, 70)), 70 ** 2 * 60_000],
  ['the norm of a Gram matrix', (e) => gramNormSteps(e, T, false), n ** 3],
  ['T^-1 B', (e) => solveUpperSteps(e, T, B), n ** 2 * 130],
  ['B T^-1', (e) => solveUpperRightSteps(e, row, T), n ** 2 * 130],
  ['the norm of T^-1', (e) => leastSingularBoundSteps(e, T), n ** 3 / 3],
  ['U^-1 Y', (e) => solveSteps(e, gaussian(300, 300, 1), new Matrix(300, 4000)), 300 ** 2 * 4000, true],
  ['X X^T and its leading vectors', (e) => leadingTripletSteps(e, gaussian(280, 6000, 2), 90), 280 ** 2 * 6000, true],
]

test.each(DRIVERS)('%s: no step does more than twice the operations of one', (_name, steps, flops, made = false) => {
  const { most, all } = countedWork(steps, made)
  expect(most).toBeLessThanOrEqual(2 * STEP_FLOPS)
  expect(all, 'all of the work was seen').toBeGreaterThanOrEqual(0.9 * flops)
})
