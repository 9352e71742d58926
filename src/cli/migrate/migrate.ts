import type { Command } from 'commander'
import type { Context } from '../context.js'
import { addPlan } from './plan.js'
import { addRollback } from './rollback.js'
import { addRun } from './run.js'
import { addVerify } from './verify.js'

const DETAILS = `
What was embedded by an old model is brought together with a new one by a map,
fitted to items that both have embedded. There are three ways: queries into the
old space, which leaves all that is stored as it is; stored vectors into the new
space; or both into a shared one. plan says what each would keep.

Examples:
  $ collimate migrate plan old.npy new.npy --out migration.safetensors
  $ collimate migrate run migration.safetensors all.npy --out moved.npy
  $ collimate migrate verify migration.safetensors all.npy moved.npy
  $ collimate migrate rollback moved.npy`

/** Adds `collimate migrate`. */
export function addMigrate(program: Command, context: Context): void {
  const command = program
    .command('migrate')
    .summary('change an embedding model without embedding everything anew')
    .description(
      'Change an embedding model without embedding everything anew: find out what a map between both models keeps, map what is stored, check it, and take it back.',
    )
    .addHelpText('after', DETAILS)
  for (const add of [addPlan, addRun, addVerify, addRollback]) add(command, context)
}
