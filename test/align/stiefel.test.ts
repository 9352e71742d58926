import { describe, expect, it } from 'vitest'
import { checkOptions } from '../../src/align/perfect/options.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { descentSteps } from '../../src/align/perfect/stiefel.js'
import { FileFormatError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run, type Progress } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import {
  beside,
  centred,
  frobenius,
  maxDifference,
  rowRanges,
  scaledBy,
  sharedLatents,
  subspaceDistance,
  times,
  toFloat32,
} from './support.js'
import '../support/solvers.js'

const stackedMap = ({ maps }: PerfectAlignment) => beside(...maps)
const identityGap = (A: Matrix) => maxDifference(times(A, A.transpose()).data, Matrix.identity(A.rows).data)
const squares = (sigma: ArrayLike<number>, k: number) =>
  Array.from(sigma)
    .slice(-k)
    .reduce((sum, s) => sum + s * s, 0)
const loss = (A: Matrix, [X1, X2]: readonly Matrix[]) => frobenius(times(beside(X1, scaledBy(X2, -1)), A.transpose())) ** 2 // prettier-ignore
const descended = (modalities: Matrix[], options: object = {}) =>
  new PerfectAlignment({ nComponents: 3, solver: 'gradient', ...options }).fit(modalities)

describe("solver: 'gradient'", () => {
  it.each([
    ['tall', sharedLatents(60, [5, 4], 3, 0.3, 900), 3],
    ['square', sharedLatents(9, [5, 4], 3, 0.3, 901), 4],
    ['one component', sharedLatents(60, [5, 4], 3, 0.3, 902), 1],
    ['as many components as columns', sharedLatents(60, [3, 2], 2, 0.3, 903), 5],
    ['three modalities', sharedLatents(80, [4, 3, 5], 2, 0.5, 904), 3],
    ['four modalities', sharedLatents(80, [4, 3, 5, 4], 2, 0.5, 905), 2],
    ['float32', sharedLatents(60, [5, 4], 3, 0.3, 906).map(toFloat32), 3],
    ['of size 1e-200', sharedLatents(60, [5, 4], 3, 0.3, 907).map((X) => scaledBy(X, 1e-200)), 3],
    ['of size 1e140', sharedLatents(60, [5, 4], 3, 0.3, 907).map((X) => scaledBy(X, 1e140)), 3],
    ['modalities in other units', sharedLatents(60, [5, 4], 3, 0.3, 908).map((X, m) => scaledBy(X, 30 ** m)), 3],
    ['forty and thirty columns', sharedLatents(300, [40, 30], 10, 0.5, 909), 10],
  ])('comes to the sum of the k smallest sigma^2: %s', (_, modalities, k) => {
    for (const center of [false, true]) {
      const exact = new PerfectAlignment({ nComponents: k, selection: 'last', center }).fit(modalities)
      const model = descended(modalities, { nComponents: k, center })
      expect([model.converged, model.selected, model.centered]).toEqual([true, 'last', center])
      const history = model.lossHistory
      const least = squares(exact.singularValues, k)
      const reached = history[history.length - 1]
      const sigma = exact.singularValues.map((value) => value / exact.singularValues[0])
      const gap = k < sigma.length ? sigma[sigma.length - k - 1] ** 2 - sigma[sigma.length - k] ** 2 : Infinity
      // A gradient g leaves an angle of g / gap and an excess of g^2 / gap; g is 1e-6 ||X|| ||A X|| by default.
      const excess = 1e-12 * (squares(sigma, sigma.length) / gap)
      const angle = 1e-6 * Math.sqrt(squares(sigma, sigma.length) / gap) * Math.sqrt(squares(sigma, k) / gap)
      if (least > 0) expect(Math.abs(reached / least - 1)).toBeLessThan(excess + 1e-12)
      expect(identityGap(stackedMap(model))).toBeLessThan(1e-14)
      if (modalities.length === 2 && Number.isFinite(least) && least > 1e-300) {
        const data = center ? modalities.map(centred) : modalities
        expect(Math.abs(loss(stackedMap(model), data) / reached - 1)).toBeLessThan(1e-11)
      }
      history.forEach((value, i) => {
        if (i > 0) expect(value).toBeLessThanOrEqual(history[i - 1])
      })
      expect(subspaceDistance(stackedMap(model), stackedMap(exact))).toBeLessThan(2 * angle + 1e-12)
      // Row by row, and sign by sign, where there are few enough to be apart.
      if (sigma.length < 20) expect(maxDifference(stackedMap(model).data, stackedMap(exact).data)).toBeLessThan(0.02)
    }
  })

  it('finds exact alignment where there is one, to rounding', () => {
    const modalities = sharedLatents(100, [4, 5], 3, 0, 910)
    const model = descended(modalities, { nComponents: 3 })
    expect(model.converged).toBe(true)
    expect(-model.score(modalities)).toBeLessThan(1e-12 * frobenius(beside(...modalities)))
    const zero = descended([new Matrix(10, 2), new Matrix(10, 3)], { nComponents: 2 })
    expect([zero.converged, Array.from(zero.lossHistory)]).toEqual([true, [0]])
  })

  it('depends on the seed for its path, not for its end', () => {
    const modalities = sharedLatents(60, [5, 4], 3, 0.3, 911)
    const [a, same, b] = [1, 1, 'other'].map((seed) => descended(modalities, { seed }))
    expect(same.toBytes()).toEqual(a.toBytes())
    expect(b.lossHistory[0]).not.toBe(a.lossHistory[0])
    expect(subspaceDistance(stackedMap(a), stackedMap(b))).toBeLessThan(1e-4)
  })

  it('says if the steps were not enough, with maps that are sound', () => {
    const modalities = sharedLatents(60, [5, 4], 3, 0.3, 912)
    const model = descended(modalities, { maxIterations: 3 })
    expect([model.converged, model.lossHistory.length]).toEqual([false, 4])
    expect(identityGap(stackedMap(model))).toBeLessThan(1e-14)
    expect(model.lossHistory[3]).toBeGreaterThan(squares(model.singularValues, 3))
    expect(Math.abs(loss(stackedMap(model), modalities) / model.lossHistory[3] - 1)).toBeLessThan(1e-12)
    expect(descended(modalities, { gradientTolerance: 0 }).converged).toBe(true)
  })

  it('has a gradient that finite differences confirm', () => {
    const B = gaussian(7, 6, 913)
    const start = run(descentSteps(Engine.shared(), B, 2, 0, { seed: 3, maxIterations: 1, gradientTolerance: 1e-1 }))
    const value = (A: Matrix) => frobenius(times(A, B.transpose())) ** 2
    // Half of G is (E - E A^T A), E = A B^T B: along a tangent direction D the loss grows by 2 <G, D>.
    const E = times(times(start.A, B.transpose()), B)
    const D = gaussian(2, 6, 914)
    const tangent = minus(D, times(times(D, start.A.transpose()), start.A))
    const h = 1e-5
    const slope = (value(plus(start.A, tangent, h)) - value(plus(start.A, tangent, -h))) / (2 * h)
    const G = minus(E, times(times(E, start.A.transpose()), start.A))
    const product = Array.from(G.data).reduce((sum, g, i) => sum + g * tangent.data[i], 0)
    expect(slope).toBeCloseTo(2 * product, 6)
    // The first step went along it: the start is not to be had, but the loss fell.
    expect(start.lossHistory[1]).toBeLessThan(start.lossHistory[0])
  })

  it('needs no samples: from parts, from a factor, asynchronously, from its file', async () => {
    const modalities = sharedLatents(90, [5, 4], 3, 0.3, 915)
    const make = () => new PerfectAlignment({ nComponents: 3, solver: 'gradient', seed: 5 })
    const whole = make().fit(modalities)
    const parts = make()
      .partialFit(rowRanges(modalities, 0, 40))
      .merge(make().fit(rowRanges(modalities, 40, 90)))
    expect(subspaceDistance(stackedMap(parts), stackedMap(whole))).toBeLessThan(1e-4)
    const seen: Progress[] = []
    const later = await make().fitAsync(modalities, { onProgress: (p) => seen.push(p) })
    expect(later.toBytes({ state: true })).toEqual(whole.toBytes({ state: true }))
    const steps = seen.filter(({ phase }) => phase === 'descent')
    const done = whole.lossHistory.length - 1
    expect(steps[steps.length - 1]).toMatchObject({ phase: 'descent', done, total: 5000 })
    const loaded = loadAlignment(whole.toBytes({ state: true }))
    if (!(loaded instanceof PerfectAlignment)) throw new Error('of another class')
    expect([loaded.solver, loaded.seed, loaded.maxIterations, loaded.converged]).toEqual(['gradient', 5, 5000, true])
    expect(loaded.lossHistory).toEqual(whole.lossHistory)
    expect(loaded.toBytes({ state: true })).toEqual(whole.toBytes({ state: true }))
    expect(loaded.partialFit(modalities).lossHistory).not.toEqual(whole.lossHistory)
  })

  it('is aborted at any step, and leaves the model as it was', async () => {
    const modalities = sharedLatents(60, [5, 4], 3, 0.3, 916)
    const model = descended(modalities)
    const before = model.toBytes({ state: true })
    const controller = new AbortController()
    const onProgress = ({ phase, done }: Progress) => {
      if (phase === 'descent' && done === 2) controller.abort()
    }
    await expect(
      model.fitAsync(rowRanges(modalities, 0, 30), { signal: controller.signal, onProgress }),
    ).rejects.toHaveProperty('name', 'AbortError')
    expect(model.toBytes({ state: true })).toEqual(before)
  })

  it('refuses what it does not minimise, and options of no sense', () => {
    const make = (options: object) => () => new PerfectAlignment({ nComponents: 1, solver: 'gradient', ...options })
    for (const selection of ['auto', 'balanced', 'informative']) {
      expect(make({ selection })).toThrow(RangeError)
      expect(make({ selection })).toThrow(`minimises what selection 'last' does, got '${selection}'`)
    }
    expect(make({ solver: 'qr' })).toThrow("solver must be one of 'svd', 'gradient'")
    expect(make({ maxIterations: 0 })).toThrow('maxIterations must be an integer from 1')
    expect(make({ gradientTolerance: 1 })).toThrow('gradientTolerance must be from 0 to below 1, got 1')
    expect(make({ seed: Infinity })).toThrow('seed must be finite')
    expect(make({ seed: true })).toThrow(TypeError)
    expect(checkOptions({ nComponents: 1, solver: 'gradient' }).selection).toBe('last')
    expect(new PerfectAlignment({ nComponents: 1 }).fit(sharedLatents(9, [2, 2], 1, 0.1, 917)).lossHistory).toEqual(new Float64Array(0)) // prettier-ignore
  })

  it('refuses a file whose history or options make no sense', () => {
    const file = readSafetensors(descended(sharedLatents(20, [3, 2], 2, 0.2, 918), { nComponents: 1 }).toBytes())
    const changed = (metadata: object, tensors: object = {}) => {
      const merged = { ...Object.fromEntries(file.tensors), ...tensors }
      return writeSafetensors({ tensors: Object.entries(merged) as never, metadata: { ...file.metadata, ...metadata } })
    }
    expect(PerfectAlignment.fromBytes(changed({})).converged).toBe(true)
    expect(() => PerfectAlignment.fromBytes(changed({ converged: 'yes' }))).toThrow(FileFormatError)
    expect(() => PerfectAlignment.fromBytes(changed({ options: '{' }))).toThrow(FileFormatError)
    expect(() => PerfectAlignment.fromBytes(changed({ options: '{"solver":"qr"}' }))).toThrow('solver must be one of')
    expect(() => PerfectAlignment.fromBytes(changed({}, { lossHistory: { shape: [1, 1], data: Float64Array.of(1) } }))).toThrow(FileFormatError) // prettier-ignore
  })
})

function plus(A: Matrix, D: Matrix, factor: number): Matrix {
  return minus(A, scaledBy(D, -factor))
}

function minus(A: Matrix, B: Matrix): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    A.data.map((x, i) => x - B.data[i]),
  )
}
