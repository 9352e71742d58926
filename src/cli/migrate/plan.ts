import { Option, type Command } from 'commander'
import type { Matrix } from '../../matrix.js'
import { EmbeddingMigration } from '../../migration/embedding-migration.js'
import { migrationTables } from '../../migration/evaluation.js'
import { METHODS, WAYS, type MigrationMethod, type MigrationWay } from '../../migration/options.js'
import type { Context } from '../context.js'
import { InputError, VerdictError } from '../errors.js'
import { openOutput } from '../files.js'
import { readGrouped } from '../matrices.js'
import {
  addInputOptions,
  addSampleOption,
  forceOption,
  integer,
  outOption,
  precisionOption,
  type Precision,
} from '../options.js'
import type { ReadOptions } from '../sources.js'
import { bold, progressBar, statusOf } from '../terminal.js'
import { isStoreUrl, refuseFileOptions } from '../stores/address.js'
import { MOST_PAIRS, pairsOfStore } from '../stores/verbs.js'
import { shareNamed } from './options.js'

interface PlanOptions extends ReadOptions {
  readonly out: string
  readonly oldModel?: string
  readonly newModel?: string
  readonly way: MigrationWay | 'auto'
  readonly method: MigrationMethod | 'auto'
  readonly minRetention: number
  readonly heldOut?: number
  readonly sample?: number
  readonly curve?: number[]
  readonly groups?: string
  readonly seed: string
  readonly precision: Precision
  readonly html?: string
  readonly json?: true
  readonly force?: true
}

const DETAILS = `
Row i of both files is the same item, embedded by both models; some thousand
items do. Or give one file that has both vectors in two fields:
  $ collimate migrate plan both.jsonl --field old --field new -o m.safetensors
Or a store with two columns, in which some rows have both:
  $ collimate migrate plan 'postgres://me@host/shop?table=items&truth=new' \\
      -o m.safetensors

What is printed, of pairs that were held out, for every way and method:
  recall@K      share of queries whose own item is among the K nearest
  retention@10  of the 10 nearest that a collection embedded anew would give,
                the share that is found; among more rows less is
  95 %          where it lies, by the bootstrap over queries
then the retention with fewer pairs, what is recommended, and how far cosines
are off. Below --min-retention, or where the models share nothing, the exit
code is 3 and no model is written.

Examples:
  $ collimate migrate plan old.npy new.npy --out migration.safetensors \\
      --old-model minilm --new-model large-2 --min-retention 0.8
  $ collimate migrate plan old.npy new.npy -o m.safetensors --html report.html`

/** Adds `collimate migrate plan`. */
export function addPlan(migrate: Command, context: Context): void {
  const command = migrate
    .command('plan')
    .summary('fit and judge maps between two models')
    .description(
      'Fit maps between the vectors of two models, judge them by pairs that are held out, and write the best.',
    )
    .argument('<pairs...>', 'n x d_old and n x d_new file, old and new; or one with both; or a store with both')
  addInputOptions(command, 'use these pairs only')
  addSampleOption(command)
  command
    .addOption(outOption('the migration, a .safetensors file'))
    .option('--old-model <name>', 'name of the old model: vectors of another are refused by it')
    .option('--new-model <name>', 'name of the new model')
    .addOption(new Option('--way <name>', 'what is mapped').choices(['auto', ...WAYS]).default('auto'))
    .addOption(new Option('--method <name>', 'by which fit').choices(['auto', ...METHODS]).default('auto'))
    .addOption(
      new Option('--min-retention <share>', 'what has to be kept of the neighbours').argParser(shareNamed).default(0.5),
    )
    .addOption(
      new Option('--held-out <count>', 'pairs to judge by (default: a fifth, 2000 at most)').argParser(integer(4)),
    )
    .addOption(
      new Option(
        '--curve <list>',
        'numbers of pairs to draw the learning curve at, or none (default: halves)',
      ).argParser(countsNamed),
    )
    .option('--groups <file>', 'one column of labels: pairs of the same label, e.g. a document, stay together')
    .option('--seed <seed>', 'of what is held out, and of the intervals', '0')
    .addOption(precisionOption('the maps').default('f32'))
    .option('--html <file>', 'write a page with the curve and the retention of every method too')
    .option('--json', 'print one JSON object instead of tables')
    .addOption(forceOption())
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: PlanOptions) => plan(paths, options, context))
}

/** Reads a value of `--curve`. */
function countsNamed(text: string): number[] {
  return text === 'none' ? [] : text.split(',').map(integer(8))
}

async function plan(given: readonly string[], options: PlanOptions, context: Context): Promise<void> {
  const { out, groups, html, sample = MOST_PAIRS } = options
  const paths = isStoreUrl(given[0]) ? storeAlone(given, options) : pairPaths(given, options)
  const inputs = groups === undefined ? paths : [...paths, groups]
  const output = await openOutput(out, inputs, context, options)
  const page = html === undefined ? undefined : await openOutput(html, inputs, context, { ...options, isText: true })
  const { modalities, labels } = isStoreUrl(given[0])
    ? { modalities: await pairsOfStore(given[0], sample), labels: undefined }
    : await readGrouped(paths, groups, context, options, options)
  const migration = await fitted(modalities, labels, options, context)
  const { evaluation } = migration
  const stdout = statusOf(html === '-' ? '-' : out, context)
  stdout.write(options.json ? `${JSON.stringify(evaluation, null, 2)}\n` : text(evaluation, context))
  if (page !== undefined) {
    const { reportPage } = await import('./report-page.js')
    await page.write(new TextEncoder().encode(reportPage(evaluation)), context.signal)
  }
  const { isAdvised, reason } = evaluation.verdict
  if (!isAdvised) throw new VerdictError(reason)
  await output.write(migration.toBytes({ precision: options.precision }), context.signal)
  if (!options.json) stdout.write(`\n${out}: ${migration.way === 'none' ? 'no map is needed' : `${migration.way} by ${migration.method}, fitted to all ${migration.pairs} pairs`}\n`) // prettier-ignore
}

/** No file: a store has both. @throws InputError if there are files beside it, or what is said of files */
function storeAlone(given: readonly string[], options: PlanOptions): readonly string[] {
  refuseFileOptions({ ...options, out: undefined, force: undefined, precision: undefined })
  if (given.length > 1) throw new InputError('migrate plan takes one store, whose address names both columns, and nothing beside it') // prettier-ignore
  return []
}

/** Both files, or one twice. @throws InputError for others, or one that does not say where both vectors are */
function pairPaths(paths: readonly string[], { field, columns }: PlanOptions): readonly string[] {
  if (paths.length === 2) return paths
  if (paths.length > 2) throw new InputError(`migrate plan takes two files, old and new, got ${paths.length}`)
  if (Math.max(field?.length ?? 0, columns?.length ?? 0) !== 2) {
    throw new InputError(
      `one file has to hold both vectors of a row: say where by two --field, or by two --columns, of the old model first`,
    )
  }
  return [paths[0], paths[0]]
}

async function fitted(
  modalities: readonly Matrix[],
  groups: readonly string[] | undefined,
  options: PlanOptions,
  context: Context,
): Promise<EmbeddingMigration> {
  const { way, method, minRetention, heldOut, curve, seed } = options
  const bar = progressBar(context)
  try {
    return await EmbeddingMigration.fitAsync(modalities, {
      models: { old: options.oldModel, new: options.newModel },
      way,
      method,
      minRetention,
      ...(heldOut !== undefined && { heldOut }),
      ...(curve && { curve }),
      ...(groups && { groups }),
      seed,
      copy: false,
      signal: context.signal,
      onProgress: bar.report,
    })
  } finally {
    bar.clear()
  }
}

/** The tables, with their headings in bold. */
function text(evaluation: EmbeddingMigration['evaluation'], { stdout, env }: Context): string {
  const [title, ...parts] = migrationTables(evaluation)
  const last = parts.length - 1
  const bodies = parts.map(([heading, ...body], i) => [i < last ? bold(heading, stdout, env) : heading, ...body])
  return `${[title, ...bodies].map((lines) => lines.join('\n')).join('\n\n')}\n`
}
