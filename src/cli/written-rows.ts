import { Option, type Command } from 'commander'
import { forceOption, outOption, precisionOption, type Precision } from './options.js'
import type { Context } from './context.js'
import { withMember } from './data/input.js'
import type { RowStream } from './data/row-stream.js'
import { selectedCount } from './data/selected-rows.js'
import { InputError } from './errors.js'
import { openOutput, type OutputFile } from './files.js'
import { FORMAT_NAMES, formatNamed, formatOf, type FileFormat } from './formats.js'
import type { Matrix } from '../matrix.js'
import { counted, usedChunks } from './matrices.js'
import type { ReadOptions } from './sources.js'
import { refuseOtherName } from './other-formats.js'
import type { AsyncOptions } from '../steps.js'

const GZIP = /\.gz$/i

/** What a command that writes rows is told of them. */
export interface RowsOptions extends ReadOptions {
  readonly out: string
  readonly precision?: Precision
  readonly format?: string
  readonly force?: true
}

/** Adds what says how rows are written, and where. */
export function addRowsOptions(command: Command, what: string, { isOutOptional = false } = {}): void {
  const out = `${what}: .npy, .npz, .parquet, .arrow, .safetensors, .csv, .tsv, .jsonl, .vec, .fvecs or .fbin, with .gz after it or not; - is the standard output`
  command
    .addOption(precisionOption(what, 'as the input'))
    .addOption(outOption(out, isOutOptional))
    .addOption(
      new Option('--format <name>', 'write that format (default: what the name of the file says, or npy)').choices(
        FORMAT_NAMES,
      ),
    )
    .addOption(forceOption())
}

/** @throws InputError if the file that `out` names cannot be written, has no place for the ids that were asked for, or is none of rows */
export async function openRowsFile(
  out: string,
  inputs: readonly string[],
  context: Context,
  options: RowsOptions,
): Promise<OutputFile> {
  const format = outputFormat(options)
  const output = await openOutput(withMember(out).path, inputs, context, {
    force: options.force,
    isText: format.isText,
  })
  if (options.format === undefined) refuseOtherName(out.replace(GZIP, ''))
  if (options.id !== undefined && !format.holdsIds) {
    throw new InputError(
      `${out} has no place for ids: write .csv, .jsonl, .npz, .parquet, .arrow or .safetensors, or leave the ids out with --skip instead of --id`,
    )
  }
  return output
}

function outputFormat({ out, format }: RowsOptions): FileFormat {
  return format === undefined ? formatOf(withMember(out).path.replace(GZIP, '')) : formatNamed(format)
}

/** What becomes of rows on their way from one file to another. */
export interface Mapping {
  /** Columns of the result. */
  readonly cols: number
  /** What the number of a column comes after in its name, in files that name columns. */
  readonly prefix: string
  /** Refuses a stream that it cannot map. */
  readonly check: () => void
  readonly map: (x: Matrix, options: AsyncOptions) => Promise<Matrix>
}

/**
 * Maps the rows of a stream, a chunk at a time, and writes them as they come.
 *
 * @param precision - of the numbers in the output; default: that of the input
 * @returns how many rows there were
 * @throws InputError if a row cannot be read, mapped or written; then nothing is left
 */
export async function writeMapped(
  stream: RowStream,
  output: OutputFile,
  mapping: Mapping,
  options: RowsOptions,
  context: Context,
): Promise<number> {
  const { signal } = context
  const { out, precision = stream.precision } = options
  const { path, member } = withMember(out)
  const isPacked = GZIP.test(path)
  const { cols, prefix, check, map } = mapping
  const { name, write } = outputFormat(options)
  if (write === undefined) throw new InputError(`cannot write ${out}: ${name} is read only`)
  const id = options.id && (/^-?\d+$/.test(options.id[0]) ? 'id' : options.id[0])
  let rowsOf = stream
  let rows = 0
  try {
    check()
    // Such a file begins with how many rows it has, inside of another or before ids.
    const isCountedFirst = name === 'npz' || name === 'safetensors'
    if (isCountedFirst && stream.rows === undefined) rowsOf = await counted(stream)
    const total = selectedCount(rowsOf, options.rows)
    await output.fill(async (sink) => {
      const writing = {
        path,
        name: options.format === undefined ? path.replace(GZIP, '') : `x.${name}`,
        member,
        rows: total,
        cols,
        precision,
        id,
        prefix,
        delimiter: options.delimiter,
        decimal: options.decimal,
      }
      const packing = isPacked ? (await import('./data/gzip-sink.js')).gzipSink(sink) : undefined
      const writer = await write(packing ?? sink, writing)
      for await (const { matrix, ids } of usedChunks(rowsOf, context, options, Math.max(cols, stream.cols))) {
        await writer.add(await map(matrix, { copy: false, signal }), ids)
        rows += matrix.rows
      }
      await writer.end()
      await packing?.end()
    }, signal)
  } finally {
    await rowsOf.close()
  }
  return rows
}
