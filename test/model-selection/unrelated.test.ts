import { describe, expect, it } from 'vitest'
import { balancedSteps, strengthProblemSteps } from '../../src/align/perfect/balanced.js'
import { shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { matmul } from '../../src/linalg/matmul.js'
import { qr } from '../../src/linalg/qr.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { largestSingularValueSteps } from '../../src/model-selection/largest-singular-value.js'
import { modalityFactorSteps } from '../../src/model-selection/modality-factors.js'
import { chanceStrengthSteps, unrelatedFactorSteps } from '../../src/model-selection/unrelated.js'
import { randomStream } from '../../src/random/random-stream.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { columnRange } from '../../src/dense/blocks.js'
import { centeredOf, frobenius, maxDifference, minus, sharedLatents, times } from '../align/support.js'
import { gaussian } from '../support/random.js'

const engine = Engine.shared()
const gram = (X: Matrix) => matmul(X, X, { transposeA: true })

/** Factors of unrelated modalities, drawn from one stream. */
function draws(modalities: readonly Matrix[], count: number): Matrix[] {
  const data = centeredOf(modalities)
  const factors = run(modalityFactorSteps(engine, data))
  const random = randomStream(1, 'test')
  return Array.from({ length: count }, () => run(unrelatedFactorSteps(engine, data, factors, random)).R)
}

/** Canonical correlations by the definition, of the columns of R before and from `split` on. */
function correlations(R: Matrix, split: number): Float64Array {
  const [Q1, Q2] = [columnRange(R, 0, split), columnRange(R, split, R.cols)].map((X) => qr(X).Q)
  return svdvals(matmul(Q1, Q2, { transposeA: true }))
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

describe('unrelatedFactorSteps', () => {
  it.each([
    ['two modalities', 40, [6, 5]],
    ['three modalities', 40, [4, 5, 3]],
    ['fewer rows than columns together', 9, [6, 5]],
    ['fewer rows than columns of each', 4, [6, 5, 7]],
  ] as const)('keeps the covariance of every modality, and is triangular: %s', (_name, n, widths) => {
    const modalities = sharedLatents(n, widths, 3, 0.2, 2)
    const { R: original } = centeredOf(modalities)
    for (const R of draws(modalities, 3)) {
      let from = 0
      for (const width of widths) {
        const [before, after] = [original, R].map((X) => gram(columnRange(X, from, from + width)))
        expect(frobenius(minus(after, before))).toBeLessThan(1e-12 * frobenius(before))
        from += width
      }
      for (let i = 0; i < R.rows; i++) for (let j = 0; j < i; j++) expect(Math.abs(R.get(i, j))).toBeLessThan(1e-13 * frobenius(R)) // prettier-ignore
    }
  })

  it.each([
    ['few free rows, squares added up', 30],
    ['many, by approximation', 100],
  ])('has the canonical correlations of unrelated data: their squares add up to d1 d2 / p, %s', (_name, p) => {
    const sums = draws(sharedLatents(p + 1, [4, 3], 2, 0.1, 3), 400).map((R) => correlations(R, 4).reduce((sum, rho) => sum + rho * rho, 0)) // prettier-ignore
    const mean = sums.reduce((a, b) => a + b, 0) / sums.length
    const deviation = Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / sums.length)
    expect(Math.abs(mean - 12 / p)).toBeLessThan((4 * deviation) / Math.sqrt(sums.length))
  })

  it('has the relations that few rows force: ranks 6 and 5 of 8 free rows share 3 dimensions', () => {
    for (const R of draws(sharedLatents(9, [6, 5], 1, 1, 4), 5)) {
      expect([...correlations(R, 6)].filter((rho) => rho > 1 - 1e-10).length).toBe(3)
    }
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
    [40, 10],
    [10, 60],
    [300, 300],
  ])('is the largest but for a half percent, and never more: %i x %i', (rows, cols) => {
    const X = gaussian(rows, cols, 7)
    const [sigma] = svdvals(X)
    for (let seed = 0; seed < 5; seed++) {
      expect(largest(X, seed)).toBeLessThan(sigma * (1 + 1e-13))
      expect(largest(X, seed)).toBeGreaterThan(sigma * (Math.min(rows, cols) <= 24 ? 1 - 1e-12 : 0.995))
    }
  })

  it.each([
    [[60, 60], 400, 0, 1e-4],
    [[60, 60], 4000, 0, 5e-4],
    [[60, 60], 400, 1, 1e-6],
    [[60, 60], 400, 2, 1e-6],
    [[30, 90, 40], 500, 0.5, 1e-4],
    [[200, 200], 1000, 0, 2.5e-3],
  ] as const)(
    'falls short by no more than its comment says: columns %j, %i samples, deviations 1 / j^%d',
    (widths, n, decay, bound) => {
      const modalities = widths.map((d, m) => {
        const X = gaussian(n, d, 10 * m + d)
        return new Matrix(
          n,
          d,
          X.data.map((x, at) => x * (1 + (at % d)) ** -decay),
        )
      })
      const roots = run(shrinkageScaleSteps(engine, centeredOf(modalities)))
      for (const R of draws(modalities, 2)) {
        const { energy } = run(strengthProblemSteps(engine, { ...centeredOf(modalities), R }, roots))
        const [sigma] = svdvals(energy)
        for (let seed = 0; seed < 2; seed++) expect(1 - largest(energy, seed) / sigma).toBeLessThan(bound)
      }
    },
  )

  it('is 0 of nothing, and exact of rank one', () => {
    expect(largest(new Matrix(4, 5))).toBe(0)
    const X = times(gaussian(30, 1, 8), gaussian(1, 30, 9))
    expect(maxDifference([largest(X) / svdvals(X)[0]], [1])).toBeLessThan(1e-14)
  })
})
