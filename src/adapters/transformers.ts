import { wrongKind } from '../describe.js'
import { Matrix } from '../matrix.js'
import type { VectorMap } from './vector-map.js'

/** A tensor of transformers.js, as far as it is read. */
export interface TensorLike {
  readonly dims: readonly number[]
  readonly data: ArrayLike<number> | ArrayLike<bigint> | ArrayLike<unknown>
}

type TensorClass<Tensor> = new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor

/**
 * A `feature-extraction` pipeline of transformers.js whose vectors are mapped. It is called as the pipeline is, with `pooling` among the options,
 * and gives a tensor of the same class: float32, n x `map.dimensions.to`.
 *
 * @param extractor - of the model that the map leads from. The name of its configuration, if it has one, is checked.
 * @returns a function that rejects with a RangeError if the tensor is not n x `map.dimensions.from`, which without `pooling` it is not
 * @throws TypeError if it is no function, RangeError if it says that it is of another model
 */
export function mappedExtractor<Arguments extends readonly unknown[], Tensor extends TensorLike>(
  extractor: (...call: Arguments) => Promise<Tensor>,
  map: VectorMap,
): (...call: Arguments) => Promise<Tensor> {
  if (typeof extractor !== 'function') throw wrongKind('extractor', 'a pipeline, a function', extractor)
  const { model } = extractor as { model?: { config?: { _name_or_path?: unknown } } }
  map.expectEmbedder(model?.config?._name_or_path)
  return async (...call) => {
    const tensor = await extractor(...call)
    const { dims, data } = tensor
    if (dims.length !== 2) {
      throw new RangeError(`the pipeline gave [${dims.join(', ')}] numbers, expected [texts, ${map.dimensions.from}]: give it { pooling: 'mean' }, or that of the model`) // prettier-ignore
    }
    const mapped = map.map(new Matrix(dims[0], dims[1], data as ArrayLike<number>))
    const Own = tensor.constructor as TensorClass<Tensor>
    return new Own('float32', Float32Array.from(mapped.data), [mapped.rows, mapped.cols])
  }
}
