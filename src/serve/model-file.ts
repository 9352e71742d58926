import { readChoice, readInteger, readIntegers } from '../io/tensor-file.js'
import type { FileBytes } from '../io/file-bytes.js'
import { Matrix } from '../matrix.js'
import { readServedFeatures, type ServedFeatures } from './features.js'
import { contentError, finiteFloats, readTensors } from '../io/tensors.js'

/** What a model file says of mapping and translating, in the precision that it is stored in. */
export interface ServedModel {
  /** The name of the class that was fitted. */
  readonly method: string
  /** What is in front of every modality that has features; means and maps are of these. */
  readonly features: readonly (ServedFeatures | undefined)[]
  /** A^(m), k x d_m. */
  readonly maps: readonly Matrix[]
  /** Column means of every modality. */
  readonly means: readonly Float64Array[]
  /** Whether mapping subtracts the means. */
  readonly centered: boolean
  /** Whether translating subtracts those of the source and adds those of the target: all decoders are of centred rows, but for rotations about the origin. */
  readonly translatesMeans: boolean
  /** What is added to what was translated to each modality; undefined: nothing, or nothing leads there. */
  readonly offsets: readonly (Float64Array | undefined)[]
  /** `decoders[from][to]`, k x d_to, to the rows themselves; none from a modality to itself, nor where the file has none. */
  readonly decoders: readonly (readonly (Matrix | undefined)[])[]
}

/** @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if it holds no sound model */
export function readServedModel(bytes: FileBytes): ServedModel {
  const file = readTensors(bytes)
  const { collimate: method, version } = file.metadata as Partial<Record<string, string>>
  if (method === undefined || !file.tensors.has('maps.0')) {
    const found = method === undefined ? 'some other safetensors file' : `a ${method}`
    throw contentError(`this is ${found}, expected a model of collimate, as toBytes() of a fitted one writes it`)
  }
  if (!/^[123]$/.test(String(version))) {
    throw contentError(`this ${method} has format version ${version}, this release reads 1, 2, 3: update collimate`)
  }
  const widths = readIntegers(file, 'widths', 1)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const k = readInteger(file, 'nComponents', 1)
  if (widths.length < 2 || k > total) {
    throw contentError(
      `${k} components of widths ${widths.join(', ')}: expected two widths or more, and k at most their sum`,
    )
  }
  const centered = readChoice(file, 'centered', ['true', 'false']) === 'true'
  const matrix = (name: string, cols: number) => new Matrix(k, cols, finiteFloats(file, name, [k, cols]))
  const features = widths.map((width, m) => readServedFeatures(file, m, width))
  const means = widths.map((width, m) => Float64Array.from(finiteFloats(file, `means.${m}`, [width])))
  const translatesMeans = centered || file.metadata.translate !== 'rotation'
  return {
    method,
    features,
    maps: widths.map((width, m) => matrix(`maps.${m}`, width)),
    means,
    centered,
    translatesMeans,
    offsets: means.map((own, m) => {
      const mean = translatesMeans ? own : undefined
      return features[m] ? features[m].offset(mean) : mean
    }),
    decoders: widths.map((_, from) =>
      widths.map((width, to) => {
        const name = `decoders.${from}.${to}`
        const isMissing = from === to || (version !== '1' && !file.tensors.has(name))
        const map = features[to]
        return isMissing ? undefined : matrix(name, map ? (map.offset(undefined)?.length ?? 0) : width)
      }),
    ),
  }
}
