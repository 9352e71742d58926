import { afterEach, describe, expect, it } from 'vitest'
import {
  CanonicalCorrelation,
  LeastSquares,
  LinearContrastive,
  OrthogonalProcrustes,
  PerfectAlignment,
  type LinearAlignment,
} from '../../src/align/index.js'
import {
  canonicalCorrelations,
  collapseRatio,
  linearCka,
  procrustesDisparity,
  svcca,
} from '../../src/comparison/index.js'
import { NotFittedError } from '../../src/errors.js'
import { Evaluation, evaluate, evaluateAsync, type EvaluateOptions } from '../../src/evaluation/index.js'
import { Matrix } from '../../src/matrix.js'
import * as metrics from '../../src/metrics/index.js'
import { Engine } from '../../src/runtime/engine.js'
import type { Progress } from '../../src/steps.js'
import { sharedLatents } from '../align/support.js'
import { onEveryBinary } from '../support/binaries.js'
import { readSource } from '../support/source-files.js'
import '../support/scores.js'
import { statedMemory, valueOf } from '../support/stated-memory.js'

afterEach(() => {
  Engine.use('simd')
})

const modalities = sharedLatents(260, [7, 5, 6], 3, 0.8, 1)
const rowsOf = (X: Matrix, from: number, to: number) =>
  new Matrix(to - from, X.cols, X.data.slice(from * X.cols, to * X.cols))
const training = modalities.map((X) => rowsOf(X, 0, 180))
const heldOut = modalities.map((X) => rowsOf(X, 180, 260))
const two = <T>(all: readonly T[]) => all.slice(0, 2)
const labels = Array.from({ length: 80 }, (_, i) => ['a', 'b', 'c'][(i * i) % 3])
const MODELS: [name: string, model: LinearAlignment, views: number][] = [
  ['PerfectAlignment', new PerfectAlignment({ nComponents: 3 }).fit(training), 3],
  ["PerfectAlignment, 'last'", new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(two(training)), 2],
  ['CanonicalCorrelation', new CanonicalCorrelation({ nComponents: 3, regularization: 'oas' }).fit(training), 3],
  ['OrthogonalProcrustes', new OrthogonalProcrustes({ nComponents: 4 }).fit(two(training)), 2],
  ['LeastSquares', new LeastSquares({ ridge: 0.1 }).fit(two(training)), 2],
  ['LinearContrastive', new LinearContrastive({ nComponents: 3 }).fit(two(training)), 2],
]
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** Every metric by its own function. */
function expectMetrics(found: Evaluation, model: LinearAlignment, X: readonly Matrix[], options: EvaluateOptions = {}) {
  const Z = X.map((x, m) => model.transform(x, m))
  const { metric = 'cosine', neighbours, ks = [1, 5, 10] } = options
  for (const {
    modalities: [a, b],
    ...pair
  } of found.pairs) {
    // prettier-ignore
    const rho = canonicalCorrelations(Z[a], Z[b])
    expect(pair.canonicalCorrelations.length).toBe(rho.length)
    rho.forEach((value, i) => {
      expect(pair.canonicalCorrelations[i]).toBeCloseTo(value, 9)
    })
    expect(pair.meanCanonicalCorrelation).toBeCloseTo(mean([...rho]), 9)
    expect(pair.cmae).toBe(metrics.cmae(Z[a], Z[b]))
    expect(pair.ncmae).toBe(metrics.ncmae(Z[a], Z[b]))
    expect(pair.alignmentLoss).toBe(metrics.alignmentLoss(Z[a], Z[b]))
    expect(pair.modalityGap).toBe(metrics.modalityGap(Z[a], Z[b]))
    expect(pair.svcca).toBeCloseTo(svcca(Z[a], Z[b]), 9)
    expect(pair.linearCka).toBeCloseTo(linearCka(Z[a], Z[b]), 11)
    expect(pair.procrustesDisparity).toBeCloseTo(procrustesDisparity(Z[a], Z[b]), 11)
  }
  found.modalities.forEach((modality, m) => {
    const energies = [...metrics.latentEnergy(Z[m])]
    expect(modality.componentEnergies).toEqual(energies)
    expect(modality.energy).toBeCloseTo(energies.reduce((a, b) => a + b, 0), 12) // prettier-ignore
    expect(modality.effectiveRank).toBeCloseTo(metrics.effectiveRank(Z[m]), 9)
    expect(modality.uniformityLoss).toBeCloseTo(metrics.uniformityLoss(Z[m]), 12)
    expect(modality.collapseRatio).toBeCloseTo(collapseRatio(X[m], Z[m]), 11)
  })
  for (const { from, to, recallAt, meanReciprocalRank, csls, classes } of found.retrieval) {
    const by = (kind: metrics.SimilarityMetric) =>
      metrics.evaluateRetrieval(Z[from], Z[to], { ks, metric: kind, ...(neighbours && { neighbours }) })
    for (const [measured, expected] of [
      [{ recallAt, meanReciprocalRank }, by(metric as metrics.SimilarityMetric)],
      [csls, by('csls')],
    ] as const) {
      // prettier-ignore
      ks.forEach((k, i) => {
        expect(measured.recallAt[k]).toBeCloseTo(expected.recallAtK[i], 12)
      })
      expect(measured.meanReciprocalRank).toBeCloseTo(expected.meanReciprocalRank, 12)
    }
    if (options.labels === undefined) {
      expect(classes).toBeUndefined()
      continue
    }
    const ranking = { metric: metric as metrics.SimilarityMetric, ...(neighbours && { neighbours }) }
    for (const k of ks)
      expect(classes?.precisionAt[k]).toBeCloseTo(metrics.precisionAtK(Z[from], Z[to], k, options.labels, ranking), 12)
    expect(classes?.meanAveragePrecision).toBeCloseTo(metrics.meanAveragePrecision(Z[from], Z[to], options.labels, ranking), 12) // prettier-ignore
  }
}

onEveryBinary(() => {
  describe.each(MODELS)('evaluate %s', (_name, model, views) => {
    const X = heldOut.slice(0, views)

    it('gives what each metric gives, for every pair, modality and direction', () => {
      const found = evaluate(model, X, { labels })
      expect([found.rows, found.metric, found.components]).toEqual([80, 'cosine', model.maps[0].rows])
      const numbers = X.map((_, m) => m)
      expect(found.pairs.map((pair) => pair.modalities)).toEqual(numbers.flatMap((a) => numbers.slice(a + 1).map((b) => [a, b]))) // prettier-ignore
      expect(found.modalities.length).toBe(views)
      expect(found.retrieval.map(({ from, to }) => [from, to])).toEqual(numbers.flatMap((a) => numbers.filter((b) => b !== a).map((b) => [a, b]))) // prettier-ignore
      expectMetrics(found, model, X, { labels })
    })
  })

  it.each(['euclidean', 'dot', 'csls'] as const)('measures nearness by %s, among so many, at those ranks', (metric) => {
    const [, model] = MODELS[0]
    const options = { metric, neighbours: 4, ks: [2, 80], labels }
    const found = evaluate(model, heldOut, options)
    expect(found.metric).toBe(metric)
    expectMetrics(found, model, heldOut, options)
    if (metric === 'csls') expect(found.means.csls).toEqual({ recallAt: found.means.recallAt, meanReciprocalRank: found.means.meanReciprocalRank }) // prettier-ignore
  })
})

describe('evaluate', () => {
  const [, model] = MODELS[0]

  it('averages over pairs, modalities and directions', () => {
    const { means, pairs, modalities: views, retrieval } = evaluate(model, heldOut, { labels })
    for (const key of ['cmae', 'svcca', 'linearCka', 'modalityGap'] as const)
      expect(means[key]).toBeCloseTo(mean(pairs.map((pair) => pair[key])), 13)
    for (const key of ['energy', 'effectiveRank', 'collapseRatio', 'uniformityLoss'] as const)
      expect(means[key]).toBeCloseTo(mean(views.map((view) => view[key])), 13)
    expect(means.recallAt[5]).toBeCloseTo(mean(retrieval.map(({ recallAt }) => recallAt[5])), 13)
    expect(means.csls.meanReciprocalRank).toBeCloseTo(mean(retrieval.map(({ csls }) => csls.meanReciprocalRank)), 13)
    expect(means.classes?.precisionAt[1]).toBeCloseTo(mean(retrieval.map(({ classes }) => classes?.precisionAt[1] ?? NaN)), 13) // prettier-ignore
    const pair = evaluate(MODELS[1][1], two(heldOut))
    expect(pair.means.cmae).toBe(pair.pairs[0].cmae)
  })

  it('is plain data: all of it survives JSON', () => {
    for (const options of [{}, { labels }]) {
      const found = evaluate(model, heldOut, options)
      expect(JSON.parse(JSON.stringify(found))).toEqual(Object.fromEntries(Object.entries(found)))
    }
  })

  it('says what chance is, and that is what a collapsed model reaches', () => {
    const zero = heldOut.map((X) => new Matrix(80, X.cols))
    const found = evaluate(model, zero, { labels })
    expect(found.chance.recallAt).toEqual({ 1: 1 / 80, 5: 5 / 80, 10: 10 / 80 })
    const counts = ['a', 'b', 'c'].map((label) => labels.filter((other) => other === label).length)
    expect(found.chance.classes?.precisionAt[5]).toBeCloseTo(counts.reduce((sum, c) => sum + (c / 80) ** 2, 0), 13) // prettier-ignore
    for (const { recallAt, meanReciprocalRank, csls, classes } of found.retrieval) {
      expect(recallAt[1]).toBeCloseTo(found.chance.recallAt[1], 13)
      expect(meanReciprocalRank).toBeCloseTo(found.chance.meanReciprocalRank, 13)
      expect(csls.recallAt[10]).toBeCloseTo(found.chance.recallAt[10], 13)
      expect(classes?.precisionAt[1]).toBeCloseTo(found.chance.classes?.precisionAt[1] ?? NaN, 13)
      expect(classes?.meanAveragePrecision).toBeCloseTo(found.chance.classes?.meanAveragePrecision ?? NaN, 13)
    }
    for (const pair of found.pairs)
      expect([pair.svcca, pair.linearCka, pair.procrustesDisparity, pair.meanCanonicalCorrelation]).toEqual([0, 0, 1, 0]) // prettier-ignore
    for (const { collapseRatio: kept } of found.modalities) expect(kept).toBe(0)
  })

  it('tells a collapse that has no error from an alignment', () => {
    // 'last' finds the columns of zeros.
    const X = two(modalities).map((x) => Matrix.from(x.toArray().map((row) => [...row, 0, 0])))
    const fitted = (selection: 'last' | 'balanced') =>
      evaluate(new PerfectAlignment({ nComponents: 3, selection }).fit(X.map((x) => rowsOf(x, 0, 180))), X)
    const [collapsed, sound] = [fitted('last'), fitted('balanced')]
    expect(collapsed.means.cmae).toBeLessThan(1e-12)
    expect(collapsed.means.recallAt[10]).toBeCloseTo(collapsed.chance.recallAt[10], 12)
    expect(collapsed.means.collapseRatio).toBe(0)
    expect(sound.means.cmae).toBeGreaterThan(0.01)
    expect(sound.means.recallAt[10]).toBeGreaterThan(4 * sound.chance.recallAt[10])
    expect(sound.means.collapseRatio).toBeGreaterThan(0.3)
  })

  it('takes no cut-off beyond the rows', () => {
    const few = heldOut.map((X) => rowsOf(X, 0, 7))
    expect(Object.keys(evaluate(model, few).means.recallAt)).toEqual(['1', '5'])
    expect(Object.keys(evaluate(model, few, { ks: [7] }).means.recallAt)).toEqual(['7'])
  })

  it('prints tables that a person can read', () => {
    const text = String(evaluate(MODELS[1][1], two(heldOut), { labels, ks: [1, 5] }))
    const number = String.raw`-?\d+(\.\d+)?(e[+-]\d+)?`
    const columns = (count: number) => `(  +${number}){${count}}`
    const directions = (count: number) => ['0 -> 1', '1 -> 0', 'mean  ', 'chance'].map((name) => `${name}${columns(count)}`) // prettier-ignore
    expect(text).toMatch(
      new RegExp(
        [
          '^80 rows, 2 components',
          '',
          'pair +CMAE +NCMAE +alignment +gap +CCA +SVCCA +CKA +Procrustes',
          `0 - 1${columns(8)}`,
          '',
          'modality +energy +effective rank +uniformity +kept',
          `0       ${columns(4)}`,
          `1       ${columns(4)}`,
          `mean    ${columns(4)}`,
          '',
          'cosine +recall@1 +recall@5 +MRR',
          ...directions(3),
          '',
          'csls +recall@1 +recall@5 +MRR',
          ...directions(3),
          '',
          'classes +precision@1 +precision@5 +mAP',
          ...directions(3),
        ].join('\n') + '$',
      ),
    )
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90)
    expect(String(evaluate(model, heldOut))).toMatch(/^0 - 1.*\n0 - 2.*\n1 - 2.*\nmean/m)
    expect(String(evaluate(model, heldOut, { metric: 'csls' })).match(/^csls/gm)).toHaveLength(1)
  })

  it('says what is wrong with its arguments', () => {
    const wrong =
      (X: unknown, options?: unknown, by: unknown = model) =>
      () =>
        evaluate(by as LinearAlignment, X as Matrix[], options as EvaluateOptions)
    expect(wrong(two(heldOut))).toThrow('got 2 modalities, expected 3')
    expect(wrong(3)).toThrow(TypeError)
    expect(wrong([...two(heldOut), rowsOf(heldOut[2], 0, 5)])).toThrow(/modality 2 has 5 rows/)
    expect(wrong(heldOut.map((X) => rowsOf(X, 0, 1)))).toThrow('got 1 rows, expected at least 2')
    expect(wrong(heldOut, { labels: ['a'] })).toThrow('modality 0 has 80 rows but labels has 1 entries')
    expect(wrong(heldOut, { ks: [81] })).toThrow('k must be an integer from 1 to 80, got 81')
    expect(wrong(heldOut, { ks: 5 })).toThrow(TypeError)
    expect(wrong(heldOut, { metric: 'manhattan' })).toThrow(RangeError)
    expect(wrong(heldOut, { neighbours: 0 })).toThrow(RangeError)
    expect(wrong(heldOut, 7)).toThrow(TypeError)
    expect(wrong(heldOut, {}, {})).toThrow('model must be a linear alignment, got an object of class Object')
    expect(wrong(heldOut, {}, null)).toThrow(TypeError)
    expect(wrong(heldOut, {}, new PerfectAlignment({ nComponents: 2 }))).toThrow(NotFittedError)
    const broken = heldOut.map((X) => new Matrix(X.rows, X.cols, X.data.slice()))
    broken[1].set(3, 2, NaN)
    expect(wrong(broken)).toThrow(/modality 1: entry \(3, 2\) is NaN/)
    expect(evaluate(model, heldOut).rows).toBe(80)
  })
})

describe('evaluateAsync', () => {
  const [, model] = MODELS[0]

  it('measures the same, with progress', async () => {
    const seen: Progress[] = []
    const found = await evaluateAsync(model, heldOut, { labels, onProgress: (progress) => seen.push(progress) })
    expect(found).toEqual(evaluate(model, heldOut, { labels }))
    for (const phase of ['transform', 'comparison', 'modalities', 'retrieval']) {
      const done = seen.filter((progress) => progress.phase === phase)
      expect(done.length, phase).toBeGreaterThan(0)
      expect(done.every((progress) => progress.done <= progress.total)).toBe(true)
      expect(done.map((p) => p.done)).toEqual(done.map((p) => p.done).sort((a, b) => a - b))
    }
  })

  it('measures the model as it was at the call', async () => {
    const refitted = new PerfectAlignment({ nComponents: 2 }).fit(modalities.map((X) => rowsOf(X, 0, 60)))
    const expected = evaluate(refitted, heldOut)
    const found = evaluateAsync(refitted, heldOut)
    refitted.fit(modalities.map((X) => rowsOf(X, 60, 180)))
    expect(await found).toEqual(expected)
    expect(evaluate(refitted, heldOut)).not.toEqual(expected)
  })

  it('is aborted at any point with the reason', async () => {
    const reason = new Error('enough')
    for (const phase of ['transform', 'comparison', 'modalities', 'retrieval']) {
      const controller = new AbortController()
      const onProgress = (progress: Progress) => {
        if (progress.phase === phase) controller.abort(reason)
      }
      await expect(evaluateAsync(model, heldOut, { signal: controller.signal, onProgress })).rejects.toBe(reason)
    }
    expect(evaluate(model, heldOut).rows).toBe(80)
  })
})

it('the WebAssembly memory is what the docstring states', () => {
  const { formula, mebibytes } = statedMemory(['src/evaluation']).get('evaluate') ?? { formula: '', mebibytes: 0 }
  const [n, d, k] = [4000, 60, 40]
  const X = sharedLatents(n, [d, d], k, 0.3, 2)
  const wide = new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit(X.map((x) => rowsOf(x, 0, 1000)))
  Engine.use('simd')
  const before = Engine.shared().memoryBytes
  evaluate(wide, X)
  expect(Engine.shared().memoryBytes - before).toBeLessThanOrEqual(
    8 * valueOf(formula, { n, d, k }) + mebibytes * 2 ** 20,
  )
})

it('leaves out no metric that docs/metrics.md has, but for those that it names', () => {
  const docs = readSource('docs/metrics.md')
  const [intro] = docs.split('## Of pairs')
  const tables = docs.slice(intro.length).split('## Nearest neighbours')[0]
  const defined = [...tables.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  expect(defined.length).toBeGreaterThan(15)
  const rankings = ['recallAtK', 'meanReciprocalRank', 'precisionAtK', 'meanAveragePrecision']
  expect(defined.filter((name) => !intro.includes(`\`${name}\``) && !rankings.includes(name))).toEqual([])
})

describe("metrics 'likelihood' and 'normalised'", () => {
  const model = new PerfectAlignment({ nComponents: 'all', selection: 'balanced' }).fit(training)

  it.each(['likelihood', 'normalised'] as const)('%s rank as similarity does', async (metric) => {
    const found = evaluate(model, heldOut, { metric, labels })
    expect(found.metric).toBe(metric)
    expect(String(found)).toContain(metric)
    for (const { from, to, recallAt, meanReciprocalRank, classes, csls } of found.retrieval) {
      const S = model.similarity(heldOut[from], from, heldOut[to], to, { metric })
      const ranks = Array.from({ length: S.rows }, (_, i) => S.row(i).filter((score) => score >= S.get(i, i)).length)
      expect(recallAt[5]).toBeCloseTo(ranks.filter((rank) => rank <= 5).length / S.rows, 12)
      expect(meanReciprocalRank).toBeCloseTo(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / S.rows, 12)
      const nearest = Array.from({ length: S.rows }, (_, i) => Array.from(S.row(i)).indexOf(Math.max(...S.row(i))))
      expect(classes?.precisionAt[1]).toBeCloseTo(nearest.filter((j, i) => labels[j] === labels[i]).length / S.rows, 12)
      expect(csls).toEqual(
        evaluate(model, heldOut).retrieval.find((other) => other.from === from && other.to === to)?.csls,
      )
    }
    expect(await evaluateAsync(model, heldOut, { metric, labels })).toEqual(found)
  })

  it('find more partners than the cosine does', () => {
    const recall = (metric: EvaluateOptions['metric']) => evaluate(model, heldOut, { metric }).means.recallAt[1]
    expect(recall('likelihood')).toBeGreaterThan(recall('cosine'))
  })

  it('are refused of a model that has no rho', () => {
    const last = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(training)
    for (const metric of ['likelihood', 'normalised'] as const) {
      expect(() => evaluate(last, heldOut, { metric })).toThrow(NotFittedError)
      expect(() => evaluate(last, heldOut, { metric })).toThrow(/no rho/)
    }
    expect(evaluate(last, heldOut).rows).toBe(80)
    expect(() => evaluate(model, heldOut, { metric: 'mahalanobis' as never })).toThrow(/metric must be one of 'cosine'/)
  })
})
