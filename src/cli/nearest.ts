import { Option, type Command } from 'commander'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import type { Context } from './context.js'
import type { RowStream } from './data/row-stream.js'
import type { Sink } from './data/row-writer.js'
import { InputError } from './errors.js'
import { openOutput, printed } from './files.js'
import { checkModality, checkWidth, readModel } from './model.js'
import { NEAR_METRICS, needsRho, type NearMetric } from './neighbours.js'
import { csvNeighbours, jsonlNeighbours, jsonNeighbours, npzNeighbours, tableWriter, type NeighbourNames, type NeighbourWriter, type Summary } from './neighbour-writers.js' // prettier-ignore
import { seek } from './neighbour-search.js'
import { addColumnOptions, forceOption, integer, rowsOption } from './options.js'
import type { RowSelection } from './rows.js'
import { closeAll, openSource, type ReadOptions } from './sources.js'
import { bold, statusOf } from './terminal.js'

// They are held for some queries at a time.
const MOST_NEIGHBOURS = 2 ** 16

const FORMATS = ['csv', 'tsv', 'jsonl', 'npz'] as const

interface NearestOptions extends ReadOptions {
  readonly model?: string
  readonly from?: number
  readonly to?: number
  readonly metric?: NearMetric
  readonly neighbours: number
  readonly galleryRows?: RowSelection
  readonly json?: true
  readonly out?: string
  readonly format?: (typeof FORMATS)[number]
  readonly force?: true
}

const DETAILS = `
Every query is compared with every row of the gallery: what is found is exact.
Without a model both files have the same columns and are compared as they are.
With one, --from says which modality the queries are of and --to the gallery;
of two modalities --to is the other one. Metrics likelihood and normalised weigh
what the fit says that components share: they are for two different modalities
of balanced and canonical-correlation.

With --id neighbours are called by their ids, otherwise by the number of their
row, from 0 on. Where only the gallery has ids, give --id '' for the queries and
--id NAME for the gallery; --columns, --skip and --field go by file likewise.

Written are .csv and .tsv, a line for each query and neighbour; .jsonl, a line a
query; and .npz, arrays of queries x k. --out - is the standard output.

The queries are read some at a time, and the gallery once for each of those:
rows that come once, as those of a pipe, are put aside in a temporary file then.

Examples:
  $ collimate nearest text.npy image.npy --model model.safetensors --from 1 \\
      -k 10 --metric normalised --out found.csv
  $ collimate nearest query.npy catalogue.jsonl --id '' --id sku -k 5`

/** Adds `collimate nearest`. */
export function addNearest(program: Command, context: Context): void {
  const command = program
    .command('nearest')
    .summary('find the nearest rows of a gallery, for each of some queries')
    .description(
      'Find the k nearest rows of a gallery for each query: of one modality among those of another, by a model, or among rows of the same columns.',
    )
    .argument('<queries>', 'n x d, in any format that is read')
    .argument('<gallery>', 'what is searched, p x d; with a model as many columns as it was fitted to')
    .option('--model <file>', 'a model that `collimate fit` wrote: rows are compared by their latents')
    .addOption(
      new Option('--from <index>', 'modality of the queries: 0 is the first file of the fit').argParser(integer(0)),
    ) // prettier-ignore
    .addOption(new Option('--to <index>', 'modality of the gallery (default: the other of two)').argParser(integer(0)))
    .addOption(
      new Option('-k, --neighbours <count>', `how many a query, up to ${MOST_NEIGHBOURS}`)
        .argParser(integer(1, MOST_NEIGHBOURS))
        .default(10),
    )
    .addOption(new Option('--metric <name>', 'what near means').choices(NEAR_METRICS).default('cosine'))
    .addOption(rowsOption('seek for these queries only'))
    .addOption(rowsOption('seek among these rows of the gallery only', 'gallery-rows'))
  addColumnOptions(command)
  command
    .option('-o, --out <file>', 'write .csv, .tsv, .jsonl or .npz instead of a table; a file of that name is replaced')
    .addOption(new Option('--format <name>', 'write that format (default: what the name of the file says, or csv)').choices(FORMATS)) // prettier-ignore
    .addOption(forceOption())
    .option('--json', 'print one JSON object instead of a table')
    .addHelpText('after', DETAILS)
    .action((queries: string, gallery: string, options: NearestOptions) => nearest([queries, gallery], options, context)) // prettier-ignore
}

async function nearest(paths: readonly [string, string], options: NearestOptions, context: Context): Promise<void> {
  const { out, json } = options
  if (out !== undefined && json === true) throw new InputError('--json is for the standard output: write .jsonl with --out') // prettier-ignore
  if (out === undefined && options.format !== undefined) throw new InputError('--format is for --out')
  const format = out === undefined ? undefined : formatOf(out, options.format)
  const inputs = options.model === undefined ? paths : [options.model, ...paths]
  const output = out === undefined ? undefined : await openOutput(out, inputs, context, { force: options.force, isText: format !== 'npz' }) // prettier-ignore
  const model = options.model === undefined ? undefined : await readModel(options.model, context)
  const [from, to] = modalitiesOf(model, options)
  const streams: RowStream[] = []
  try {
    for (const [i, path] of paths.entries()) streams.push(await openSource(path, context, options, i, paths.length))
    const [queries, gallery] = streams
    checkColumns(model, [from, to], queries, gallery)
    const { metric = 'cosine', neighbours: k } = options
    const isSingle = streams.every(({ precision }) => precision === 'f32')
    const side = { model, metric, isSingle }
    const search = {
      queries,
      gallery,
      k,
      rows: options.rows,
      galleryRows: options.galleryRows,
      from: { ...side, modality: from, partner: to },
      to: { ...side, modality: to, partner: from },
    }
    const names = (hasIds: boolean): NeighbourNames => ({
      item: hasIds ? 'id' : 'row',
      value: metric === 'euclidean' ? 'distance' : 'score',
    })
    const fill = (writer: (names: NeighbourNames) => NeighbourWriter | Promise<NeighbourWriter>) =>
      seek(search, (hasIds) => writer(names(hasIds)), context)
    if (output === undefined || out === undefined) {
      const sink = printed(context)
      await fill((n) => json === true ? jsonNeighbours(sink, n) : tableWriter(sink, n, (text) => bold(text, context.stdout, context.env))) // prettier-ignore
      return
    }
    let summary: Summary | undefined
    await output.fill(async (sink) => {
      summary = await fill((n) => writerOf(format, sink, n, options))
    }, context.signal)
    if (summary !== undefined) {
      statusOf(out, context).write(`${out}: ${summary.queries} queries, the ${summary.k} nearest of ${summary.gallery} each, by ${metric}\n`) // prettier-ignore
    }
  } finally {
    await closeAll(streams)
  }
}

function formatOf(out: string, format: NearestOptions['format']): (typeof FORMATS)[number] {
  if (format !== undefined) return format
  const ending = /\.([^./\\]+)$/.exec(out)?.[1].toLowerCase()
  if (ending === undefined) return 'csv'
  const found = FORMATS.find((name) => name === ending)
  if (found === undefined) throw new InputError(`cannot write ${out}: neighbours are written as .csv, .tsv, .jsonl or .npz, or as --format says`) // prettier-ignore
  return found
}

function writerOf(
  format: string | undefined,
  sink: Sink,
  names: NeighbourNames,
  { delimiter, decimal = '.' }: NearestOptions,
): NeighbourWriter | Promise<NeighbourWriter> {
  if (format === 'npz') return npzNeighbours(sink, names)
  if (format === 'jsonl') return jsonlNeighbours(sink, names)
  const between = delimiter ?? (format === 'tsv' ? '\t' : decimal === ',' ? ';' : ',')
  if (between === decimal) throw new InputError(`'${decimal}' cannot be both between cells and before decimals`)
  return csvNeighbours(sink, names, between, decimal)
}

/** Which modalities the files are of. @throws InputError if that is not said, or the model has none such */
function modalitiesOf(
  model: LinearAlignment | undefined,
  { from, to, metric = 'cosine' }: NearestOptions,
): [number, number] {
  if (model === undefined) {
    if ((from ?? to) !== undefined) throw new InputError('--from and --to are modalities of a model: give --model')
    if (needsRho(metric))
      throw new InputError(`--metric ${metric} goes by what a model says of its latents: give --model`)
    return [0, 0]
  }
  if (from === undefined) throw new InputError('--from is needed: which modality of the model are the queries of?')
  if (to === undefined && model.maps.length > 2) throw new InputError(`--to is needed: the model has ${model.maps.length} modalities`) // prettier-ignore
  const other = to ?? 1 - from
  checkModality(model, from, '--from')
  checkModality(model, other, '--to')
  if (needsRho(metric) && from === other) throw new InputError(`--metric ${metric} is for two different modalities, --from and --to are both ${from}`) // prettier-ignore
  return [from, other]
}

function checkColumns(
  model: LinearAlignment | undefined,
  [from, to]: readonly [number, number],
  queries: RowStream,
  gallery: RowStream,
): void {
  if (model !== undefined) {
    checkWidth(model, from, queries, queries.path)
    checkWidth(model, to, gallery, gallery.path)
  } else if (queries.cols !== gallery.cols) {
    throw new InputError(
      `${queries.path} has ${queries.cols} columns, ${gallery.path} has ${gallery.cols}: without --model both must have the same`,
    )
  }
}
