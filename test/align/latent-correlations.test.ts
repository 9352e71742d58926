import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { shrinkageScaleSteps } from '../../src/align/factor/shrinkage.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import '../support/scores.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { cholesky } from '../../src/linalg/cholesky.js'
import { solveTriangular } from '../../src/linalg/solve-triangular.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import { centeredOf, centred, maxDifference, sharedLatents, times } from './support.js'

const two = sharedLatents(60, [7, 5], 3, 0.8, 31)
const three = sharedLatents(60, [6, 5, 7], 3, 0.8, 32)
const balanced = (modalities: Matrix[], nComponents: number | 'all' = 'all', scale = false) =>
  new PerfectAlignment({ nComponents, selection: 'balanced', scale }).fit(modalities)

/** X^T Y of centred rows, plus a ridge. */
function moments(X: Matrix, Y: Matrix, ridge = 0): Matrix {
  const S = times(centred(X).transpose(), centred(Y))
  for (let i = 0; ridge !== 0 && i < S.rows; i++) S.set(i, i, S.get(i, i) + ridge)
  return S
}

const gammas = (modalities: Matrix[]) =>
  run(shrinkageScaleSteps(Engine.shared(), centeredOf(modalities))).map((root) => root ** 2)

/** Column j of the latents of modality m, of centred rows. */
const latent = (model: { maps: Matrix[] }, modalities: Matrix[], m: number, j: number) =>
  times(centred(modalities[m]), new Matrix(1, modalities[m].cols, model.maps[m].row(j)).transpose()).data
const sum = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x, (value, i) => value * y[i]).reduce((a, b) => a + b)

describe("rho of 'balanced'", () => {
  it('is a canonical correlation of ridge CCA whose ridge is gamma (1 + rho) / (2 rho), to 6e-16', () => {
    const { rho } = balanced(two).correlations()
    const [g1, g2] = gammas(two)
    const distances = Array.from(rho, (value, j) => {
      const ridge = (1 + value) / (2 * value)
      const [L1, L2] = [moments(two[0], two[0], g1 * ridge), moments(two[1], two[1], g2 * ridge)].map((S) => cholesky(S)) // prettier-ignore
      const left = solveTriangular(L1, moments(two[0], two[1]), { lower: true })
      const whitened = solveTriangular(L2, left.transpose(), { lower: true })
      return Math.abs(svd(whitened, { vectors: 'none' }).S[j] - value)
    })
    expect(rho.length).toBe(4)
    expect(Math.max(...distances)).toBeLessThan(6e-16)
  })

  it('is (4 mu - 1) / (4 mu + 1), and its deviations are those of the latents with what shrinkage adds', () => {
    const model = balanced(two, 6)
    const { rho, deviations } = model.correlations()
    const expected = model.sharedStrength.map((mu) => Math.max(0, (4 * mu - 1) / (4 * mu + 1)))
    expect(maxDifference(rho, expected)).toBeLessThan(1e-15)
    expect(rho[5]).toBe(0)
    gammas(two).forEach((gamma, m) => {
      for (let j = 0; j < 6; j++) {
        const [z, a] = [latent(model, two, m, j), model.maps[m].row(j)]
        expect(deviations[m][j] / Math.sqrt((sum(z, z) + gamma * sum(a, a)) / 59)).toBeCloseTo(1, 12)
      }
    })
    const [back, forth] = [model.correlations(1, 0), model.correlations(0, 1)]
    expect(back).toEqual({ rho: forth.rho, deviations: [forth.deviations[1], forth.deviations[0]] })
  })

  it('is that of each pair, of more modalities: (4 mu - 1) / (4 mu + 1) for mu of unit latents of that pair', () => {
    const model = balanced(three, 5)
    const gamma = gammas(three)
    for (const [m, l] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      // prettier-ignore
      const { rho, deviations } = model.correlations(m, l)
      for (let j = 0; j < 5; j++) {
        const [u, v] = [m, l].map((at, side) => latent(model, three, at, j).map((z) => z / deviations[side][j] / Math.sqrt(59))) // prettier-ignore
        const lengths = [m, l].map((at, side) => (gamma[at] * sum(model.maps[at].row(j), model.maps[at].row(j))) / deviations[side][j] ** 2 / 59) // prettier-ignore
        const mean = u.map((x, i) => (x + v[i]) / 2)
        const gap = u.map((x, i) => x - v[i])
        const mu = sum(mean, mean) / (sum(gap, gap) + lengths[0] + lengths[1])
        expect(rho[j]).toBeCloseTo(Math.max(0, (4 * mu - 1) / (4 * mu + 1)), 12)
      }
    }
  })

  it('does not depend on the units of a modality, nor on those of columns that were scaled', () => {
    const scaled = two.map((X, m) => new Matrix(X.rows, X.cols, X.data.map((x) => x * [1e150, 1e-150][m]))) // prettier-ignore
    const [plain, other] = [balanced(two), balanced(scaled)].map((model) => model.correlations())
    expect(maxDifference(plain.rho, other.rho)).toBeLessThan(1e-12)
    const units = balanced(two, 'all', true).correlations()
    const byHand = two.map((X, m) => times(X, diagonal(balanced(two, 'all', true).scales[m])))
    const unscaled = balanced(byHand).correlations()
    expect(maxDifference(units.rho, unscaled.rho)).toBeLessThan(1e-12)
    expect(maxDifference(units.deviations[0], unscaled.deviations[0])).toBeLessThan(1e-12)
  })

  it('is 1 - 1e-9 at most, where modalities are the same', () => {
    const { rho } = balanced([two[0], two[0]]).correlations()
    expect(Math.max(...balanced([two[0], two[0]], 2).correlations().rho)).toBeLessThanOrEqual(1 - 1e-9)
    expect(rho.every((value) => value > 0 && value <= 1 - 1e-9)).toBe(true)
  })

  it('is 0 for a modality without variance', () => {
    const constant = new Matrix(60, 3, new Float64Array(180).fill(2))
    const model = balanced([two[0], constant])
    expect(model.maps[0].rows).toBe(1)
    expect(Array.from(model.correlations().rho)).toEqual([0])
  })
})

const diagonal = (values: ArrayLike<number>) => {
  const D = new Matrix(values.length, values.length)
  Array.from(values).forEach((value, j) => D.set(j, j, value))
  return D
}

describe('rho of CanonicalCorrelation', () => {
  it('is its own, of latents of unit variance', () => {
    const model = new CanonicalCorrelation({ nComponents: 'all' }).fit(two)
    const { rho, deviations } = model.correlations()
    expect(maxDifference(rho, model.canonicalCorrelations)).toBeLessThan(1e-14)
    for (const of of deviations) expect(maxDifference(of, new Float64Array(5).fill(1))).toBeLessThan(1e-13)
  })

  it('takes shrinkage for misalignment: it cannot exceed 1, as covariances for shrunk variances do', () => {
    const model = new CanonicalCorrelation({ nComponents: 3, regularization: 0.3 }).fit(two)
    expect(Math.max(...model.canonicalCorrelations)).toBeGreaterThan(1)
    const { rho, deviations } = model.correlations()
    for (let j = 0; j < 3; j++) {
      const shares = two.map((_, m) => 1 - (0.7 * sum(latent(model, two, m, j), latent(model, two, m, j))) / 59)
      const s = shares[0] + shares[1]
      expect(rho[j]).toBeCloseTo((2.8 * model.canonicalCorrelations[j] - s) / (4 - s), 12)
      expect(deviations[0][j] * Math.sqrt(0.7)).toBeCloseTo(1, 12)
    }
  })

  it('has none for partial least squares, which knows no variances', () => {
    const model = new CanonicalCorrelation({ nComponents: 'all', regularization: 1 }).fit(two)
    expect(() => model.correlations()).toThrow(NotFittedError)
    expect(model.maps[0].rows).toBe(5)
  })

  it('is that of each pair, of more modalities', () => {
    const model = new CanonicalCorrelation({ nComponents: 4 }).fit(three)
    for (const [m, l] of [
      [0, 1],
      [2, 1],
    ]) {
      // prettier-ignore
      const { rho, deviations } = model.correlations(m, l)
      for (let j = 0; j < 4; j++) {
        const [x, y] = [m, l].map((at) => latent(model, three, at, j))
        expect(deviations[0][j]).toBeCloseTo(Math.sqrt(sum(x, x) / 59), 12)
        expect(rho[j]).toBeCloseTo(Math.max(0, sum(x, y) / Math.sqrt(sum(x, x) * sum(y, y))), 12)
      }
    }
  })

  it('is 1 - 1e-9 where few rows make it 1', () => {
    const few = sharedLatents(6, [8, 9], 2, 0.5, 3)
    expect(Array.from(new CanonicalCorrelation({ nComponents: 'all' }).fit(few).correlations().rho)).toEqual(Array(5).fill(1 - 1e-9)) // prettier-ignore
  })
})

describe("nComponents: 'all'", () => {
  it('keeps what is shared, the first of those that a number keeps', () => {
    for (const modalities of [two, three, sharedLatents(8, [12, 15], 2, 0.5, 5)]) {
      const all = balanced(modalities)
      const k = all.maps[0].rows
      const more = balanced(modalities, k + 1)
      expect(all.nComponents).toBe('all')
      expect(Math.min(...all.sharedStrength)).toBeGreaterThan(all.unrelatedStrength)
      expect(more.sharedStrength[k]).toBeLessThanOrEqual(all.unrelatedStrength * (1 + 3e-6))
      all.maps.forEach((A, m) => { expect(maxDifference(A.data, more.maps[m].data.slice(0, A.data.length))).toBeLessThan(1e-9 * Math.max(...A.data.map(Math.abs))); }) // prettier-ignore
    }
  })

  it('is balanced with auto, unless all that is shared is exact: that has no rho', () => {
    expect(new PerfectAlignment({ nComponents: 'all' }).fit(two).selected).toBe('balanced')
    const some = new PerfectAlignment({ nComponents: 'all' }).fit(sharedLatents(60, [7, 6], 3, 0, 33))
    expect(some.selected).toBe('balanced')
    expect(Math.min(...some.correlations().rho.subarray(0, 3))).toBeGreaterThan(0.7)
    const all = new PerfectAlignment({ nComponents: 'all' }).fit(sharedLatents(60, [3, 3], 3, 0, 34))
    expect([all.selected, all.maps[0].rows]).toEqual(['informative', 3])
    expect(() => all.correlations()).toThrow(NotFittedError)
  })

  it.each(['last', 'informative'] as const)('is a RangeError with %s', (selection) => {
    expect(() => new PerfectAlignment({ nComponents: 'all', selection })).toThrow(RangeError)
    expect(() => new PerfectAlignment({ nComponents: 'all', selection })).toThrow(
      /'all' must be one of 'auto', 'balanced', got/,
    )
    expect(() => new PerfectAlignment({ nComponents: 'all', solver: 'gradient' })).toThrow(RangeError)
  })

  it('goes on with partialFit and merge, also of a model that was loaded', () => {
    const first = balanced(two.map((X) => new Matrix(40, X.cols, X.data.slice(0, 40 * X.cols))))
    const loaded = PerfectAlignment.fromBytes(first.toBytes({ state: true }))
    expect(loaded.nComponents).toBe('all')
    loaded.partialFit(two.map((X) => new Matrix(20, X.cols, X.data.slice(40 * X.cols))))
    expect(maxDifference(loaded.correlations().rho, balanced(two).correlations().rho)).toBeLessThan(1e-12)
  })

  it('keeps a component of rho = 0 where nothing is shared', () => {
    const model = balanced([gaussian(500, 2, 1), new Matrix(500, 2)])
    expect([model.maps[0].rows, ...model.correlations().rho]).toEqual([1, 0])
  })
})

describe('in files', () => {
  const models = [balanced(two), balanced(three, 4), new CanonicalCorrelation({ nComponents: 3 }).fit(three)]

  it('keeps all digits, whatever the precision of the maps', () => {
    for (const model of models) {
      for (const precision of ['f64', 'f32'] as const) {
        const loaded = loadAlignment(model.toBytes({ precision }))
        expect(loaded.correlations(1, 0)).toEqual(model.correlations(1, 0))
      }
    }
  })

  it('is not asked of models that have none', () => {
    const file = readSafetensors(models[0].toBytes())
    file.tensors.delete('rho')
    const earlier = loadAlignment(writeSafetensors(file))
    const others = [
      earlier,
      new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(two),
      new LinearContrastive({ nComponents: 2 }).fit(two),
    ]
    for (const model of others) {
      expect(() => model.correlations()).toThrow(NotFittedError)
      expect(() => model.correlations()).toThrow(/no rho.*'balanced'.*'cosine'/)
      expect(model.transform(two[0], 0).rows).toBe(60)
    }
    expect(() => models[0].correlations(0, 0)).toThrow(/from and to are both 0/)
    expect(() => models[0].correlations(0, 2)).toThrow(/to must be an integer from 0 to 1, got 2/)
  })

  it.each([
    ['rho', 1],
    ['rho', -0.5],
    ['deviations', -1],
  ])('is refused where %s is %d', (name, value) => {
    const file = readSafetensors(models[0].toBytes())
    const tensor = file.tensors.get(name) ?? expect.fail()
    file.tensors.set(name, { ...tensor, data: Float64Array.from(tensor.data, Number).fill(value, 1, 2) })
    expect(() => loadAlignment(writeSafetensors(file))).toThrow(FileFormatError)
    expect(() => loadAlignment(writeSafetensors(file))).toThrow(new RegExp(`'${name}'`))
  })

  it('is refused without its deviations, or with another number of components', () => {
    const file = readSafetensors(models[0].toBytes())
    const { data, dtype } = file.tensors.get('rho') ?? expect.fail()
    file.tensors.set('rho', { shape: [1, 2], data: data.slice(0, 2), dtype })
    expect(() => loadAlignment(writeSafetensors(file))).toThrow(FileFormatError)
    file.tensors.set('rho', { shape: [1, data.length], data, dtype })
    file.tensors.delete('deviations')
    expect(() => loadAlignment(writeSafetensors(file))).toThrow(FileFormatError)
  })
})
