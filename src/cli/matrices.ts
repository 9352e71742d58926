import type { Matrix } from '../matrix.js'
import type { Context } from './context.js'
import type { CsvLabels } from './csv.js'
import { openInput } from './data/input.js'
import {
  calledColumns,
  chunkRows,
  collected,
  finiteChunks,
  watchingForCounters,
  type RowChunk,
  type RowStream,
} from './data/row-stream.js'
import { selectedChunks } from './data/selected-rows.js'
import { InputError } from './errors.js'
import { readLabels } from './formats.js'
import { selectedNumbers, selectedTotal, type RowList, type RowSelection } from './rows.js'
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

/** A file whose rows are read a chunk at a time. */
export interface OpenMatrix {
  readonly stream: RowStream
  /** What of it is still to be selected. */
  readonly reading: ReadOptions
}

/**
 * Opens a file whose rows are read a chunk at a time.
 *
 * @throws InputError if the file is missing or broken, or has no such columns
 */
export async function openMatrix(path: string, context: Context, options: ReadOptions = {}): Promise<OpenMatrix> {
  const stream = await openSource(path, context, options)
  if (options.id === undefined) return { stream, reading: options }
  const { DistinctRows } = await import('./join.js')
  if ((options.onDuplicate ?? 'error') === 'error') return { stream: new DistinctRows(stream), reading: options }
  const { streams } = await openJoined([stream], undefined, context, options)
  return { stream: streams[0], reading: selected(options) }
}

/** What is left to be done to rows that were joined: they are those that were selected. */
const selected = (options: ReadOptions): ReadOptions => ({ ...options, rows: undefined, isWatched: true })

/**
 * The rows of a stream that are used.
 *
 * @param width - numbers that a row takes, with what becomes of it
 * @throws InputError if they are not all there, or an entry is not finite
 */
export function usedChunks(
  stream: RowStream,
  context: Context,
  { rows, isWatched }: ReadOptions,
  width = stream.cols,
): AsyncGenerator<RowChunk> {
  const chunks = selectedChunks(stream, rows, chunkRows(width))
  return finiteChunks(isWatched === true ? chunks : watchingForCounters(chunks, stream, context), stream, rows)
}

/**
 * Reads a matrix.
 *
 * @throws InputError if the file is missing or broken, has no such rows or columns, or an entry that is used is not finite
 */
export async function readMatrix(path: string, context: Context, options: ReadOptions = {}): Promise<Rows> {
  const { stream, reading } = await openMatrix(path, context, options)
  try {
    const { matrix, ids } = await collected(stream, usedChunks(stream, context, reading))
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
  const { streams, reading } = await openFiles(paths, undefined, context, options)
  return {
    columns: streams.map(calledColumns),
    rows: reading.rows === undefined ? streams[0].rows : undefined,
    chunks: () => sideBySide(streams, context, reading),
    close: () => closeAll(streams),
  }
}

/** Files that were opened, and joined if there are ids. */
interface OpenFiles {
  readonly streams: readonly RowStream[]
  /** Of rows that were joined. */
  readonly labels?: readonly string[] | undefined
  /** What of them is still to be selected. */
  readonly reading: ReadOptions
}

async function openFiles(
  paths: readonly string[],
  labelPath: string | undefined,
  context: Context,
  options: ReadOptions,
): Promise<OpenFiles> {
  const streams = await openAll(paths, context, options)
  if (options.id === undefined) return { streams, reading: options }
  try {
    const found = await openJoined(streams, labelPath, context, options)
    return { ...found, reading: selected(options) }
  } catch (error) {
    await closeAll(streams)
    throw error
  }
}

async function openJoined(
  streams: readonly RowStream[],
  labelPath: string | undefined,
  context: Context,
  options: ReadOptions,
) {
  const { joined } = await import('./join.js')
  const labels = labelPath === undefined ? undefined : await labelsOf(labelPath, context, options, undefined)
  return joined(streams, labels && { ...labels, ids: labels.ids ?? [] }, context, options)
}

/** Numbers that a row has in all files together. */
const widthOf = (streams: readonly RowStream[]): number => streams.reduce((sum, { cols }) => sum + cols, 0)

async function* sideBySide(
  streams: readonly RowStream[],
  context: Context,
  reading: ReadOptions,
): AsyncGenerator<Matrix[]> {
  const width = widthOf(streams)
  const each = streams.map((stream) => usedChunks(stream, context, reading, width))
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

/** Which of many rows are taken. */
export interface SampleOptions {
  /** How many at most; default: as many as fit into the memory that is kept for them. */
  readonly sample?: number | undefined
  readonly seed: string
}

/**
 * Reads one matrix per modality, and a label for each of the rows that are used: all that are selected, or as many of them as fit, drawn at random.
 *
 * @throws as {@link openPaired} does
 */
export async function readGrouped(
  paths: readonly string[],
  labelPath: string | undefined,
  context: Context,
  options: ReadOptions,
  sampling: SampleOptions,
): Promise<PairedRows> {
  const opened = await openFiles(paths, labelPath, context, options)
  const streams = [...opened.streams]
  const { reading } = opened
  try {
    for (const [i, stream] of streams.entries()) if (stream.rows === undefined) streams[i] = await counted(stream)
    checkPaired(streams)
    const [{ path, rows: total = 0 }] = streams
    const labels = opened.labels ?? (labelPath === undefined ? undefined : (await labelsOf(labelPath, context, options, total)).labels) // prettier-ignore
    const all = selectedTotal(reading.rows, total, path)
    const most = sampling.sample ?? comparedRows(widthOf(streams))
    const rows = all <= most ? reading.rows : await sampled(reading.rows, total, path, most, sampling.seed, context)
    const modalities: Matrix[] = []
    for (const stream of streams) {
      const chunks = usedChunks(stream, context, { ...reading, rows })
      modalities.push((await collected(stream, chunks)).matrix)
    }
    return {
      modalities,
      columns: streams.map(calledColumns),
      labels: labels && Array.from(selectedNumbers(rows, total, path), (row) => labels[row]),
    }
  } finally {
    await closeAll(streams)
  }
}

/** The rows of a stream, of which only the end tells how many they are, when that is known. */
export async function counted(stream: RowStream): Promise<RowStream> {
  const { spilled } = await import('./data/spilled.js')
  return spilled(stream, stream.chunks({ from: 0, rows: chunkRows(stream.cols) }))
}

// 128 MB as float32; and a minute or two of work, which grows with the square of the rows.
const COMPARED_NUMBERS = 2 ** 25
const COMPARED_ROWS = 2 ** 16
const LEAST_ROWS = 256

/** How many rows of `width` numbers, of all modalities together, are compared unless it is said how many. */
export const comparedRows = (width: number): number => Math.max(LEAST_ROWS, Math.min(COMPARED_ROWS, Math.floor(COMPARED_NUMBERS / Math.max(1, width)))) // prettier-ignore

async function sampled(
  selection: RowSelection | undefined,
  total: number,
  path: string,
  count: number,
  seed: string,
  context: Context,
): Promise<RowList> {
  const { drawnNumbers } = await import('./sample.js')
  const all = selectedNumbers(selection, total, path)
  context.stderr.write(
    `note: ${count} of ${all.length} rows are compared, drawn at random with --seed ${printable(seed)}: --sample takes more, or fewer\n`,
  )
  return { text: 'of the sample', numbers: drawnNumbers(all.length, count, seed).map((i) => all[i]) }
}

/** One label for each of `total` rows, or with the id that it belongs to. */
async function labelsOf(
  path: string,
  context: Context,
  { id, header }: ReadOptions,
  total: number | undefined,
): Promise<CsvLabels & { path: string }> {
  const input = await openInput(path, context)
  try {
    // The column has the name that it has in the first file.
    const reading = { id: id?.[0], header, signal: context.signal }
    const labels = await readLabels(input, total, reading)
    if (id !== undefined || labels.labels.length === total) return { ...labels, path }
    throw new InputError(`${path} has ${labels.labels.length} labels, expected one for each of ${total ?? 0} rows`)
  } finally {
    await input.close()
  }
}
