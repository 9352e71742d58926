import { Option, type Command } from 'commander'
import type { Matrix } from '../matrix.js'
import { crossValidateAsync } from '../model-selection/cross-validate.js'
import type { CrossValidation } from '../model-selection/cross-validation.js'
import type { Grid } from '../model-selection/grid.js'
import { RETRIEVAL_SIMILARITIES, type RetrievalSimilarity, type SelectionMetric } from '../model-selection/held-out.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { FEATURES_HELP, readFeatures } from './features.js'
import { openOutput } from './files.js'
import { readGrouped } from './matrices.js'
import type { ReadOptions } from './sources.js'
import {
  addMethodOptions,
  commandNames,
  constructorNames,
  givenOptions,
  inFlags,
  messageInFlags,
  methodsHelp,
  newModel,
} from './method-options.js'
import { methodNamed, type Method } from './methods.js'
import { addInputOptions, addSampleOption, forceOption, integer, precisionOption, type Precision } from './options.js'
import { bold, jsonText, progressBar, statusOf } from './terminal.js'

/** One choice of options, by the names of the command line. */
type Point = Readonly<Record<string, unknown>>

interface CrossValidateOptions extends ReadOptions {
  readonly method: string
  readonly features?: readonly string[]
  readonly folds: number
  readonly groups?: string
  readonly metric: SelectionMetric
  readonly similarity: RetrievalSimilarity
  readonly sample?: number
  readonly seed: string
  readonly precision: Precision
  readonly state?: true
  readonly json?: true
  readonly out?: string
  readonly force?: true
}

const FAILED = 'failed: '

const DETAILS = `
Every option of the method may have several values, with commas in between; all
combinations are tried. Each fold of the rows is held out once, and the models
that were fitted to the others are judged on it. The best has the highest mean;
of several such the first, so put what is simplest first.

Metrics, the mean over all ordered pairs of modalities:
  recall@K        share of rows whose partner is among the K nearest latents of
                  the other modality
  mrr             mean of 1 / rank of the partner
  r2              share of the variance of one modality that is predicted from
                  the other; least-squares: of its target
  overlap@K       of the K nearest rows of a row, the share that is found by
                  what was predicted of it; tells models apart where every
                  partner is found
CMAE is no metric to choose by: a model that maps everything to one point has
none.

${methodsHelp()}

${FEATURES_HELP}

Examples:
  $ collimate cross-validate image.npy text.npy --components 8,16,32,64
  $ collimate cross-validate a.csv b.csv --method canonical-correlation \\
      --components 5,10,20 --regularization 0,0.01,0.1,oas \\
      --groups subjects.csv --metric recall@10 --out best.safetensors
  $ collimate cross-validate old.npy new.npy --method least-squares \\
      --ridge 0,1,10,gcv --metric overlap@10`

/** Adds `collimate cross-validate`. */
export function addCrossValidate(program: Command, context: Context): void {
  const command = program
    .command('cross-validate')
    .summary('choose the options of a fit by rows that were held out')
    .description(
      'Choose the options of a fit, such as the number of components and the regularisation, by how well pairs that were ' +
        'held out find each other; with --out, fit the best to all rows.',
    )
    .argument('<matrices...>', 'two or more .npy or .csv files, n x d1, n x d2, ...')
  addMethodOptions(command, { lists: true })
  command
    .addOption(new Option('--folds <count>', 'parts that are held out in turn').argParser(integer(2)).default(5))
    .option('--groups <file>', 'one column of labels: rows of the same label, e.g. a subject, stay in one fold')
    .option('--metric <name>', 'recall@K, mrr, r2 or overlap@K, on the held-out rows', 'recall@1')
    .addOption(
      new Option('--similarity <name>', 'what near means in retrieval')
        .choices(RETRIEVAL_SIMILARITIES)
        .default('cosine'),
    )
    .option(
      '--seed <seed>',
      'of the division into folds, of rows that are drawn, and of methods that start at random',
      '0',
    )
  addInputOptions(command, 'use these rows only')
  addSampleOption(command)
  command
    .option('-o, --out <file>', 'fit the best to all rows and write that model, a .safetensors file')
    .addOption(forceOption())
    .addOption(precisionOption('that model').default('f64'))
    .option('--state', 'store the factor of the data too')
    .option('--json', 'print one JSON object instead of a table')
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: CrossValidateOptions) => crossValidation(paths, options, context))
}

async function crossValidation(
  paths: readonly string[],
  options: CrossValidateOptions,
  context: Context,
): Promise<void> {
  const { signal } = context
  const { out, groups } = options
  const method = methodNamed(options.method)
  const features = options.features?.map((text) => readFeatures(text, paths.length))
  const grid = gridOf({ ...givenOptions(method, { ...options, seed: undefined }), ...(features && { features }) })
  if (paths.length < 2) {
    throw new InputError(`cross-validate needs two or more files, one per modality, got ${paths.length}`)
  }
  const output =
    out === undefined
      ? undefined
      : await openOutput(out, groups === undefined ? paths : [...paths, groups], context, options)
  const { modalities, labels } = await readGrouped(paths, groups, context, options, options)
  const result = await validated(method, modalities, { ...options, grid, groups: labels }, context)
  if (output !== undefined) {
    const model = await result.refitAsync(undefined, { copy: false, signal })
    await output.write(model.toBytes({ precision: options.precision, state: options.state }), signal)
  }
  const stdout = out === undefined ? context.stdout : statusOf(out, context)
  stdout.write(options.json ? `${jsonText(result, 2)}\n` : text(result, out, context))
}

/** Lists of values, by the names of the command line. A switch is no list. */
function gridOf(options: Readonly<Record<string, unknown>>): Grid<Point> {
  const lists = Object.entries(options).map(([name, value]) => [
    name,
    Array.isArray(value) ? (value as unknown[]) : [value],
  ])
  return commandNames(Object.fromEntries(lists) as Record<string, unknown>) as Grid<Point>
}

async function validated(
  method: Method,
  modalities: Matrix[],
  {
    folds,
    metric,
    similarity,
    seed,
    grid,
    groups,
  }: Omit<CrossValidateOptions, 'groups'> & { grid: Grid<Point>; groups: string[] | undefined },
  context: Context,
): Promise<CrossValidation<Point>> {
  const bar = progressBar(context)
  const start = 'seed' in method.options ? { seed } : {}
  const estimator = (point: Point) =>
    newModel(method, { ...start, ...constructorNames(point), features: point.features })
  try {
    const options = { grid, folds, groups, metric, similarity, seed }
    return await crossValidateAsync(estimator, modalities, options, {
      copy: false,
      signal: context.signal,
      onProgress: bar.report,
    })
  } catch (error) {
    throw inFlags(error)
  } finally {
    bar.clear()
  }
}

/** The table, with its heading in bold, and what was written. */
function text(result: CrossValidation<Point>, out: string | undefined, { stdout, env }: Context): string {
  const lines = String(result).split('\n').map(failureInFlags)
  const heading = lines.findIndex((line) => line.includes('deviation'))
  lines[heading] = bold(lines[heading], stdout, env)
  const written = out === undefined ? [] : ['', `${out}: the best, fitted to all rows`]
  return `${[...lines, ...written].join('\n')}\n`
}

/** Failures name options as constructors do. */
function failureInFlags(line: string): string {
  return line.startsWith(FAILED) ? FAILED + messageInFlags(line.slice(FAILED.length)) : line
}
