import type { Command } from 'commander'
import type { Context } from './context.js'
import { openOutput } from './files.js'
import { npyBytes, readMatrix } from './matrices.js'
import { checkModality, checkWidth, mapRows, readModel } from './model.js'
import { integer, outOption, precisionOption, rowsOption, type Precision } from './options.js'
import type { RowSelection } from './rows.js'

interface TranslateOptions {
  readonly from: number
  readonly to: number
  readonly precision: Precision
  readonly rows?: RowSelection
  readonly out: string
}

/** Adds `collimate translate`. */
export function addTranslate(program: Command, context: Context): void {
  program
    .command('translate')
    .summary('predict one modality from another')
    .description(
      'Predict one modality from another by least squares on the latents: n rows of d columns become n rows of as many ' +
        'columns as the target modality has.',
    )
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrix>', 'n x d .npy file of the source modality, d as in the fit')
    .requiredOption('--from <index>', 'modality that the file holds: 0 is the first file of the fit', integer(0))
    .requiredOption('--to <index>', 'modality to predict', integer(0))
    .addOption(rowsOption('translate only these rows'))
    .addOption(precisionOption('the prediction'))
    .addOption(outOption('the prediction, a .npy file'))
    .addHelpText('after', '\nExample:\n  $ collimate translate model.safetensors image.npy --from 0 --to 1 --out y.npy')
    .action((model: string, matrix: string, options: TranslateOptions) => translate(model, matrix, options, context))
}

async function translate(modelPath: string, path: string, options: TranslateOptions, context: Context): Promise<void> {
  const { from, to, precision, rows, out } = options
  const output = await openOutput(out, [modelPath, path])
  const model = await readModel(modelPath, context.signal)
  checkModality(model, from, '--from')
  checkModality(model, to, '--to')
  const x = await readMatrix(path, context.signal, rows)
  checkWidth(model, from, x, path)
  const predicted = await mapRows(x, 'translate', (chunk) => model.translate(chunk, from, to), context)
  await output.write(npyBytes(predicted, precision), context.signal)
  context.stdout.write(
    `${out}: ${predicted.rows} x ${predicted.cols}, modality ${to} predicted from modality ${from}\n`,
  )
}
