import { Option, type Command } from 'commander'
import { PerfectAlignment } from '../align/perfect-alignment.js'
import { SELECTIONS, type Selection } from '../align/selection.js'
import type { Matrix } from '../matrix.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { openOutput } from './files.js'
import { readPaired } from './matrices.js'
import { integer, relativeTolerance, outOption, precisionOption, rowsOption, type Precision } from './options.js'
import type { RowSelection } from './rows.js'
import { progressBar } from './terminal.js'

interface FitOptions {
  readonly components: number
  readonly selection: Selection
  readonly center?: true
  readonly tolerance?: number
  readonly precision: Precision
  readonly state?: true
  readonly rows?: RowSelection
  readonly out: string
}

const DETAILS = `
Selections, that is, which k directions align the modalities:
  auto         informative where perfect relations are real, balanced where they
               only come of having few rows
  balanced     most shared signal per misalignment, shrunk as the data ask for
  informative  of all perfect relations those that carry most signal; last where
               there are fewer than k
  last         the smallest singular vectors: least error on the fitted rows,
               but with few rows, or columns that depend on each other, the
               latents collapse and are good for nothing

Examples:
  $ collimate fit image.npy text.npy --components 64 --out model.safetensors
  $ collimate fit a.npy b.npy c.npy --components 20 --selection balanced \\
      --rows 0:1500 --out model.safetensors

What a model is worth, 'collimate evaluate' tells with rows that were kept back.`

/** Adds `collimate fit`. */
export function addFit(program: Command, context: Context): void {
  program
    .command('fit')
    .summary('fit an alignment of two or more modalities')
    .description(
      'Fit an alignment: one linear map per modality into a shared latent space of k dimensions. Row i of every file is ' +
        'the same sample; the numbers of columns may differ.',
    )
    .argument('<matrices...>', 'two or more .npy files, n x d1, n x d2, ...')
    .requiredOption('-k, --components <k>', 'dimensions of the latent space, from 1 to d1 + d2 + ...', integer(1))
    .addOption(
      new Option('-s, --selection <name>', 'which directions to take, see below').choices(SELECTIONS).default('auto'),
    )
    .option('--center', 'subtract the column means (auto and balanced always do)')
    .option(
      '--tolerance <x>',
      'relative size below which a singular value counts as zero (default: by shape and precision)',
      relativeTolerance,
    )
    .addOption(rowsOption('fit these rows only'))
    .addOption(precisionOption('the model'))
    .option('--state', 'store the factor of the data too, so that more data can be merged in later')
    .addOption(outOption('the model, a .safetensors file'))
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: FitOptions) => fit(paths, options, context))
}

async function fit(paths: readonly string[], options: FitOptions, context: Context): Promise<void> {
  const { components, selection, center, tolerance, precision, state, out } = options
  if (paths.length < 2) throw new InputError('fit needs two or more files, one per modality, got 1')
  const output = await openOutput(out, paths)
  const modalities = await readPaired(paths, context.signal, options.rows)
  checkComponents(components, modalities)
  const model = new PerfectAlignment({ nComponents: components, selection, center, tolerance })
  await fitWithProgress(model, modalities, context)
  await output.write(model.toBytes({ precision, state }), context.signal)
  context.stdout.write(summary(out, model, modalities))
}

function checkComponents(components: number, modalities: readonly Matrix[]): void {
  const total = modalities.reduce((sum, { cols }) => sum + cols, 0)
  if (components > total) {
    throw new InputError(
      `--components ${components} is more than the ${columns(modalities)} = ${total} columns there are`,
    )
  }
}

const columns = (modalities: readonly Matrix[]): string => modalities.map(({ cols }) => cols).join(' + ')

function summary(out: string, model: PerfectAlignment, modalities: readonly Matrix[]): string {
  const { nComponents, selection, selected, sharedStrength, unrelatedStrength } = model
  const chosen = selection === selected ? selection : `${selection}, which chose ${selected}`
  const sizes = `${nComponents} components of ${columns(modalities)} columns, ${modalities[0].rows} rows`
  const unrelated = sharedStrength.filter((strength) => strength <= unrelatedStrength).length
  const note = `note: ${unrelated} of the ${nComponents} components carry nothing that the modalities share\n`
  return `${out}: ${sizes}, selection ${chosen}\n${unrelated > 0 ? note : ''}`
}

async function fitWithProgress(model: PerfectAlignment, modalities: Matrix[], context: Context): Promise<void> {
  const bar = progressBar(context)
  try {
    await model.fitAsync(modalities, { signal: context.signal, onProgress: bar.report })
  } finally {
    bar.clear()
  }
}
