import { describe, expect, it } from 'vitest'
import { scaleColumns } from '../../src/dense/arithmetic.js'
import { perColumn } from '../../src/dense/slices.js'
import { evenFactor } from '../../src/align/factor/even-factor.js'
import { fullRank, nullSpaceSteps, surelyHasRankSteps } from '../../src/align/perfect/null-space.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { fixSignsSteps } from '../../src/align/model/signs.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { referenceExperiment } from '../../src/synthetic/index.js'
import { gaussian, uniform } from '../support/random.js'
import { matrixOfType } from '../support/matrix-types.js'
import {
  beside,
  centeredOf,
  centred,
  frobenius,
  maxDifference,
  minus,
  orthonormal,
  relations,
  rowRange,
  scaledBy,
  sharedLatents,
  subspaceDistance,
  times,
  toFloat32,
} from './support.js'

type Options = ConstructorParameters<typeof PerfectAlignment>[0]
const fit = (modalities: Matrix[], options: Options) => new PerfectAlignment(options).fit(modalities)
const stackedMap = ({ maps }: PerfectAlignment) => beside(...maps)
const stack = ([X1, X2]: Matrix[]) => beside(X1, scaledBy(X2, -1))
const residual = (A: Matrix, modalities: Matrix[]) => frobenius(times(stack(modalities), A.transpose()))
const isOrthonormal = (A: Matrix) => maxDifference(times(A, A.transpose()).data, Matrix.identity(A.rows).data)

describe("'last'", () => {
  it.each([
    ['tall', 60, [5, 4], 3],
    ['square', 9, [5, 4], 4],
    ['wide', 5, [6, 7], 3],
    ['k = d', 30, [2, 3], 5],
    ['one row', 1, [2, 3], 2],
  ] as const)('leaves the k smallest sigma^2 and nothing leaves less: %s', (_, n, widths, k) => {
    const modalities = widths.map((d, m) => gaussian(n, d, 40 + m))
    const model = fit(modalities, { nComponents: k, selection: 'last' })
    const A = stackedMap(model)
    const d = widths[0] + widths[1]
    const sigma = [...svdvals(stack(modalities)), ...new Float64Array(Math.max(0, d - n))]
    expect(maxDifference(model.singularValues, sigma)).toBeLessThan(1e-13 * sigma[0])
    const least = Math.hypot(...sigma.slice(d - k))
    expect(Math.abs(residual(A, modalities) - least)).toBeLessThan(1e-13 * sigma[0])
    expect(isOrthonormal(A)).toBeLessThan(1e-14)
    for (let seed = 0; seed < 200; seed++) {
      const other = orthonormal(d, k, seed).transpose()
      expect(residual(other, modalities)).toBeGreaterThanOrEqual(residual(A, modalities) - 1e-13 * sigma[0])
    }
  })

  it('is not moved by perturbing it: a minimum, not a saddle', () => {
    const modalities = [gaussian(50, 4, 44), gaussian(50, 4, 45)]
    const A = stackedMap(fit(modalities, { nComponents: 3, selection: 'last' }))
    for (let seed = 0; seed < 50; seed++) {
      const step = scaledBy(gaussian(3, 8, seed), 1e-3)
      const near = orthonormalRows(minus(A, step))
      expect(residual(near, modalities)).toBeGreaterThan(residual(A, modalities))
    }
  })

  it('keeps relative accuracy where columns are graded over twelve orders', () => {
    const X = gaussian(200, 6, 46)
    const scales = Float64Array.from({ length: 6 }, (_, j) => 10 ** (-2 * j))
    const modalities = [0, 3].map((from) => {
      const half = new Matrix(200, 3)
      for (let i = 0; i < 200; i++) for (let j = 0; j < 3; j++) half.set(i, j, X.get(i, from + j) * scales[from + j])
      return half
    })
    const model = fit(modalities, { nComponents: 2, selection: 'last' })
    const expected = svdvals(stack(modalities))
    model.singularValues.forEach((sigma, i) => {
      expect(Math.abs(sigma / expected[i] - 1)).toBeLessThan(1e-12)
    })
  })

  it.each([
    'zero',
    'identity',
    'graded shuffled',
    'rank deficient',
    'repeated columns',
    'zero rows and columns',
  ] as const)('has a residual of the k smallest sigma on %s data', (type) => {
    const modalities = [matrixOfType(type, 30, 6, 47), matrixOfType(type, 30, 5, 48)]
    const model = fit(modalities, { nComponents: 4, selection: 'last' })
    const A = stackedMap(model)
    const least = Math.hypot(...model.singularValues.slice(7))
    expect(Math.abs(residual(A, modalities) - least)).toBeLessThanOrEqual(1e-13 * model.singularValues[0])
    expect(isOrthonormal(A)).toBeLessThan(1e-14)
  })

  it('has a basis of the null space that the data fixes, not rounding', () => {
    const modalities = sharedLatents(80, [3, 4], 4, 0, 42)
    const last = fit(modalities, { nComponents: 5, selection: 'last' })
    const informative = fit(modalities, { nComponents: 3, selection: 'informative' })
    const nullRows = rowRange(stackedMap(last), 2, 5)
    expect(maxDifference(nullRows.data, stackedMap(informative).data)).toBeLessThan(1e-12)
    expect(isOrthonormal(stackedMap(last))).toBeLessThan(1e-14)
  })

  it('is of the centred data if asked for', () => {
    const modalities = sharedLatents(40, [3, 4], 2, 0.2, 49).map((X) => minus(X, new Matrix(X.rows, X.cols, new Float64Array(X.data.length).fill(9)))) // prettier-ignore
    const model = fit(modalities, { nComponents: 2, selection: 'last', center: true })
    const same = fit(modalities.map(centred), { nComponents: 2, selection: 'last' })
    expect(subspaceDistance(stackedMap(model), stackedMap(same))).toBeLessThan(1e-12)
    expect(model.centered).toBe(true)
    expect(same.centered).toBe(false)
  })
})

function orthonormalRows(A: Matrix): Matrix {
  const rows: number[][] = []
  for (let i = 0; i < A.rows; i++) {
    const row = Array.from(A.row(i))
    for (const other of rows) {
      const dot = row.reduce((sum, x, j) => sum + x * other[j], 0)
      row.forEach((x, j) => (row[j] = x - dot * other[j]))
    }
    const length = Math.hypot(...row)
    rows.push(row.map((x) => x / length))
  }
  return Matrix.from(rows)
}

describe("'informative'", () => {
  it('aligns exactly, with orthonormal rows, and takes the latents with most signal', () => {
    const modalities = sharedLatents(100, [8, 7], 5, 0, 50)
    const model = fit(modalities, { nComponents: 3, selection: 'informative' })
    const A = stackedMap(model)
    expect(model.selected).toBe('informative')
    expect(isOrthonormal(A)).toBeLessThan(1e-14)
    const scale = frobenius(beside(...modalities))
    expect(residual(A, modalities)).toBeLessThan(1e-14 * scale)
    const energy = (map: Matrix) => frobenius(times(beside(...modalities), map.transpose()))
    // The null space has 8 + 7 - 5 dimensions, ten of them without any signal.
    const nullBasis = stackedMap(fit(modalities, { nComponents: 10, selection: 'last' }))
    for (let seed = 0; seed < 100; seed++) {
      const other = times(orthonormal(10, 3, seed).transpose(), nullBasis)
      expect(residual(other, modalities)).toBeLessThan(1e-13 * scale)
      expect(energy(other)).toBeLessThan(energy(A))
    }
  })

  it('does not collapse where rank-deficient modalities or few rows let the smallest singular vectors do so', () => {
    for (const [n, noise] of [
      [200, 0],
      [12, 0.1],
    ] as const) {
      // prettier-ignore
      const modalities = sharedLatents(n, [20, 18], 4, noise, 51)
      const energyShare = (selection: 'last' | 'informative') => {
        const model = fit(modalities, { nComponents: 4, selection })
        const Z = model.transform(modalities[0], 0)
        return frobenius(Z) / frobenius(modalities[0])
      }
      expect(energyShare('informative')).toBeGreaterThan(0.5)
      if (noise === 0) expect(energyShare('last')).toBeLessThan(0.2)
    }
  })

  it("is 'last' where the null space is too small", () => {
    const modalities = sharedLatents(100, [4, 4], 3, 0.1, 52)
    const model = fit(modalities, { nComponents: 2, selection: 'informative' })
    expect(model.selected).toBe('last')
    expect(stackedMap(model)).toEqual(stackedMap(fit(modalities, { nComponents: 2, selection: 'last' })))
    const exact = fit(sharedLatents(100, [4, 4], 2, 0, 53), { nComponents: 7, selection: 'informative' })
    expect(exact.selected).toBe('last')
  })

  it('finds the null space whatever the units of the modalities', () => {
    const [X1, X2] = sharedLatents(150, [6, 5], 3, 0, 54)
    for (const [a, b] of [
      [1e4, 1e-4],
      [1e-4, 1e4],
    ]) {
      // prettier-ignore
      const modalities = [scaledBy(X1, a), scaledBy(X2, b)].map(toFloat32)
      const model = fit(modalities, { nComponents: 3, selection: 'informative' })
      expect(model.selected).toBe('informative')
      const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
      expect(frobenius(minus(Z1, Z2))).toBeLessThan(1e-6 * Math.max(frobenius(modalities[0]), frobenius(modalities[1])))
    }
  })

  it('takes tolerance as the size of what counts as zero', () => {
    const modalities = sharedLatents(100, [5, 5], 3, 1e-6, 55)
    expect(fit(modalities, { nComponents: 3, selection: 'informative' }).selected).toBe('last')
    expect(fit(modalities, { nComponents: 3, selection: 'informative', tolerance: 1e-4 }).selected).toBe('informative')
    expect(fit(sharedLatents(99, [5, 5], 3, 0, 55), { nComponents: 3, selection: 'informative', tolerance: 0 }).selected).toBe('last') // prettier-ignore
  })

  it('takes float32 data for exact where float32 lets it be', () => {
    const modalities = sharedLatents(300, [9, 8], 4, 0, 56)
    expect(fit(modalities.map(toFloat32), { nComponents: 4, selection: 'informative' }).selected).toBe('informative')
    const rounded = modalities.map((X) => new Matrix(X.rows, X.cols, Float64Array.from(toFloat32(X).data)))
    expect(fit(rounded, { nComponents: 4, selection: 'informative' }).selected).toBe('last')
  })
})

describe("'auto'", () => {
  it('is informative in 100 of 100 seeds of the reference experiment, with two relations', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { modalities } = referenceExperiment({ seed })
      expect(relations(modalities)).toBe(2)
      expect(fit(modalities, { nComponents: 2 }).selected).toBe('informative')
    }
  })

  it.each([
    ['ten latents, tall', 200, [40, 30], 10],
    ['ten latents, fewer rows than columns', 40, [40, 30], 10],
    ['three modalities', 200, [12, 11, 13], 5],
    ['three modalities, fewer rows than columns', 30, [40, 30, 35], 10],
    ['four modalities', 100, [6, 7, 8, 9], 4],
  ] as const)('counts the relations of noise-free data: %s', (_, n, widths, latents) => {
    const modalities = sharedLatents(n, widths, latents, 0, 60)
    expect(relations(modalities)).toBe(latents)
    expect(relations(modalities.map(toFloat32))).toBe(latents)
    expect(fit(modalities, { nComponents: latents }).selected).toBe('informative')
    expect(fit(modalities, { nComponents: latents + 1 }).selected).toBe('balanced')
  })

  it.each([
    ['noise', sharedLatents(200, [20, 15], 10, 1e-3, 61)],
    ['noise, few rows', sharedLatents(20, [20, 15], 10, 0.1, 61)],
    ['noise, three modalities, few rows', sharedLatents(12, [10, 15, 12], 5, 0.1, 61)],
    ['independent modalities', [gaussian(90, 8, 62), gaussian(90, 9, 63)]],
    ['independent modalities of low rank', [times(gaussian(90, 3, 62), gaussian(3, 8, 63)), gaussian(90, 9, 64)]],
    ['a relation of two modalities only', [...sharedLatents(90, [5, 5], 3, 0, 65), gaussian(90, 5, 68)]],
    ['two rows', [gaussian(2, 8, 62), gaussian(2, 9, 63)]],
  ])('is balanced where few rows or low rank force what relations there are: %s', (_, modalities) => {
    expect(relations(modalities)).toBe(0)
    const model = fit(modalities, { nComponents: 1 })
    expect([model.selected, model.centered]).toEqual(['balanced', true])
  })

  it('does not take spectra that fade into the rounding for relations', () => {
    // Each column pair shares 99 % of its variance; the smallest are below what float32 can tell from zero.
    const Z = gaussian(600, 60, 66)
    const fading = Float64Array.from({ length: 60 }, (_, j) => 10 ** (-0.15 * j))
    const modalities = [67, 68].map((seed) => {
      const noisy = minus(Z, scaledBy(gaussian(600, 60, seed), 0.1))
      return toFloat32(times(scaleColumns(noisy, fading), orthonormal(60, 60, seed + 10)))
    })
    expect(relations(modalities)).toBe(0)
    expect(fit(modalities, { nComponents: 2 }).selected).toBe('balanced')
  })

  it('finds relations whatever the units and the means', () => {
    const [X1, X2] = sharedLatents(300, [12, 10], 4, 0, 69)
    const offset = (X: Matrix, by: number) => new Matrix(X.rows, X.cols, X.data.map((x, at) => x + by * (1 + (at % X.cols)))) // prettier-ignore
    const modalities = [offset(scaledBy(X1, 1e7), 1e12), offset(scaledBy(X2, 1e-3), 1)]
    expect(relations(modalities)).toBe(4)
    const model = fit(modalities, { nComponents: 4 })
    expect([model.selected, model.centered]).toEqual(['informative', true])
    expect(fit([toFloat32(X1), scaledBy(gaussian(300, 10, 70), 1e-7)], { nComponents: 4 }).selected).toBe('balanced')
  })

  it('takes relations that hold to the tolerance of the caller', () => {
    const modalities = sharedLatents(200, [6, 7], 3, 1e-5, 75)
    expect(fit(modalities, { nComponents: 3 }).selected).toBe('balanced')
    expect(fit(modalities, { nComponents: 3, tolerance: 1e-4 }).selected).toBe('informative')
    expect(fit(modalities, { nComponents: 4, tolerance: 1e-4 }).selected).toBe('balanced')
  })

  it('counts uncentred relations if centring is refused', () => {
    const modalities = sharedLatents(100, [2, 4], 2, 0, 71)
    const shifted = [minus(modalities[0], new Matrix(100, 2, new Float64Array(200).fill(3))), modalities[1]]
    const kept = fit(modalities, { nComponents: 2, center: false })
    expect([kept.selected, kept.centered]).toEqual(['informative', false])
    // The shift takes one of the two relations away, but not from the centred data.
    expect(fit(shifted, { nComponents: 2, center: false }).selected).toBe('balanced')
    expect(fit(shifted, { nComponents: 2 }).selected).toBe('informative')
  })
})

describe('surelyHasRankSteps', () => {
  it('agrees with the singular values, and says no when in doubt', () => {
    const next = uniform(72)
    for (let trial = 0; trial < 60; trial++) {
      const n = 2 + Math.floor(30 * next())
      const widths = [1 + Math.floor(8 * next()), 1 + Math.floor(8 * next())]
      const noise = [0, 1e-14, 1e-10, 0.1][trial % 4]
      const factor = evenFactor(centeredOf(sharedLatents(n, widths, 1 + (trial % 5), noise, trial)))
      const sure = (rank: number) => run(surelyHasRankSteps(Engine.shared(), factor, rank))
      const { N } = run(nullSpaceSteps(Engine.shared(), factor))
      const rank = widths[0] + widths[1] - N.cols
      for (let r = 0; r <= widths[0] + widths[1]; r++) if (sure(r)) expect(rank).toBeGreaterThanOrEqual(r)
      if (noise === 0.1) expect(sure(fullRank(factor))).toBe(true)
    }
  })

  it('is not fooled by a matrix of Kahan, whose pivoted diagonal hides that it is singular', () => {
    const n = 90
    const s = Math.sin(0.9)
    const K = new Matrix(n, n)
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) K.set(i, j, s ** i * (i === j ? 1 : -Math.cos(0.9)))
    const factor = { ...evenFactor(centeredOf([gaussian(200, 45, 73), gaussian(200, 45, 74)])), R: K }
    expect(Math.abs(K.get(n - 1, n - 1))).toBeGreaterThan(1e-10)
    expect(svdvals(K)[n - 1]).toBeLessThan(1e-14)
    expect(run(surelyHasRankSteps(Engine.shared(), factor, n))).toBe(false)
  })
})

describe('fixSignsSteps', () => {
  it('makes the first of the largest entries positive, over the whole row', () => {
    const A = Matrix.from([
      [-1, 2, -3],
      [-3, 3 + 1e-9, 1],
      [2, -2 * (1 + 1e-7), 0],
      [0, 0, 0],
    ])
    expect(run(fixSignsSteps(A)).toArray().map((row) => row.map(Math.sign))).toEqual([[1, -1, 1], [1, -1, -1], [-1, 1, 0], [0, 0, 0]]) // prettier-ignore
  })

  it('gives the same signs from rounded data', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { modalities } = referenceExperiment({ seed, n: 50 })
      const halves = new PerfectAlignment({ nComponents: 1, selection: 'informative' })
        .partialFit(modalities.map((X) => rowRange(X, 20, 50)))
        .partialFit(modalities.map((X) => rowRange(X, 0, 20)))
      const whole = fit(modalities, { nComponents: 1, selection: 'informative' })
      expect(maxDifference(stackedMap(halves).data, stackedMap(whole).data)).toBeLessThan(1e-9)
    }
  })
})

describe('perColumn', () => {
  it('repeats the value of a block for its columns', () => {
    expect(Array.from(perColumn([2, 1, 3], [5, 6, 7]))).toEqual([5, 5, 6, 7, 7, 7])
  })
})
