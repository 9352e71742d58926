import type { Command } from 'commander'
import type { Context } from './context.js'
import { openOutput } from './files.js'
import { npyBytes, readMatrix } from './matrices.js'
import { checkModality, checkWidth, mapRows, readModel } from './model.js'
import { integer, outOption, precisionOption, rowsOption, type Precision } from './options.js'
import type { RowSelection } from './rows.js'

interface TransformOptions {
  readonly modality: number
  readonly precision: Precision
  readonly rows?: RowSelection
  readonly out: string
}

/** Adds `collimate transform`. */
export function addTransform(program: Command, context: Context): void {
  program
    .command('transform')
    .summary('map one modality into the latent space')
    .description(
      'Map one modality into the latent space: n rows of d columns become n rows of k columns. Samples need no partner.',
    )
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrix>', 'n x d .npy file, d as in the fit')
    .requiredOption(
      '-m, --modality <index>',
      'which modality the file holds: 0 is the first file of the fit',
      integer(0),
    )
    .addOption(rowsOption('map only these rows'))
    .addOption(precisionOption('the latents'))
    .addOption(outOption('the n x k latents, a .npy file'))
    .addHelpText('after', '\nExample:\n  $ collimate transform model.safetensors image.npy --modality 0 --out z.npy')
    .action((model: string, matrix: string, options: TransformOptions) => transform(model, matrix, options, context))
}

async function transform(modelPath: string, path: string, options: TransformOptions, context: Context): Promise<void> {
  const { modality, precision, rows, out } = options
  const output = await openOutput(out, [modelPath, path])
  const model = await readModel(modelPath, context.signal)
  checkModality(model, modality, '--modality')
  const x = await readMatrix(path, context.signal, rows)
  checkWidth(model, modality, x, path)
  const latents = await mapRows(x, 'transform', (chunk) => model.transform(chunk, modality), context)
  await output.write(npyBytes(latents, precision), context.signal)
  context.stdout.write(`${out}: ${latents.rows} x ${latents.cols} latents of modality ${modality}\n`)
}
