import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { checkOptions } from './options.js'
import type { PerfectModel } from './perfect-model.js'
import { RULES, SELECTIONS, type SelectionOptions } from './selection.js'
import type { Descent } from './stiefel.js'
import { readChoice, readTensor, readText, readVector } from '../../io/tensor-file.js'
import type { FileBytes } from '../../io/file-bytes.js'
import { contentError, type TensorFile } from '../../io/tensors.js'

const KIND = 'PerfectAlignment'

/** What follows from the factor, as far as it was known when the file was written. */
export interface Derived {
  readonly singularValues?: Float64Array
  readonly chanceStrength?: number
}

/** What a file of a fitted PerfectAlignment holds. */
export interface PerfectFile {
  readonly options: SelectionOptions
  readonly model: PerfectModel
  readonly derived: Derived
  /** Only if the state was kept. */
  readonly joint: JointFactor | undefined
}

/** What its file holds beside the linear model. */
export function perfectParts(
  { selection, center, scale, tolerance, solver, seed, maxIterations, gradientTolerance }: SelectionOptions,
  { selected, sharedStrength, descent }: PerfectModel,
  { singularValues, chanceStrength }: Derived,
): FileParts {
  return {
    kind: KIND,
    vectors: {
      sharedStrength,
      ...(singularValues && { singularValues }),
      ...(chanceStrength !== undefined && { chanceStrength: Float64Array.of(chanceStrength) }),
      ...(descent && { lossHistory: descent.lossHistory }),
    },
    metadata: {
      selection,
      selected,
      scale: String(scale),
      center: center === undefined ? 'default' : String(center),
      tolerance: tolerance === undefined ? 'default' : String(tolerance),
      ...(descent && {
        options: JSON.stringify({ solver, seed, maxIterations, gradientTolerance }),
        converged: String(descent.converged),
      }),
    },
  }
}

/** @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model */
export function decodePerfect(bytes: FileBytes): PerfectFile {
  const { file, model, joint, nComponents } = decodeModel(KIND, bytes)
  const descended = file.tensors.has('lossHistory')
  const given = {
    nComponents,
    selection: readChoice(file, 'selection', SELECTIONS),
    center: readSwitch(file, 'center', 'default'),
    // Files of before there was `scale` were fitted without.
    scale:
      model.scales || Object.hasOwn(file.metadata, 'scale') ? (readSwitch(file, 'scale', 'auto') ?? 'auto') : false,
    tolerance: readTolerance(file),
  }
  const options = descended ? fromOptions(file, (more) => checkOptions({ ...more, ...given })) : checkOptions(given)
  const total = model.maps.reduce((sum, { cols }) => sum + cols, 0)
  return {
    options,
    model: {
      ...model,
      selected: readChoice(file, 'selected', RULES),
      sharedStrength: readTensor(file, 'sharedStrength', [nComponents]),
      ...(descended && { descent: readDescent(file) }),
    },
    derived: {
      singularValues: file.tensors.has('singularValues') ? readTensor(file, 'singularValues', [total]) : undefined,
      chanceStrength: file.tensors.has('chanceStrength') ? readTensor(file, 'chanceStrength', [1])[0] : undefined,
    },
    joint,
  }
}

function readDescent(file: TensorFile): Descent {
  return {
    lossHistory: readVector(file, 'lossHistory'),
    converged: readChoice(file, 'converged', ['true', 'false']) === 'true',
  }
}

function readSwitch(file: TensorFile, name: string, neither: string): boolean | undefined {
  const text = readChoice(file, name, [neither, 'true', 'false'])
  return text === neither ? undefined : text === 'true'
}

function readTolerance(file: TensorFile): number | undefined {
  const text = readText(file, 'tolerance')
  if (text === 'default') return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (!(value >= 0 && value < 1)) {
    throw contentError(`metadata 'tolerance' is '${text}', expected 'default' or a number from 0 to below 1`)
  }
  return value
}
