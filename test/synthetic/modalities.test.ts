import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import {
  gaussianMixture,
  modalityMatrix,
  pairedModalities,
  referenceExperiment,
  type ModalityMatrixOptions,
  type PairedModalitiesOptions,
} from '../../src/synthetic/index.js'
import {
  correlationScore,
  kolmogorovSmirnov,
  KS_LIMIT,
  moments,
  normalCdf,
  SIGMAS,
  uniformCdf,
} from '../support/statistics.js'

const Z = gaussianMixture({ n: 60, means: [[0, 1, 2], [4, 5, 6]], seed: 1 }).Z // prettier-ignore

describe('modalityMatrix', () => {
  it('is uniform on [-5, 5], or where asked', () => {
    expect(kolmogorovSmirnov(modalityMatrix({ rows: 200, cols: 100, seed: 1 }).data, uniformCdf(-5, 5))).toBeLessThan(
      KS_LIMIT,
    )
    const S = modalityMatrix({ rows: 200, cols: 100, low: 2, high: 3, seed: 1 })
    expect(kolmogorovSmirnov(S.data, uniformCdf(2, 3))).toBeLessThan(KS_LIMIT)
  })

  it('is uniform across seeds, entry by entry, and its entries are independent', () => {
    const matrices = Array.from({ length: 3000 }, (_, seed) => modalityMatrix({ rows: 2, cols: 2, seed }))
    const entries = [0, 1, 2, 3].map((l) => Float64Array.from(matrices, (S) => S.data[l]))
    for (const entry of entries) expect(kolmogorovSmirnov(entry, uniformCdf(-5, 5))).toBeLessThan(KS_LIMIT)
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]) {
      // prettier-ignore
      expect(Math.abs(correlationScore(entries[a], entries[b]))).toBeLessThan(SIGMAS)
    }
  })

  it('is determined by the seed, and keeps its entries when the interval changes', () => {
    const S = modalityMatrix({ rows: 3, cols: 2, seed: 'a' })
    expect(modalityMatrix({ rows: 3, cols: 2, seed: 'a' })).toEqual(S)
    expect(modalityMatrix({ rows: 3, cols: 2, seed: 'b' })).not.toEqual(S)
    const wider = modalityMatrix({ rows: 3, cols: 2, low: -10, high: 10, seed: 'a' })
    expect(wider.data).toEqual(S.data.map((x) => 2 * x))
  })

  it('refuses empty shapes and intervals that are none', () => {
    const draw = (options: Partial<ModalityMatrixOptions>) => () =>
      modalityMatrix({ rows: 2, cols: 2, seed: 1, ...options })
    expect(draw({ rows: 0 })).toThrow(RangeError)
    expect(draw({ cols: 2.5 })).toThrow(RangeError)
    expect(draw({ low: 6 })).toThrow(/low must not exceed high/)
    expect(draw({ low: -Infinity })).toThrow(RangeError)
    expect(draw({ high: '1' as never })).toThrow(TypeError)
    expect(draw({ seed: NaN })).toThrow(RangeError)
  })
})

describe('pairedModalities', () => {
  it('is Z S^T, modality by modality', () => {
    const { modalities, matrices } = pairedModalities({ Z, dims: [4, 2, 1], seed: 5 })
    expect(matrices.map((S) => [S.rows, S.cols])).toEqual([[4, 3], [2, 3], [1, 3]]) // prettier-ignore
    modalities.forEach((X, m) => {
      expect([X.rows, X.cols]).toEqual([60, matrices[m].rows])
      for (let i = 0; i < X.rows; i++) {
        for (let j = 0; j < X.cols; j++) {
          const terms = Array.from(Z.row(i), (z, l) => z * matrices[m].get(j, l))
          const size = terms.reduce((sum, t) => sum + Math.abs(t), 0)
          const exact = terms.reduce((sum, t) => sum + t, 0)
          expect(Math.abs(X.get(i, j) - exact)).toBeLessThanOrEqual(1e-15 * size)
        }
      }
    })
  })

  it('takes S from modalityMatrix by a seed that says so', () => {
    const { matrices } = pairedModalities({ Z, dims: [4, 2], seed: 5 })
    expect(matrices[0]).toEqual(modalityMatrix({ rows: 4, cols: 3, seed: '5:0' }))
    expect(matrices[1]).toEqual(modalityMatrix({ rows: 2, cols: 3, seed: '5:1' }))
  })

  it('adds independent normal noise of the given deviation', () => {
    const many = new Matrix(20_000, 1, new Float64Array(20_000).fill(1))
    const { modalities, matrices } = pairedModalities({ Z: many, dims: [2, 1], noise: 0.5, seed: 6 })
    const column = (m: number, j: number) =>
      Float64Array.from({ length: many.rows }, (_, i) => (modalities[m].get(i, j) - matrices[m].get(j, 0)) / 0.5)
    const noises = [column(0, 0), column(0, 1), column(1, 0)]
    for (const noise of noises) {
      const { n, mean, variance } = moments(noise)
      expect(Math.abs(mean) * Math.sqrt(n)).toBeLessThan(SIGMAS)
      expect(Math.abs(variance - 1) * Math.sqrt(n / 2)).toBeLessThan(SIGMAS)
      expect(kolmogorovSmirnov(noise, normalCdf)).toBeLessThan(KS_LIMIT)
    }
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]]) expect(Math.abs(correlationScore(noises[a], noises[b]))).toBeLessThan(SIGMAS) // prettier-ignore
  })

  it('keeps every stream apart: n, dims, noise and other modalities change nothing else', () => {
    const base = pairedModalities({ Z, dims: [4, 2], noise: 0.1, seed: 7 })
    const fewer = pairedModalities({ Z: Z.toArray().slice(0, 20), dims: [4, 2], noise: 0.1, seed: 7 })
    expect(fewer.matrices).toEqual(base.matrices)
    expect(fewer.modalities[0].data).toEqual(base.modalities[0].data.slice(0, 80))
    const other = pairedModalities({ Z, dims: [9, 2, 5], noise: 0.1, seed: 7 })
    expect(other.matrices[1]).toEqual(base.matrices[1])
    expect(other.modalities[1]).toEqual(base.modalities[1])
    const clean = pairedModalities({ Z, dims: [4, 2], seed: 7 })
    const loud = pairedModalities({ Z, dims: [4, 2], noise: 0.2, seed: 7 })
    expect(loud.matrices).toEqual(base.matrices)
    base.modalities[0].data.forEach((x, i) => {
      const signal = clean.modalities[0].data[i]
      expect(loud.modalities[0].data[i] - signal).toBeCloseTo(2 * (x - signal), 12)
    })
  })

  it('refuses what is no paired data', () => {
    const draw = (options: Partial<PairedModalitiesOptions>) => () =>
      pairedModalities({ Z, dims: [2, 2], seed: 1, ...options })
    expect(draw({ Z: [] })).toThrow(RangeError)
    expect(draw({ Z: [[NaN]] })).toThrow(RangeError)
    expect(draw({ dims: [] })).toThrow(/at least one modality/)
    expect(draw({ dims: [2, 0] })).toThrow(/dims\[1\] must be an integer from 1/)
    expect(draw({ dims: 2 as never })).toThrow(TypeError)
    expect(draw({ noise: -1 })).toThrow(new RangeError('noise must be finite and at least 0, got -1'))
    expect(draw({ noise: NaN })).toThrow(RangeError)
    expect(draw({ noise: true as never })).toThrow(TypeError)
    expect(draw({ seed: undefined })).toThrow(TypeError)
  })
})

describe('referenceExperiment', () => {
  it('is the mixture seen in two modalities, from one seed', () => {
    const { Z: latents, labels, modalities, matrices } = referenceExperiment({ seed: 8 })
    const means = [[0, 1], [4, 5]] // prettier-ignore
    expect({ Z: latents, labels }).toEqual(gaussianMixture({ n: 2000, means, seed: 8 }))
    expect({ modalities, matrices }).toEqual(pairedModalities({ Z: latents, dims: [2, 2], seed: 8 }))
    expect(modalities.map((X) => [X.rows, X.cols])).toEqual([[2000, 2], [2000, 2]]) // prettier-ignore
  })

  it('has the perfect alignment that theory promises: S1^-1 x1 = S2^-1 x2 = z', () => {
    const { Z: latents, modalities, matrices } = referenceExperiment({ n: 100, seed: 9 })
    modalities.forEach((X, m) => {
      const [a, b, c, d] = matrices[m].data
      const det = a * d - b * c
      for (let i = 0; i < X.rows; i++) {
        const [x, y] = X.row(i)
        expect((d * x - b * y) / det).toBeCloseTo(latents.get(i, 0), 10)
        expect((a * y - c * x) / det).toBeCloseTo(latents.get(i, 1), 10)
      }
    })
  })

  it('passes its options on', () => {
    const { modalities } = referenceExperiment({ n: 10, dims: [3, 4, 5], noise: 1, seed: 8 })
    expect(modalities.map((X) => X.cols)).toEqual([3, 4, 5])
    const clean = referenceExperiment({ n: 10, dims: [3, 4, 5], seed: 8 })
    expect(clean.modalities[0]).not.toEqual(modalities[0])
    expect(() => referenceExperiment({ n: 0, seed: 1 })).toThrow(RangeError)
  })
})
