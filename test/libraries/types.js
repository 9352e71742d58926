/** Whatever is accepted compiles; whatever its type alone gives away does not. */
export const TYPES = `
import * as jax from '@jax-js/jax'
import { Tensor as TransformersTensor } from '@huggingface/transformers'
import { transpose } from '@tensorflow/tfjs-core'
import { tensor1d, tensor2d } from '@tensorflow/tfjs-core'
import { Float32, vectorFromArray, type FixedSizeList, type Vector } from 'apache-arrow'
import { matrix } from 'mathjs'
import { Matrix as MlMatrix, MatrixTransposeView } from 'ml-matrix'
import ndarray from 'ndarray'
import * as np from 'numpy-ts'
import { Tensor as OnnxTensor, type TypedTensor } from 'onnxruntime-common'
import { array } from 'vectorious'
import { matmul, norm, PerfectAlignment, solve, svd, type Matrix, type MatrixData, type MatrixLike } from 'collimate'

declare const lists: Vector<FixedSizeList<Float32>>
declare const onnx: OnnxTensor
declare const typed: TypedTensor<'float32'>
declare const transformers: TransformersTensor

export const accepted: MatrixLike[] = [
  transformers,
  onnx,
  typed,
  np.array([[1]]),
  np.array([[1]]).T,
  array([[1]]),
  ndarray(new Float32Array(1), [1, 1]),
  ndarray([1], [1, 1]),
  new MlMatrix([[1]]),
  new MatrixTransposeView(new MlMatrix([[1]])),
  matrix([[1]]),
  transpose(tensor2d([[1]])),
  jax.numpy.array([[1]]),
  lists,
  new Set([[1]]),
  [new Float32Array(1)],
  [new BigInt64Array(1)],
]
export const S: Float64Array = svd(onnx).S
export const model = new PerfectAlignment({ nComponents: 1 }).fit([transformers, onnx])

export const x: Float64Array = solve([[1]], [1])
export const X: Matrix | Float64Array = solve([[1]], onnx)
export const X1: Float64Array = solve([[1]], tensor1d([1]))
export const X2: Matrix = solve([[1]], tensor2d([[1]]))
export const empty: Float64Array = solve([], [])
export const y: Float64Array = matmul([[1]], x)
export const single: MatrixData = matmul([[1]], x, { precision: 'f32' })
export const Y: Matrix | MatrixData = matmul([[1]], transformers)
export const length: number = norm([3, 4]) + norm(onnx)

const numbers = vectorFromArray([1], new Float32())
// @ts-expect-error a list of texts
svd(['1'])
// @ts-expect-error a vector
svd([1, 2])
// @ts-expect-error a promise of a matrix
svd(Promise.resolve([[1]]))
// @ts-expect-error a column of numbers is not list-like
matmul([[1]], numbers.get(0))
`

/** How it is compiled, from a folder beside which the libraries are. */
export const compilerOptions = (dist) => ({
  target: 'ES2022',
  lib: ['ES2022', 'DOM'],
  module: 'ESNext',
  moduleResolution: 'Bundler',
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  paths: { collimate: [`${dist}/index.d.ts`], 'collimate/*': [`${dist}/*.d.ts`] },
})
