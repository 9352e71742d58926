import './features.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { loadAlignment } from '../align/load-alignment.js'
import type { Context } from './context.js'
import { contentOf } from './data/input.js'
import { about, InputError } from './errors.js'
import { NotFittedError } from '../errors.js'

/** @throws InputError if the file is missing or holds no model */
export async function readModel(path: string, context: Context): Promise<LinearAlignment> {
  const bytes = await contentOf(path, context)
  return about(`${path} is no sound model`, () => loadAlignment(bytes))
}

/** Columns of every modality, as the model was fitted. */
export function widths(model: LinearAlignment): number[] {
  return model.widths
}

/** @throws InputError unless the model has a modality of that number */
export function checkModality(model: LinearAlignment, modality: number, option: string): void {
  const count = model.maps.length
  if (modality >= count) {
    throw new InputError(`${option} ${modality}: the model has ${count} modalities, 0 to ${count - 1}`)
  }
}

/** @throws InputError unless the matrix read from `path` has the columns of that modality */
export function checkWidth(
  model: LinearAlignment,
  modality: number,
  matrix: { readonly cols: number },
  path: string,
): void {
  const cols = model.widths[modality]
  if (matrix.cols !== cols) {
    throw new InputError(`${path} has ${matrix.cols} columns, modality ${modality} of the model has ${cols}`)
  }
}

/** Work that asks a model for what it may not have. @throws InputError if it has not */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NotFittedError || error instanceof RangeError)) throw error
    throw new InputError(error.message, { cause: error })
  }
}
