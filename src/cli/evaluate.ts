import { Option, type Command } from 'commander'
import { runAsync } from '../runtime/steps.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { readPaired, type ReadOptions } from './matrices.js'
import { checkWidth, readModel, widths } from './model.js'
import { addInputOptions } from './options.js'
import { evaluation, type Report, type Retrieval, type RetrievalMetric } from './report.js'
import { share, significant, table } from '../text-table.js'
import { bold, progressBar } from './terminal.js'

interface EvaluateOptions extends ReadOptions {
  readonly metric: RetrievalMetric
  readonly json?: true
}

const DETAILS = `
Give it rows that the fit has not seen: on the fitted rows even a useless model
can have no error at all.

What is printed:
  CMAE            mean distance between the latents of a pair; small alone
                  proves nothing: a map to zero has none
  NCMAE           the same with every latent scaled to length one
  energy          mean squared length of the latents
  effective rank  how many of the k latent dimensions are really in use
  recall@K        share of rows whose partner is among the K nearest rows of
                  the other modality
  MRR             mean of 1 / rank of the partner
  chance          what guessing at random reaches

Examples:
  $ collimate evaluate model.safetensors image.npy text.npy --rows 1500:
  $ collimate evaluate model.safetensors image.npy text.npy --json > report.json`

/** Adds `collimate evaluate`. */
export function addEvaluate(program: Command, context: Context): void {
  const command = program
    .command('evaluate')
    .summary('measure a model on paired rows that were kept back')
    .description('Measure alignment, energy and retrieval of a model on paired rows that were kept back from its fit.')
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrices...>', 'n x d .npy or .csv files, one per modality, in the order of the fit')
  addInputOptions(command, 'evaluate these rows only')
  command
    .addOption(
      new Option('--metric <name>', 'what near means in retrieval').choices(['cosine', 'euclidean']).default('cosine'),
    )
    .option('--json', 'print one JSON object instead of tables')
    .addHelpText('after', DETAILS)
    .action((model: string, matrices: string[], options: EvaluateOptions) =>
      evaluate(model, matrices, options, context),
    )
}

async function evaluate(
  modelPath: string,
  paths: readonly string[],
  options: EvaluateOptions,
  context: Context,
): Promise<void> {
  const { signal, stdout, env } = context
  const model = await readModel(modelPath, signal)
  if (paths.length !== widths(model).length) {
    throw new InputError(
      `${modelPath} has ${widths(model).length} modalities and needs as many files, got ${paths.length}`,
    )
  }
  const modalities = await readPaired(paths, signal, options)
  modalities.forEach((x, m) => {
    checkWidth(model, m, x, paths[m])
  })
  const bar = progressBar(context)
  let report: Report
  try {
    report = await runAsync(evaluation(model, modalities, options.metric), { signal, onProgress: bar.report })
  } finally {
    bar.clear()
  }
  stdout.write(
    options.json ? `${JSON.stringify(report, null, 2)}\n` : tables(report, (text) => bold(text, stdout, env)),
  )
}

function tables(report: Report, heading: (text: string) => string): string {
  const { rows, components, metric } = report
  const title = `${rows} rows, ${components} components, ${metric} retrieval`
  const parts = [pairTable(report), modalityTable(report), retrievalTable(report)].map((lines) => {
    const [head, ...body] = table(lines)
    return [heading(head), ...body].join('\n')
  })
  return `${[title, ...parts].join('\n\n')}\n`
}

function pairTable({ pairs }: Report): string[][] {
  const lines = pairs.map(({ modalities, cmae, ncmae }) => [
    modalities.join(' - '),
    significant(cmae),
    significant(ncmae),
  ])
  return [['pair', 'CMAE', 'NCMAE'], ...lines]
}

function modalityTable({ modalities }: Report): string[][] {
  const lines = modalities.map(({ energy, effectiveRank }, m) => [
    String(m),
    significant(energy),
    effectiveRank.toFixed(1),
  ])
  return [['modality', 'energy', 'effective rank'], ...lines]
}

function retrievalTable({ retrieval, chance }: Report): string[][] {
  const ks = Object.keys(chance.recallAt).map(Number)
  const line = (name: string, { recallAt, meanReciprocalRank }: Retrieval) => [
    name,
    ...ks.map((k) => share(recallAt[k])),
    share(meanReciprocalRank),
  ]
  const lines = retrieval.map((direction) => line(`${direction.from} -> ${direction.to}`, direction))
  return [['retrieval', ...ks.map((k) => `recall@${k}`), 'MRR'], ...lines, line('chance', chance)]
}
