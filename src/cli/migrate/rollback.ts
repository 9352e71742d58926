import type { Command } from 'commander'
import type { Context } from '../context.js'
import { isStoreUrl } from '../stores/address.js'
import { rollbackOnStore } from '../stores/verbs.js'
import { removeWritten } from './receipt.js'

const DETAILS = `
Only what is as it was written is removed: <file>.migration.json, which run left
beside it, says what that is, and in a store its ledger: a column or a table
that was there before is emptied. The vectors that it came from were never touched.

Example:
  $ collimate migrate rollback moved.npy
  $ collimate migrate rollback 'lancedb:vectors?table=items&into=items_v2'`

/** Adds `collimate migrate rollback`. */
export function addRollback(migrate: Command, context: Context): void {
  migrate
    .command('rollback')
    .summary('remove what run wrote')
    .description('Remove a file of mapped vectors that `collimate migrate run` wrote.')
    .argument('<file>', 'what was given to --out; or the address of the store')
    .addHelpText('after', DETAILS)
    .action((out: string) => (isStoreUrl(out) ? rollbackOnStore(out, context) : rollback(out, context)))
}

async function rollback(out: string, { stdout }: Context): Promise<void> {
  const { source, rows, cols } = await removeWritten(out)
  stdout.write(`${out}: removed, ${rows} x ${cols}; ${source} is as it was\n`)
}
