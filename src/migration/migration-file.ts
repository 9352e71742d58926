import { contentError, type TensorFile } from '../io/tensors.js'
import { finiteFloats } from '../io/tensors.js'
import type { FileBytes } from '../io/file-bytes.js'
import {
  readChoice,
  readInteger,
  readIntegers,
  readTensor,
  readTensorFile,
  readText,
  readVector,
  writeTensorFile,
  type TensorEntry,
} from '../io/tensor-file.js'
import type { Bytes } from '../keeping.js'
import { Matrix, type Precision } from '../matrix.js'
import type { AffineMap } from './affine-map.js'
import { NEW, OLD } from './candidates.js'
import type { FittedMigration } from './fit-migration.js'
import { METHODS, METHODS_OF, WAYS } from './options.js'
import { readEvaluation } from './stored-evaluation.js'

const KIND = 'EmbeddingMigration'
/** Of model files without all decoders, which collimate/serve reads as well. */
const VERSION = '2'

/** The modality that is moved, and that whose space it is moved into. */
const DIRECTIONS = { queries: [NEW, OLD], stored: [OLD, NEW] } as const

/** Maps, means and decoders as those of a model, so that `loadAlignment` of collimate/serve reads them. */
function modelOf(fitted: FittedMigration): {
  readonly maps: readonly Matrix[]
  readonly means: readonly Float64Array[]
  readonly decoder?: readonly [name: string, Matrix]
} {
  const { way, widths, stored, queries } = fitted
  if (way === 'none') {
    return { maps: widths.map((d) => Matrix.identity(d)), means: widths.map((d) => new Float64Array(d)) }
  }
  if (way === 'both') {
    const both = [stored, queries] as readonly AffineMap[]
    return { maps: both.map(({ A }) => A), means: both.map(({ mean }) => mean) }
  }
  // As a regression is kept: the latent space is that of the target, less its mean.
  const [from, to] = DIRECTIONS[way]
  const { A, mean, offset } = (way === 'queries' ? queries : stored) as AffineMap
  const identity = Matrix.identity(widths[to])
  const maps = from === OLD ? [A, identity] : [identity, A]
  const means = from === OLD ? [mean, offset as Float64Array] : [offset as Float64Array, mean]
  return { maps, means, decoder: [`decoders.${from}.${to}`, identity] }
}

/** A safetensors file; maps in the given precision, all else in float64. */
export function encodeMigration(fitted: FittedMigration, precision: Precision): Bytes {
  const { way, method, setting, isUnit, names, widths, pairs, date, calibration, evaluation } = fitted
  const { maps, means, decoder } = modelOf(fitted)
  const matrix = (name: string, { rows, cols, data }: Matrix): TensorEntry => [
    name,
    { shape: [rows, cols], data: precision === 'f32' ? Float32Array.from(data) : Float64Array.from(data) },
  ]
  const vector = (name: string, data: Float64Array): TensorEntry => [name, { shape: [data.length], data }]
  const entries: TensorEntry[] = [
    ...maps.map((map, m) => matrix(`maps.${m}`, map)),
    ...means.map((mean, m) => vector(`means.${m}`, mean)),
    ...(decoder === undefined ? [] : [matrix(...decoder)]),
    vector('calibration.scores', calibration.scores),
    vector('calibration.values', calibration.values),
  ]
  const [oldModel, newModel] = names
  return writeTensorFile(KIND, entries, {
    version: VERSION,
    nComponents: String(maps[0].rows),
    widths: widths.join(),
    centered: String(way !== 'none'),
    way,
    method,
    setting,
    takesUnit: String(isUnit),
    givesUnit: String(givesUnit(fitted)),
    ...(oldModel !== undefined && { oldModel }),
    ...(newModel !== undefined && { newModel }),
    pairs: String(pairs),
    date,
    evaluation: JSON.stringify(evaluation),
  })
}

const givesUnit = ({ stored, queries }: FittedMigration): boolean => (stored ?? queries)?.givesUnit ?? false

/** @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if it holds no sound migration */
export function decodeMigration(bytes: FileBytes): FittedMigration {
  const file = readTensorFile(KIND, bytes, [VERSION])
  const widths = readIntegers(file, 'widths', 1)
  const k = readInteger(file, 'nComponents', 1)
  const way = readChoice(file, 'way', WAYS)
  const method = readChoice(file, 'method', METHODS)
  if (widths.length !== 2) throw contentError(`metadata 'widths' has ${widths.length} numbers, expected 2`)
  if (!METHODS_OF[way].includes(method)) throw contentError(`way '${way}' has method '${method}'`)
  const expected = way === 'both' ? k : way === 'stored' ? widths[NEW] : widths[OLD]
  if (k !== expected || (way === 'none' && widths[OLD] !== widths[NEW])) {
    throw contentError(`${k} components of widths ${widths.join(', ')}: way '${way}' cannot have them`)
  }
  const [takesUnit, isGivenUnit] = ['takesUnit', 'givesUnit'].map((name) => readChoice(file, name, ['true', 'false']) === 'true') // prettier-ignore
  const means = widths.map((width, m) => readTensor(file, `means.${m}`, [width]))
  const map = (m: number): AffineMap => ({
    A: new Matrix(k, widths[m], finiteFloats(file, `maps.${m}`, [k, widths[m]])),
    mean: means[m],
    offset: way === 'both' ? undefined : means[1 - m],
    takesUnit,
    givesUnit: isGivenUnit,
  })
  const evaluation = readEvaluation(readText(file, 'evaluation'))
  return {
    way,
    method,
    setting: readText(file, 'setting'),
    isUnit: takesUnit,
    stored: way === 'stored' || way === 'both' ? map(OLD) : undefined,
    queries: way === 'queries' || way === 'both' ? map(NEW) : undefined,
    names: [optional(file, 'oldModel'), optional(file, 'newModel')],
    widths,
    pairs: readInteger(file, 'pairs', 1),
    date: readText(file, 'date'),
    calibration: readCalibration(file),
    evaluation,
  }
}

const optional = (file: TensorFile, name: string): string | undefined =>
  Object.hasOwn(file.metadata, name) ? file.metadata[name] : undefined

function readCalibration(file: TensorFile): FittedMigration['calibration'] {
  const [scores, values] = ['scores', 'values'].map((name) => readVector(file, `calibration.${name}`))
  const rises = (numbers: Float64Array) => numbers.every((x, i) => i === 0 || x >= numbers[i - 1])
  if (scores.length === 0 || scores.length !== values.length || !rises(scores) || !rises(values)) {
    throw contentError('the calibration must have as many scores as values, both rising')
  }
  return { scores, values }
}
