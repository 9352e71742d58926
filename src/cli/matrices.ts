import { Matrix } from '../matrix.js'
import type { Context } from './context.js'
import type { CsvLabels } from './csv.js'
import { openInput } from './data/input.js'
import {
  calledColumns,
  chunkRows,
  collected,
  finiteChunks,
  inMemory,
  selectedChunks,
  watchingForCounters,
  type RowChunk,
  type RowStream,
  type Source,
} from './data/row-stream.js'
import { InputError } from './errors.js'
import { readLabels } from './formats.js'
import { joinOnIds, type IdRows } from './ids.js'
import { selectRows, type RowSelection } from './rows.js'
import { checkPaired, closeAll, openAll, openSource, type ReadOptions } from './sources.js'
import { printable } from './terminal.js'

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

/** Paired rows that are read a chunk at a time. */
export interface PairedStream {
  /** How messages call the columns of each modality. */
  readonly columns: readonly (readonly string[])[]
  /** How many rows there are, if that is known. */
  readonly rows: number | undefined
  /** One matrix per modality. @throws InputError if the files turn out to have different numbers of rows */
  chunks(): AsyncGenerator<Matrix[]>
  close(): Promise<void>
}

/**
 * Opens a file whose rows are read a chunk at a time; with ids, which have to be compared with each other, it is read now.
 *
 * @throws InputError if the file is missing or broken, or has no such columns
 */
export async function openMatrix(path: string, context: Context, options: ReadOptions = {}): Promise<RowStream> {
  const stream = await openSource(path, context, options)
  if (options.id === undefined) return stream
  const source = await wholeSource(stream, context)
  const { sources: [found], ids } = joined([source], undefined, context, options) // prettier-ignore
  return inMemory({ ...found, ids })
}

/**
 * The rows of a stream that are used.
 *
 * @param width - numbers that a row takes, with what becomes of it
 * @throws InputError if they are not all there, or an entry is not finite
 */
export function usedChunks(
  stream: RowStream,
  context: Context,
  { rows, id }: ReadOptions,
  width = stream.cols,
): AsyncGenerator<RowChunk> {
  const selected = selectedChunks(stream, rows, chunkRows(width))
  // Of rows that were joined the columns were looked at before.
  const watched = id === undefined ? watchingForCounters(selected, stream, context) : selected
  return finiteChunks(watched, stream, rows !== undefined)
}

/**
 * Reads a matrix.
 *
 * @throws InputError if the file is missing or broken, has no such rows or columns, or an entry that is used is not finite
 */
export async function readMatrix(path: string, context: Context, options: ReadOptions = {}): Promise<Rows> {
  const stream = await openMatrix(path, context, options)
  try {
    const { matrix, ids } = await collected(stream, usedChunks(stream, context, options))
    return { matrix, ids }
  } finally {
    await stream.close()
  }
}

/**
 * Opens one file per modality, whose rows are read side by side.
 *
 * @throws as {@link openMatrix} does, and InputError if the files differ in their number of rows or, with ids, have none in common
 */
export async function openPaired(
  paths: readonly string[],
  context: Context,
  options: ReadOptions = {},
): Promise<PairedStream> {
  if (options.id !== undefined) return pairedInMemory(await readGrouped(paths, undefined, context, options))
  const streams = await openAll(paths, context, options)
  return {
    columns: streams.map(calledColumns),
    rows: options.rows === undefined ? streams[0].rows : undefined,
    chunks: () => sideBySide(streams, context, options),
    close: () => closeAll(streams),
  }
}

/** Rows in memory, as if they were read. */
function pairedInMemory({ modalities, columns }: PairedRows): PairedStream {
  return {
    columns,
    rows: modalities[0].rows,
    async *chunks() {
      yield await Promise.resolve(modalities)
    },
    close: () => Promise.resolve(),
  }
}

async function* sideBySide(
  streams: readonly RowStream[],
  context: Context,
  { rows }: ReadOptions,
): AsyncGenerator<Matrix[]> {
  const atATime = chunkRows(streams.reduce((sum, { cols }) => sum + cols, 0))
  const each = streams.map((stream) => {
    const watched = watchingForCounters(selectedChunks(stream, rows, atATime), stream, context)
    return finiteChunks(watched, stream, rows !== undefined)
  })
  for (;;) {
    const next: IteratorResult<RowChunk, unknown>[] = []
    // One after the other: of two files with faults the first is named, every time.
    for (const chunks of each) next.push(await chunks.next())
    const found = next.map(({ done, value }) => (done === true ? undefined : value.matrix))
    const isPaired = found.every((matrix) => matrix?.rows === found[0]?.rows)
    if (!isPaired) {
      for (const chunks of each) while ((await chunks.next()).done !== true);
      checkPaired(streams)
    }
    if (found[0] === undefined) return
    yield found as Matrix[]
  }
}

/** Reads one matrix per modality, and a label for each of the rows that are used. @throws as {@link openPaired} does */
export async function readGrouped(
  paths: readonly string[],
  labelPath: string | undefined,
  context: Context,
  options: ReadOptions,
): Promise<PairedRows> {
  const { id, rows } = options
  const streams = await openAll(paths, context, options)
  try {
    const sources: Source[] = []
    for (const stream of streams) {
      sources.push(id === undefined ? await collected(stream, usedChunks(stream, context, options)) : await wholeSource(stream, context)) // prettier-ignore
    }
    if (id === undefined) checkPaired(streams)
    const labels = labelPath === undefined ? undefined : await labelsOf(labelPath, streams[0].rows ?? 0, context, options) // prettier-ignore
    if (id === undefined) {
      return {
        modalities: sources.map(({ matrix }) => matrix),
        columns: streams.map(calledColumns),
        labels: used(labels?.labels, rows, labelPath ?? ''),
      }
    }
    const found = joined(sources, labels, context, options)
    const modalities: Matrix[] = []
    for (const source of found.sources) {
      const stream = inMemory(source)
      modalities.push((await collected(stream, usedChunks(stream, context, options))).matrix)
    }
    return { modalities, columns: streams.map(calledColumns), labels: used(found.labels, rows, labelPath ?? '') }
  } finally {
    await closeAll(streams)
  }
}

/** All rows of a file. */
async function wholeSource(stream: RowStream, context: Context): Promise<Source> {
  const chunks = stream.chunks({ from: 0, rows: chunkRows(stream.cols) })
  try {
    return await collected(stream, watchingForCounters(chunks, stream, context))
  } finally {
    await stream.close()
  }
}

/** The rows of all files that have an id in common, and their labels. */
function joined(
  sources: readonly Source[],
  labels: (CsvLabels & { readonly path: string }) | undefined,
  context: Context,
  { onDuplicate = 'error' }: ReadOptions,
): { sources: Source[]; ids: readonly string[]; labels: readonly string[] | undefined } {
  const files: IdRows[] = sources.map(({ path, matrix, ids = [], lines }) => ({
    path,
    matrix,
    ids,
    lines: lines && new Matrix(lines.length, 1, lines),
    onDuplicate,
  }))
  if (labels !== undefined) {
    // By their numbers. Of labels there is no mean.
    const numbers = new Matrix(labels.labels.length, 1, Float64Array.from(labels.labels.keys()))
    const { path, ids = [] } = labels
    files.push({ path, matrix: numbers, ids, onDuplicate: onDuplicate === 'mean' ? 'error' : onDuplicate })
  }
  const { ids, matrices, lines } = joinOnIds(files, (text) => context.stderr.write(printable(`note: ${text}\n`)))
  return {
    sources: sources.map((source, i) => ({ ...source, matrix: matrices[i], lines: lines[i] && Array.from(lines[i].data) })), // prettier-ignore
    ids,
    labels: labels && Array.from(matrices[sources.length].data, (row) => labels.labels[row]),
  }
}

/** One label for each of `total` rows, or with the id that it belongs to. */
async function labelsOf(
  path: string,
  total: number,
  context: Context,
  { id, header }: ReadOptions,
): Promise<CsvLabels & { path: string }> {
  const input = await openInput(path, context)
  try {
    // The column has the name that it has in the first file.
    const reading = { id: id?.[0], header, signal: context.signal }
    const labels = await readLabels(input, id === undefined ? total : undefined, reading)
    if (id !== undefined || labels.labels.length === total) return { ...labels, path }
    throw new InputError(`${path} has ${labels.labels.length} labels, expected one for each of ${total} rows`)
  } finally {
    await input.close()
  }
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
