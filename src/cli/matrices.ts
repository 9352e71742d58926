import { Matrix } from '../matrix.js'
import { finiteMatrix } from '../validation.js'
import type { Header } from './csv.js'
import { InputError } from './errors.js'
import { readBytes } from './files.js'
import { formatOf, type Source } from './formats.js'
import type { Precision } from './options.js'
import { selectRows, type RowSelection } from './rows.js'

/** Which rows of a file are wanted, and how a CSV file is read. */
export interface ReadOptions {
  readonly rows?: RowSelection
  readonly header?: Header
}

async function readSource(path: string, signal: AbortSignal, header: Header): Promise<Source> {
  const bytes = await readBytes(path, signal)
  return formatOf(path, bytes).read(bytes, path, { header, signal })
}

/** The rows that are used. @throws RangeError or InputError if one of their entries is not finite */
function usedRows({ path, matrix, lines }: Source, rows: RowSelection | undefined): Matrix {
  const used = rows === undefined ? matrix : selectRows(matrix, rows, path)
  if (lines === undefined) return finiteMatrix(used, rows === undefined ? path : `the selected rows of ${path}`)
  return finiteLines(used, rows === undefined ? lines : selectRows(lines, rows, path), path)
}

/** @throws InputError with line and column of the first entry that is not finite */
function finiteLines(matrix: Matrix, lines: Matrix, path: string): Matrix {
  const { data, cols } = matrix
  const at = data.findIndex((x) => !Number.isFinite(x))
  if (at < 0) return matrix
  const what = Number.isNaN(data[at]) ? 'missing or NaN' : String(data[at])
  const place = `line ${lines.data[Math.floor(at / cols)]}, column ${(at % cols) + 1}`
  throw new InputError(`${path}: ${place} is ${what}; every entry must be finite: drop or impute such rows first`)
}

/**
 * Reads a matrix from a .npy or a CSV file.
 *
 * @throws InputError if the file is missing or broken, or `rows` do not fit it
 * @throws RangeError if an entry that is used is not finite
 */
export async function readMatrix(path: string, signal: AbortSignal, options: ReadOptions = {}): Promise<Matrix> {
  return usedRows(await readSource(path, signal, options.header), options.rows)
}

/**
 * Reads one matrix per modality.
 *
 * @throws as {@link readMatrix} does, and InputError if the files differ in their number of rows
 */
export async function readPaired(
  paths: readonly string[],
  signal: AbortSignal,
  options: ReadOptions = {},
): Promise<Matrix[]> {
  return (await readGrouped(paths, undefined, signal, options)).modalities
}

/** Reads one matrix per modality, and a label for each of the rows that are used. @throws as {@link readPaired} does */
export async function readGrouped(
  paths: readonly string[],
  labelPath: string | undefined,
  signal: AbortSignal,
  { rows, header }: ReadOptions,
): Promise<{ modalities: Matrix[]; labels: string[] | undefined }> {
  const sources: Source[] = []
  for (const path of paths) {
    const source = await readSource(path, signal, header)
    sources.push(source)
    if (source.matrix.rows !== sources[0].matrix.rows) {
      throw new InputError(
        `${path} has ${source.matrix.rows} rows, ${paths[0]} has ${sources[0].matrix.rows}: row i must be the same sample in every file`,
      )
    }
  }
  const total = sources[0].matrix.rows
  const labels = labelPath === undefined ? undefined : await readLabels(labelPath, total, signal, header)
  return {
    modalities: sources.map((source) => usedRows(source, rows)),
    labels: labels && usedLabels(labels, rows, labelPath ?? ''),
  }
}

/** One label for each of `total` rows. */
async function readLabels(path: string, total: number, signal: AbortSignal, header: Header): Promise<string[]> {
  const bytes = await readBytes(path, signal)
  const labels = await formatOf(path, bytes).readLabels(bytes, path, total, { header, signal })
  if (labels.length === total) return labels
  throw new InputError(`${path} has ${labels.length} labels, expected one for each of ${total} rows`)
}

function usedLabels(labels: readonly string[], rows: RowSelection | undefined, path: string): string[] {
  if (rows === undefined) return [...labels]
  const numbers = new Matrix(labels.length, 1, Float64Array.from(labels.keys()))
  return Array.from(selectRows(numbers, rows, path).data, (i) => labels[i])
}

/** The bytes of the file `path` that is to hold `matrix`, in the format that its name says. */
export function matrixBytes(path: string, matrix: Matrix, precision: Precision): Uint8Array {
  const { rows, cols, data } = matrix
  const typed = precision === 'f32' ? Float32Array.from(data) : Float64Array.from(data)
  return formatOf(path).write(new Matrix(rows, cols, typed), path)
}
