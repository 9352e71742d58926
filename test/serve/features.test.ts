import { describe, expect, test } from 'vitest'
import { LeastSquares, OrthogonalProcrustes, PerfectAlignment, type LinearAlignment } from '../../src/align/index.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { fourierFeatures, nystroemFeatures } from '../../src/features/index.js'
import { readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { Matrix } from '../../src/matrix.js'
import { loadAlignment } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'
import { onEveryServeBuild } from './support.js'

const train = [gaussian(60, 7, 1), gaussian(60, 5, 2)]
const held = [gaussian(67, 7, 3), gaussian(67, 5, 4)]
const features = [fourierFeatures({ dimensions: 21, seed: 1 }), fourierFeatures({ dimensions: 30, seed: 2 })]

function difference(a: Matrix, b: Matrix): number {
  expect([a.rows, a.cols]).toEqual([b.rows, b.cols])
  return Math.max(...Array.from(a.data, (x, i) => Math.abs(x - b.data[i]))) / Math.max(...Array.from(b.data, Math.abs))
}

const MODELS: [string, LinearAlignment][] = [
  ['balanced', new PerfectAlignment({ nComponents: 4, selection: 'balanced', features }).fit(train)],
  ["'last', not centred", new PerfectAlignment({ nComponents: 4, selection: 'last', features }).fit(train)],
  ['least squares', new LeastSquares({ ridge: 1, features }).fit(train)],
  ['one modality', new PerfectAlignment({ nComponents: 3, features: [null, features[1]] }).fit(train)],
  ['a rotation', new OrthogonalProcrustes({ center: false, features: features[0] }).fit([train[0], train[0]])],
]

onEveryServeBuild(() => {
  describe.each(MODELS)('Fourier features: %s', (_, model) => {
    test.each(['f64', 'f32'] as const)('maps and translates as the model does in %s', (precision) => {
      const served = loadAlignment(model.toBytes({ precision }))
      const bound = precision === 'f64' ? 1e-12 : 2e-5
      expect(served.widths).toEqual(model.widths)
      for (const [m, to] of [
        [0, 1],
        [1, 0],
      ]) {
        // prettier-ignore
        const X = held[model.widths[m] === 7 ? 0 : 1]
        expect(difference(served.transform(X, m), model.transform(X, m))).toBeLessThan(bound)
        expect(served.transformVector(X.row(66), m)).toEqual(served.transform(X, m).row(66))
        expect(difference(served.translate(X, m, to), model.translate(X, m, to))).toBeLessThan(bound)
        expect(served.translateVector(X.row(66), m, to)).toEqual(served.translate(X, m, to).row(66))
      }
      expect(() => served.transformVector(new Float64Array(28), 0)).toThrow(`expected ${model.widths[0]}`)
      expect(() => served.transform(new Matrix(1, model.widths[1], new Float64Array(model.widths[1]).fill(NaN)), 1)).toThrow(RangeError) // prettier-ignore
    })
  })
})

test('features that do not hold the rows are mapped, and not led to', () => {
  const plain = fourierFeatures({ dimensions: 8, linear: false })
  const model = new PerfectAlignment({ nComponents: 2, features: [plain, null] }).fit(train)
  const served = loadAlignment(model.toBytes())
  expect(difference(served.translate(held[0], 0, 1), model.translate(held[0], 0, 1))).toBeLessThan(1e-12)
  expect(() => served.translate(held[1], 1, 0)).toThrow('do not hold the rows')
  const without = loadAlignment(model.toBytes({ decoders: false }))
  expect(difference(without.transform(held[0], 0), model.transform(held[0], 0))).toBeLessThan(1e-12)
  expect(() => without.translate(held[0], 0, 1)).toThrow(NotFittedError)
})

test('features of landmarks are refused, and say who maps them', () => {
  const model = new PerfectAlignment({ nComponents: 2, features: nystroemFeatures({ landmarks: 9 }) }).fit(train)
  expect(() => loadAlignment(model.toBytes())).toThrow('loadAlignment of collimate')
})

test.each([
  ['other features', () => fourierFeatures({ dimensions: 20 }).fit(train[0]).toBytes()],
  ['no file', () => new Uint8Array(30)],
])('%s are refused', (_, data) => {
  const { tensors, metadata } = readSafetensors(MODELS[0][1].toBytes())
  const bytes = data()
  tensors.set('features.0', { dtype: 'U8', shape: [bytes.length], data: bytes })
  expect(() => loadAlignment(writeSafetensors({ tensors, metadata }))).toThrow(FileFormatError)
})
