import type { Command } from 'commander'
import type { Context } from '../context.js'
import { removeWritten } from './receipt.js'

const DETAILS = `
Only what is as it was written is removed: <file>.migration.json, which run left
beside it, says what that is. The vectors that it came from were never touched.

Example:
  $ collimate migrate rollback moved.npy`

/** Adds `collimate migrate rollback`. */
export function addRollback(migrate: Command, context: Context): void {
  migrate
    .command('rollback')
    .summary('remove what run wrote')
    .description('Remove a file of mapped vectors that `collimate migrate run` wrote.')
    .argument('<file>', 'what was given to --out')
    .addHelpText('after', DETAILS)
    .action((out: string) => rollback(out, context))
}

async function rollback(out: string, { stdout }: Context): Promise<void> {
  const { source, rows, cols } = await removeWritten(out)
  stdout.write(`${out}: removed, ${rows} x ${cols}; ${source} is as it was\n`)
}
