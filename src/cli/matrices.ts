import { Matrix } from '../matrix.js'
import { finiteMatrix } from '../validation.js'
import { nameOf } from './columns.js'
import type { Context } from './context.js'
import type { CsvLabels, CsvReading, Header } from './csv.js'
import { InputError } from './errors.js'
import { readBytes } from './files.js'
import { formatOf, type Source } from './formats.js'
import { joinOnIds, type IdRows, type OnDuplicate } from './ids.js'
import type { Precision } from './options.js'
import { refuseOtherName } from './other-formats.js'
import { selectRows, type RowSelection } from './rows.js'

/** What of files is read, and how. */
export interface ReadOptions {
  readonly rows?: RowSelection
  readonly header?: Header
  /** The column of ids, of all files or of each. */
  readonly id?: readonly string[]
  readonly onDuplicate?: OnDuplicate
  /** The columns that are features, likewise. */
  readonly columns?: readonly string[]
  readonly skip?: readonly string[]
}

/** Rows that were read. */
export interface Rows {
  readonly matrix: Matrix
  /** One a row, if they were asked for. */
  readonly ids: readonly string[] | undefined
}

/** Paired rows that were read. */
export interface PairedRows {
  readonly modalities: Matrix[]
  /** How messages call the columns of each. */
  readonly columns: readonly (readonly string[])[]
  readonly labels: string[] | undefined
}

// Fewer rows may rise by chance, or hold a small table.
const COUNTED_ROWS = 20

/**
 * Reads a matrix.
 *
 * @throws InputError if the file is missing or broken, or has no such rows or columns
 * @throws RangeError if an entry that is used is not finite
 */
export async function readMatrix(path: string, context: Context, options: ReadOptions = {}): Promise<Rows> {
  const source = await readSource(path, context, options)
  const { source: [found], ids } = options.id === undefined ? { source: [source], ids: undefined } : joined([source], undefined, context, options) // prettier-ignore
  return { matrix: usedRows(found, options.rows), ids: used(ids, options.rows, path) }
}

/**
 * Reads one matrix per modality.
 *
 * @throws as {@link readMatrix} does, and InputError if the files differ in their number of rows or, with ids, have none in common
 */
export async function readPaired(
  paths: readonly string[],
  context: Context,
  options: ReadOptions = {},
): Promise<Matrix[]> {
  return (await readGrouped(paths, undefined, context, options)).modalities
}

/** Reads one matrix per modality, and a label for each of the rows that are used. @throws as {@link readPaired} does */
export async function readGrouped(
  paths: readonly string[],
  labelPath: string | undefined,
  context: Context,
  options: ReadOptions,
): Promise<PairedRows> {
  const { id, rows } = options
  const sources: Source[] = []
  for (const [i, path] of paths.entries()) {
    const source = await readSource(path, context, options, i, paths.length)
    sources.push(source)
    const [first] = sources
    if (id === undefined && source.matrix.rows !== first.matrix.rows) {
      throw new InputError(
        `${path} has ${source.matrix.rows} rows, ${paths[0]} has ${first.matrix.rows}: row i must be the same sample in every file, or --id name a column to join them on`,
      )
    }
  }
  const total = sources[0].matrix.rows
  const labels = labelPath === undefined ? undefined : await readLabels(labelPath, total, context, options)
  const found = id === undefined ? { source: sources, labels: labels?.labels } : joined(sources, labels, context, options) // prettier-ignore
  return {
    modalities: found.source.map((source) => usedRows(source, rows)),
    columns: found.source.map(({ columns, names }) => columns.map((column) => nameOf(column, names))),
    labels: used(found.labels, rows, labelPath ?? ''),
  }
}

/** The rows of all files that have an id in common, and their labels. */
function joined(
  sources: readonly Source[],
  labels: (CsvLabels & { readonly path: string }) | undefined,
  context: Context,
  { onDuplicate = 'error' }: ReadOptions,
): { source: Source[]; ids: readonly string[]; labels: readonly string[] | undefined } {
  const files: IdRows[] = sources.map((source) => ({ ...source, ids: source.ids ?? [], onDuplicate }))
  if (labels !== undefined) {
    // By their numbers. Of labels there is no mean.
    const numbers = new Matrix(labels.labels.length, 1, Float64Array.from(labels.labels.keys()))
    const { path, ids = [] } = labels
    files.push({ path, matrix: numbers, ids, onDuplicate: onDuplicate === 'mean' ? 'error' : onDuplicate })
  }
  const { ids, matrices, lines } = joinOnIds(files, notes(context))
  return {
    source: sources.map((source, i) => ({ ...source, matrix: matrices[i], lines: lines[i] })),
    ids,
    labels: labels && Array.from(matrices[sources.length].data, (row) => labels.labels[row]),
  }
}

const notes = (context: Context) => (text: string) => context.stderr.write(`note: ${text}\n`)

/** Reads file `i` of `count`. */
async function readSource(path: string, context: Context, options: ReadOptions, i = 0, count = 1): Promise<Source> {
  const { signal } = context
  const bytes = await readBytes(path, signal)
  const { header, id, columns, skip } = options
  const reading = {
    header,
    signal,
    id: ofFile(id, i, count, '--id'),
    columns: ofFile(columns, i, count, '--columns'),
    skip: ofFile(skip, i, count, '--skip'),
  }
  const source = await formatOf(path, bytes).read(bytes, path, reading)
  const rising = risingColumn(source.matrix)
  if (rising >= 0) {
    notes(context)(
      `column ${nameOf(source.columns[rising], source.names)} of ${path} rises from row to row, as numbers of rows do and time stamps: as a feature it lets rows be known by it; --id joins on such a column, --skip leaves it out`,
    )
  }
  return source
}

/** What an option says for one of several files. @throws InputError unless it was given once, or once for each */
function ofFile(values: readonly string[] | undefined, i: number, count: number, flag: string): string | undefined {
  if (values === undefined || values.length === 1) return values?.[0]
  if (values.length === count) return values[i]
  throw new InputError(`${flag} was given ${values.length} times, expected once, or once for each of ${count} files`)
}

/** A column of integers of which each is larger than the one before; -1 if there is none. */
function risingColumn({ rows, cols, data }: Matrix): number {
  if (rows < COUNTED_ROWS) return -1
  const rises = (j: number): boolean => {
    for (let i = 0; i < rows; i++) {
      const value = data[i * cols + j]
      if (!Number.isInteger(value) || (i > 0 && value <= data[(i - 1) * cols + j])) return false
    }
    return true
  }
  return Array.from({ length: cols }, (_, j) => j).findIndex(rises)
}

/** The rows that are used. @throws RangeError or InputError if one of their entries is not finite */
function usedRows(source: Source, rows: RowSelection | undefined): Matrix {
  const { path, matrix, lines } = source
  const selected = rows === undefined ? matrix : selectRows(matrix, rows, path)
  if (lines === undefined) return finiteMatrix(selected, rows === undefined ? path : `the selected rows of ${path}`)
  return finiteLines(selected, rows === undefined ? lines : selectRows(lines, rows, path), source)
}

/** @throws InputError with line and column of the first entry that is not finite */
function finiteLines(matrix: Matrix, lines: Matrix, { path, columns }: Source): Matrix {
  const { data, cols } = matrix
  const at = data.findIndex((x) => !Number.isFinite(x))
  if (at < 0) return matrix
  const what = Number.isNaN(data[at]) ? 'missing or NaN' : String(data[at])
  const place = `line ${lines.data[Math.floor(at / cols)]}, column ${columns[at % cols] + 1}`
  throw new InputError(`${path}: ${place} is ${what}; every entry must be finite: drop or impute such rows first`)
}

/** One label for each of `total` rows, or with the id that it belongs to. */
async function readLabels(
  path: string,
  total: number,
  { signal }: Context,
  { id, header }: ReadOptions,
): Promise<CsvLabels & { path: string }> {
  const bytes = await readBytes(path, signal)
  // The column has the name that it has in the first file.
  const reading: CsvReading = { id: id?.[0], header, signal }
  const labels = await formatOf(path, bytes).readLabels(bytes, path, id === undefined ? total : undefined, reading)
  if (id !== undefined || labels.labels.length === total) return { ...labels, path }
  throw new InputError(`${path} has ${labels.labels.length} labels, expected one for each of ${total} rows`)
}

/** What belongs to the rows that are used. */
function used(
  texts: readonly string[] | undefined,
  rows: RowSelection | undefined,
  path: string,
): string[] | undefined {
  if (texts === undefined) return undefined
  const numbers = new Matrix(texts.length, 1, Float64Array.from(texts.keys()))
  return Array.from((rows === undefined ? numbers : selectRows(numbers, rows, path)).data, (i) => texts[i])
}

/** @throws InputError if the file that `path` names has no place for the ids that were asked for, or is none of rows */
export function checkRowsFile(path: string, { id }: ReadOptions): void {
  refuseOtherName(path)
  if (id !== undefined && !formatOf(path).holdsIds) {
    throw new InputError(
      `${path} has no place for ids: write .csv or .tsv, or leave the ids out with --skip instead of --id`,
    )
  }
}

/** The bytes of the file `path` that is to hold rows, in the format that its name says; columns are named after `prefix` if there are ids. */
export function matrixBytes(
  path: string,
  matrix: Matrix,
  precision: Precision,
  { ids, id }: { readonly ids: readonly string[] | undefined; readonly id: readonly string[] | undefined },
  prefix: string,
): Uint8Array {
  const { rows, cols, data } = matrix
  const typed = precision === 'f32' ? Float32Array.from(data) : Float64Array.from(data)
  const called = id?.[0] === undefined || /^-?\d+$/.test(id[0]) ? 'id' : id[0]
  return formatOf(path).write(new Matrix(rows, cols, typed), path, ids && { ids, id: called, prefix })
}
