import type { Command } from 'commander'
import type { PairedSamples } from '../align/model/joint-estimator.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import type { RepeatOptions } from '../io/streams/sources.js'
import { Matrix } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { significant } from '../text-table.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { openOutput } from './files.js'
import type { ReadOptions } from './sources.js'
import { FEATURES_HELP, readFeatures } from './features.js'
import { addMethodOptions, givenOptions, inFlags, methodsHelp, newModel } from './method-options.js'
import { methodNamed, type Method } from './methods.js'
import { addInputOptions, forceOption, outOption, precisionOption, type Precision } from './options.js'
import { readParts, repeatOption } from './parts.js'
import { withProgress } from './progress.js'
import { readSamples, type Samples } from './samples.js'
import { printable, progressBar, statusOf } from './terminal.js'
import { unitsNote } from './units.js'

interface FitOptions extends ReadOptions, RepeatOptions {
  readonly method: string
  readonly features?: string
  readonly precision: Precision
  readonly state?: true
  readonly decoders: boolean
  readonly force?: true
  readonly parts?: true
  readonly out: string
}

const DETAILS = `
${methodsHelp()}

${FEATURES_HELP}

Selections of perfect-alignment, that is, which k directions to take:
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
  $ collimate fit a.csv b.csv c.csv --components 20 --selection balanced \\
      --rows 0:1500 --out model.safetensors
  $ collimate fit image.npy text.npy --method canonical-correlation \\
      --components 20 --regularization oas --out model.safetensors

Which components and regularisation to ask for, 'collimate cross-validate' finds
out; what a model is worth, 'collimate evaluate' tells with rows that were kept
back.`

/** Adds `collimate fit`. */
export function addFit(program: Command, context: Context): void {
  const command = program
    .command('fit')
    .summary('fit an alignment of two or more modalities')
    .description(
      'Fit an alignment: one linear map per modality into a shared latent space of k dimensions. Row i of every file is ' +
        'the same sample; the numbers of columns may differ.',
    )
    .argument('<matrices...>', 'two or more .npy or .csv files, n x d1, n x d2, ...')
  addMethodOptions(command, { lists: false })
  addInputOptions(command, 'fit these rows only')
  command
    .addOption(precisionOption('the model').default('f64'))
    .option('--state', 'store the factor of the data too, so that more data can be merged in later')
    .option('--parts', 'the files are parts that `collimate factor` made, of different rows, in place of matrices')
    .addOption(repeatOption())
    .option('--no-decoders', "leave out what only 'collimate translate' needs")
    .addOption(outOption('the model, a .safetensors file'))
    .addOption(forceOption())
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: FitOptions) => fit(paths, options, context))
}

async function fit(paths: readonly string[], options: FitOptions, context: Context): Promise<void> {
  const method = methodNamed(options.method)
  if (options.features !== undefined && options.parts === true) {
    throw new InputError('--features is for matrices: parts do not hold the rows that feature maps are fitted to')
  }
  const features = options.features === undefined ? undefined : readFeatures(options.features, paths.length)
  const given = { ...givenOptions(method, { ...options }), features }
  const model = newModel(method, given)
  if (paths.length < 2 && options.parts === undefined) {
    throw new InputError(`fit needs two or more files, one per modality, got ${paths.length}`)
  }
  const output = await openOutput(options.out, paths, context, options)
  const read =
    options.parts === true
      ? await samplesOfParts(paths, options, context)
      : await readSamples(paths, context, options, {
          whole: model.needsSamples || features !== undefined,
          check: (first) => {
            refuseEarly(newModel(method, given), first)
          },
        })
  await fitWithProgress(model, read.samples, context)
  // Before the file is written, which then keeps it.
  if (model instanceof PerfectAlignment) await withProgress(model.chanceStrengthSteps(Engine.shared()), context)
  const notice = alarm(model)
  const { precision, state, decoders } = options
  await output.write(model.toBytes({ precision, state, decoders }), context.signal)
  context.stderr.write(printable(unitsNote(model, paths, read.columns)) + notice)
  statusOf(options.out, context).write(`${options.out}: ${summary(method, model, read)}\n${warning(model)}`)
}

/** What parts have seen. @throws InputError if options are given that choose rows or columns, which are chosen already */
async function samplesOfParts(paths: readonly string[], options: FitOptions, context: Context): Promise<Samples> {
  const given = (['rows', 'id', 'columns', 'skip', 'field'] as const).find((name) => options[name] !== undefined)
  if (given !== undefined) throw new InputError(`--${given} is for matrices: parts have the rows and columns that they were made of`) // prettier-ignore
  const factor = await readParts(paths, options, context)
  const { widths, rows } = factor
  return {
    samples: factor,
    widths,
    rows,
    columns: widths.map((width) => Array.from({ length: width }, (_, j) => String(j))),
  }
}

/** What cannot be fitted to such columns is said before all rows are read. */
function refuseEarly(model: LinearAlignment, first: readonly Matrix[]): void {
  if (model.needsSamples || model.features !== undefined) return
  try {
    model.partialFit(first.map(({ cols, data }) => new Matrix(1, cols, data.slice(0, cols))))
  } catch (error) {
    throw inFlags(error)
  }
}

function summary({ name }: Method, model: LinearAlignment, { widths, rows }: Samples): string {
  const sizes = `${model.maps[0].rows} components of ${widths.join(' + ')} columns, ${rows} rows`
  if (!(model instanceof PerfectAlignment)) return `${sizes}, ${name}`
  const { selection, selected } = model
  return `${sizes}, selection ${selection === selected ? selection : `${selection}, which chose ${selected}`}`
}

/** What the user should know before going on. */
function warning(model: LinearAlignment): string {
  if (!(model instanceof PerfectAlignment)) return ''
  const weak = weakComponents(model)
  const notes = [
    model.converged
      ? ''
      : 'note: the descent did not converge: allow more --max-iterations, or a larger --gradient-tolerance\n',
    weak > 0 && weak < model.sharedStrength.length
      ? `note: ${weak} of the ${model.sharedStrength.length} components ${weak === 1 ? 'is' : 'are'} no stronger than what unrelated files of this size share\n`
      : '',
  ]
  return notes.join('')
}

/** What calls all of a fit into question. */
function alarm(model: LinearAlignment): string {
  if (!(model instanceof PerfectAlignment) || weakComponents(model) < model.sharedStrength.length) return ''
  return `note: no component is stronger than ${significant(model.chanceStrength)}, what unrelated files of this size share by chance: are the rows in the same order?\n`
}

/** How many components carry no more than chance. */
function weakComponents({ sharedStrength, chanceStrength }: PerfectAlignment): number {
  return sharedStrength.filter((strength) => strength <= chanceStrength).length
}

/** Fits on the terminal: with a progress bar, and until Ctrl-C. */
export async function fitWithProgress(model: LinearAlignment, samples: PairedSamples, context: Context): Promise<void> {
  const bar = progressBar(context)
  try {
    await model.fitAsync(samples, { copy: false, signal: context.signal, onProgress: bar.report })
  } catch (error) {
    throw inFlags(error)
  } finally {
    bar.clear()
  }
}
