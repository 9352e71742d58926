import type { Command } from 'commander'
import type { Context } from './context.js'
import { openMatrix } from './matrices.js'
import { checkModality, checkWidth, readModel } from './model.js'
import { addInputOptions, modalityOption } from './options.js'
import { statusOf } from './terminal.js'
import { addRowsOptions, openRowsFile, writeMapped, type Mapping, type RowsOptions } from './written-rows.js'

interface TranslateOptions extends RowsOptions {
  readonly from: number
  readonly to: number
}

/** Adds `collimate translate`. */
export function addTranslate(program: Command, context: Context): void {
  const command = program
    .command('translate')
    .summary('predict one modality from another')
    .description(
      'Predict one modality from another: n rows of d columns become n rows of as many ' +
        'columns as the target modality has. By least squares on the latents, or by the rotation itself where the model is ' +
        'one of orthogonal-procrustes without --components.',
    )
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrix>', 'n x d .npy or .csv file of the source modality, d as in the fit')
    .addOption(modalityOption('--from <index>', 'modality that the file holds: 0 is the first file of the fit'))
    .addOption(modalityOption('--to <index>', 'modality to predict'))
  addInputOptions(command, 'translate only these rows')
  addRowsOptions(command, 'the prediction')
  command
    .addHelpText('after', '\nExample:\n  $ collimate translate model.safetensors image.npy --from 0 --to 1 --out y.npy')
    .action((model: string, matrix: string, options: TranslateOptions) => translate(model, matrix, options, context))
}

async function translate(modelPath: string, path: string, options: TranslateOptions, context: Context): Promise<void> {
  const { from, to, out } = options
  const output = await openRowsFile(out, [modelPath, path], context, options)
  const model = await readModel(modelPath, context)
  checkModality(model, from, '--from')
  checkModality(model, to, '--to')
  const { stream, reading } = await openMatrix(path, context, options)
  const cols = model.widths[to]
  const map: Mapping['map'] = (x, o) => model.translateAsync(x, from, to, o)
  const check = () => {
    checkWidth(model, from, stream, path)
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'x', check, map }, { ...options, ...reading }, context)
  statusOf(out, context).write(`${out}: ${rows} x ${cols}, modality ${to} predicted from modality ${from}\n`)
}
