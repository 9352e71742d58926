import { expect, test } from 'vitest'
import { FileFormatError } from '../../src/errors.js'
import { FeatureMap } from '../../src/features/feature-map.js'
import { fourierFeatures } from '../../src/features/fourier.js'
import { nystroemFeatures } from '../../src/features/nystroem.js'
import { readTensors, writeParts } from '../../src/io/tensors.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { randomStream } from '../../src/random/random-stream.js'

const { normal } = randomStream(1, 'files of feature maps')
const X = new Matrix(30, 4, Float64Array.from({ length: 120 }, normal))
const maps = {
  fourier: fourierFeatures({ dimensions: 16 }).fit(X),
  'fourier without rows': fourierFeatures({ dimensions: 16, linear: false }).fit(X),
  gaussian: nystroemFeatures({ landmarks: 8 }).fit(X),
  polynomial: nystroemFeatures({ kernel: 'polynomial', degree: 3 }).fit(X),
  linear: nystroemFeatures({ kernel: 'linear' }).fit(X),
}

test.each(Object.entries(maps))('%s: what was read maps to the same bits', (_, map) => {
  const read = FeatureMap.fromBytes(map.toBytes())
  expect([read.inputs, read.outputs]).toEqual([map.inputs, map.outputs])
  expect(read.transform(X)).toEqual(map.transform(X))
  expect(read.toBytes()).toEqual(map.toBytes())
})

test('frequencies take half the bytes', () => {
  const { tensors } = readTensors(maps.fourier.toBytes())
  expect([...tensors].map(([name, { dtype }]) => `${name} ${dtype}`).sort()).toEqual(
    ['b F32', 'centre F64', 'factors F64', 'mean F64', 'units F32'], // prettier-ignore
  )
})

test('structuredClone and JSON refuse, and say what to keep', () => {
  expect(() => structuredClone(maps.fourier)).toThrow(/keep the bytes of toBytes/)
  expect(() => JSON.stringify(maps.fourier)).toThrow(/keep the bytes of toBytes/)
})

test('other files, and damaged ones', () => {
  const bytes = maps.gaussian.toBytes()
  expect(() => loadAlignment(bytes)).toThrow(/this is a FeatureMap, expected a model/)
  expect(() => FeatureMap.fromBytes('x' as never)).toThrow(TypeError)
  expect(() => FeatureMap.fromBytes(bytes.slice(0, 90))).toThrow(FileFormatError)
  const file = readTensors(bytes)
  const parts = (without = '') =>
    [...file.tensors]
      .filter(([name]) => name !== without)
      .map(([name, t]) => ({ name, dtype: t.dtype as 'F64', shape: t.shape, fill: (out: Uint8Array) => { out.set(t.bytes) } })) // prettier-ignore
  for (const name of ['mean', 'units', 'b', 'centre', 'mix', 'factors']) {
    expect(() => FeatureMap.fromBytes(writeParts(parts(name), file.metadata)), name).toThrow(FileFormatError)
  }
  for (const [key, value] of [
    ['inputs', '0'],
    ['units', '7'],
    ['features', 'x'],
    ['mixed', ''],
    ['activation', 'relu'],
    ['linear', '1'],
    ['degree', '-1'],
    ['version', '9'],
  ]) {
    expect(() => FeatureMap.fromBytes(writeParts(parts(), { ...file.metadata, [key]: value })), key).toThrow(FileFormatError) // prettier-ignore
  }
})
