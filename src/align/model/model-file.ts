import type { FileBytes } from '../../io/file-bytes.js'
import { readCorrelations, readNonNegative } from '../../io/correlation-tensors.js'
import type { Bytes } from '../../keeping.js'
import { contentError, type TensorFile } from '../../io/tensors.js'
import { Matrix } from '../../matrix.js'
import { givenObject } from '../../validation.js'
import { factorEntries, readFactor } from '../factor/factor-file.js'
import type { ReadModelFeatures } from '../../features/model-features.js'
import { registered } from '../../registered.js'
import { frontOf } from './features.js'
import { JointFactor } from '../factor/joint-factor.js'
import type { Decoders, LinearModel } from './linear-model.js'
import {
  readChoice,
  readInteger,
  readIntegers,
  readTensor,
  readTensorFile,
  readText,
  writeTensorFile,
  type TensorEntry,
} from '../../io/tensor-file.js'

/** What the file of a method holds beside the linear model. */
export interface FileParts {
  /** The name of the class. */
  readonly kind: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly vectors: Readonly<Record<string, Float64Array>>
}

/** What is the same in the files of all methods. */
export interface ModelFile {
  readonly file: TensorFile
  readonly nComponents: number
  readonly model: LinearModel
  /** Only if the state was kept. */
  readonly joint: JointFactor | undefined
}

/** The versions of files without decoders, and with features, with decoders or without: releases up to 0.1.0 have neither. All others have version 1. */
const [WITHOUT_DECODERS, WITH_FEATURES] = ['2', '3']
const VERSIONS = ['1', WITHOUT_DECODERS, WITH_FEATURES]

/**
 * A safetensors file; maps and decoders in the given precision, all else in float64.
 *
 * @param decoders - all of them, or none
 * @param options - what was asked of the method, as JSON
 */
export function encodeModel(
  model: LinearModel,
  decoders: Decoders | undefined,
  parts: FileParts,
  options: string,
  joint: JointFactor | undefined,
  precision: 'f64' | 'f32',
): Bytes {
  const matrix = (name: string, { rows, cols, data }: Matrix): TensorEntry => [
    name,
    { shape: [rows, cols], data: precision === 'f32' ? Float32Array.from(data) : Float64Array.from(data) },
  ]
  const vector = (name: string, data: Float64Array): TensorEntry => [name, { shape: [data.length], data }]
  // In float64 whatever the precision: float32 rounds rho next to 1 to 1.
  const exact = (name: string, { rows, cols, data }: Matrix): TensorEntry => [name, { shape: [rows, cols], data: data }]
  const decoderEntries = (decoders ?? []).flatMap((row, from) =>
    row.flatMap((decoder, to) =>
      decoder === undefined
        ? []
        : [matrix(`decoders.${from}.${to}`, model.featureMaps?.[to]?.decoder(decoder) ?? decoder)],
    ),
  )
  const state = joint === undefined ? undefined : factorEntries(joint.widths, joint.settled)
  const entries: TensorEntry[] = [
    ...model.maps.map((map, m) => matrix(`maps.${m}`, map)),
    ...model.means.map((mean, m) => vector(`means.${m}`, mean)),
    ...(model.scales ?? []).map((scales, m) => vector(`scales.${m}`, scales)),
    ...Object.entries(model.correlations ?? {}).map(([name, of]: [string, Matrix]) => exact(name, of)),
    ...decoderEntries,
    ...(frontOf(model.featureMaps)?.entries(model.featureMaps) ?? []),
    ...Object.entries(parts.vectors).map(([name, data]) => vector(name, data)),
    ...(state?.tensors ?? []),
  ]
  return writeTensorFile(parts.kind, entries, {
    nComponents: String(model.maps[0].rows),
    widths: model.maps.map(({ cols }) => cols).join(),
    centered: String(model.centered),
    ...parts.metadata,
    options,
    ...state?.metadata,
    ...(decoders === undefined && { version: WITHOUT_DECODERS }),
    ...(model.featureMaps && { version: WITH_FEATURES }),
  })
}

/**
 * Reads the file of one method.
 *
 * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model of that kind
 */
export function decodeModel(kind: string, bytes: FileBytes): ModelFile {
  const file = readTensorFile(kind, bytes, VERSIONS)
  const widths = readIntegers(file, 'widths', 1)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const nComponents = readInteger(file, 'nComponents', 1)
  if (widths.length < 2 || nComponents > total) {
    throw contentError(
      `${nComponents} components of widths ${widths.join(', ')}: expected two widths or more, and k at most their sum`,
    )
  }
  const model = readModel(file, widths, nComponents)
  const joint = file.tensors.has('R') ? JointFactor.of(widths, readFactor(file, widths)) : undefined
  if (joint !== undefined) joint.features = model.featureMaps
  return { file, nComponents, model, joint }
}

/**
 * What `make` makes of the options in a file. Whatever it says against them is a fault of the file.
 *
 * @throws FileFormatError
 */
export function fromOptions<T>(file: TensorFile, make: (options: object) => T): T {
  const { metadata } = file
  const separate = Object.hasOwn(metadata, 'selection')
  const text = separate && !Object.hasOwn(metadata, 'options') ? '{}' : readText(file, 'options')
  try {
    const options = givenObject(JSON.parse(text) as object)
    return make(separate ? { ...separateOptions(metadata), ...options } : options)
  } catch (error) {
    throw contentError(`metadata 'options' is ${JSON.stringify(text.slice(0, 40))}: ${(error as Error).message}`)
  }
}

/** Those that release 0.1.0 kept as texts of their own for PerfectAlignment. It had no `scale`. */
function separateOptions({ selection, center, tolerance }: TensorFile['metadata']): object {
  const valueOf = (text: string): unknown => (text === 'default' ? undefined : JSON.parse(text))
  return { selection, center: valueOf(center), tolerance: valueOf(tolerance), scale: false }
}

function readModel(file: TensorFile, widths: readonly number[], k: number): LinearModel {
  const matrix = (name: string, rows: number, cols: number) =>
    new Matrix(rows, cols, readTensor(file, name, [rows, cols]))
  const { version } = file.metadata
  return {
    maps: widths.map((width, m) => matrix(`maps.${m}`, k, width)),
    means: widths.map((width, m) => readTensor(file, `means.${m}`, [width])),
    ...(widths.some((_, m) => file.tensors.has(`scales.${m}`)) && {
      scales: widths.map((width, m) => readNonNegative(file, `scales.${m}`, [width])),
    }),
    centered: readChoice(file, 'centered', ['true', 'false']) === 'true',
    correlations: readCorrelations(file, widths.length, k),
    ...(version === '1' && {
      decoders: widths.map((_, from) =>
        widths.map((width, to) => (from === to ? undefined : matrix(`decoders.${from}.${to}`, k, width))),
      ),
    }),
    ...(version === WITH_FEATURES && (registered('features', 'Features') as ReadModelFeatures)(file, widths, k)),
  }
}
