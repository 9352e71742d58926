import { InvalidArgumentError, Option } from 'commander'
import { EmbeddingMigration } from '../../migration/embedding-migration.js'
import type { Context } from '../context.js'
import { contentOf } from '../data/input.js'
import { about } from '../errors.js'

/** Reads a share of one. */
export function shareNamed(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be from 0 to 1.')
  return value
}

/** Which vectors a file holds. */
export type Side = 'stored' | 'queries'

/** `--side`. */
export function sideOption(): Option {
  return new Option('--side <name>', 'what the vectors are: stored, of the old model, or queries, of the new')
    .choices(['stored', 'queries'])
    .default('stored')
}

/** @throws InputError if the file is missing, or holds no migration */
export async function readMigration(path: string, context: Context): Promise<EmbeddingMigration> {
  const bytes = await contentOf(path, context)
  return about(`${path} is no sound migration`, () => EmbeddingMigration.fromBytes(bytes))
}
