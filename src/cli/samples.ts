import { JointFactor } from '../align/factor/joint-factor.js'
import type { PairedSamples } from '../align/model/joint-estimator.js'
import { stackRows } from '../dense/slices.js'
import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import type { Context } from './context.js'
import { openPaired, type PairedStream } from './matrices.js'
import type { ReadOptions } from './sources.js'

/** Paired rows: themselves, or all that a linear method needs to know of them. */
export interface Samples {
  readonly samples: PairedSamples
  readonly widths: readonly number[]
  /** How messages call the columns of each file. */
  readonly columns: readonly (readonly string[])[]
  readonly rows: number
}

/**
 * Reads one file per modality. More rows than are held at a time become their joint factor, as they come; those are never in memory together.
 *
 * @param options.whole - keeps the rows themselves, however many there are
 * @param options.check - given the first rows: refuses, before all are read, what cannot be done with them
 * @throws as {@link openPaired}
 */
export async function readSamples(
  paths: readonly string[],
  context: Context,
  reading: ReadOptions,
  { whole = false, check }: { readonly whole?: boolean; readonly check?: (first: readonly Matrix[]) => void } = {},
): Promise<Samples> {
  const paired = await openPaired(paths, context, reading)
  try {
    return { ...(await taken(paired, context, whole, check)), columns: paired.columns }
  } finally {
    await paired.close()
  }
}

async function taken(
  paired: PairedStream,
  context: Context,
  whole: boolean,
  check: ((first: readonly Matrix[]) => void) | undefined,
): Promise<Omit<Samples, 'columns'>> {
  const widths = paired.columns.map((columns) => columns.length)
  const chunks = paired.chunks()
  const first = await chunks.next()
  if (first.done === true) return { samples: widths.map((cols) => new Matrix(0, cols)), widths, rows: 0 }
  check?.(first.value)
  const second = await chunks.next()
  if (second.done === true) return { samples: first.value, widths, rows: first.value[0].rows }
  const rest = async function* () {
    yield first.value
    yield second.value
    yield* chunks
  }
  return whole ? stacked(widths, rest()) : factored(widths, rest(), context)
}

async function factored(
  widths: readonly number[],
  chunks: AsyncIterable<Matrix[]>,
  { signal }: Context,
): Promise<Omit<Samples, 'columns'>> {
  const factor = new JointFactor(widths)
  for await (const modalities of chunks) await factor.updateAsync(modalities, { copy: false, signal })
  return { samples: factor, widths, rows: factor.rows }
}

async function stacked(widths: readonly number[], chunks: AsyncIterable<Matrix[]>): Promise<Omit<Samples, 'columns'>> {
  const parts: Matrix[][] = widths.map(() => [])
  for await (const modalities of chunks) for (const [m, x] of modalities.entries()) parts[m].push(x)
  const samples = parts.map((matrices) => inOne(matrices))
  return { samples, widths, rows: samples[0].rows }
}

/** On top of each other, in the precision that they have. */
function inOne(matrices: readonly Matrix[]): Matrix {
  const { rows, cols, data } = stackRows(matrices)
  return matrices.every((x) => isFloat32(x.data)) ? new Matrix(rows, cols, new Float32Array(data)) : new Matrix(rows, cols, data) // prettier-ignore
}
