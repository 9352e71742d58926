import { contentError, finiteFloats, readTensors, type TensorFile } from '../io/tensors.js'
import { Matrix, type MatrixData } from '../matrix.js'

/** The Fourier features in front of a modality. */
export interface ServedFeatures {
  /** Of the rows, d. */
  readonly mean: Float64Array
  /** D x d. */
  readonly units: Matrix
  /** What a row less the mean comes to, given its products with the units. */
  readonly write: (row: MatrixData, products: MatrixData, out: Float64Array) => void
  /** The row whose features are these, or 0; undefined if they do not hold it. */
  readonly offset: (features: Float64Array | undefined) => Float64Array | undefined
}

/**
 * The features in front of modality m, if there are any.
 *
 * @param width - how many
 * @throws FileFormatError if they are not sound, of other widths, or of landmarks, which take more than this entry has
 */
export function readServedFeatures({ tensors }: TensorFile, m: number, width: number): ServedFeatures | undefined {
  const bytes = tensors.get(`features.${m}`)?.bytes
  if (bytes === undefined) return undefined
  const file = readTensors(bytes)
  const { activation, linear } = file.metadata
  if (activation !== 'cosine') {
    throw contentError(`features.${m} are of landmarks (${activation}), which loadAlignment of collimate maps, and not that of collimate/serve`) // prettier-ignore
  }
  const [D = 0, d = 0] = file.tensors.get('units')?.shape ?? []
  const isLinear = linear === 'true'
  const first = isLinear ? d : 0
  if (first + D !== width) throw contentError(`features.${m} gives ${first + D} columns, maps.${m} takes ${width}`)
  const doubles = (name: string, length: number) => Float64Array.from(finiteFloats(file, name, [length]))
  const [mean, b, centre] = [doubles('mean', d), doubles('b', D), doubles('centre', D)]
  const [frequency, gain, scale] = doubles('factors', 3)
  const amplitude = Math.sqrt(2 / D)
  return {
    mean,
    units: new Matrix(D, d, finiteFloats(file, 'units', [D, d])),
    write: (row, products, out) => {
      for (let j = 0; j < first; j++) out[j] = row[j] * scale
      for (let j = 0; j < D; j++) {
        out[first + j] = (amplitude * Math.cos(products[j] * frequency + b[j]) - centre[j]) * gain
      }
    },
    offset: (features) =>
      isLinear ? mean.map((x, j) => x + (scale && features ? features[j] / scale : 0)) : undefined,
  }
}
