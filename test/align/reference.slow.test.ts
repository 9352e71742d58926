import { EigenvalueDecomposition, Matrix as Oracle } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { cmae, mlre, ncmae } from '../../src/metrics/alignment.js'
import {
  gaussianMixture,
  linearBoundaryClasses,
  pairedModalities,
  referenceExperiment,
} from '../../src/synthetic/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { beside, rowRanges, scaledBy, times } from './support.js'

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed)
/** Medians over 300 seeds of the same experiment in NumPy, and what its 5 % and 95 % quantiles of the MLRE are. */
const MEDIAN = { cmae: 1.1e-14, ncmae: 1.0e-15, mlre: 7.9 }
const MLRE_RANGE = [3.3, 14.8]

interface Figures {
  readonly cmae: number
  readonly ncmae: number
  readonly mlre: number
}

function figures(model: PerfectAlignment, modalities: Matrix[], Z: Matrix): Figures {
  const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
  return { cmae: cmae(Z1, Z2), ncmae: ncmae(Z1, Z2), mlre: mlre(Z, [Z1, Z2]) }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function expectPerfect(all: Figures[]): void {
  for (const name of ['cmae', 'ncmae', 'mlre'] as const) {
    const ratio = median(all.map((one) => one[name])) / MEDIAN[name]
    expect(ratio, `median ${name}`).toBeLessThan(5)
    // Better than NumPy by more than that would be welcome, but collapsed latents must not pass for it.
    if (name === 'mlre') expect(ratio).toBeGreaterThan(1 / 5)
  }
  expect(Math.max(...all.map((one) => one.cmae))).toBeLessThan(1e-12)
  expect(all.filter((one) => one.ncmae < 1e-13).length).toBeGreaterThanOrEqual(98)
  expect(Math.max(...all.map((one) => one.ncmae))).toBeLessThan(1e-11)
  const inRange = all.filter((one) => one.mlre >= MLRE_RANGE[0] && one.mlre <= MLRE_RANGE[1])
  expect(inRange.length).toBeGreaterThanOrEqual(80)
}

onEveryBinary(() => {
  describe('the reference experiment, over 100 seeds', () => {
    it.each(['last', 'informative', 'auto'] as const)("aligns perfectly with '%s'", (selection) => {
      expectPerfect(
        SEEDS.map((seed) => {
          const { Z, modalities } = referenceExperiment({ seed })
          return figures(new PerfectAlignment({ nComponents: 2, selection }).fit(modalities), modalities, Z)
        }),
      )
    })

    it('aligns perfectly from merged parts', () => {
      expectPerfect(
        SEEDS.map((seed) => {
          const { Z, modalities } = referenceExperiment({ seed })
          const part = (start: number, end: number) =>
            new PerfectAlignment({ nComponents: 2, selection: 'last' }).partialFit(rowRanges(modalities, start, end))
          const model = part(900, 2000).merge(part(0, 350).merge(part(350, 900)))
          return figures(model, modalities, Z)
        }),
      )
    })

    it('aligns perfectly where a Gram matrix cannot: modality matrices of condition 1e9', () => {
      const gram: number[] = []
      const all = SEEDS.map((seed) => {
        const { Z, modalities } = illConditioned(seed)
        gram.push(gramCmae(modalities))
        return figures(new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(modalities), modalities, Z)
      })
      expect(Math.max(...all.map((one) => one.cmae))).toBeLessThan(1e-12)
      expect(all.filter((one) => one.ncmae < 1e-13).length).toBeGreaterThanOrEqual(98)
      // The weaker latent is 1e-9 of the other, and its square is lost in the rounding of the Gram matrix.
      expect(median(gram)).toBeGreaterThan(1e4 * median(all.map((one) => one.cmae)))
      const auto = new PerfectAlignment({ nComponents: 2 }).fit(illConditioned(0).modalities)
      expect(auto.selected).toBe('informative')
    })
  })

  it('classes with a linear boundary (Appendix 6.5) align to 1e-14', () => {
    const errors = SEEDS.slice(0, 20).map((seed) => {
      const { Z } = linearBoundaryClasses({ seed })
      const { modalities } = pairedModalities({ Z, dims: [2, 2], seed })
      return figures(new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(modalities), modalities, Z)
    })
    expect(median(errors.map((one) => one.cmae))).toBeLessThan(5e-14)
    expect(Math.max(...errors.map((one) => one.cmae))).toBeLessThan(1e-12)
    expect(median(errors.map((one) => one.mlre))).toBeGreaterThan(5)
  })
})

/** The mixture through matrices of condition 1e9: rotations around diag(5, 5e-9). */
function illConditioned(seed: number): { Z: Matrix; modalities: Matrix[] } {
  const { Z } = gaussianMixture({ n: 500, means: [[0, 1], [4, 5]], seed }) // prettier-ignore
  const turn = (angle: number) =>
    Matrix.from([
      [Math.cos(angle), -Math.sin(angle)],
      [Math.sin(angle), Math.cos(angle)],
    ])
  const stretch = Matrix.from([[5, 0], [0, 5e-9]]) // prettier-ignore
  // The same right factor: the weak latent is weak in both.
  const modalities = [1, 2].map((m) => times(times(Z, times(turn(0.7 + seed), stretch)), turn(seed * m + 0.3)))
  return { Z, modalities }
}

/** CMAE of the two least eigenvectors of the Gram matrix of the stacked data. */
function gramCmae([X1, X2]: Matrix[]): number {
  const stack = beside(X1, scaledBy(X2, -1))
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(
    new Oracle(times(stack.transpose(), stack).toArray()),
    { assumeSymmetric: true },
  )
  const order = [0, 1, 2, 3].sort((a, b) => realEigenvalues[a] - realEigenvalues[b])
  const map = (from: number) =>
    new Matrix(2, 2, [0, 1].flatMap((j) => [0, 1].map((i) => eigenvectorMatrix.get(j + from, order[i])))) // prettier-ignore
  return cmae(times(X1, map(0)), times(X2, map(2)))
}
