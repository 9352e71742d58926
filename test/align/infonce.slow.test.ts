import { describe, expect, it } from 'vitest'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { infoNceSteps, type InfoNceLoss } from '../../src/align/contrastive/infonce.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { recallAtK } from '../../src/metrics/retrieval.js'
import { Engine } from '../../src/runtime/engine.js'
import { run, type Progress } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import {
  beside,
  centred,
  frobenius,
  maxDifference,
  minus,
  orthonormal,
  rowRanges,
  scaledBy,
  sharedLatents,
  times,
  toFloat32,
} from './support.js'
import '../support/solvers.js'

const batch = (Z1: Matrix, Z2: Matrix, options: InfoNceLoss) => run(infoNceSteps(Engine.shared(), [Z1, Z2], options))

/** The definition, with a largest entry taken out of every sum. */
function naiveLoss(Z1: Matrix, Z2: Matrix, { temperature, normalize }: InfoNceLoss): number {
  const unit = (z: number[]) => z.map((x) => (normalize ? x / (Math.hypot(...z) || 1) : x))
  const [U, V] = [Z1.toArray().map(unit), Z2.toArray().map(unit)]
  const similarity = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i], 0) / temperature
  const surprise = (own: number, all: number[]) => {
    const largest = Math.max(...all)
    return largest + Math.log(all.reduce((sum, s) => sum + Math.exp(s - largest), 0)) - own
  }
  const n = U.length
  let sum = 0
  for (let i = 0; i < n; i++) {
    const own = similarity(U[i], V[i])
    sum += surprise(own, V.map((v) => similarity(U[i], v))) + surprise(own, U.map((u) => similarity(u, V[i]))) // prettier-ignore
  }
  return sum / (2 * n)
}

const LOSSES: [string, InfoNceLoss][] = [
  ['cosines', { temperature: 0.2, normalize: true }],
  ['cosines at a low temperature', { temperature: 0.002, normalize: true }],
  ['inner products', { temperature: 1.5, normalize: false }],
  ['inner products of every size', { temperature: 0.004, normalize: false }],
]

describe.each(LOSSES)('the loss of %s', (_, options) => {
  const [Z1, Z2] = [gaussian(9, 3, 1000), gaussian(9, 3, 1001)]

  it('is the definition', () => {
    const expected = naiveLoss(Z1, Z2, options)
    expect(Math.abs(batch(Z1, Z2, options).loss - expected)).toBeLessThan(1e-13 * Math.max(1, expected))
  })

  it('has the gradient that finite differences give', () => {
    const { gradients } = batch(Z1, Z2, options)
    const h = 1e-6 * Math.min(1, options.temperature)
    for (const [m, G] of gradients.entries()) {
      const size = Math.max(...Array.from(G.data, Math.abs))
      for (let at = 0; at < G.data.length; at++) {
        const at_ = (delta: number) => {
          const moved = [Z1, Z2].map((Z) => new Matrix(Z.rows, Z.cols, Float64Array.from(Z.data)))
          moved[m].data[at] += delta
          return naiveLoss(moved[0], moved[1], options)
        }
        const slope = (at_(h) - at_(-h)) / (2 * h)
        expect(Math.abs(G.data[at] - slope)).toBeLessThan(1e-5 * size + 1e-8)
      }
    }
  })

  it('does not change when the latent space is rotated, or the modalities change places', () => {
    const Q = orthonormal(3, 3, 1002)
    const { loss, gradients } = batch(Z1, Z2, options)
    const rotated = batch(times(Z1, Q), times(Z2, Q), options)
    expect(rotated.loss).toBeCloseTo(loss, 10)
    expect(maxDifference(rotated.gradients[0].data, times(gradients[0], Q).data)).toBeLessThan(1e-9 * frobenius(gradients[0])) // prettier-ignore
    const swapped = batch(Z2, Z1, options)
    expect(swapped.loss).toBeCloseTo(loss, 12)
    expect(maxDifference(swapped.gradients[0].data, gradients[1].data)).toBeLessThan(1e-12 * frobenius(gradients[1]))
  })

  it('is log n without a gradient where latents are zero', () => {
    const zero = new Matrix(9, 3)
    const { loss, gradients } = batch(zero, zero, options)
    expect(loss).toBeCloseTo(Math.log(9), 13)
    expect([...gradients[0].data, ...gradients[1].data].every((g) => g === 0)).toBe(true)
  })
})

it('cosines do not depend on lengths, and their gradients are orthogonal to the latents', () => {
  const options = { temperature: 0.3, normalize: true }
  const [Z1, Z2] = [gaussian(8, 4, 1003), gaussian(8, 4, 1004)]
  const { loss, gradients } = batch(Z1, Z2, options)
  expect(batch(scaledBy(Z1, 1e150), scaledBy(Z2, 1e-150), options).loss).toBeCloseTo(loss, 13)
  for (let i = 0; i < 8; i++) {
    const along = Array.from(gradients[0].row(i)).reduce((sum, g, j) => sum + g * Z1.get(i, j), 0)
    expect(Math.abs(along)).toBeLessThan(1e-15)
  }
})

describe("LinearContrastive with solver: 'infonce'", () => {
  const modalities = sharedLatents(120, [6, 5], 3, 0.3, 1010)
  const make = (options: object = {}) =>
    new LinearContrastive({ nComponents: 3, solver: 'infonce', epochs: 60, seed: 1, ...options })

  it('lowers the loss, epoch by epoch where a batch is all rows', () => {
    const { lossHistory } = make().fit(modalities)
    expect(lossHistory).toHaveLength(60)
    expect(lossHistory[0]).toBeGreaterThan(0.5 * Math.log(120))
    expect(lossHistory[59]).toBeLessThan(0.5 * lossHistory[0])
    lossHistory.forEach((loss, epoch) => {
      if (epoch > 0) expect(loss).toBeLessThan(lossHistory[epoch - 1])
    })
  })

  it('lowers the loss on batches, of one size but for a row', () => {
    const { lossHistory } = make({ batchSize: 25 }).fit(modalities)
    const mean = (from: number) => lossHistory.slice(from, from + 20).reduce((a, b) => a + b, 0) / 20
    // Which rows are compared is chance, and moves the loss of an epoch by some hundredths.
    expect(mean(20)).toBeLessThan(mean(0) - 0.1)
    expect(mean(40)).toBeLessThan(mean(20))
    expect(lossHistory[59]).toBeLessThan(0.5 * lossHistory[0])
    // The loss among fewer rows is that of fewer wrong partners.
    expect(lossHistory[59]).toBeLessThan(make().fit(modalities).lossHistory[59])
  })

  it('reaches the loss that its history ends with', () => {
    const model = make({ epochs: 300 }).fit(modalities)
    const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
    expect(batch(Z1, Z2, model).loss).toBeCloseTo(model.lossHistory[299], 5)
  })

  it('finds held-out partners', () => {
    const data = sharedLatents(200, [12, 10], 6, 0.3, 1011)
    const model = make({ nComponents: 6, epochs: 200 }).fit(rowRanges(data, 0, 150))
    const [Z1, Z2] = rowRanges(data, 150, 200).map((X, m) => model.transform(X, m))
    expect(recallAtK(Z1, Z2, 1)).toBeGreaterThan(0.9)
    expect(recallAtK(Z2, Z1, 1)).toBeGreaterThan(0.9)
  })

  it('depends on the seed, and on nothing else', () => {
    const bytes = (options: object) =>
      make({ batchSize: 50, ...options })
        .fit(modalities)
        .toBytes()
    expect(bytes({})).toEqual(bytes({}))
    expect(bytes({ seed: '1' })).toEqual(make({ batchSize: 50, seed: '1' }).fit(modalities).toBytes())
    expect(bytes({ seed: 2 })).not.toEqual(bytes({}))
  })

  it('has latents of mean squared length 1, principal directions of z1 + z2 as axes', () => {
    const model = make().fit(modalities)
    const Z = modalities.map((X, m) => model.transform(X, m))
    for (const latents of Z) expect(frobenius(latents) ** 2 / 119).toBeCloseTo(1, 12)
    const sum = minus(Z[0], scaledBy(Z[1], -1))
    const gram = times(sum.transpose(), sum)
    for (let i = 0; i < 3; i++) for (let j = 0; j < i; j++) expect(Math.abs(gram.get(i, j))).toBeLessThan(1e-11)
    expect(gram.get(0, 0)).toBeGreaterThan(gram.get(2, 2))
    const product = times(model.maps[0].transpose(), model.maps[1])
    expect(maxDifference(model.singularValues, svdvals(product).slice(0, 3))).toBeLessThan(1e-13)
  })

  it('does not depend on units, means or constant columns', () => {
    const [X1, X2] = modalities
    const seven = new Matrix(120, 1, new Float64Array(120).fill(7e8))
    const model = make().fit([X1, X2])
    const other = make().fit([scaledBy(minus(X1, new Matrix(120, 6, new Float64Array(720).fill(3))), 1e-6), scaledBy(X2, 1e9)]) // prettier-ignore
    expect(maxDifference(other.lossHistory, model.lossHistory)).toBeLessThan(1e-8)
    const constant = make({ epochs: 5 }).fit([beside(X1, seven), X2])
    for (let i = 0; i < 3; i++) expect(constant.maps[0].get(i, 6)).toBe(0)
    const rounded = make().fit([toFloat32(X1), toFloat32(X2)])
    expect(maxDifference(rounded.lossHistory, model.lossHistory)).toBeLessThan(1e-4)
  })

  // Nakada et al. 2023: at a high temperature the loss is linear in the similarities of pairs and of non-pairs.
  it('tends to the closed form for inner products and a high temperature', () => {
    const scaled = modalities.map((X) => scaledBy(centred(X), Math.sqrt(119 * X.cols) / frobenius(centred(X))))
    const closed = new LinearContrastive({ nComponents: 2 }).fit(scaled)
    const distance = (temperature: number) => {
      const options = { nComponents: 2, normalize: false, temperature, epochs: 1500 }
      const model = make(options).fit(scaled)
      const C = times(closed.maps[0].transpose(), closed.maps[1])
      // n - 1 of n pairs: the loss has 1 / n where the covariance has 1 / (n - 1).
      const found = scaledBy(times(model.maps[0].transpose(), model.maps[1]), 120 / 119)
      return frobenius(minus(found, C)) / frobenius(C)
    }
    const [near, far] = [distance(1e5), distance(10)]
    expect(near).toBeLessThan(2e-3)
    expect(far).toBeGreaterThan(10 * near)
  })

  it('takes pairs that share one side for wrong partners of each other, and stays finite', () => {
    const [X1, X2] = modalities
    const five = Matrix.from(X2.toArray().map((_, i) => Array.from(X1.row(Math.floor(i / 5)))))
    const { lossHistory, maps } = make().fit([five, X2])
    // Nothing tells which of five is meant.
    expect(lossHistory[59]).toBeGreaterThan(Math.log(5) / 2)
    expect([...maps[0].data, ...maps[1].data].every(Number.isFinite)).toBe(true)
  })

  it.each([
    ['fewer rows than columns', [gaussian(4, 6, 1), gaussian(4, 7, 2)]],
    ['dependent columns', [times(gaussian(20, 1, 3), gaussian(1, 4, 4)), gaussian(20, 3, 5)]],
    ['a zero modality', [new Matrix(20, 3), gaussian(20, 3, 8)]],
    ['identical modalities', [gaussian(20, 3, 9), gaussian(20, 3, 9)]],
    ['as many rows as components', [gaussian(3, 3, 10), gaussian(3, 3, 11)]],
  ])('is finite for %s', (_, samples) => {
    const model = make().fit(samples)
    const numbers = [...model.maps, model.translate(samples[0], 0, 1)].flatMap(({ data }) => Array.from(data))
    expect([...numbers, ...model.lossHistory, ...model.singularValues].every(Number.isFinite)).toBe(true)
  })

  it('refuses parts and factors, and names the closed form', () => {
    const factor = new JointFactor([6, 5]).update(modalities)
    const fitted = make({ epochs: 3 }).fit(modalities)
    const before = fitted.toBytes({ state: true })
    const attempts: (() => unknown)[] = [
      () => fitted.fit(factor),
      () => fitted.partialFit(modalities),
      () => fitted.partialFit(factor),
      () => fitted.merge(make({ epochs: 3 }).fit(modalities)),
      () => make().partialFit(modalities),
    ]
    for (const attempt of attempts) {
      expect(attempt).toThrow(TypeError)
      expect(attempt).toThrow("solver 'svd', the closed form")
    }
    expect(fitted.toBytes({ state: true })).toEqual(before)
    const other = new PerfectAlignment({ nComponents: 3 }).merge(fitted)
    expect(other.maps).toEqual(new PerfectAlignment({ nComponents: 3 }).fit(factor).maps)
  })

  it('comes back from its file', () => {
    const model = make({ epochs: 7, batchSize: 50, seed: 'x', normalize: false, temperature: 2 }).fit(modalities)
    const loaded = loadAlignment(model.toBytes())
    if (!(loaded instanceof LinearContrastive)) throw new Error('of another class')
    const { solver, temperature, normalize, regularization, epochs, batchSize, learningRate, seed } = loaded
    expect({ solver, temperature, normalize, regularization, epochs, batchSize, learningRate, seed }).toEqual({
      solver: 'infonce',
      temperature: 2,
      normalize: false,
      regularization: 1,
      epochs: 7,
      batchSize: 50,
      learningRate: 0.1,
      seed: 'x',
    })
    expect(loaded.lossHistory).toEqual(model.lossHistory)
    expect(loaded.maps).toEqual(model.maps)
    expect(loaded.toBytes()).toEqual(model.toBytes())
    expect(new LinearContrastive({ nComponents: 2 }).fit(modalities).lossHistory).toEqual(new Float64Array(0))
  })

  it('runs asynchronously to the same bits, tells how far it is, and is aborted anywhere', async () => {
    const seen: Progress[] = []
    const options = { epochs: 10, batchSize: 40 }
    const model = await make(options).fitAsync(modalities, { onProgress: (p) => seen.push(p) })
    expect(model.toBytes()).toEqual(make(options).fit(modalities).toBytes())
    const steps = new Set(seen.filter(({ phase }) => phase === 'infonce').map(({ done, total }) => `${done}/${total}`))
    expect([...steps]).toEqual(Array.from({ length: 30 }, (_, i) => `${i}/30`))
    const before = model.toBytes()
    const controller = new AbortController()
    const onProgress = ({ phase, done }: Progress) => {
      if (phase === 'infonce' && done === 4) controller.abort()
    }
    await expect(
      model.fitAsync(rowRanges(modalities, 0, 60), { signal: controller.signal, onProgress }),
    ).rejects.toHaveProperty('name', 'AbortError')
    expect(model.toBytes()).toEqual(before)
  })

  it('stays finite with steps that are too long, and shows it in the loss', () => {
    const { lossHistory, maps } = make({ normalize: false, learningRate: 1e6, temperature: 1e-6 }).fit(modalities)
    expect(lossHistory[1]).toBeGreaterThan(1e6 * lossHistory[0])
    expect([...lossHistory, ...maps[0].data, ...maps[1].data].every(Number.isFinite)).toBe(true)
  })

  it.each<[object, string]>([
    [{ solver: 'adam' }, "solver must be one of 'svd', 'infonce', got 'adam'"],
    [{ temperature: 0 }, 'temperature must be from 0.000001 to'],
    [{ temperature: NaN }, 'got NaN'],
    [{ regularization: -1, normalize: false }, 'regularization must be from 0 to'],
    [{ regularization: 1 }, 'expected 0 for cosines'],
    [{ epochs: 0 }, 'epochs must be an integer from 1'],
    [{ batchSize: 1 }, 'batchSize must be an integer from 2'],
    [{ learningRate: 0 }, 'learningRate must be from'],
    [{ seed: NaN }, 'seed must be finite'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(RangeError)
    expect(() => make(options)).toThrow(message)
  })
})
