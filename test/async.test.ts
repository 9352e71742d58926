import { beforeEach, describe, expect, test } from 'vitest'
import { nystroemFeatures } from '../src/features/nystroem.js'
import * as collimate from '../src/index.js'
import { Matrix, type MatrixLike } from '../src/matrix.js'
import * as selection from '../src/model-selection/index.js'
import type { AsyncOptions, Progress } from '../src/steps.js'
import { sharedLatents } from './align/support.js'
import { gaussian } from './support/random.js'
import { symmetricOfType } from './support/symmetric-types.js'
import './support/solvers.js'

const LARGE = 140
const SMALL = 30
const square = gaussian(LARGE, LARGE, 1)

/** What the operations read, of order n: by these names, and in whatever form they are in. */
function matrices(n: number) {
  const A = gaussian(n, n, 1)
  return {
    A,
    B: gaussian(n, 20, 2),
    tall: gaussian(2 * n, Math.floor(n / 2), 3),
    wide: gaussian(20, n, 6),
    symmetric: symmetricOfType('random', n, 4),
    definite: collimate.gram(A),
    triangle: collimate.qr(A, { mode: 'r' }).R,
  }
}

const SAMPLES = sharedLatents(240, [30, 20], 6, 0.3, 5)
type Form = (matrix: Matrix) => MatrixLike
let { A, B, tall, wide, symmetric, definite, triangle }: Record<keyof ReturnType<typeof matrices>, MatrixLike> =
  matrices(LARGE)
let modalities: MatrixLike[] = SAMPLES
let [X, Y] = modalities
let b: Float64Array | number[] = gaussian(LARGE, 1, 7).data as Float64Array

/** Gives the operations new and smaller ones to read. */
function handOut(form: Form): void {
  const entries = Object.entries(matrices(SMALL)).map(([name, matrix]) => [name, form(matrix)] as const)
  ;({ A, B, tall, wide, symmetric, definite, triangle } = Object.fromEntries(entries) as ReturnType<typeof matrices>)
  modalities = SAMPLES.map((matrix) => form(copyOf(matrix)))
  ;[X, Y] = modalities
  const vector = gaussian(SMALL, 1, 7).data as Float64Array
  b = A instanceof Matrix ? vector : Array.from(vector)
}

/** Writes over all of it. */
function overwrite(): void {
  for (const x of [A, B, tall, wide, symmetric, definite, triangle, ...modalities]) {
    const lists = 'data' in x ? [x.data] : Array.from(x as number[][])
    for (const list of lists) (list as number[] | Float64Array).fill(7)
  }
  b.fill(7)
}

function copyOf({ rows, cols, data }: Matrix): Matrix {
  return new Matrix(rows, cols, data.slice())
}

const { CanonicalCorrelation, JointFactor, LeastSquares, LinearContrastive, OrthogonalProcrustes, PerfectAlignment } =
  collimate
const nComponents = 4
const model = new PerfectAlignment({ nComponents }).fit(SAMPLES)
const recipe = nystroemFeatures({ landmarks: 30 })
const features = recipe.fit(SAMPLES[0])
const grid = { nComponents: [2, 4] }
const validated = selection.crossValidate(PerfectAlignment, SAMPLES, { grid, folds: 3 })
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
  ['solve, a vector', () => collimate.solve(A, b), (o) => collimate.solveAsync(A, b, o)],
  ['inv', () => collimate.inv(A), (o) => collimate.invAsync(A, o)],
  ['lstsq, a vector', () => collimate.lstsq(A, b), (o) => collimate.lstsqAsync(A, b, o)],
  ['lstsq', () => collimate.lstsq(tall, tall), (o) => collimate.lstsqAsync(tall, tall, o)],
  ['pinv', () => collimate.pinv(tall), (o) => collimate.pinvAsync(tall, o)],
  ['polar', () => collimate.polar(A), (o) => collimate.polarAsync(A, o)],
  [
    'orthogonalProcrustes',
    () => collimate.orthogonalProcrustes(A, symmetric),
    (o) => collimate.orthogonalProcrustesAsync(A, symmetric, o),
  ],
  ['nullSpace', () => collimate.nullSpace(wide), (o) => collimate.nullSpaceAsync(wide, o)],
  ['orth', () => collimate.orth(tall), (o) => collimate.orthAsync(tall, o)],
  ['gram', () => collimate.gram(tall), (o) => collimate.gramAsync(tall, o)],
  ['det', () => collimate.det(A), (o) => collimate.detAsync(A, o)],
  ['slogdet', () => collimate.slogdet(A), (o) => collimate.slogdetAsync(A, o)],
  ['cond', () => collimate.cond(tall), (o) => collimate.condAsync(tall, 2, o)],
  ['rcond', () => collimate.rcond(A), (o) => collimate.rcondAsync(A, o)],
  ['cond, by the inverse', () => collimate.cond(A, 1), (o) => collimate.condAsync(A, 1, o)],
  [
    'solveTriangular',
    () => collimate.solveTriangular(triangle, B),
    (o) => collimate.solveTriangularAsync(triangle, B, o),
  ],
  [
    'solveTriangular, a vector',
    () => collimate.solveTriangular(triangle, b),
    (o) => collimate.solveTriangularAsync(triangle, b, o),
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
  ['norm', () => collimate.norm(tall, 2), (o) => collimate.normAsync(tall, 2, o)],
  ['norm, nuclear', () => collimate.norm(tall, 'nuc'), (o) => collimate.normAsync(tall, 'nuc', o)],
  ['transform', () => model.transform(X, 0), (o) => model.transformAsync(X, 0, o)],
  [
    'transform, float32',
    () => model.transform(Y, 1, { precision: 'f32' }),
    (o) => model.transformAsync(Y, 1, { precision: 'f32', ...o }),
  ],
  ['features', () => features.transform(X), (o) => features.transformAsync(X, o)],
  ['features fit', () => recipe.fit(X).toBytes(), async (o) => (await recipe.fitAsync(X, o)).toBytes()],
  ['translate', () => model.translate(X, 0, 1), (o) => model.translateAsync(X, 0, 1, o)],
  [
    'effectiveRank',
    () => collimate.effectiveRankOfSpectrum(collimate.svdvals(tall)),
    (o) => collimate.effectiveRankAsync(tall, o),
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
  const lineage = (prototype: object | null): object[] =>
    prototype === null ? [] : [prototype, ...lineage(Object.getPrototypeOf(prototype) as object | null)]
  const methods = classes.flatMap(({ prototype }) => lineage(prototype)).flatMap(Object.getOwnPropertyNames)
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

test('a factor to be fitted is taken as it was at the call', async () => {
  const factor = new JointFactor([30, 20]).update(SAMPLES)
  const expected = new PerfectAlignment({ nComponents }).fit(factor).maps
  const spectrum = selection.spectrum(factor)
  const answers = [new PerfectAlignment({ nComponents }).fitAsync(factor), selection.spectrumAsync(factor)] as const
  factor.update(SAMPLES.map(({ rows, cols }, m) => gaussian(rows, cols, 30 + m)))
  expect((await answers[0]).maps).toEqual(expected)
  expect(await answers[1]).toEqual(spectrum)
})

test('copy: false reads the arrays of the caller, copy: true copies, anything else is refused', async () => {
  const borrowed = copyOf(square)
  const answer = collimate.svdAsync(borrowed, { copy: false })
  borrowed.data.fill(3)
  expect((await answer).S[0]).toBeCloseTo(3 * LARGE, 9)
  await expect(collimate.svdAsync(square, { copy: 'no' as never })).rejects.toThrow('copy must be true or false')
  const own = copyOf(square)
  const copied = collimate.svdAsync(own, { copy: true })
  own.data.fill(3)
  expect(await copied).toEqual(collimate.svd(square))
})

test('all of them at once, with synchronous calls between their steps, give the results that each gives alone', async () => {
  const alone = OPERATIONS.map(([, now]) => now())
  let between = 0
  const onProgress = () => {
    if (++between % 200 !== 0) return
    const which = (between / 200) % OPERATIONS.length
    expect(OPERATIONS[which][1]()).toEqual(alone[which])
  }
  const together = await Promise.all(OPERATIONS.map(([, , later]) => later({ onProgress })))
  expect(together).toEqual(alone)
  expect(between).toBeGreaterThan(200 * 4)
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

const FORMS: [string, Form][] = [
  ['a matrix', (matrix) => matrix],
  ['rows that are typed arrays', (matrix) => Array.from({ length: matrix.rows }, (_, i) => matrix.row(i))],
  ['{ data, shape }', ({ rows, cols, data }) => ({ data, shape: [rows, cols] })],
]

describe.each(FORMS)('given %s', (_form, form) => {
  beforeEach(() => {
    handOut(form)
  })

  test.each(OPERATIONS)('%s answers for its input as it was at the call', async (_name, now, later) => {
    const expected = now()
    const answer = later({})
    overwrite()
    expect(await answer).toEqual(expected)
  })
})
