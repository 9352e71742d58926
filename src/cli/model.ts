import type { LinearAlignment } from '../align/linear-alignment.js'
import { loadAlignment } from '../align/load-alignment.js'
import { runAsync, type Steps } from '../runtime/steps.js'
import { Matrix } from '../matrix.js'
import type { Context } from './context.js'
import { about, InputError } from './errors.js'
import { readBytes } from './files.js'
import { progressBar } from './terminal.js'

/** @throws InputError if the file is missing or holds no model */
export async function readModel(path: string, signal: AbortSignal): Promise<LinearAlignment> {
  const bytes = await readBytes(path, signal)
  return about(`${path} is no sound model`, () => loadAlignment(bytes))
}

/** Columns of every modality, as the model was fitted. */
export function widths(model: LinearAlignment): number[] {
  return model.maps.map((map) => map.cols)
}

/** @throws InputError unless the model has a modality of that number */
export function checkModality(model: LinearAlignment, modality: number, option: string): void {
  const count = model.maps.length
  if (modality >= count) {
    throw new InputError(`${option} ${modality}: the model has ${count} modalities, 0 to ${count - 1}`)
  }
}

/** @throws InputError unless the matrix read from `path` has the columns of that modality */
export function checkWidth(model: LinearAlignment, modality: number, matrix: Matrix, path: string): void {
  const { cols } = model.maps[modality]
  if (matrix.cols !== cols) {
    throw new InputError(`${path} has ${matrix.cols} columns, modality ${modality} of the model has ${cols}`)
  }
}

// About 8 MB of float64: some milliseconds of work, so that Ctrl-C and the progress bar get their turn.
const CHUNK_ENTRIES = 2 ** 20

/** `f` applied to all rows of `x`, chunk by chunk, with progress on the terminal. `f` must treat rows one by one. */
export async function mapRows(
  x: Matrix,
  phase: string,
  f: (chunk: Matrix) => Matrix,
  context: Context,
): Promise<Matrix> {
  const bar = progressBar(context)
  try {
    return await runAsync(mapping(x, phase, f), { signal: context.signal, onProgress: bar.report })
  } finally {
    bar.clear()
  }
}

function* mapping(x: Matrix, phase: string, f: (chunk: Matrix) => Matrix): Steps<Matrix> {
  const chunkRows = Math.max(1, Math.floor(CHUNK_ENTRIES / Math.max(1, x.cols)))
  if (x.rows <= chunkRows) return f(x)
  let out: Matrix | undefined
  for (let start = 0; start < x.rows; start += chunkRows) {
    const stop = Math.min(start + chunkRows, x.rows)
    const mapped = f(new Matrix(stop - start, x.cols, x.data.subarray(start * x.cols, stop * x.cols)))
    out ??= new Matrix(x.rows, mapped.cols)
    out.data.set(mapped.data, start * mapped.cols)
    yield { phase, done: stop, total: x.rows }
  }
  return out ?? f(x)
}
