import { Option, type Command } from 'commander'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import type { Matrix } from '../matrix.js'
import { ROLES, SCORES, type Role, type ScoreMetric } from '../score-rows.js'
import type { AsyncOptions } from '../steps.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import { openMatrix } from './matrices.js'
import { asked, checkModality, checkWidth, readModel } from './model.js'
import { addInputOptions, integer, modalityOption } from './options.js'
import { statusOf } from './terminal.js'
import { addRowsOptions, openRowsFile, writeMapped, type Mapping, type RowsOptions } from './written-rows.js'

interface TransformOptions extends RowsOptions {
  readonly modality: number
  readonly role?: Role
  readonly metric?: ScoreMetric
  readonly partner?: number
}

const EXAMPLES = `
Examples:
  $ collimate transform model.safetensors image.npy --modality 0 --out z.npy
  $ collimate transform model.safetensors text.npy -m 1 --role gallery -o g.npy`

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
    .addOption(
      new Option(
        '--role <name>',
        'query or gallery: rows whose Euclidean distances rank a gallery as a score does',
      ).choices(ROLES),
    )
    .addOption(new Option('--metric <name>', 'that score, with a role (default: "normalised")').choices(SCORES))
    .addOption(
      new Option('--partner <index>', 'the other modality, with a role; of two it is clear').argParser(integer(0)),
    )
    .addHelpText('after', EXAMPLES)
    .action((model: string, matrix: string, options: TransformOptions) => transform(model, matrix, options, context))
}

async function transform(modelPath: string, path: string, options: TransformOptions, context: Context): Promise<void> {
  const { modality, out, role, metric, partner } = options
  if (role === undefined && (metric ?? partner) !== undefined) {
    throw new InputError('--metric and --partner are for rows in a role: give --role query or --role gallery')
  }
  const output = await openRowsFile(out, [modelPath, path], context, options)
  const model = await readModel(modelPath, context)
  checkModality(model, modality, '--modality')
  const { stream, reading } = await openMatrix(path, context, options)
  const cols = model.maps[modality].rows
  const map: Mapping['map'] = (x, o) => mapped(model, x, options, o)
  const check = () => {
    checkWidth(model, modality, stream, path)
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'z', check, map }, { ...options, ...reading }, context)
  statusOf(out, context).write(
    `${out}: ${rows} x ${cols} ${role === undefined ? 'latents' : `rows for a ${role}`} of modality ${modality}\n`,
  )
}

/** Latents, or rows in a role. @throws InputError if the model does not have what the role needs */
async function mapped(
  model: LinearAlignment,
  x: Matrix,
  { modality, role, metric, partner }: TransformOptions,
  how: AsyncOptions,
): Promise<Matrix> {
  if (role === undefined) return model.transformAsync(x, modality, how)
  return asked(async () => (await model.transformAsync(x, modality, { ...how, role, metric, partner })).rows)
}
