import { Option, type Command } from 'commander'
import { Matrix } from '../../matrix.js'
import { difference } from '../../dense/arithmetic.js'
import { norm } from '../../dense/norms.js'
import { EmbeddingMigration } from '../../migration/embedding-migration.js'
import { heldRetention } from '../../migration/retention.js'
import { share, significant } from '../../text-table.js'
import type { Context } from '../context.js'
import { InputError, VerdictError } from '../errors.js'
import { openMatrix, readMatrix } from '../matrices.js'
import { addColumnOptions, integer } from '../options.js'
import type { ReadOptions } from '../sources.js'
import { isStoreUrl, refuseFileOptions } from '../stores/address.js'
import { verifyOnStore } from '../stores/verbs.js'
import { readMigration, shareNamed } from './options.js'

interface VerifyOptions extends ReadOptions {
  readonly json?: true
  readonly truth?: string
  readonly sample: number
  readonly minRetention?: number
}

/** By how much a mapped vector may differ from what the migration gives, for its length: float16 rounds by 2^-11. */
const TOLERATED = 2e-3

const DETAILS = `
It compares the number of rows, and of columns; and of a sample of rows, evenly
spread, the mapped vector with what the migration makes of the old one, and its
length. With --truth, vectors of the new model for those rows that the file
begins with, also the retention@10 that a search among them finds now.

Examples:
  $ collimate migrate verify migration.safetensors all.npy moved.npy
  $ collimate migrate verify migration.safetensors all.npy moved.npy \\
      --truth new-of-first-1000.npy --min-retention 0.8
  $ collimate migrate verify migration.safetensors \\
      'sqlite:items.db?table=items&into=items_v2&truth=new_embedding'`

/** Adds `collimate migrate verify`. */
export function addVerify(migrate: Command, context: Context): void {
  const command = migrate
    .command('verify')
    .summary('check what run wrote')
    .description('Check stored vectors that were mapped: counts, lengths, and what a search finds among them.')
    .argument('<migration>', 'the migration')
    .argument('<vectors>', 'the old vectors, as they were given to run; or the address of the store')
    .argument('[mapped]', 'what run wrote; of a store the address says it')
    .option('--truth <file>', 'vectors of the new model, of as many first rows')
    .addOption(new Option('--sample <count>', 'rows that are compared').argParser(integer(1)).default(1000))
    .addOption(new Option('--min-retention <share>', 'with --truth: what has to be kept').argParser(shareNamed))
  command.option('--json', 'of a store: print one JSON object')
  addColumnOptions(command)
  command
    .addHelpText('after', DETAILS)
    .action(async (path: string, vectors: string, mapped: string | undefined, options: VerifyOptions) => {
      if (isStoreUrl(vectors)) {
        refuseFileOptions({ ...options, mapped })
        return verifyOnStore(path, vectors, options, context)
      }
      if (mapped === undefined) throw new InputError("missing required argument 'mapped': the file that run wrote")
      return verify(path, [vectors, mapped], options, context)
    })
}

async function verify(
  path: string,
  files: readonly [vectors: string, mapped: string],
  options: VerifyOptions,
  context: Context,
): Promise<void> {
  const { stdout } = context
  const migration = await readMigration(path, context)
  if (!migration.movesStored) throw new InputError(`${path} leaves what is stored as it is: there is nothing to verify`)
  const { truth, sample, minRetention, ...reading } = options
  if (truth === undefined && minRetention !== undefined) throw new InputError('--min-retention needs --truth')
  const faults: string[] = []
  const counts = [await shapeOf(files[0], context, reading), await shapeOf(files[1], context, {})]
  if (counts[0].rows !== counts[1].rows) faults.push(`${files[1]} has ${counts[1].rows} rows, ${files[0]} has ${counts[0].rows}`) // prettier-ignore
  if (counts[1].cols !== migration.dimensions) faults.push(`${files[1]} has ${counts[1].cols} columns, the migration gives ${migration.dimensions}`) // prettier-ignore
  stdout.write(`rows ${counts[1].rows} of ${counts[0].rows}, columns ${counts[1].cols} of ${migration.dimensions}\n`)
  if (faults.length === 0) {
    const compared = await comparison(migration, files, counts[0].rows, sample, reading, context)
    stdout.write(`of ${compared.rows} rows the most that one differs from its map is ${significant(compared.most)} of its length; lengths ${compared.lengths.map(significant).join(' to ')}\n`) // prettier-ignore
    if (!(compared.most <= TOLERATED)) faults.push(`row ${compared.worst} of ${files[1]} differs from its map by ${significant(compared.most)} of its length`) // prettier-ignore
  }
  if (faults.length === 0 && truth !== undefined) {
    const kept = await retention(migration, files[1], truth, context)
    stdout.write(`retention@${kept.neighbours} ${share(kept.retention)} (${kept.interval.map(share).join(' to ')}) among ${kept.rows} rows; the plan said ${share(planned(migration))} among ${migration.evaluation.gallery}\n`) // prettier-ignore
    if (minRetention !== undefined && kept.retention < minRetention) faults.push(`retention is ${share(kept.retention)}, below ${share(minRetention)}`) // prettier-ignore
  }
  if (faults.length > 0) throw new VerdictError(faults.join('; '))
}

function planned({ evaluation, way, method }: EmbeddingMigration): number {
  return evaluation.rows.find((row) => row.way === way && row.method === method)?.retention ?? NaN
}

async function shapeOf(path: string, context: Context, options: ReadOptions): Promise<{ rows: number; cols: number }> {
  const { stream } = await openMatrix(path, context, options)
  try {
    let { rows } = stream
    if (rows === undefined) {
      rows = 0
      for await (const { matrix } of stream.chunks({ from: 0, rows: 1000 })) rows += matrix.rows
    }
    return { rows, cols: stream.cols }
  } finally {
    await stream.close()
  }
}

interface Comparison {
  readonly rows: number
  readonly most: number
  readonly worst: number
  readonly lengths: readonly [number, number]
}

async function comparison(
  migration: EmbeddingMigration,
  [vectors, mapped]: readonly [string, string],
  rows: number,
  sample: number,
  reading: ReadOptions,
  context: Context,
): Promise<Comparison> {
  const step = Math.max(1, Math.floor(rows / sample))
  const selection = [{ text: `0::${step}`, start: 0, stop: null, step }]
  const { matrix: before } = await readMatrix(vectors, context, { ...reading, rows: selection })
  const { matrix: after } = await readMatrix(mapped, context, { rows: selection })
  const expected = await migration.mapStoredAsync(before, { copy: false, signal: context.signal })
  let [most, worst, least, longest] = [0, 0, Infinity, 0]
  const differences = difference(new Matrix(after.rows, after.cols, after.data), expected)
  for (let i = 0; i < after.rows; i++) {
    const length = norm(expected.row(i))
    const off = norm(differences.row(i)) / (length || 1)
    if (!(off <= most)) [most, worst] = [off, i * step]
    const own = norm(after.row(i))
    ;[least, longest] = [Math.min(least, own), Math.max(longest, own)]
  }
  return { rows: after.rows, most, worst, lengths: [least, longest] }
}

async function retention(migration: EmbeddingMigration, mapped: string, truth: string, context: Context) {
  const { matrix: renewed } = await readMatrix(truth, context)
  const rows = [{ text: `0:${renewed.rows}`, start: 0, stop: renewed.rows, step: 1 }]
  const { matrix: stored } = await readMatrix(mapped, context, { rows })
  const queries = await migration.mapQueriesAsync(renewed, { copy: false, signal: context.signal })
  return heldRetention(renewed, queries, stored)
}
