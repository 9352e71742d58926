import { describe, expect, it } from 'vitest'
import { balancedSteps } from '../../src/align/perfect/balanced.js'
import { shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { matmul } from '../../src/linalg/matmul.js'
import { qr } from '../../src/linalg/qr.js'
import { svd, svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { largestSingularValueSteps } from '../../src/model-selection/largest-singular-value.js'
import { modalityFactorSteps } from '../../src/model-selection/modality-factors.js'
import { chanceStrengthSteps, unrelatedLatentSteps } from '../../src/model-selection/unrelated.js'
import { randomStream } from '../../src/random/random-stream.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { columnRange } from '../../src/dense/slices.js'
import { beside, centeredOf, frobenius, maxDifference, minus, sharedLatents, times } from '../align/support.js'
import { gaussian } from '../support/random.js'

const engine = Engine.shared()
const gram = (X: Matrix) => matmul(X, X, { transposeA: true })
const ones = (length: number) => new Float64Array(length).fill(1)

/** Orthonormal bases of unrelated spaces, side by side, drawn from one stream. */
function draws(ranks: readonly number[], p: number, count: number): Matrix[] {
  const random = randomStream(1, 'test')
  return Array.from({ length: count }, () => run(unrelatedLatentSteps(engine, ranks.map(ones), p, random)))
}

/** Cosines of the angles between the spaces of the columns before and from `split` on. */
function cosines(Q: Matrix, split: number): Float64Array {
  return svdvals(matmul(columnRange(Q, 0, split), columnRange(Q, split, Q.cols), { transposeA: true }))
}

describe('modalityFactorSteps', () => {
  it.each([
    ['tall', 30],
    ['fewer rows than columns', 4],
  ])('gives each modality by itself: %s', (_name, n) => {
    const modalities = sharedLatents(n, [6, 5, 7], 2, 0.5, 1)
    const data = centeredOf(modalities)
    run(modalityFactorSteps(engine, data)).forEach((T, m) => {
      const X = minus(modalities[m], times(new Matrix(n, n, new Float64Array(n * n).fill(1 / n)), modalities[m]))
      expect(T.rows).toBe(Math.min(n - 1, T.cols))
      expect(frobenius(minus(gram(T), gram(X)))).toBeLessThan(1e-12 * frobenius(gram(X)))
    })
  })
})

describe('unrelatedLatentSteps', () => {
  it.each([
    ['two modalities', 40, [6, 5]],
    ['three modalities', 40, [5, 4, 3]],
    ['fewer rows than columns together', 8, [6, 5]],
    ['as many rows as columns of each', 4, [4, 4, 4]],
    ['nothing of one modality', 9, [3, 0]],
  ] as const)('has orthonormal columns in each modality: %s', (_name, p, ranks) => {
    for (const Q of draws(ranks, p, 3)) {
      expect(Q.rows).toBe(Math.min(p, Q.cols))
      let from = 0
      for (const r of ranks) {
        expect(maxDifference(gram(columnRange(Q, from, from + r)).data, Matrix.identity(r).data)).toBeLessThan(1e-14)
        from += r
      }
    }
  })

  it.each([
    ['few free rows, squares added up', 30],
    ['many, by approximation', 100],
  ])('has the canonical correlations of unrelated data: their squares add up to d1 d2 / p, %s', (_name, p) => {
    const sums = draws([4, 3], p, 400).map((Q) => cosines(Q, 4).reduce((sum, rho) => sum + rho * rho, 0))
    const mean = sums.reduce((a, b) => a + b, 0) / sums.length
    const deviation = Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / sums.length)
    expect(Math.abs(mean - 12 / p)).toBeLessThan((4 * deviation) / Math.sqrt(sums.length))
  })

  it('has the relations that few rows force: ranks 6 and 5 of 8 free rows share 3 dimensions', () => {
    for (const Q of draws([6, 5], 8, 5)) {
      expect([...cosines(Q, 6)].filter((rho) => rho > 1 - 1e-10).length).toBe(3)
    }
  })
})

describe('chanceStrengthSteps', () => {
  it.each([
    ['two modalities', 60, [8, 6]],
    ['three modalities', 60, [4, 8, 6]],
    ['fewer rows than columns', 12, [10, 7]],
    ['one column each', 20, [1, 1]],
  ] as const)('is the largest mu of modalities of these covariances, rotated: %s', (_name, n, widths) => {
    const data = centeredOf(sharedLatents(n, widths, 2, 0.2, 5))
    const roots = run(shrinkageScaleSteps(engine, data))
    const factors = run(modalityFactorSteps(engine, data))
    const chance = run(chanceStrengthSteps(engine, data, factors, roots, 1, randomStream(4, 'one')))
    // The same draw, as samples: those of the widest modality are the first axes.
    const order = widths.map((_, m) => m).sort((a, b) => factors[b].rows - factors[a].rows)
    const ranks = order.map((m) => factors[m].rows)
    const Q = run(unrelatedLatentSteps(engine, ranks.map(ones), data.freeRows, randomStream(4, 'one')))
    const rotated = widths.map((_, m) => {
      const at = order.indexOf(m)
      const from = ranks.slice(0, at).reduce((sum, r) => sum + r, 0)
      const { S, V } = svd(factors[m])
      const basis = columnRange(Q, from, from + ranks[at])
      const signal = basis.data.map((x, i) => x * S[i % S.length])
      return matmul(new Matrix(basis.rows, basis.cols, signal), V, { transposeB: true })
    })
    const R = qr(beside(...rotated), { mode: 'r' }).R
    const padded = new Matrix(data.R.cols, data.R.cols)
    padded.data.set(R.data)
    expect(chance / largestMu({ ...data, R: padded }, roots)).toBeCloseTo(1, 10)
  })

  it('reaches what samples do whose rows are shuffled', () => {
    const modalities = sharedLatents(60, [8, 6], 3, 0.2, 5)
    const data = centeredOf(modalities)
    const roots = run(shrinkageScaleSteps(engine, data))
    const factors = run(modalityFactorSteps(engine, data))
    const random = randomStream(2, 'test')
    const one = (factor: typeof data) => run(chanceStrengthSteps(engine, factor, factors, roots, 1, random))
    const rotated = Array.from({ length: 200 }, () => one(data)).sort((a, b) => a - b)
    const { uniform } = randomStream(3, 'shuffle')
    const shuffled = Array.from({ length: 200 }, () => {
      const keys = Array.from({ length: 60 }, (_, i) => [uniform(), i]).sort(([a], [b]) => a - b)
      const rows = modalities[1].toArray()
      return largestMu(centeredOf([modalities[0], Matrix.from(keys.map(([, i]) => rows[i]))]), roots)
    }).sort((a, b) => a - b)
    for (const quantile of [20, 100, 180]) expect(rotated[quantile] / shuffled[quantile]).toBeCloseTo(1, 1)
  })
})

function largestMu(data: ReturnType<typeof centeredOf>, roots: Float64Array): number {
  return run(balancedSteps(engine, data, 1, roots)).strengths[0]
}

describe('largestSingularValueSteps', () => {
  const largest = (X: Matrix, seed = 1) => run(largestSingularValueSteps(engine, X, randomStream(seed, 'start')))

  it.each([
    [1, 1],
    [24, 24],
    [40, 96],
    [10, 160],
    [300, 300],
  ])('is the largest, and never more: %i x %i', (rows, cols) => {
    const X = gaussian(rows, cols, 7)
    const [sigma] = svdvals(X)
    for (let seed = 0; seed < 3; seed++) {
      expect(largest(X, seed)).toBeLessThan(sigma * (1 + 1e-13))
      expect(largest(X, seed)).toBeGreaterThan(sigma * (1 - (Math.min(rows, cols) <= 96 ? 1e-12 : 1e-6)))
    }
  })

  it.each([
    [[60, 60], 400, 0, 1e-12],
    [[60, 60], 200, 0.5, 1e-12],
    [[30, 90, 40], 500, 0.5, 1e-9],
    [[200, 200], 400, 0.5, 1e-8],
    [[200, 200], 1000, 0, 1e-8],
  ] as const)(
    'falls short by no more than its comment says: columns %j, %i samples, deviations 1 / j^%d',
    (widths, n, decay, bound) => {
      const data = centeredOf(
        widths.map((d, m) => {
          const X = gaussian(n, d, 10 * m + d)
          return new Matrix(
            n,
            d,
            X.data.map((x, at) => x * (1 + (at % d)) ** -decay),
          )
        }),
      )
      const roots = run(shrinkageScaleSteps(engine, data))
      const weights = run(modalityFactorSteps(engine, data)).map((T, m) =>
        svdvals(T).map((s) => s / Math.hypot(Math.sqrt(widths.length) * s, roots[m])),
      )
      const latents = run(unrelatedLatentSteps(engine, weights, data.freeRows, randomStream(1, 'draw')))
      const [root] = svdvals(latents)
      const odds = (x: number) => x ** 2 / (1 - x ** 2)
      for (let seed = 0; seed < 2; seed++) expect(1 - odds(largest(latents, seed)) / odds(root)).toBeLessThan(bound)
    },
  )

  it('is 0 of nothing, and exact of rank one', () => {
    expect(largest(new Matrix(4, 5))).toBe(0)
    const X = times(gaussian(30, 1, 8), gaussian(1, 30, 9))
    expect(maxDifference([largest(X) / svdvals(X)[0]], [1])).toBeLessThan(1e-14)
  })
})
