import { expect, test } from 'vitest'
import * as linalg from '../../src/linalg/index.js'
import type { AsyncOptions, Progress } from '../../src/runtime/steps.js'
import { gaussian } from '../support/random.js'
import { symmetricOfType } from '../support/symmetric-types.js'

const A = gaussian(140, 140, 1)
const B = gaussian(140, 20, 2)
const tall = gaussian(300, 100, 3)
const symmetric = symmetricOfType('random', 140, 4)
const definite = linalg.gram(A)

type Operation = [name: string, now: () => unknown, later: (options: AsyncOptions) => Promise<unknown>]

/** Both forms of every long operation. */
const OPERATIONS: Operation[] = [
  ['matmul', () => linalg.matmul(A, B), (o) => linalg.matmulAsync(A, B, o)],
  ['qr', () => linalg.qr(tall), (o) => linalg.qrAsync(tall, o)],
  ['lq', () => linalg.lq(tall), (o) => linalg.lqAsync(tall, o)],
  ['svd', () => linalg.svd(A), (o) => linalg.svdAsync(A, o)],
  ['svd, full', () => linalg.svd(tall, { vectors: 'full' }), (o) => linalg.svdAsync(tall, { vectors: 'full', ...o })],
  ['svdPartial', () => linalg.svdPartial(tall, 9), (o) => linalg.svdPartialAsync(tall, 9, o)],
  ['eigh', () => linalg.eigh(symmetric), (o) => linalg.eighAsync(symmetric, o)],
  ['lu', () => linalg.lu(A), (o) => linalg.luAsync(A, o)],
  ['cholesky', () => linalg.cholesky(definite), (o) => linalg.choleskyAsync(definite, o)],
  ['solve', () => linalg.solve(A, B), (o) => linalg.solveAsync(A, B, o)],
  ['inv', () => linalg.inv(A), (o) => linalg.invAsync(A, o)],
  ['lstsq', () => linalg.lstsq(tall, tall), (o) => linalg.lstsqAsync(tall, tall, o)],
  ['pinv', () => linalg.pinv(tall), (o) => linalg.pinvAsync(tall, o)],
  ['polar', () => linalg.polar(A), (o) => linalg.polarAsync(A, o)],
  [
    'orthogonalProcrustes',
    () => linalg.orthogonalProcrustes(A, symmetric),
    (o) => linalg.orthogonalProcrustesAsync(A, symmetric, o),
  ],
  ['nullSpace', () => linalg.nullSpace(B.transpose()), (o) => linalg.nullSpaceAsync(B.transpose(), o)],
  ['orth', () => linalg.orth(tall), (o) => linalg.orthAsync(tall, o)],
]

test.each(OPERATIONS)('%s: the same result, with progress', async (_name, now, later) => {
  const seen: Progress[] = []
  const result = await later({ onProgress: (progress) => seen.push(progress) })
  expect(result).toEqual(now())
  expect(seen.length).toBeGreaterThan(0)
  for (const { phase, done, total } of seen) {
    expect(phase).not.toBe('')
    expect(done).toBeGreaterThanOrEqual(0)
    expect(done).toBeLessThanOrEqual(total)
  }
})

test.each(OPERATIONS)(
  '%s: an abort at any point rejects with its reason, and nothing is left behind',
  async (_name, now, later) => {
    const reason = new Error('enough')
    await expect(later({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => {
      controller.abort(reason)
    }
    await expect(later({ signal: controller.signal, onProgress })).rejects.toBe(reason)
    expect(now()).toEqual(now())
  },
)

test('all of them at once, with synchronous calls between their steps, give the results that each gives alone', async () => {
  const alone = OPERATIONS.map(([, now]) => now())
  let between = 0
  const onProgress = () => {
    const [, now] = OPERATIONS[between % 4]
    if (between++ % 5 === 0) expect(now()).toEqual(alone[(between - 1) % 4])
  }
  const together = await Promise.all(OPERATIONS.map(([, , later]) => later({ onProgress })))
  expect(together).toEqual(alone)
  expect(between).toBeGreaterThan(OPERATIONS.length)
})

test('arguments are refused by the promise, with the error of the synchronous form', async () => {
  const bad = [[1, NaN]]
  const calls = [
    () => linalg.matmulAsync(bad, B),
    () => linalg.qrAsync(bad),
    () => linalg.svdAsync(bad),
    () => linalg.solveAsync(bad, B),
    () => linalg.lstsqAsync(bad, B),
    () => linalg.svdPartialAsync(bad, 1),
    () => linalg.eighAsync(bad),
  ]
  for (const call of calls) await expect(call()).rejects.toThrow(RangeError)
  await expect(linalg.svdAsync(A, { vectors: 'all' as 'thin' })).rejects.toThrow(
    "vectors must be one of 'thin', 'full', 'none'",
  )
})
