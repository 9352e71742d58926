import { expect, test } from 'vitest'
import * as collimate from '../src/index.js'
import * as selection from '../src/model-selection/index.js'
import type { AsyncOptions, Progress } from '../src/runtime/steps.js'
import { sharedLatents } from './align/support.js'
import { gaussian } from './support/random.js'
import { symmetricOfType } from './support/symmetric-types.js'

const A = gaussian(140, 140, 1)
const B = gaussian(140, 20, 2)
const tall = gaussian(300, 100, 3)
const symmetric = symmetricOfType('random', 140, 4)
const definite = collimate.gram(A)
const triangle = collimate.qr(A, { mode: 'r' }).R
const modalities = sharedLatents(240, [30, 20], 6, 0.3, 5)
const [X, Y] = modalities
const { CanonicalCorrelation, JointFactor, LeastSquares, LinearContrastive, OrthogonalProcrustes, PerfectAlignment } =
  collimate
const nComponents = 4
const model = new PerfectAlignment({ nComponents }).fit(modalities)
const grid = { nComponents: [2, 4] }
const validated = selection.crossValidate(PerfectAlignment, modalities, { grid, folds: 3 })
const infonce = { nComponents, solver: 'infonce', epochs: 3, batchSize: 60 } as const

type Operation = [name: string, now: () => unknown, later: (options: AsyncOptions) => Promise<unknown>]
type Fitted = Pick<collimate.LinearAlignment, 'fit' | 'fitAsync' | 'toBytes'>

/** Both forms of a fit, of an estimator that is new each time; the result is its file. */
const fit = (name: string, make: () => Fitted): Operation => [
  `${name} fit`,
  () => make().fit(modalities).toBytes({ state: true }),
  async (o) => (await make().fitAsync(modalities, o)).toBytes({ state: true }),
]

/** Both forms of every long operation. */
const OPERATIONS: Operation[] = [
  ['matmul', () => collimate.matmul(A, B), (o) => collimate.matmulAsync(A, B, o)],
  ['qr', () => collimate.qr(tall), (o) => collimate.qrAsync(tall, o)],
  ['lq', () => collimate.lq(tall), (o) => collimate.lqAsync(tall, o)],
  ['svd', () => collimate.svd(A), (o) => collimate.svdAsync(A, o)],
  [
    'svd, full',
    () => collimate.svd(tall, { vectors: 'full' }),
    (o) => collimate.svdAsync(tall, { vectors: 'full', ...o }),
  ],
  ['svdPartial', () => collimate.svdPartial(tall, 9), (o) => collimate.svdPartialAsync(tall, 9, o)],
  ['eigh', () => collimate.eigh(symmetric), (o) => collimate.eighAsync(symmetric, o)],
  ['lu', () => collimate.lu(A), (o) => collimate.luAsync(A, o)],
  ['cholesky', () => collimate.cholesky(definite), (o) => collimate.choleskyAsync(definite, o)],
  ['solve', () => collimate.solve(A, B), (o) => collimate.solveAsync(A, B, o)],
  ['inv', () => collimate.inv(A), (o) => collimate.invAsync(A, o)],
  ['lstsq', () => collimate.lstsq(tall, tall), (o) => collimate.lstsqAsync(tall, tall, o)],
  ['pinv', () => collimate.pinv(tall), (o) => collimate.pinvAsync(tall, o)],
  ['polar', () => collimate.polar(A), (o) => collimate.polarAsync(A, o)],
  [
    'orthogonalProcrustes',
    () => collimate.orthogonalProcrustes(A, symmetric),
    (o) => collimate.orthogonalProcrustesAsync(A, symmetric, o),
  ],
  ['nullSpace', () => collimate.nullSpace(B.transpose()), (o) => collimate.nullSpaceAsync(B.transpose(), o)],
  ['orth', () => collimate.orth(tall), (o) => collimate.orthAsync(tall, o)],
  ['gram', () => collimate.gram(tall), (o) => collimate.gramAsync(tall, o)],
  ['det', () => collimate.det(A), (o) => collimate.detAsync(A, o)],
  ['slogdet', () => collimate.slogdet(A), (o) => collimate.slogdetAsync(A, o)],
  ['cond', () => collimate.cond(tall), (o) => collimate.condAsync(tall, 2, o)],
  ['cond, by the inverse', () => collimate.cond(A, 1), (o) => collimate.condAsync(A, 1, o)],
  [
    'solveTriangular',
    () => collimate.solveTriangular(triangle, B),
    (o) => collimate.solveTriangularAsync(triangle, B, o),
  ],
  ['nearest', () => collimate.nearest(tall, tall, 3), (o) => collimate.nearestAsync(tall, tall, 3, o)],
  [
    'canonicalCorrelations',
    () => collimate.canonicalCorrelations(X, Y),
    (o) => collimate.canonicalCorrelationsAsync(X, Y, o),
  ],
  ['svcca', () => collimate.svcca(X, Y, { variance: 0.9 }), (o) => collimate.svccaAsync(X, Y, { variance: 0.9, ...o })],
  ['linearCka', () => collimate.linearCka(X, Y), (o) => collimate.linearCkaAsync(X, Y, o)],
  [
    'procrustesDisparity',
    () => collimate.procrustesDisparity(X, X),
    (o) => collimate.procrustesDisparityAsync(X, X, o),
  ],
  ['collapseRatio', () => collimate.collapseRatio(X, Y), (o) => collimate.collapseRatioAsync(X, Y, o)],
  ['evaluate', () => collimate.evaluate(model, modalities), (o) => collimate.evaluateAsync(model, modalities, o)],
  ['spectrum', () => selection.spectrum(modalities), (o) => selection.spectrumAsync(modalities, o)],
  [
    'crossValidate',
    () => selection.crossValidate(PerfectAlignment, modalities, { grid, folds: 3 }).table,
    async (o) => (await selection.crossValidateAsync(PerfectAlignment, modalities, { grid, folds: 3 }, o)).table,
  ],
  [
    'refit',
    () => validated.refit().toBytes(),
    async (o) => (await validated.refitAsync(validated.best.options, o)).toBytes(),
  ],
  [
    'JointFactor update',
    () => new JointFactor([30, 20]).update(modalities).toBytes(),
    async (o) => (await new JointFactor([30, 20]).updateAsync(modalities, o)).toBytes(),
  ],
  fit('PerfectAlignment', () => new PerfectAlignment({ nComponents })),
  fit('CanonicalCorrelation', () => new CanonicalCorrelation({ nComponents, regularization: 'oas' })),
  fit('OrthogonalProcrustes', () => new OrthogonalProcrustes({ nComponents })),
  fit('LeastSquares', () => new LeastSquares({ ridge: 0.1 })),
  fit('LinearContrastive', () => new LinearContrastive({ nComponents })),
  fit('LinearContrastive by InfoNCE', () => new LinearContrastive(infonce)),
]

/** Their names, as they are called: `svdAsync`, `fitAsync` ... */
const CALLED = OPERATIONS.map(([, , later]) => /(\w+Async)\(/.exec(later.toString())?.[1])

test('every asynchronous form is here', () => {
  const isAsync = (name: string) => name.endsWith('Async')
  const classes = Object.values(collimate).filter((value) => /^class /.test(String(value))) as { prototype: object }[]
  const inherited = classes.flatMap(({ prototype }) => [prototype, Object.getPrototypeOf(prototype) as object])
  const methods = inherited.flatMap((prototype) => Object.getOwnPropertyNames(prototype))
  const all = new Set([...Object.keys(collimate), ...Object.keys(selection), ...methods, 'refitAsync'].filter(isAsync))
  expect(all.size).toBeGreaterThan(30)
  expect(new Set(CALLED)).toEqual(all)
})

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
    if (++between % 50 !== 0) return
    const which = (between / 50) % OPERATIONS.length
    expect(OPERATIONS[which][1]()).toEqual(alone[which])
  }
  const together = await Promise.all(OPERATIONS.map(([, , later]) => later({ onProgress })))
  expect(together).toEqual(alone)
  expect(between).toBeGreaterThan(50 * 4)
})

test('arguments are refused by the promise, with the error of the synchronous form', async () => {
  const bad = [[1, NaN]]
  const calls = [
    () => collimate.matmulAsync(bad, B),
    () => collimate.qrAsync(bad),
    () => collimate.svdAsync(bad),
    () => collimate.solveAsync(bad, B),
    () => collimate.lstsqAsync(bad, B),
    () => collimate.svdPartialAsync(bad, 1),
    () => collimate.eighAsync(bad),
  ]
  for (const call of calls) await expect(call()).rejects.toThrow(RangeError)
  await expect(collimate.svdAsync(A, { vectors: 'all' as 'thin' })).rejects.toThrow(
    "vectors must be one of 'thin', 'full', 'none'",
  )
})
