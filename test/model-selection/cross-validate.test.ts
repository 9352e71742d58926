import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { selectedRowsSteps } from '../../src/dense/slices.js'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import type { LinearAlignment } from '../../src/align/model/linear-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { NotFittedError } from '../../src/errors.js'
import { crossValidate, crossValidateAsync } from '../../src/model-selection/cross-validate.js'
import type { SelectionMetric } from '../../src/model-selection/held-out.js'
import { foldFactorSteps, leaveOneOutSteps } from '../../src/model-selection/fold-factors.js'
import { Matrix } from '../../src/matrix.js'
import { neighbourOverlap, r2Score } from '../../src/metrics/index.js'
import { meanReciprocalRank, recallAtK } from '../../src/metrics/retrieval.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import { beside, frobenius, minus, rowRanges, sharedLatents, subspaceDistance, times } from '../align/support.js'
import '../support/scores.js'
import '../support/solvers.js'

const EPS = Number.EPSILON
const modalities = sharedLatents(120, [9, 7], 4, 1.5, 900)

const diagonal = (n: number, entry: (j: number) => number) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? entry(j) : 0)))

const selectedRows = (X: Matrix, rows: ArrayLike<number>) => run(selectedRowsSteps(X, rows))

type Judge = (queries: Matrix, gallery: Matrix) => number
const recallAt =
  (k: number): Judge =>
  (queries, gallery) =>
    recallAtK(queries, gallery, k)

/** The slow way: every model from the samples themselves. */
function naiveScores(
  make: () => LinearAlignment,
  samples: readonly Matrix[],
  folds: readonly Uint32Array[],
  judge = recallAt(1),
): Float64Array {
  return Float64Array.from(folds, (held) => {
    const others = Array.from({ length: samples[0].rows }, (_, i) => i).filter((i) => !held.includes(i))
    const model = make().fit(samples.map((X) => selectedRows(X, others)))
    const latents = samples.map((X, m) => model.transform(selectedRows(X, held), m))
    const values = latents.flatMap((A, a) => latents.slice(a + 1).flatMap((B) => [judge(A, B), judge(B, A)]))
    return values.reduce((sum, value) => sum + value, 0) / values.length
  })
}

describe('cross-validation', () => {
  it('refits what needs the samples to the samples', async () => {
    const grid = { nComponents: [2], solver: ['infonce' as const], epochs: [3, 30] }
    const result = crossValidate(LinearContrastive, modalities, { grid })
    const expected = new LinearContrastive(result.best.options).fit(modalities).toBytes()
    expect(result.refit().toBytes()).toEqual(expected)
    expect((await result.refitAsync()).toBytes()).toEqual(expected)
  })

  it.each<[string, (options: { nComponents: number }) => LinearAlignment]>([
    ['PerfectAlignment', (options) => new PerfectAlignment(options)],
    ["'last'", (options) => new PerfectAlignment({ ...options, selection: 'last' })],
    ["'informative'", (options) => new PerfectAlignment({ ...options, selection: 'informative', center: true })],
    ["'balanced', scaled", (options) => new PerfectAlignment({ ...options, selection: 'balanced', scale: true })],
    ['CanonicalCorrelation', (options) => new CanonicalCorrelation({ ...options, regularization: 'oas' })],
    ['OrthogonalProcrustes', (options) => new OrthogonalProcrustes(options)],
    ['LinearContrastive', (options) => new LinearContrastive(options)],
    ['InfoNCE', (options) => new LinearContrastive({ ...options, solver: 'infonce', epochs: 5, batchSize: 40 })],
  ])('scores %s as fitting every fold anew does', (_, make) => {
    const result = crossValidate(make, modalities, { grid: { nComponents: [1, 3, 6] }, seed: 5 })
    expect(result.table.map(({ options }) => options.nComponents)).toEqual([1, 3, 6])
    for (const { options, scores, mean, deviation } of result.table) {
      expect(scores).toEqual(naiveScores(() => make(options), modalities, result.folds))
      expect(mean).toBeCloseTo(scores.reduce((a, b) => a + b) / 5, 14)
      expect(deviation).toBeCloseTo(Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / 4), 14)
    }
    const highest = Math.max(...result.table.map(({ mean }) => mean))
    expect(result.best).toBe(result.table.find(({ mean }) => mean === highest))
    expect(highest).toBeGreaterThan(3 * result.chance)
  })

  it('does not mix up points that differ in more than their components', () => {
    const grid = [
      ...[1, 4].flatMap((nComponents) =>
        (['auto', 'last', 'balanced'] as const).map((selection) => ({ nComponents, selection })),
      ),
      ...[false, true].map((scale) => ({ nComponents: 3, scale })),
    ]
    const skewed = modalities.map((X, m) => times(X, Matrix.from(diagonal(X.cols, (j) => 1 + 9 * ((j + m) % 2)))))
    for (const { options, scores } of crossValidate(PerfectAlignment, skewed, { grid, seed: 6, folds: 3 }).table) {
      const alone = crossValidate(PerfectAlignment, skewed, { grid: [options], seed: 6, folds: 3 })
      expect(scores).toEqual(alone.table[0].scores)
    }
  })

  it('takes a class, options of its own, three modalities and any number of folds', () => {
    const three = sharedLatents(60, [5, 4, 6], 3, 0.8, 910)
    for (const folds of [2, 3, 7]) {
      const grid = { nComponents: [2, 3], regularization: [0.1, 'oas' as const] }
      const result = crossValidate(CanonicalCorrelation, three, { grid, folds, metric: 'recall@2' })
      expect(result.folds).toHaveLength(folds)
      for (const { options, scores } of result.table) {
        expect(scores).toEqual(naiveScores(() => new CanonicalCorrelation(options), three, result.folds, recallAt(2)))
      }
    }
    const ridge = crossValidate(LeastSquares, modalities, { grid: { ridge: [0, 10] } })
    expect(ridge.table.map(({ options }) => options)).toEqual([{ ridge: 0 }, { ridge: 10 }])
  })

  it('judges by what the fit knows of its latents', () => {
    const three = sharedLatents(90, [6, 5, 7], 3, 0.9, 911)
    const grid = { nComponents: ['all', 2] as ('all' | number)[] }
    for (const similarity of ['likelihood', 'normalised'] as const) {
      const { table, folds } = crossValidate(PerfectAlignment, three, { grid, similarity, folds: 3 })
      for (const { options, scores } of table) {
        folds.forEach((held, fold) => {
          const others = Array.from({ length: 90 }, (_, i) => i).filter((i) => !held.includes(i))
          const model = new PerfectAlignment(options).fit(three.map((X) => selectedRows(X, others)))
          const [x, y, z] = three.map((X) => selectedRows(X, held))
          const directions = [[x, 0, y, 1], [x, 0, z, 2], [y, 1, x, 0], [y, 1, z, 2], [z, 2, x, 0], [z, 2, y, 1]] as const // prettier-ignore
          const recalls = directions.map(([q, from, g, to]) => {
            const S = model.similarity(q, from, g, to, { metric: similarity })
            return Array.from({ length: S.rows }, (_, i) => Math.max(...S.row(i)) === S.get(i, i)).filter(Boolean).length / S.rows // prettier-ignore
          })
          expect(scores[fold]).toBeCloseTo(recalls.reduce((a, b) => a + b) / 6, 12)
        })
      }
    }
    const last = { grid: { nComponents: [2], selection: ['last' as const] }, similarity: 'likelihood' } as const
    expect(() => crossValidate(PerfectAlignment, three, last)).toThrow(/no rho/)
    const overlap = { grid: { nComponents: [2] }, metric: 'overlap@2', similarity: 'likelihood' } as const
    expect(() => crossValidate(PerfectAlignment, three, overlap)).toThrow(/similarity of 'overlap@2' must be one of/)
  })

  it('judges by reciprocal rank, by distance, or by a function of the held-out rows', () => {
    const grid = { nComponents: [2, 4] }
    const mrr = crossValidate(PerfectAlignment, modalities, { grid, metric: 'mrr' })
    const expected = (judge: Judge) => naiveScores(() => new PerfectAlignment({ nComponents: 2 }), modalities, mrr.folds, judge) // prettier-ignore
    mrr.table[0].scores.forEach((score, fold) => {
      expect(score).toBeCloseTo(expected((Q, G) => meanReciprocalRank(Q, G))[fold], 14)
    })
    expect(mrr.chance).toBeCloseTo(Array.from({ length: 24 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b) / 24, 14)
    for (const similarity of ['euclidean', 'dot', 'csls'] as const) {
      const { table } = crossValidate(PerfectAlignment, modalities, { grid, similarity })
      expect(table[0].scores).toEqual(expected((Q, G) => recallAtK(Q, G, 1, { metric: similarity })))
    }
    const seen: number[] = []
    const custom = crossValidate(PerfectAlignment, modalities, {
      grid,
      metric: function energy(model, heldOut, rows) {
        expect(heldOut.map((X, m) => minus(X, selectedRows(modalities[m], rows)))).toEqual(heldOut.map(({ rows: n, cols }) => gaussianZero(n, cols))) // prettier-ignore
        seen.push(rows.length)
        return model.maps[0].rows
      },
    })
    expect(seen).toEqual(Array.from({ length: 10 }, () => 24))
    expect([custom.metric, custom.best.options.nComponents, custom.chance]).toEqual(['energy', 4, NaN])
  })

  it('judges translations by R^2 and by the overlap of neighbours: all of an alignment, that to the target of a regression', () => {
    const pairs = [[0, 1], [1, 0], [0, 2], [2, 0], [1, 2], [2, 1]] // prettier-ignore
    const three = sharedLatents(60, [5, 4, 6], 3, 0.8, 911)
    const measures: [SelectionMetric, (Y: Matrix, P: Matrix) => number, number][] = [
      ['r2', r2Score, NaN],
      ['overlap@3', (Y, P) => neighbourOverlap(Y, P, 3), 3 / 19],
    ]
    for (const [metric, measure, chance] of measures) {
      const judged = (fit: () => LinearAlignment, samples: Matrix[], wanted: number[][], result: { folds: readonly Uint32Array[] }) =>
        result.folds.map((rows) => {
          const others = Array.from({ length: samples[0].rows }, (_, i) => i).filter((i) => !rows.includes(i))
          const model = fit().fit(samples.map((X) => selectedRows(X, others)))
          const heldOut = samples.map((X) => selectedRows(X, rows))
          return wanted.reduce((sum, [from, to]) => sum + measure(heldOut[to], model.translate(heldOut[from], from, to)) / wanted.length, 0)
        })
      const grid = { nComponents: [3, 2] }
      const alignment = crossValidate(CanonicalCorrelation, three, { grid, folds: 3, metric })
      expect([alignment.metric, alignment.chance]).toEqual([metric, chance])
      for (const { options, scores } of alignment.table) {
        judged(() => new CanonicalCorrelation(options), three, pairs, alignment).forEach((score, f) => {
          expect(scores[f]).toBeCloseTo(score, 10)
        })
      }
      for (const target of [0, 1] as const) {
        const two = three.slice(0, 2)
        const regression = crossValidate(LeastSquares, two, { grid: { target: [target], ridge: [0, 5] }, folds: 3, metric })
        for (const { options, scores } of regression.table) {
          judged(() => new LeastSquares(options), two, [[1 - target, target]], regression).forEach((score, f) => {
            expect(scores[f]).toBeCloseTo(score, 10)
          })
        }
      }
    }
  }) // prettier-ignore

  it('tells ridges apart by neighbours where every partner is found', () => {
    const Z = gaussian(200, 12, 940)
    const samples = [20, 24].map((d, m) => {
      const X = times(Z, gaussian(12, d, 941 + m))
      const noise = gaussian(200, d, 945 + m)
      X.data.forEach((x, i) => (X.data[i] = x + 0.3 * noise.data[i]))
      return X
    })
    const scores = (metric: SelectionMetric) =>
      crossValidate(LeastSquares, samples, { grid: { ridge: [1, 1000] }, metric }).table.map(({ mean }) => mean)
    expect(scores('recall@1')).toEqual([1, 1])
    const [small, large] = scores('overlap@10')
    expect(small).toBeLessThan(1)
    expect(small).toBeGreaterThan(large + 0.02)
    const [r2, ofLarge] = scores('r2')
    expect(r2).toBeGreaterThan(ofLarge + 0.02)
  })

  it('keeps groups together, and without them rewards what is remembered of a subject', () => {
    // Rows of a subject share a signature that the two modalities hold in unrelated ways for every subject.
    const subjects = Array.from({ length: 120 }, (_, i) => Math.floor(i / 6))
    const signature = [gaussian(20, 12, 920), gaussian(20, 12, 921)]
    const samples = signature.map((S, m) => {
      const X = selectedRows(S, subjects)
      const noise = gaussian(120, 12, 930 + m)
      X.data.forEach((x, i) => (X.data[i] = x + 0.02 * noise.data[i]))
      return X
    })
    const choose = (groups?: number[]) => crossValidate(LeastSquares, samples, { grid: { ridge: [1e-3] }, groups, metric: 'recall@6' }) // prettier-ignore
    const [leaking, honest] = [choose(), choose(subjects)]
    for (const rows of honest.folds)
      expect(new Set(Array.from(rows, (row) => subjects[row])).size * 6).toBe(rows.length)
    expect(leaking.best.mean).toBeGreaterThan(0.9)
    expect(honest.best.mean).toBeLessThan(0.5)
  })

  it('records what cannot be fitted, which is never the best', () => {
    const result = crossValidate(CanonicalCorrelation, modalities, { grid: { nComponents: [2, 8] } })
    const [fits, fails] = result.table
    expect(fits.failures).toEqual([])
    expect(fails.scores).toEqual(new Float64Array(5).fill(NaN))
    expect([fails.mean, fails.deviation]).toEqual([NaN, NaN])
    expect(fails.failures.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4])
    expect(fails.failures[0].error.message).toContain('nComponents is 8, expected at most 7')
    expect(result.best).toBe(fits)
  })

  it('records a failure in one fold only, of the fit or of the metric', () => {
    let calls = 0
    const result = crossValidate(PerfectAlignment, modalities, {
      grid: { nComponents: [2, 3] },
      metric: ({ nComponents }) => (nComponents === 2 && ++calls === 2 ? NaN : 0.5),
    })
    expect(result.table.map(({ failures }) => failures.map(({ fold }) => fold))).toEqual([[1], []])
    expect(result.best.options.nComponents).toBe(3)
  })

  it('has no best if nothing could be fitted, and says why', () => {
    const work = () => crossValidate(CanonicalCorrelation, modalities, { grid: { nComponents: [8, 9] } })
    expect(work).toThrow(RangeError)
    expect(work).toThrow(/no point of the grid could be fitted.*nComponents is 8, expected at most 7/)
  })

  it('chooses the first of equals', () => {
    const metric = () => 1
    expect(crossValidate(LeastSquares, modalities, { grid: { ridge: [3, 1, 2] }, metric }).best.options.ridge).toBe(3)
  })

  it('refits to all rows, with the best options or others', async () => {
    const result = crossValidate(CanonicalCorrelation, modalities, { grid: { nComponents: [4, 2] } })
    const whole = (nComponents: number | 'all') =>
      beside(...new CanonicalCorrelation({ nComponents }).fit(modalities).maps)
    const model = result.refit()
    expect(model).toBeInstanceOf(CanonicalCorrelation)
    expect(subspaceDistance(beside(...model.maps), whole(result.best.options.nComponents))).toBeLessThan(1e-12)
    expect(subspaceDistance(beside(...result.refit({ nComponents: 3 }).maps), whole(3))).toBeLessThan(1e-12)
    const later = await result.refitAsync()
    expect(later.maps).toEqual(model.maps)
    // Another model each time, that goes its own way.
    model.partialFit(modalities)
    expect(result.refit().maps).toEqual(later.maps)
  })

  it('is the same in pieces, reports how far it is, and stops when told to', async () => {
    const options = { grid: { nComponents: [2, 4] }, folds: 3 }
    const phases = new Map<string, number>()
    const result = await crossValidateAsync(PerfectAlignment, modalities, options, {
      onProgress: ({ phase, done, total }) => {
        expect(done).toBeGreaterThanOrEqual(phases.get(phase) ?? 0)
        expect(done).toBeLessThanOrEqual(total)
        phases.set(phase, done)
      },
    })
    expect([...phases]).toEqual(expect.arrayContaining([['factor', 120], ['cross-validation', 5]])) // prettier-ignore
    expect(result.table).toEqual(crossValidate(PerfectAlignment, modalities, options).table)
    const stop = new AbortController()
    const aborted = crossValidateAsync(PerfectAlignment, modalities, options, {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'cross-validation') stop.abort(new Error('enough'))
      },
    })
    await expect(aborted).rejects.toThrow('enough')
  })

  it('reads rows of float32 as such', () => {
    const single = modalities.map(({ rows, cols, data }) => ({ rows, cols, data: Float32Array.from(data) }))
    const precision = (_: LinearAlignment, heldOut: readonly Matrix[]) => heldOut[1].data.BYTES_PER_ELEMENT
    const grid = { nComponents: [3] }
    const result = crossValidate(PerfectAlignment, single, { grid, metric: precision })
    expect(result.best.mean).toBe(4)
    const exact = crossValidate(PerfectAlignment, modalities, { grid }).best.scores
    expect(crossValidate(PerfectAlignment, single, { grid }).best.scores).toEqual(exact)
  })
})

describe('the table of a cross-validation', () => {
  const scores = [0.5, 0.25, 1, 0.75, 0.125, 0.125]
  const result = crossValidate(CanonicalCorrelation, modalities, {
    grid: { nComponents: [2, 8], regularization: [0, 'oas'] },
    folds: 3,
    metric: function luck() {
      return scores.shift() ?? 0
    },
  })

  it('prints, also by console.log', () => {
    expect(String(result)).toBe(
      [
        'luck on 3 folds of 40 held-out rows',
        '',
        '      nComponents  regularization    mean  deviation  lowest  highest',
        'best            2               0  0.5417     0.4390  0.1250   1.0000',
        '                2             oas  0.3750     0.3307  0.1250   0.7500',
        '                8               0  failed',
        '                8             oas  failed',
        '',
        'failed: nComponents is 8, expected at most 7, the columns of the narrowest modality',
      ].join('\n'),
    )
    expect(inspect(result)).toBe(String(result))
  })

  it('says what chance is, and how far the folds differ', () => {
    const groups = Array.from({ length: 120 }, (_, i) => (i < 20 ? 0 : i))
    const uneven = crossValidate(PerfectAlignment, modalities, { grid: { nComponents: [2] }, folds: 10, groups })
    expect(String(uneven)).toMatch(/^recall@1 on 10 folds of 11 to 20 held-out rows, chance 0\.0\d{3}\n/)
    expect(uneven.chance).toBeCloseTo((1 / 20 + uneven.folds.slice(0).filter(({ length }) => length < 20).reduce((sum, { length }) => sum + 1 / length, 0)) / 10, 14) // prettier-ignore
  })

  it('is JSON without what JSON cannot hold', () => {
    const plain = JSON.parse(JSON.stringify(result)) as { table: unknown[] }
    expect(plain).toMatchObject({
      metric: 'luck',
      chance: null,
      best: { options: { nComponents: 2, regularization: 0 } },
    })
    expect(plain.table[3]).toMatchObject({
      options: { nComponents: 8, regularization: 'oas' },
      mean: null,
      scores: [null, null, null],
    })
  })
})

describe('leaving one fold out', () => {
  it.each([2, 3, 4, 5, 8])('gives the factor of all others, %i folds', (count) => {
    const samples = [gaussian(64, 4, 940), gaussian(64, 3, 941)]
    const folds = Array.from({ length: count }, (_, f) => Uint32Array.from({ length: 64 }, (_, i) => i).filter((i) => i % count === f)) // prettier-ignore
    const engine = Engine.shared()
    const parts = run(foldFactorSteps(engine, samples, folds))
    const visited: number[] = []
    const all = run(
      leaveOneOutSteps(engine, parts, function* (others, fold) {
        visited.push(fold)
        const rows = folds.filter((_, f) => f !== fold).flatMap((part) => [...part])
        expectSame(others, samples.map((X) => selectedRows(X, rows))) // prettier-ignore
        yield { phase: 'test', done: fold, total: count }
      }),
    )
    expect(visited).toEqual(folds.map((_, f) => f))
    expectSame(all, samples)
    // The parts are as they were.
    for (const [f, part] of parts.entries()) expectSame(part, samples.map((X) => selectedRows(X, folds[f]))) // prettier-ignore
  })
})

describe('what cannot be asked for', () => {
  const grid = { nComponents: [2] }
  const check =
    (options: object, samples: unknown = modalities, estimator: unknown = PerfectAlignment) =>
    () =>
      crossValidate(estimator as typeof PerfectAlignment, samples as Matrix[], { grid, ...options })

  it.each(['cmae', 'CMAE', 'ncmae', 'mlre', 'score'])('choosing by %s, which collapse wins', (metric) => {
    expect(check({ metric })).toThrow(RangeError)
    expect(check({ metric })).toThrow(/would choose the model that collapses: .* Choose by 'recall@1'/)
  })

  it.each<[string, () => unknown, unknown, string]>([
    ['an unknown metric', check({ metric: 'accuracy' }), RangeError, "metric must be 'recall@K' (K from 1 on), 'mrr', 'r2', 'overlap@K' or a function, got 'accuracy'"], // prettier-ignore
    ['overlap at 0', check({ metric: 'overlap@0' }), RangeError, "got 'overlap@0'"],
    ['overlap among all others', check({ metric: 'overlap@23' }), RangeError, 'the smallest fold has 24 rows, expected more than 24'], // prettier-ignore
    ['R^2 at a cut-off', check({ metric: 'r2@3' }), RangeError, "got 'r2@3'"],
    ['recall at 0', check({ metric: 'recall@0' }), RangeError, "got 'recall@0'"],
    [
      'a metric that is no text',
      check({ metric: 3 }),
      TypeError,
      "metric must be 'recall@K' (K from 1 on), 'mrr', 'r2', 'overlap@K' or a function, got 3",
    ],
    [
      'a metric that gives text',
      check({ metric: () => 'good' }),
      TypeError,
      'metric must return a number, got a string',
    ],
    ['a metric with a fault', check({ metric: () => (null as never)['x'] }), TypeError, 'null'],
    ['recall among all', check({ metric: 'recall@24' }), RangeError, 'the smallest fold has 24 rows, expected more than 24'], // prettier-ignore
    ['folds of one row', check({ folds: 120 }), RangeError, 'the smallest fold has 1 rows, expected more than 1'],
    ['an unknown similarity', check({ similarity: 'manhattan' }), RangeError, 'similarity must be one of'],
    ['one modality', check({}, [modalities[0]]), RangeError, 'expected at least 2'],
    ['no modalities', check({}, null), TypeError, 'modalities must be an array of matrices'],
    ['different rows', check({}, [modalities[0], rowRanges(modalities, 0, 9)[1]]), RangeError, 'has 9 rows'],
    ['an option out of range', check({ grid: { nComponents: [2, 0] } }), RangeError, 'options {"nComponents":0}: nComponents must be'], // prettier-ignore
    [
      'an option of the wrong kind',
      check({ grid: { nComponents: ['2'] } }),
      TypeError,
      'nComponents must be an integer',
    ],
    ['no grid', check({ grid: undefined }), TypeError, 'grid must be an object of lists'],
    ['no estimator', check({}, modalities, 'cca'), TypeError, 'estimator must be a class such as PerfectAlignment'],
    ['another class', check({}, modalities, () => new Map()), TypeError, 'estimator must make an alignment'],
    ['no options', () => crossValidate(PerfectAlignment, modalities, undefined as never), TypeError, 'options must be an object'], // prettier-ignore
  ])('%s', (_, work, kind, message) => {
    expect(work).toThrow(kind)
    expect(work).toThrow(message)
  })

  it('an entry that is no number, and where it is', () => {
    const X = selectedRows(
      modalities[1],
      Array.from({ length: 120 }, (_, i) => i),
    )
    X.set(77, 3, NaN)
    expect(check({}, [modalities[0], X])).toThrow('modality 1: entry (77, 3) is NaN')
    expect(check({})().best.options).toEqual({ nComponents: 2 })
  })

  it('a model before its fit, as ever', () => {
    expect(() => new PerfectAlignment({ nComponents: 2 }).maps).toThrow(NotFittedError)
  })
})

const gaussianZero = (rows: number, cols: number): Matrix => minus(gaussian(rows, cols, 1), gaussian(rows, cols, 1))

/** That a factor is the one of these rows: R^T R is theirs, to rounding. */
function expectSame(factor: JointFactor, samples: readonly Matrix[]): void {
  const direct = new JointFactor(samples.map(({ cols }) => cols)).update(samples)
  expect(factor.rows).toBe(direct.rows)
  const gram = ({ R }: JointFactor) => times(R.transpose(), R)
  const gap = frobenius(minus(gram(factor), gram(direct)))
  expect(gap / (10 * EPS * Math.max(factor.rows, factor.R.cols) * frobenius(gram(direct)))).toBeLessThan(1)
}
