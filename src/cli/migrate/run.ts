import { Option, type Command } from 'commander'
import type { EmbeddingMigration } from '../../migration/embedding-migration.js'
import type { Context } from '../context.js'
import { STANDARD } from '../data/input.js'
import type { RowStream } from '../data/row-stream.js'
import { selectedCount } from '../data/selected-rows.js'
import { InputError } from '../errors.js'
import { openMatrix } from '../matrices.js'
import { addInputOptions, integer } from '../options.js'
import { isStoreUrl, refuseFileOptions, STORES_HELP } from '../stores/address.js'
import { runOnStore } from '../stores/verbs.js'
import { statusOf } from '../terminal.js'
import { addRowsOptions, openRowsFile, writeMapped, type Mapping, type RowsOptions } from '../written-rows.js'
import { readMigration, sideOption, type Side } from './options.js'
import { writeReceipt } from './receipt.js'

interface RunOptions extends Omit<RowsOptions, 'out'> {
  readonly out?: string
  readonly page?: number
  readonly side: Side
  readonly model?: string
  readonly dryRun?: true
}

type FileOptions = RunOptions & RowsOptions

const DETAILS = `
The vectors of the file are mapped by chunks, in float32 where they are stored
so; the file itself is not touched. Beside the output <out>.migration.json says
where it comes from, by which rollback removes it again.

Examples:
  $ collimate migrate run migration.safetensors all.npy --out moved.npy --dry-run
  $ collimate migrate run migration.safetensors all.npy --out moved.npy
  $ collimate migrate run migration.safetensors queries.npy --side queries \\
      --out q.npy
  $ collimate migrate run migration.safetensors \\
      'postgres://me@host/shop?table=items&column=embedding&to=embedding_v2'

${STORES_HELP}`

/** Adds `collimate migrate run`. */
export function addRun(migrate: Command, context: Context): void {
  const command = migrate
    .command('run')
    .summary('map a file of vectors')
    .description('Map vectors to where they are compared: what is stored, or queries.')
    .argument('<migration>', 'a migration that `collimate migrate plan` wrote')
    .argument('<vectors>', 'n x d file of one of both models; or the address of a store')
    .addOption(sideOption())
    .option('--model <name>', 'of what model the vectors are: another than that of the migration is refused')
    .option('--dry-run', 'say what would be done, and how long it would take, and write nothing')
  command.addOption(new Option('--page <rows>', 'of a store: rows at a time (default: 8 MiB)').argParser(integer(1)))
  addInputOptions(command, 'map these rows only')
  addRowsOptions(command, 'the mapped vectors', { isOutOptional: true })
  command.addHelpText('after', DETAILS).action(async (path: string, vectors: string, options: RunOptions) => {
    const { out, page } = options
    if (isStoreUrl(vectors)) {
      refuseFileOptions(options)
      return runOnStore(path, vectors, options, context)
    }
    if (page !== undefined) throw new InputError('--page is for stores: files are mapped by chunks')
    if (out === undefined) throw new InputError("required option '-o, --out <file>' not specified")
    return run(path, vectors, { ...options, out }, context)
  })
}

async function run(path: string, vectors: string, options: FileOptions, context: Context): Promise<void> {
  const { out, side, dryRun } = options
  const output = await openRowsFile(out, [path, vectors], context, options)
  const migration = await readMigration(path, context)
  const isStored = side === 'stored'
  if (isStored ? !migration.movesStored : !migration.movesQueries) throw new InputError(nothingToMap(migration, side, path)) // prettier-ignore
  const { stream, reading } = await openMatrix(vectors, context, options)
  const own = isStored ? migration.models.old : migration.models.new
  const expect = { ...(options.model !== undefined && { model: options.model }), dimensions: stream.cols }
  const precision = options.precision ?? stream.precision
  const map: Mapping['map'] = (x, o) =>
    isStored ? migration.mapStoredAsync(x, { ...o, precision }) : migration.mapQueriesAsync(x, { ...o, precision })
  const check = () => {
    refuse(migration, side, expect, vectors)
  }
  const cols = migration.dimensions
  const start = performance.now()
  if (dryRun) {
    context.stdout.write(await rehearsed(stream, { cols, prefix: 'x', check, map }, { ...options, ...reading }))
    return
  }
  const rows = await writeMapped(stream, output, { cols, prefix: 'x', check, map }, { ...options, ...reading }, context)
  const seconds = (performance.now() - start) / 1000
  const name = own.model === undefined ? `the ${isStored ? 'old' : 'new'} model` : own.model
  statusOf(out, context).write(`${out}: ${rows} x ${cols}, ${side === 'stored' ? 'stored vectors' : 'queries'} of ${name} mapped by ${migration.method}; ${paceText(rows, seconds)}\n`) // prettier-ignore
  if (out !== STANDARD) await writeReceipt(out, { migration: path, source: vectors, side, rows, cols }, context.signal)
}

function nothingToMap({ way }: EmbeddingMigration, side: Side, path: string): string {
  if (way === 'none') return `${path} needs no map: vectors of both models are compared as they are`
  const [stays, other] = side === 'stored' ? ['what is stored stays as it is', 'queries'] : ['queries stay as they are', 'stored'] // prettier-ignore
  return `${path} maps ${other} alone, ${stays}: --side ${other} maps a file of ${other === 'queries' ? 'queries' : 'stored vectors'}`
}

/** @throws InputError for vectors of another model */
function refuse(
  migration: EmbeddingMigration,
  side: Side,
  expect: { readonly model?: string; readonly dimensions: number },
  path: string,
): void {
  try {
    // No row: what is said of them is compared, and their width.
    const none = { rows: 0, cols: 0, data: [] }
    if (side === 'stored') migration.mapStored(none, { expect })
    else migration.mapQueries(none, { expect })
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Rows that are mapped to find out how fast it goes. */
const REHEARSED = 1000

async function rehearsed(stream: RowStream, { cols, check, map }: Mapping, options: FileOptions): Promise<string> {
  try {
    check()
    const total = selectedCount(stream, options.rows)
    const precision = options.precision ?? stream.precision
    for await (const { matrix } of stream.chunks({ from: 0, rows: REHEARSED })) {
      const start = performance.now()
      await map(matrix, { copy: false })
      const perRow = (performance.now() - start) / 1000 / matrix.rows
      const bytes =
        total === undefined
          ? ''
          : `, ${((total * cols * (precision === 'f32' ? 4 : 8)) / 1e6).toFixed(1)} MB in ${precision}`
      const time = total === undefined ? '' : `, about ${Math.ceil(total * perRow)} s`
      return `${options.out} would be ${total ?? 'n'} x ${cols}${bytes}${time}; nothing was written\n`
    }
    return `${options.out} would have no rows; nothing was written\n`
  } finally {
    await stream.close()
  }
}

/** How long it took. */
function paceText(rows: number, seconds: number): string {
  return `${seconds.toFixed(1)} s, ${Math.round((60 * rows) / Math.max(seconds, 1e-3)).toLocaleString('en')} a minute`
}
