import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { NotFittedError } from '../../src/errors.js'
import { Matrix } from '../../src/matrix.js'
import { meanReciprocalRank, recallAtK } from '../../src/metrics/index.js'
import { calibrateScore, calibrateScoreAsync, matchProbability } from '../../src/score/index.js'
import { decreasing } from '../../src/score/decreasing.js'
import { logisticLine } from '../../src/score/logistic.js'
import { shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { fourierFeatures } from '../../src/features/fourier.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { centeredOf, centred, maxDifference, rowRange, rowRanges, sharedLatents, times } from '../align/support.js'
import { normal } from '../support/random.js'

const all = sharedLatents(260, [18, 14], 5, 1.6, 71)
const [train, test] = [rowRanges(all, 0, 60), rowRanges(all, 60, 260)]
const options = { nComponents: 'all', selection: 'balanced', scale: false } as const
const calibrated = calibrateScore(PerfectAlignment, train, { options, folds: 4 })
const plain = new PerfectAlignment(options).fit(train)

/** The roots of gamma, as the data asks for them. */
const shrinkageRoots = (modalities: readonly Matrix[]) =>
  run(shrinkageScaleSteps(Engine.shared(), centeredOf(modalities)))

const rowsOf = (X: Matrix, rows: readonly number[]) => Matrix.from(rows.map((i) => X.row(i)))

/** What held-out rows teach, with plain loops. */
function taught(folds: readonly Uint32Array[]) {
  const U: number[][][] = [[], []]
  let k = Infinity
  for (const held of folds) {
    const others = Array.from({ length: 60 }, (_, i) => i).filter((i) => !held.includes(i))
    const model = new PerfectAlignment(options).fit(train.map((X) => rowsOf(X, others)))
    const { rho, deviations } = model.correlations()
    k = Math.min(k, rho.length)
    train.forEach((X, m) => {
      const Z = model.transform(rowsOf(X, [...held]), m)
      for (let i = 0; i < Z.rows; i++) U[m].push(Array.from(Z.row(i), (z, j) => z / deviations[m][j]))
    })
  }
  const mean = (f: (i: number) => number) => U[0].reduce((sum, _, i) => sum + f(i), 0) / U[0].length
  const scales = U.map((rows) => Array.from({ length: k }, (_, j) => Math.sqrt(mean((i) => rows[i][j] ** 2))))
  const raw = Array.from({ length: k }, (_, j) => mean((i) => U[0][i][j] * U[1][i][j]) / scales[0][j] / scales[1][j])
  return { k, scales, rho: decreasing(raw).map((r) => (r > 1e-4 ? Math.min(r, 0.9999) : 0)) }
}

describe('calibrateScore', () => {
  it('takes rho and deviations of the rows of each fold, by the fit to the others', () => {
    const { model, folds } = calibrateScore(PerfectAlignment, train, { options, folds: 4, metric: 'likelihood' })
    const { k, scales, rho } = taught(folds)
    const [learnt, fitted] = [model.correlations(), plain.correlations()]
    expect(maxDifference(learnt.rho.subarray(0, k), rho.subarray(0, learnt.rho.length))).toBeLessThan(1e-9)
    expect(learnt.rho.subarray(k).every((r) => r === 0)).toBe(true)
    fitted.deviations.forEach((deviations, m) => {
      const wanted = deviations.subarray(0, k).map((deviation, j) => deviation * scales[m][j])
      expect(maxDifference(learnt.deviations[m].subarray(0, k), wanted)).toBeLessThan(1e-9 * Math.max(...wanted))
    })
    expect(model.maps).toHaveLength(2)
    model.maps.forEach((A, m) => { expect(maxDifference(A.data, plain.maps[m].data)).toBeLessThan(1e-9 * Math.max(...A.data)); }) // prettier-ignore
  })

  it('chooses the score by which held-out rows find their partners, and finds more of new ones', () => {
    const { best, table, metric, model } = calibrated
    expect(table.map((row) => `${row.metric} ${row.rho}`)).toEqual(['cosine none', 'normalised fitted', 'likelihood fitted', 'normalised held-out', 'likelihood held-out']) // prettier-ignore
    expect(best.meanReciprocalRank).toBe(Math.max(...table.map((row) => row.meanReciprocalRank)))
    expect(metric).toBe(best.metric)
    const recall = (of: PerfectAlignment, by: typeof metric) => {
      const rows = ([0, 1] as const).map((m) => of.transform(test[m], m, { role: m === 0 ? 'query' : 'gallery', metric: by }).rows) // prettier-ignore
      return recallAtK(rows[0], rows[1], 1, { metric: 'euclidean' })
    }
    expect(recall(model, metric)).toBeGreaterThan(recall(plain, 'cosine') + 0.02)
    expect(String(calibrated)).toMatch(/best +\w+ +[\w-]+ +\.?\d/)
  })

  it('tries other ridges if it is asked to, each with every score', () => {
    const found = calibrateScore(PerfectAlignment, train, { options, folds: 4, ridges: [1, 0.3, 0.1] })
    expect(found.table.slice(0, 5)).toEqual(calibrated.table)
    expect(found.table.map(({ ridge }) => ridge)).toEqual(
      [1, 0.3, 0.1].flatMap((ridge) => Array<number>(5).fill(ridge)),
    )
    expect(new Set(found.table.map(({ meanReciprocalRank }) => meanReciprocalRank)).size).toBeGreaterThan(10)
    expect(found.best.meanReciprocalRank).toBe(Math.max(...found.table.map((row) => row.meanReciprocalRank)))
    expect(String(found).split('\n')[0].trim()).toMatch(/^ridge +metric +rho +MRR$/)
    expect(String(found).split('\n')).toHaveLength(16)
  })

  it.each([0.1, 3])('fits most energy for misalignment and %f times the shrinkage', (ridge) => {
    const asked = { options, folds: 4, metric: 'normalised', ridges: [ridge] } as const
    const { model, table } = calibrateScore(PerfectAlignment, train, asked)
    const gamma = shrinkageRoots(train).map((root) => root ** 2 * ridge)
    const [X, Y] = train.map(centred)
    // N a = mu D a, with N = [X Y]^T [X Y] / 4 and D = [X -Y]^T [X -Y] + diag(gamma).
    model.sharedStrength.forEach((mu, j) => {
      const [a, b] = model.maps.map((A) => rowRange(A, j, j + 1).transpose())
      const [x, y] = [times(X, a), times(Y, b)]
      const [sum, difference] = [
        x.data.map((value, i) => value + y.data[i]),
        x.data.map((value, i) => value - y.data[i]),
      ]
      for (const [m, block] of [X, Y].entries()) {
        const of = (v: Float64Array) => times(block.transpose(), new Matrix(v.length, 1, v)).data
        const [N, D] = [of(sum as Float64Array), of(difference as Float64Array)]
        const own = [a, b][m].data
        const left = N.map((value, i) => value / 4 - mu * ((m === 0 ? 1 : -1) * D[i] + gamma[m] * own[i]))
        expect(Math.hypot(...left)).toBeLessThan(1e-9 * Math.hypot(...N))
      }
    })
    const fitted = table.filter(({ rho }) => rho === 'fitted')
    expect(fitted.map((row) => row.ridge)).toEqual([ridge])
    expect(() => PerfectAlignment.fromBytes(model.toBytes()).similarity(test[0], 0, test[1], 1)).not.toThrow()
  })

  it('takes rho of other ridges from their strengths, in the units of the data, and of features', () => {
    const inUnits = train.map((X, m) => new Matrix(60, X.cols, X.data.map((x, at) => x * (1 + ((at % X.cols) + m) * 1e3)))) // prettier-ignore
    const ask = (modalities: Matrix[], more: object) => {
      const found = calibrateScore(PerfectAlignment, modalities, { options: { ...options, ...more }, metric: 'likelihood', ridges: [0.2], folds: 3 }) // prettier-ignore
      return Object.assign(found, {
        scores: found.model.similarity(modalities[0], 0, modalities[1], 1, { metric: 'likelihood' }),
      })
    }
    const [plainUnits, otherUnits] = [ask(train, { scale: true }), ask(inUnits, { scale: true })]
    expect(maxDifference(plainUnits.scores.data, otherUnits.scores.data)).toBeLessThan(1e-6)
    const features = train.map((X, seed) => fourierFeatures({ dimensions: 30, seed }).fit(X))
    const through = train.map((X, m) => features[m].transform(X))
    const [mapped, featured] = [ask(through, {}), ask(train, { features })]
    expect(maxDifference(mapped.scores.data, featured.scores.data)).toBeLessThan(1e-6)
    const { model } = calibrateScore(PerfectAlignment, train, { options, metric: 'cosine', ridges: [0.2] })
    const told = model.sharedStrength.map((mu) => (4 * mu - 1) / (4 * mu + 1))
    expect(maxDifference(model.correlations().rho, told)).toBeLessThan(1e-12)
    expect(PerfectAlignment.fromBytes(model.toBytes()).correlations()).toEqual(model.correlations())
    // Fitted again, it has the shrinkage of the data.
    expect(model.fit(train).sharedStrength).toEqual(plain.sharedStrength)
  })

  it('judges by the mean reciprocal rank over folds and directions', () => {
    const { folds, table } = calibrateScore(PerfectAlignment, train, { options, folds: 4, metric: 'cosine' })
    const ranks = folds.flatMap((held) => {
      const others = Array.from({ length: 60 }, (_, i) => i).filter((i) => !held.includes(i))
      const model = new PerfectAlignment(options).fit(train.map((X) => rowsOf(X, others)))
      const [Z1, Z2] = train.map((X, m) => model.transform(rowsOf(X, [...held]), m))
      return [meanReciprocalRank(Z1, Z2), meanReciprocalRank(Z2, Z1)]
    })
    expect(table).toHaveLength(1)
    expect(table[0].meanReciprocalRank).toBeCloseTo(ranks.reduce((a, b) => a + b) / 8, 10)
  })

  it('calibrates scores to probabilities, of the normalised score too', () => {
    for (const metric of ['normalised', 'likelihood', 'cosine'] as const) {
      const of = calibrateScore(PerfectAlignment, train, { options, metric })
      const S = of.model.similarity(test[0], 0, test[1], 1, { metric })
      const partners = Array.from({ length: 200 }, (_, i) => S.get(i, i))
      const strangers = Array.from({ length: 200 }, (_, i) => S.get(i, (i + 100) % 200))
      const [own, other] = [partners, strangers].map((scores) => matchProbability(of.logRatios(scores), 0.5))
      // As many of both: what is said of all is the share of partners, and each is told from the other.
      const mean = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b) / list.length
      expect(Math.abs((mean(own) + mean(other)) / 2 - 0.5)).toBeLessThan(0.06)
      expect(mean(own)).toBeGreaterThan(0.65)
      const bins = of.reliability()
      expect(bins.map(({ pairs }) => pairs).reduce((a, b) => a + b)).toBe(60 + 60 * 11)
      for (const { observed, predicted, pairs } of bins)
        if (pairs > 60) expect(Math.abs(observed - predicted)).toBeLessThan(0.2)
    }
  })

  it('is of each pair, of three modalities and of CanonicalCorrelation, and the same in turns', async () => {
    const three = sharedLatents(60, [6, 5, 7], 3, 1, 72)
    const asked = { options: { nComponents: 'all', regularization: 'oas' }, seed: 3 } as const
    const found = calibrateScore(CanonicalCorrelation, three, asked)
    expect(found.reliability(2, 1)).toEqual(found.reliability(1, 2))
    expect(found.logRatios([0.5], 0, 2)).not.toEqual(found.logRatios([0.5], 0, 1))
    expect(found.model.similarity(three[2], 2, three[0], 0, { metric: found.metric }).rows).toBe(60)
    const later = await calibrateScoreAsync(CanonicalCorrelation, three, asked)
    expect(later.table).toEqual(found.table)
    expect(later.model.correlations(2, 1)).toEqual(found.model.correlations(2, 1))
  })

  it('is kept in the file, and forgotten with the next fit', () => {
    const { model } = calibrateScore(PerfectAlignment, train, { options, metric: 'likelihood' })
    const learnt = model.correlations()
    expect(PerfectAlignment.fromBytes(model.toBytes()).correlations()).toEqual(learnt)
    expect(learnt.rho[0]).toBeLessThan(plain.correlations().rho[0])
    expect(model.fit(train).correlations()).toEqual(plain.correlations())
  })

  it('finds shuffled pairs by chance, whichever score it takes', () => {
    const shuffled = [
      train[0],
      rowsOf(
        train[1],
        Array.from({ length: 60 }, (_, i) => (i * 7 + 5) % 60),
      ),
    ]
    const { model, metric } = calibrateScore(PerfectAlignment, shuffled, { options })
    const S = model.similarity(test[0], 0, test[1], 1, { metric })
    const found = Array.from({ length: 200 }, (_, i) => Math.max(...S.row(i)) === S.get(i, i)).filter(Boolean).length
    expect(found).toBeLessThan(7)
  })

  it('refuses what it cannot calibrate', () => {
    const few = rowRanges(train, 0, 7)
    expect(() => calibrateScore(PerfectAlignment, few, { options })).toThrow(/smallest fold has 1 rows, expected 2 or more: use fewer folds/) // prettier-ignore
    expect(() => calibrateScore(PerfectAlignment, train, { options: { nComponents: 2, selection: 'last' } })).toThrow(NotFittedError) // prettier-ignore
    expect(() => calibrateScore(LinearContrastive, train, { options: { nComponents: 2 } })).toThrow(
      /no rho to calibrate/,
    )
    expect(() => calibrateScore(PerfectAlignment, train, { options, metric: 'dot' as never })).toThrow(RangeError)
    expect(() => calibrateScore(PerfectAlignment, train, { options, ridges: [] })).toThrow(/ridges is empty/)
    expect(() => calibrateScore(PerfectAlignment, train, { options, ridges: [1, 0] })).toThrow(/ridges\[1\] must be finite and above 0, got 0/) // prettier-ignore
    expect(() => calibrateScore(PerfectAlignment, train, { options, ridges: 1 as never })).toThrow(TypeError)
    expect(() => calibrateScore(PerfectAlignment, train, { options, ridges: ['1'] as never })).toThrow(TypeError)
    expect(() => calibrateScore(CanonicalCorrelation, train, { options: { nComponents: 'all' }, ridges: [0.3] })).toThrow(/shrinkage of 'balanced', got another method/) // prettier-ignore
    expect(() => calibrateScore(PerfectAlignment, train, { options, grid: [] } as never)).toThrow(/no option 'grid'/)
    expect(() => calibrateScore(PerfectAlignment, train, { options: { nComponents: 0 } })).toThrow(RangeError)
    expect(() => calibrateScore(3 as never, train, { options })).toThrow(TypeError)
    expect(() => calibrateScore(PerfectAlignment, [train[0], few[1]], { options })).toThrow(RangeError)
    expect(() => calibrated.logRatios(3 as never)).toThrow(TypeError)
    expect(() => calibrated.logRatios([1], 0, 0)).toThrow(RangeError)
    expect(() => calibrated.reliability(0, 2)).toThrow(/from 0 to 1, got 2/)
  })
})

describe('decreasing', () => {
  it('pools neighbours that increase', () => {
    expect(Array.from(decreasing([3, 1, 2, 0]))).toEqual([3, 1.5, 1.5, 0])
    expect(Array.from(decreasing([1, 2, 3]))).toEqual([2, 2, 2])
    expect(Array.from(decreasing([]))).toEqual([])
  })

  it('is the nearest: no other that does not increase is nearer', () => {
    const next = normal(5)
    const values = Float64Array.from({ length: 12 }, () => next())
    const distance = (x: ArrayLike<number>) => values.reduce((sum, value, i) => sum + (value - x[i]) ** 2, 0)
    const least = distance(decreasing(values))
    for (let trial = 0; trial < 200; trial++) {
      const other = decreasing(values).map((value) => value + 0.1 * next()).sort().reverse() // prettier-ignore
      expect(distance(other)).toBeGreaterThanOrEqual(least)
    }
  })
})

describe('logisticLine', () => {
  it('finds the log ratio of two normal distributions, which is a line', () => {
    const next = normal(6)
    const draw = (centre: number, n: number) => Float64Array.from({ length: n }, () => centre + next())
    // log N(x; 1, 1) / N(x; -1, 1) = 2 x, however many there are of each.
    const { slope, intercept } = logisticLine(draw(1, 2000), draw(-1, 12000))
    expect(Math.abs(slope - 2)).toBeLessThan(0.15)
    expect(Math.abs(intercept)).toBeLessThan(0.1)
  })

  it('is true where partners are told from many: with the odds of a gallery, of scores that are no line in all', () => {
    const next = normal(8)
    // Strangers with a long lower tail, which says nothing of where they meet partners.
    const strangers = Float64Array.from({ length: 20000 }, (_, i) => (i % 2 === 0 ? next() : next() * 6 - 20))
    const { slope, intercept } = logisticLine(
      Float64Array.from({ length: 2000 }, () => 3 + next()),
      strangers,
    )
    // log N(x; 3, 1) / (N(x; 0, 1) / 2) = 3 x - 4.5 + log 2.
    for (const x of [3, 4]) expect(Math.abs(slope * x + intercept - (3 * x - 4.5 + Math.LN2))).toBeLessThan(0.6)
  })

  it('stays finite where scores part the kinds, are all the same, or huge', () => {
    const lines = [logisticLine([2, 3], [0, 1]), logisticLine([1, 1], [1]), logisticLine([1e150, 2e150], [-1e150])]
    for (const { slope, intercept } of lines) expect([slope, intercept].every(Number.isFinite)).toBe(true)
    expect(lines[0].slope).toBeGreaterThan(0.5)
    expect(lines[1].slope).toBe(0)
  })
})
