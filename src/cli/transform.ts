import type { Command } from 'commander'
import type { Context } from './context.js'
import { openOutput } from './files.js'
import { checkRowsFile, matrixBytes, readMatrix, type ReadOptions } from './matrices.js'
import { checkModality, checkWidth, mapRows, readModel } from './model.js'
import { addInputOptions, modalityOption, outOption, precisionOption, type Precision } from './options.js'

interface TransformOptions extends ReadOptions {
  readonly modality: number
  readonly precision: Precision
  readonly out: string
}

/** Adds `collimate transform`. */
export function addTransform(program: Command, context: Context): void {
  const command = program
    .command('transform')
    .summary('map one modality into the latent space')
    .description(
      'Map one modality into the latent space: n rows of d columns become n rows of k columns. Samples need no partner.',
    )
    .argument('<model>', 'a model that `collimate fit` wrote')
    .argument('<matrix>', 'n x d .npy or .csv file, d as in the fit')
    .addOption(
      modalityOption('-m, --modality <index>', 'which modality the file holds: 0 is the first file of the fit'),
    )
  addInputOptions(command, 'map only these rows')
  command
    .addOption(precisionOption('the latents'))
    .addOption(outOption('the n x k latents, a .npy or .csv file'))
    .addHelpText('after', '\nExample:\n  $ collimate transform model.safetensors image.npy --modality 0 --out z.npy')
    .action((model: string, matrix: string, options: TransformOptions) => transform(model, matrix, options, context))
}

async function transform(modelPath: string, path: string, options: TransformOptions, context: Context): Promise<void> {
  const { modality, precision, out } = options
  const output = await openOutput(out, [modelPath, path])
  checkRowsFile(out, options)
  const model = await readModel(modelPath, context.signal)
  checkModality(model, modality, '--modality')
  const { matrix: x, ids } = await readMatrix(path, context, options)
  checkWidth(model, modality, x, path)
  const latents = await mapRows((o) => model.transformAsync(x, modality, o), context)
  await output.write(matrixBytes(out, latents, precision, { ids, id: options.id }, 'z'), context.signal)
  context.stdout.write(`${out}: ${latents.rows} x ${latents.cols} latents of modality ${modality}\n`)
}
