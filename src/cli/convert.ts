import type { Command } from 'commander'
import type { Context } from './context.js'
import { openMatrix } from './matrices.js'
import { addInputOptions } from './options.js'
import { statusOf } from './terminal.js'
import { addRowsOptions, openRowsFile, writeMapped, type Mapping, type RowsOptions } from './written-rows.js'

const DETAILS = `
Examples:
  $ collimate convert embeddings.jsonl --id custom_id --out embeddings.npz
  $ collimate convert 'part-*.npy' --columns 0:256 --precision f32 --out all.npy`

/** Adds `collimate convert`. */
export function addConvert(program: Command, context: Context): void {
  const command = program
    .command('convert')
    .summary('write rows in another format')
    .description('Write the rows of a file, or some of its rows and columns, in another format.')
    .argument('<matrix>', 'n x d, in any format that is read')
  addInputOptions(command, 'take these rows only')
  addRowsOptions(command, 'the rows')
  command.addHelpText('after', DETAILS).action((path: string, options: RowsOptions) => convert(path, options, context))
}

async function convert(path: string, options: RowsOptions, context: Context): Promise<void> {
  const { out } = options
  const output = await openRowsFile(out, [path], context, options)
  const { stream, reading } = await openMatrix(path, context, options)
  const { cols } = stream
  const mapping: Mapping = { cols, prefix: 'x', check: () => undefined, map: (x) => Promise.resolve(x) }
  const rows = await writeMapped(stream, output, mapping, { ...options, ...reading }, context)
  statusOf(out, context).write(`${out}: ${rows} x ${cols}\n`)
}
