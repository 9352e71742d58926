import type { FileBytes } from '../io/file-bytes.js'
import {
  readChoice,
  readInteger,
  readTensor,
  readTensorFile,
  writeTensorFile,
  type TensorEntry,
} from '../io/tensor-file.js'
import type { Bytes } from '../keeping.js'
import { Matrix } from '../matrix.js'
import type { Activation, FeatureParameters } from './parameters.js'

const KIND = 'FeatureMap'
const ACTIVATIONS = ['cosine', 'gaussian', 'polynomial'] as const

/** A safetensors file; what is random in float32, all else in float64. */
export function encodeFeatures(parameters: FeatureParameters): Bytes {
  const { mean, frequency, units, b, activation, mix, centre, gain, scale } = parameters
  const stored = (data: ArrayLike<number>) =>
    activation.kind === 'cosine' ? Float32Array.from(data) : Float64Array.from(data)
  const tensors: TensorEntry[] = [
    ['mean', { shape: [mean.length], data: mean }],
    ['units', { shape: [units.rows, units.cols], data: stored(units.data) }],
    ['b', { shape: [b.length], data: stored(b) }],
    ['centre', { shape: [centre.length], data: centre }],
    ['factors', { shape: [3], data: Float64Array.of(frequency, gain, scale ?? 0) }],
  ]
  if (mix !== undefined) tensors.push(['mix', { shape: [mix.rows, mix.cols], data: Float64Array.from(mix.data) }])
  return writeTensorFile(KIND, tensors, {
    inputs: String(mean.length),
    units: String(units.rows),
    features: String(centre.length),
    linear: String(scale !== undefined),
    mixed: String(mix !== undefined),
    activation: activation.kind,
    degree: String(activation.kind === 'polynomial' ? activation.degree : 1),
  })
}

/** @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound feature map */
export function decodeFeatures(bytes: FileBytes): FeatureParameters {
  const file = readTensorFile(KIND, bytes)
  const [inputs, D] = [readInteger(file, 'inputs', 1), readInteger(file, 'units', 1)]
  const features = readInteger(file, 'features', 0)
  const kind = readChoice(file, 'activation', ACTIVATIONS)
  const degree = readInteger(file, 'degree', 1)
  const activation: Activation = kind === 'polynomial' ? { kind, degree } : { kind }
  const [isLinear, isMixed] = ['linear', 'mixed'].map((name) => readChoice(file, name, ['true', 'false']) === 'true')
  const [frequency, gain, scale] = readTensor(file, 'factors', [3])
  return {
    mean: readTensor(file, 'mean', [inputs]),
    units: new Matrix(D, inputs, readTensor(file, 'units', [D, inputs])),
    b: readTensor(file, 'b', [D]),
    centre: readTensor(file, 'centre', [features]),
    mix: isMixed ? new Matrix(D, features, readTensor(file, 'mix', [D, features])) : undefined,
    scale: isLinear ? scale : undefined,
    frequency,
    gain,
    activation,
  }
}
