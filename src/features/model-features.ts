import { readTensor } from '../io/tensor-file.js'
import { contentError, type TensorFile } from '../io/tensors.js'
import { Matrix } from '../matrix.js'
import { FeatureMap } from './feature-map.js'

/** What of a model file is of feature maps: these, and the decoders, which lead to rows and not to their features. */
export interface ModelFeatures {
  readonly featureMaps: readonly (FeatureMap | undefined)[]
  /** `decoders[from][to]`, k x d_to; undefined if the file has none. */
  readonly decoders?: (Matrix | undefined)[][]
}

/**
 * Reads them.
 *
 * @param widths - features of each modality
 * @throws FileFormatError or RangeError if a map is not sound, or gives other features
 */
export function readModelFeatures(file: TensorFile, widths: readonly number[], k: number): ModelFeatures {
  const featureMaps = widths.map((width, m) => {
    const bytes = file.tensors.get(`features.${m}`)?.bytes
    if (bytes === undefined) return undefined
    const map = FeatureMap.fromBytes(bytes)
    if (map.outputs === width) return map
    throw contentError(`features.${m} gives ${map.outputs} columns, maps.${m} takes ${width}`)
  })
  if (!file.tensors.has('decoders.0.1')) return { featureMaps }
  const decoder = (from: number, to: number): Matrix => {
    const shape = [k, featureMaps[to]?.decoded ?? widths[to]] as const
    return new Matrix(...shape, readTensor(file, `decoders.${from}.${to}`, shape))
  }
  const decoders = widths.map((_, from) => widths.map((_, to) => (from === to ? undefined : decoder(from, to))))
  return { featureMaps, decoders }
}

/** What an estimator asks for, once it is registered. */
export type ReadModelFeatures = typeof readModelFeatures
