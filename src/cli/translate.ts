import type { Command } from 'commander'
import type { Context } from './context.js'
import { openOutput } from './files.js'
import { openMatrix, type ReadOptions } from './matrices.js'
import { checkModality, checkWidth, readModel } from './model.js'
import { addInputOptions, modalityOption, outOption, precisionOption, type Precision } from './options.js'
import { checkRowsFile, writeMapped, type Mapping } from './written-rows.js'

interface TranslateOptions extends ReadOptions {
  readonly from: number
  readonly to: number
  readonly precision?: Precision
  readonly out: string
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
  command
    .addOption(precisionOption('the prediction', 'as the input'))
    .addOption(outOption('the prediction, a .npy or .csv file'))
    .addHelpText('after', '\nExample:\n  $ collimate translate model.safetensors image.npy --from 0 --to 1 --out y.npy')
    .action((model: string, matrix: string, options: TranslateOptions) => translate(model, matrix, options, context))
}

async function translate(modelPath: string, path: string, options: TranslateOptions, context: Context): Promise<void> {
  const { from, to, out } = options
  const output = await openOutput(out, [modelPath, path])
  checkRowsFile(out, options)
  const model = await readModel(modelPath, context.signal)
  checkModality(model, from, '--from')
  checkModality(model, to, '--to')
  const stream = await openMatrix(path, context, options)
  const { cols } = model.maps[to]
  const map: Mapping['map'] = (x, o) => model.translateAsync(x, from, to, o)
  const check = () => {
    checkWidth(model, from, stream, path)
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'x', check, map }, options, context)
  context.stdout.write(`${out}: ${rows} x ${cols}, modality ${to} predicted from modality ${from}\n`)
}
