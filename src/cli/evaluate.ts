import { Option, type Command } from 'commander'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { NotFittedError } from '../errors.js'
import { evaluateAsync } from '../evaluation/evaluate.js'
import type { RetrievalMetric } from '../evaluation/evaluation-data.js'
import type { Evaluation } from '../evaluation/evaluation.js'
import { evaluationTables } from '../evaluation/tables.js'
import type { Matrix } from '../matrix.js'
import { RETRIEVAL_SIMILARITIES } from '../model-selection/held-out.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { readGrouped } from './matrices.js'
import type { ReadOptions } from './sources.js'
import { checkWidth, readModel, widths } from './model.js'
import { addInputOptions, addSampleOption } from './options.js'
import { bold, jsonText, progressBar } from './terminal.js'

interface EvaluateOptions extends ReadOptions {
  readonly metric: RetrievalMetric
  readonly labels?: string
  readonly sample?: number
  readonly seed: string
  readonly json?: true
}

const DETAILS = `
Give it rows that the fit has not seen: on the fitted rows even a useless model
can have no error at all.

All rows are compared with each other. Of more than 65536, or than 2^25 numbers,
some are drawn at random, which is said on stderr: --sample takes more or fewer.

What is printed, of every pair of modalities:
  CMAE            mean distance between the latents of a pair; small alone
                  proves nothing: a map to zero has none
  NCMAE           the same with every latent scaled to length one
  alignment       mean square of those distances
  gap             distance between the means of the latents of length one
  CCA, SVCCA      mean canonical correlation, of all and of the leading
                  directions
  CKA             linear centred kernel alignment
  Procrustes      what is left after the best rotation and scaling: 0 to 1
Of every modality:
  energy          mean squared length of the latents
  effective rank  how many of the k latent dimensions are really in use
  uniformity      how evenly directions are spread; lower is more
  kept            share of the variance of the rows that can be had back from
                  their latents
Of every direction, by the metric and by csls, which discounts latents that are
near to everything:
  recall@K        share of rows whose partner is among the K nearest rows of
                  the other modality
  MRR             mean of 1 / rank of the partner
Metrics likelihood and normalised weigh every component by what the fit says it
shares; they are for models of balanced and canonical-correlation.
With --labels, where all rows of a class count as found:
  precision@K     of the K nearest, the share that is of the same class
  mAP             mean average precision
  chance          what guessing at random reaches

Examples:
  $ collimate evaluate model.safetensors image.npy text.npy --rows 1500:
  $ collimate evaluate model.safetensors image.npy text.npy --rows 1500: \\
      --labels classes.csv --json > evaluation.json`

/** Adds `collimate evaluate`. */
export function addEvaluate(program: Command, context: Context): void {
  const command = program
    .command('evaluate')
    .summary('measure a model on paired rows that were kept back')
    .description('Measure alignment, energy and retrieval of a model on paired rows that were kept back from its fit.')
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrices...>', 'n x d .npy or .csv files, one per modality, in the order of the fit')
  addInputOptions(command, 'evaluate these rows only')
  addSampleOption(command)
  command
    .addOption(
      new Option('--metric <name>', 'what near means in retrieval').choices(RETRIEVAL_SIMILARITIES).default('cosine'),
    )
    .option('--labels <file>', 'one column of labels, the class of each row: measures retrieval of classes too')
    .option('--seed <seed>', 'of the rows that are drawn where there are more than are compared', '0')
    .option('--json', 'print one JSON object instead of tables')
    .addHelpText('after', DETAILS)
    .action((model: string, matrices: string[], options: EvaluateOptions) =>
      evaluate(model, matrices, options, context),
    )
}

async function evaluate(
  modelPath: string,
  paths: readonly string[],
  { metric, labels: labelPath, sample, seed, json, ...reading }: EvaluateOptions,
  context: Context,
): Promise<void> {
  const { stdout } = context
  const model = await readModel(modelPath, context)
  if (paths.length !== widths(model).length) {
    throw new InputError(
      `${modelPath} has ${widths(model).length} modalities and needs as many files, got ${paths.length}`,
    )
  }
  const { modalities, labels } = await readGrouped(paths, labelPath, context, reading, { sample, seed })
  modalities.forEach((x, m) => {
    checkWidth(model, m, x, paths[m])
  })
  const evaluation = await measured(model, modalities, { metric, ...(labels && { labels }) }, context)
  stdout.write(json ? `${jsonText(evaluation, 2)}\n` : text(evaluation, context))
}

async function measured(
  model: LinearAlignment,
  modalities: readonly Matrix[],
  options: { readonly metric: RetrievalMetric; readonly labels?: readonly string[] },
  context: Context,
): Promise<Evaluation> {
  const bar = progressBar(context)
  try {
    return await evaluateAsync(model, modalities, {
      ...options,
      copy: false,
      signal: context.signal,
      onProgress: bar.report,
    })
  } catch (error) {
    // The metric that was asked for, of a model that has no rho.
    throw error instanceof NotFittedError ? new InputError(error.message, { cause: error }) : error
  } finally {
    bar.clear()
  }
}

/** The tables, with their headings in bold. */
function text(evaluation: Evaluation, { stdout, env }: Context): string {
  const { title, tables } = evaluationTables(evaluation)
  const parts = tables.map(([heading, ...body]) => [bold(heading, stdout, env), ...body].join('\n'))
  return `${[title, ...parts].join('\n\n')}\n`
}
