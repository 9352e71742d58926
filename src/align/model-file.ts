import type { Safetensors } from '../io/safetensors.js'
import { Matrix } from '../matrix.js'
import { factorEntries, readFactor } from './factor-file.js'
import { factorOf, type JointFactor } from './joint-factor.js'
import type { PerfectModel } from './perfect-model.js'
import { RULES, SELECTIONS, type SelectionOptions } from './selection.js'
import {
  contentError,
  readChoice,
  readInteger,
  readIntegers,
  readTensor,
  readTensorFile,
  readText,
  writeTensorFile,
  type TensorEntry,
} from './tensor-file.js'

const KIND = 'PerfectAlignment'

/** What a file of a fitted model holds. */
export interface ModelFile {
  readonly options: SelectionOptions
  readonly model: PerfectModel
  readonly singularValues: Float64Array
  /** Only if the state was kept. */
  readonly joint: JointFactor | undefined
}

/** A safetensors file; maps and decoders in the given precision, all else in float64. */
export function encodeModel(
  { options, model, singularValues, joint }: ModelFile,
  precision: 'f64' | 'f32',
): Uint8Array {
  const matrix = (name: string, { rows, cols, data }: Matrix): TensorEntry => [
    name,
    { shape: [rows, cols], data: precision === 'f32' ? Float32Array.from(data) : Float64Array.from(data) },
  ]
  const vector = (name: string, data: Float64Array): TensorEntry => [name, { shape: [data.length], data }]
  const decoders = model.decoders.flatMap((row, from) =>
    row.flatMap((decoder, to) => (decoder === undefined ? [] : [matrix(`decoders.${from}.${to}`, decoder)])),
  )
  const state = joint === undefined ? undefined : factorEntries(joint.widths, joint)
  const entries: TensorEntry[] = [
    ...model.maps.map((map, m) => matrix(`maps.${m}`, map)),
    ...model.means.map((mean, m) => vector(`means.${m}`, mean)),
    ...decoders,
    vector('singularValues', singularValues),
    vector('sharedStrength', model.sharedStrength),
    ...(state?.tensors ?? []),
  ]
  return writeTensorFile(KIND, entries, { ...modelMetadata(options, model), ...state?.metadata })
}

function modelMetadata(options: SelectionOptions, model: PerfectModel): Record<string, string> {
  return {
    nComponents: String(options.nComponents),
    widths: model.maps.map(({ cols }) => cols).join(),
    selection: options.selection,
    selected: model.selected,
    center: options.center === undefined ? 'default' : String(options.center),
    centered: String(model.centered),
    tolerance: options.tolerance === undefined ? 'default' : String(options.tolerance),
  }
}

/** @throws TypeError if `bytes` is no Uint8Array, FileFormatError or RangeError if it holds no sound model */
export function decodeModel(bytes: Uint8Array): ModelFile {
  const file = readTensorFile(KIND, bytes)
  const widths = readIntegers(file, 'widths', 1)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const k = readInteger(file, 'nComponents', 1)
  if (widths.length < 2 || k > total) {
    throw contentError(
      `${k} components of widths ${widths.join(', ')}: expected two widths or more, and k at most their sum`,
    )
  }
  const options: SelectionOptions = {
    nComponents: k,
    selection: readChoice(file, 'selection', SELECTIONS),
    center: readSwitch(file, 'center'),
    tolerance: readTolerance(file),
  }
  const joint = file.tensors.has('R') ? factorOf(widths, readFactor(file, widths)) : undefined
  return {
    options,
    model: readModel(file, widths, k),
    singularValues: readTensor(file, 'singularValues', [total]),
    joint,
  }
}

function readModel(file: Safetensors, widths: readonly number[], k: number): PerfectModel {
  const matrix = (name: string, rows: number, cols: number) =>
    new Matrix(rows, cols, readTensor(file, name, [rows, cols]))
  return {
    maps: widths.map((width, m) => matrix(`maps.${m}`, k, width)),
    means: widths.map((width, m) => readTensor(file, `means.${m}`, [width])),
    centered: readChoice(file, 'centered', ['true', 'false']) === 'true',
    selected: readChoice(file, 'selected', RULES),
    sharedStrength: readTensor(file, 'sharedStrength', [k]),
    decoders: widths.map((_, from) =>
      widths.map((width, to) => (from === to ? undefined : matrix(`decoders.${from}.${to}`, k, width))),
    ),
  }
}

function readSwitch(file: Safetensors, name: string): boolean | undefined {
  const text = readChoice(file, name, ['default', 'true', 'false'])
  return text === 'default' ? undefined : text === 'true'
}

function readTolerance(file: Safetensors): number | undefined {
  const text = readText(file, 'tolerance')
  if (text === 'default') return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (!(value >= 0 && value < 1)) {
    throw contentError(`metadata 'tolerance' is '${text}', expected 'default' or a number from 0 to below 1`)
  }
  return value
}
