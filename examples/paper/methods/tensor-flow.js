import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs'
import { Matrix } from 'collimate'
import { normalStream } from './random.js'

/** Makes TensorFlow.js compute in WebAssembly. */
export async function useWasm() {
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`)
  await tf.setBackend('wasm')
  await tf.ready()
}

/** Weights of a layer with ReLU after it (He et al. 2015), and its bias. */
export function denseLayer(inputs, outputs, seed) {
  const random = normalStream(seed)
  const scale = Math.sqrt(2 / inputs)
  const weights = Float32Array.from({ length: inputs * outputs }, () => scale * random())
  return { weights: tf.variable(tf.tensor2d(weights, [inputs, outputs])), bias: tf.variable(tf.zeros([outputs])) }
}

/**
 * The product of two matrices. Its own gradient transposes first and multiplies then: the WebAssembly backend multiplies plain
 * matrices by XNNPACK, and transposed ones, which TensorFlow.js's gradient asks for, by a loop several times slower.
 */
export const product = tf.customGrad((a, b, save) => {
  save([a, b])
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [x, y]) => [tf.matMul(dy, tf.transpose(y)), tf.matMul(tf.transpose(x), dy)],
  }
})

export const apply = (x, { weights, bias }) => tf.add(product(x, weights), bias)

/** A tensor of two axes as a matrix; the tensor is disposed of. */
export function toMatrix(tensor) {
  const matrix = new Matrix(tensor.shape[0], tensor.shape[1], Float64Array.from(tensor.dataSync()))
  tensor.dispose()
  return matrix
}

export { tf }
