import type { Command } from 'commander'
import type { Context } from './context.js'
import { openMatrix } from './matrices.js'
import { checkModality, checkWidth, readModel } from './model.js'
import { addInputOptions, modalityOption } from './options.js'
import { statusOf } from './terminal.js'
import { addRowsOptions, openRowsFile, writeMapped, type Mapping, type RowsOptions } from './written-rows.js'

interface TransformOptions extends RowsOptions {
  readonly modality: number
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
  addRowsOptions(command, 'the n x k latents')
  command
    .addHelpText('after', '\nExample:\n  $ collimate transform model.safetensors image.npy --modality 0 --out z.npy')
    .action((model: string, matrix: string, options: TransformOptions) => transform(model, matrix, options, context))
}

async function transform(modelPath: string, path: string, options: TransformOptions, context: Context): Promise<void> {
  const { modality, out } = options
  const output = await openRowsFile(out, [modelPath, path], context, options)
  const model = await readModel(modelPath, context)
  checkModality(model, modality, '--modality')
  const stream = await openMatrix(path, context, options)
  const cols = model.maps[modality].rows
  const map: Mapping['map'] = (x, o) => model.transformAsync(x, modality, o)
  const check = () => {
    checkWidth(model, modality, stream, path)
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'z', check, map }, options, context)
  statusOf(out, context).write(`${out}: ${rows} x ${cols} latents of modality ${modality}\n`)
}
