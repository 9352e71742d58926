import type { Command } from 'commander'
import type { Context } from './context.js'
import { openOutput } from './files.js'
import { openMatrix, type ReadOptions } from './matrices.js'
import { checkModality, checkWidth, readModel } from './model.js'
import { addInputOptions, modalityOption, outOption, precisionOption, type Precision } from './options.js'
import { checkRowsFile, writeMapped, type Mapping } from './written-rows.js'

interface TransformOptions extends ReadOptions {
  readonly modality: number
  readonly precision?: Precision
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
    .addOption(precisionOption('the latents', 'as the input'))
    .addOption(outOption('the n x k latents, a .npy or .csv file'))
    .addHelpText('after', '\nExample:\n  $ collimate transform model.safetensors image.npy --modality 0 --out z.npy')
    .action((model: string, matrix: string, options: TransformOptions) => transform(model, matrix, options, context))
}

async function transform(modelPath: string, path: string, options: TransformOptions, context: Context): Promise<void> {
  const { modality, out } = options
  const output = await openOutput(out, [modelPath, path])
  checkRowsFile(out, options)
  const model = await readModel(modelPath, context.signal)
  checkModality(model, modality, '--modality')
  const stream = await openMatrix(path, context, options)
  const cols = model.maps[modality].rows
  const map: Mapping['map'] = (x, o) => model.transformAsync(x, modality, o)
  const check = () => {
    checkWidth(model, modality, stream, path)
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'z', check, map }, options, context)
  context.stdout.write(`${out}: ${rows} x ${cols} latents of modality ${modality}\n`)
}
