import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { NotFittedError } from '../../src/errors.js'
import { Matrix } from '../../src/matrix.js'
import { meanReciprocalRank } from '../../src/metrics/retrieval.js'
import type { ScoreMetric } from '../../src/score-rows.js'
import { nearest } from '../../src/search/nearest.js'
import { FlatIndex } from '../../src/serve/flat-index.js'
import '../support/scores.js'
import { maxDifference, rowRange, rowRanges, sharedLatents } from './support.js'

const METRICS = ['normalised', 'likelihood'] as const
const [train, test] = [rowRanges(sharedLatents(150, [9, 7], 4, 0.7, 41), 0, 100), rowRanges(sharedLatents(150, [9, 7], 4, 0.7, 41), 100, 150)] // prettier-ignore
const three = sharedLatents(120, [6, 7, 5], 3, 0.6, 42)
const fit = (modalities: Matrix[], nComponents: number | 'all' = 'all') =>
  new PerfectAlignment({ nComponents, selection: 'balanced' }).fit(modalities)
const model = fit(train)
const joint = fit(three)

/** The score as its formula has it, with plain loops. */
function expected(
  of: PerfectAlignment | CanonicalCorrelation,
  x: Matrix,
  from: number,
  y: Matrix,
  to: number,
  metric: ScoreMetric,
): Matrix {
  const { rho, deviations } = of.correlations(from, to)
  const latents = (X: Matrix, m: number, side: 0 | 1) =>
    Array.from({ length: X.rows }, (_, i) => {
      const z = Array.from(of.transform(rowRange(X, i, i + 1), m).data, (value, j) =>
        rho[j] > 0 ? value / deviations[side][j] : 0,
      )
      const length = Math.hypot(...z.map((value, j) => rho[j] * value))
      return metric === 'normalised' ? z.map((value) => (value / length) * Math.hypot(...rho)) : z
    })
  const [Q, G] = [latents(x, from, 0), latents(y, to, 1)]
  const score = (a: number[], b: number[]) =>
    rho.reduce((sum, r, j) => sum + (r * a[j] * b[j] - (r * r * (a[j] ** 2 + b[j] ** 2)) / 2) / (1 - r * r), 0)
  return Matrix.from(Q.map((q) => G.map((g) => score(q, g))))
}

const order = (values: ArrayLike<number>) => Array.from(values, (_, j) => j).sort((a, b) => values[b] - values[a])
const rankings = (S: Matrix) => Array.from({ length: S.rows }, (_, i) => order(S.row(i)))

describe.each([
  ["'balanced'", model, test, 0, 1],
  ["'balanced', backwards", model, test, 1, 0],
  ["'balanced', of three", joint, three, 2, 0],
  [
    'CanonicalCorrelation',
    new CanonicalCorrelation({ nComponents: 'all', regularization: 'oas' }).fit(train),
    test,
    0,
    1,
  ],
] as const)('scores of %s', (_name, of, samples, from, to) => {
  const [x, y] = [samples[from], samples[to]]

  it.each(METRICS)('%s are the formula', (metric) => {
    const S = of.similarity(x, from, y, to, { metric })
    const byHand = expected(of, x, from, y, to, metric)
    expect([S.rows, S.cols]).toEqual([x.rows, y.rows])
    expect(maxDifference(S.data, byHand.data)).toBeLessThan(1e-12 * Math.max(...byHand.data.map(Math.abs)))
  })

  it.each([...METRICS, 'cosine'] as const)(
    '%s rank as rows in their roles do, by distance, by products with bias, and in an index',
    (metric) => {
      const S = of.similarity(x, from, y, to, { metric })
      const query = of.transform(x, from, { role: 'query', metric, partner: to })
      const gallery = of.transform(y, to, { role: 'gallery', metric, partner: from })
      const wanted = rankings(S)
      const p = y.rows
      const byDistance = nearest(query.rows, gallery.rows, p, { metric: 'euclidean' })
      expect(
        Array.from({ length: x.rows }, (_, i) => Array.from(byDistance.indices.slice(i * p, (i + 1) * p))),
      ).toEqual(wanted)
      const index = new FlatIndex({ dimensions: of.maps[0].rows, metric: 'dot' })
      const ids = index.add(gallery.rows)
      index.setBias(ids, gallery.bias)
      const found = index.search(query.rows, p)
      // Rows are float32 there: only what is closer than that changes places.
      const worst = Math.max(
        ...Array.from(found.ids, (id, at) => {
          const row = S.row(Math.floor(at / p))
          return Math.abs(row[Number(id)] - row[wanted[Math.floor(at / p)][at % p]])
        }),
      )
      expect(worst).toBeLessThan(1e-5 * (1 + Math.max(...S.data.map(Math.abs))))
      expect(found.ids.filter((_, at) => at % p === 0)).toEqual(wanted.map(([first]) => first))
    },
  )
})

describe('similarity', () => {
  it('is normalised unless it is said', () => {
    expect(model.similarity(test[0], 0, test[1], 1)).toEqual(
      model.similarity(test[0], 0, test[1], 1, { metric: 'normalised' }),
    )
  })

  it("is the cosine of latents by 'cosine', which needs no rho", () => {
    const other = new LeastSquares({ target: 1 }).fit(train)
    const S = other.similarity(test[0], 0, test[1], 1, { metric: 'cosine' })
    const [Z1, Z2] = [other.transform(test[0], 0), other.transform(test[1], 1)]
    const [a, b] = [Z1.row(3), Z2.row(8)]
    const products = Array.from(a).reduce((sum, value, j) => sum + value * b[j], 0)
    expect(S.get(3, 8)).toBeCloseTo(products / Math.hypot(...a) / Math.hypot(...b), 12)
  })

  it('does not change with the units of a modality', () => {
    const units = [1e-140, 1e130]
    const scaled = (modalities: Matrix[]) => modalities.map((X, m) => new Matrix(X.rows, X.cols, X.data.map((value) => value * units[m]))) // prettier-ignore
    const [x, y] = scaled(test)
    for (const metric of METRICS) {
      const S = fit(scaled(train)).similarity(x, 0, y, 1, { metric })
      expect(maxDifference(S.data, model.similarity(test[0], 0, test[1], 1, { metric }).data)).toBeLessThan(1e-9)
    }
  })

  it('is finite where modalities are the same, rows are zero, or nothing is shared', () => {
    const same = fit([train[0], train[0]])
    const means = Matrix.from([train[0].toArray()[0].map((_, j) => same.means[0][j])])
    const unshared = fit([train[0], new Matrix(100, 3)])
    for (const metric of METRICS) {
      expect(same.similarity(means, 0, test[0], 1, { metric }).data.every(Number.isFinite)).toBe(true)
      expect(rankings(same.similarity(test[0], 0, test[0], 1, { metric })).map(([first]) => first)).toEqual(Array.from({ length: 50 }, (_, i) => i)) // prettier-ignore
      expect(unshared.similarity(test[0], 0, new Matrix(2, 3), 1, { metric }).data.every((value) => value === 0)).toBe(
        true,
      )
    }
    expect(model.similarity([], 0, test[1], 1).rows).toBe(0)
  })

  it('takes no more of k than is shared: all other components change nothing', () => {
    const more = fit(train, 16)
    expect(more.correlations().rho.filter((value) => value > 0).length).toBe(model.maps[0].rows)
    for (const metric of METRICS) {
      const S = more.similarity(test[0], 0, test[1], 1, { metric })
      expect(maxDifference(S.data, model.similarity(test[0], 0, test[1], 1, { metric }).data)).toBeLessThan(1e-9)
    }
  })

  it('refuses what it cannot score, and the model works on', () => {
    const [x, y] = test
    const last = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(train)
    const file = PerfectAlignment.fromBytes(last.toBytes())
    for (const of of [last, file]) {
      expect(() => of.similarity(x, 0, y, 1)).toThrow(NotFittedError)
      expect(() => of.similarity(x, 0, y, 1)).toThrow(/no rho.*'balanced'.*'cosine'/)
      expect(() => of.logLikelihoodRatio(x, y, 0, 1)).toThrow(NotFittedError)
      expect(() => of.transform(x, 0, { role: 'query' })).toThrow(NotFittedError)
      expect(of.transform(x, 0).rows).toBe(50)
    }
    expect(() => new PerfectAlignment({ nComponents: 'all' }).similarity(x, 0, y, 1)).toThrow(NotFittedError)
    expect(() => model.similarity(x, 0, y, 0)).toThrow(RangeError)
    expect(() => model.similarity(x, 0, x, 0)).toThrow(/both 0/)
    expect(() => model.similarity(y, 0, y, 1)).toThrow(/x has 7 columns, expected 9/)
    expect(() => model.similarity(x, 0, y, 2)).toThrow(/from 0 to 1, got 2/)
    expect(() => model.similarity(undefined as never, 0, y, 1)).toThrow(TypeError)
    expect(() => model.similarity(x, 0, y, 1, { metric: 'euclidean' as never })).toThrow(
      /metric must be one of 'normalised', 'likelihood', 'cosine'/,
    )
    expect(() => model.similarity(x, 0, y, 1, { role: 'query' } as never)).toThrow(/no option 'role'/)
    expect(() => model.logLikelihoodRatio(x, rowRange(y, 0, 3), 0, 1)).toThrow('x has 50 rows and y 3, expected pairs')
    expect(() => model.transform(x, 0, { role: 'both' as never })).toThrow(
      /role must be one of 'query', 'gallery', got 'both'/,
    )
    expect(() => model.transform(x, 0, { role: undefined as never })).toThrow(TypeError)
    expect(() => model.transform(x, 0, { metric: 'likelihood' } as never)).toThrow(/no option 'metric'/)
    expect(() => model.transform(x, 0, { role: 'query', centre: true } as never)).toThrow(/no option 'centre'/)
    expect(() => joint.transform(three[0], 0, { role: 'query' })).toThrow(/to must be an integer, got undefined/)
    expect(() => joint.transform(three[0], 0, { role: 'query', partner: 0 })).toThrow(/both 0/)
    expect(joint.transform(three[0], 0, { role: 'query', metric: 'cosine' }).rows.rows).toBe(120)
    const bad = new Matrix(x.rows, x.cols, x.data.slice())
    bad.set(2, 1, NaN)
    expect(() => model.similarity(bad, 0, y, 1)).toThrow(/entry \(2, 1\) is NaN/)
    expect(model.similarity(x, 0, y, 1).rows).toBe(50)
  })
})

describe('transform in a role', () => {
  it('has biases that make scores of products', () => {
    const query = joint.transform(three[1], 1, { role: 'query', metric: 'likelihood', partner: 2 })
    const gallery = joint.transform(three[2], 2, { role: 'gallery', metric: 'likelihood', partner: 1 })
    const product = Array.from(query.rows.row(5)).reduce((sum, value, j) => sum + value * gallery.rows.row(9)[j], 0)
    const S = joint.similarity(three[1], 1, three[2], 2, { metric: 'likelihood' })
    expect(product + query.bias[5] + gallery.bias[9]).toBeCloseTo(S.get(5, 9), 12)
  })

  it('is in float32 if it is asked for, and the same in turns', async () => {
    const options = { role: 'gallery', metric: 'likelihood' } as const
    const { rows } = model.transform(test[1], 1, { ...options, precision: 'f32' })
    expect(rows.data).toBeInstanceOf(Float32Array)
    const double = model.transform(test[1], 1, options)
    expect(maxDifference(rows.data, double.rows.data)).toBeLessThan(1e-5)
    expect(await model.transformAsync(test[1], 1, options)).toEqual(double)
    await expect(model.transformAsync(test[1], 1, { role: 'none' as never })).rejects.toThrow(RangeError)
  })

  it('is by what a file keeps', () => {
    const loaded = PerfectAlignment.fromBytes(joint.toBytes())
    expect(loaded.similarity(three[0], 0, three[1], 1)).toEqual(joint.similarity(three[0], 0, three[1], 1))
  })
})

describe('logLikelihoodRatio', () => {
  it('is the ratio of Gaussian densities, by their covariances', () => {
    const ratios = model.logLikelihoodRatio(test[0], test[1], 0, 1)
    const { rho, deviations } = model.correlations()
    const [X, Y] = [model.transform(test[0], 0), model.transform(test[1], 1)]
    const density = (v: number[], S: number[][]) => {
      const determinant = S[0][0] * S[1][1] - S[0][1] ** 2
      const form = (S[1][1] * v[0] ** 2 - 2 * S[0][1] * v[0] * v[1] + S[0][0] * v[1] ** 2) / determinant
      return -form / 2 - Math.log(2 * Math.PI) - Math.log(determinant) / 2
    }
    ratios.forEach((ratio, i) => {
      const wanted = rho.reduce((sum, r, j) => {
        const [a, b] = [deviations[0][j], deviations[1][j]]
        const v = [X.get(i, j), Y.get(i, j)]
        const together = density(v, [[a * a, r * a * b], [r * a * b, b * b]]) // prettier-ignore
        return sum + together - density(v, [[a * a, 0], [0, b * b]]) // prettier-ignore
      }, 0)
      expect(ratio).toBeCloseTo(wanted, 10)
    })
  })

  it("is the score by 'likelihood' and its constant, and keeps its digits where rho is next to 1", () => {
    const constant = -model.correlations().rho.reduce((sum, r) => sum + Math.log(1 - r * r), 0) / 2
    const S = model.similarity(test[0], 0, test[1], 1, { metric: 'likelihood' })
    model.logLikelihoodRatio(test[0], test[1], 0, 1).forEach((ratio, i) => { expect(ratio).toBeCloseTo(S.get(i, i) + constant, 11); }) // prettier-ignore
    const same = new CanonicalCorrelation({ nComponents: 'all' }).fit([train[0], train[0]])
    const r = 1 - 1e-9
    const Z = same.transform(test[0], 0)
    same.logLikelihoodRatio(test[0], test[0], 0, 1).forEach((ratio, i) => {
      const squares = Array.from(Z.row(i)).reduce((sum, z) => sum + z * z, 0)
      const wanted = (r * squares) / (1 + r) - (Z.cols / 2) * (Math.log(1 + r) + Math.log(1e-9))
      expect(Math.abs(ratio - wanted)).toBeLessThan(1e-5)
    })
  })

  it('tells partners from strangers by its sign', () => {
    const share = (values: Float64Array) => values.filter((value) => value > 0).length / values.length
    const strangers = new Matrix(
      50,
      7,
      Float64Array.from(test[1].data, (_, at) => test[1].data[(at + 7 * 11) % (50 * 7)]),
    )
    expect(share(model.logLikelihoodRatio(test[0], test[1], 0, 1))).toBeGreaterThan(0.9)
    expect(share(model.logLikelihoodRatio(test[0], strangers, 0, 1))).toBeLessThan(0.2)
  })
})

it('finds partners of pairs that were shuffled before the fit no more often than by chance', () => {
  const [X, Y] = sharedLatents(700, [9, 7], 4, 0.7, 43)
  const shuffled = Matrix.from(Array.from({ length: 300 }, (_, i) => Y.row((i * 7 + 3) % 300)))
  const of = fit([rowRange(X, 0, 300), shuffled])
  const [x, y] = [rowRange(X, 300, 700), rowRange(Y, 300, 700)]
  for (const metric of [...METRICS, 'cosine'] as const) {
    const S = of.similarity(x, 0, y, 1, { metric })
    const found = Array.from({ length: 400 }, (_, i) => Math.max(...S.row(i)) === S.get(i, i)).filter(Boolean).length
    // Of chance 1 / 400: 7 of a mean of 1 are found once in 100,000 times.
    expect(found).toBeLessThan(7)
    expect(meanReciprocalRank(...roleRows(of, x, y, metric), { metric: 'euclidean' })).toBeLessThan(0.04)
  }
})

const roleRows = (of: PerfectAlignment, x: Matrix, y: Matrix, metric: ScoreMetric): [Matrix, Matrix] => [
  of.transform(x, 0, { role: 'query', metric }).rows,
  of.transform(y, 1, { role: 'gallery', metric }).rows,
]
