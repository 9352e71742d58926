import { createHash } from 'node:crypto'
import { CollimateError } from '../../errors.js'
import { Matrix } from '../../matrix.js'
import { migrateStore, rollbackStore, type MigratedRows } from '../../migration/stores/migrate.js'
import { EmbeddingMigration } from '../../migration/embedding-migration.js'
import { MigrationConflictError } from '../../migration/stores/ledger.js'
import { verifyStore, type Extent, type StoreVerification } from '../../migration/stores/verify.js'
import type { Ledger, LedgerEntry, VectorMap, VectorTarget } from '../../migration/stores/vector-store.js'
import { share, significant } from '../../text-table.js'
import type { Context } from '../context.js'
import { contentOf } from '../data/input.js'
import { about, InputError, VerdictError } from '../errors.js'
import { printable, progressBar } from '../terminal.js'
import { ledgerFile } from './ledger-file.js'
import { openStore } from './open.js'
import type { Store } from './store.js'

/** Rows of a store that a migration is fitted to, if there are more. */
export const MOST_PAIRS = 10_000

/** How the vectors of a store are migrated. */
export interface RunOnStore {
  readonly page?: number | undefined
  readonly model?: string | undefined
  readonly dryRun?: true | undefined
}

/** How what a store holds is looked at. */
export interface VerifyOnStore {
  readonly sample?: number | undefined
  readonly minRetention?: number | undefined
  readonly json?: true | undefined
}

/** The map of a file, known again by the bytes of that file. @throws InputError if it holds none of stored vectors */
async function readVectorMap(path: string, model: string | undefined, context: Context): Promise<VectorMap> {
  const bytes = await contentOf(path, context)
  const expect = model === undefined ? {} : { expect: { old: { model } } }
  const migration = about(path, () => EmbeddingMigration.fromBytes(bytes, expect))
  if (!migration.movesStored)
    throw new InputError(`${path} leaves what is stored as it is: there is nothing to write to a store`)
  return {
    id: createHash('sha256').update(bytes).digest('hex'),
    from: migration.models.old.dimensions ?? 0,
    to: migration.dimensions,
    map: (rows, options) => migration.mapStoredAsync(rows, { ...options, precision: 'f32' }),
    queries: (rows, options) => migration.mapQueriesAsync(rows, { ...options, precision: 'f32' }),
  }
}

/** Migrates the vectors of a store, and says how many. @throws InputError if the store refuses, with what to do */
export async function runOnStore(path: string, address: string, options: RunOnStore, context: Context): Promise<void> {
  const { page, model, dryRun } = options
  const map = await readVectorMap(path, model, context)
  await withStore(address, async (store) => {
    const { source } = store
    const target = await store.target(map.to)
    const ledger = ledgerOf(store, target)
    const bar = progressBar(context)
    try {
      const migration = { map, source, target, ledger }
      const done = await migrateStore(migration, { page, dryRun, signal: context.signal, onProgress: bar.report })
      bar.clear()
      context.stdout.write(printable(`${target.name}: ${migratedText(done, map.to, source.name, dryRun)}\n`))
    } catch (error) {
      bar.clear()
      const entry = dryRun ? undefined : await ledger.read().catch(() => undefined)
      throw error instanceof MigrationConflictError ? error : resumable(ofStore(error), entry)
    }
  })
}

/** Its own, or one in a file where the command runs. */
const ledgerOf = ({ ledger }: Store, target: VectorTarget): Ledger =>
  target.ledger ?? ledger ?? ledgerFile(`collimate-ledger-${encodeURIComponent(target.name)}.json`)

function migratedText(
  { rows, late, before, seconds }: MigratedRows,
  width: number,
  source: string,
  dryRun: true | undefined,
): string {
  const pace = seconds > 1 ? `, ${Math.round((60 * rows) / seconds).toLocaleString('en')} a minute` : ''
  const old = before > 0 ? `; ${before} were there` : ''
  const behind = late > 0 ? `; ${late} of them were lacking among these` : ''
  return `${rows} vectors of ${width} numbers ${dryRun ? 'would be written' : 'written'}, made of ${source}${pace}${old}${behind}`
}

/** What is wrong, and that nothing of it is lost. */
function resumable(error: unknown, entry: LedgerEntry | undefined): unknown {
  if (entry === undefined || entry.rows === 0 || !(error instanceof InputError || error instanceof RangeError))
    return error
  return new InputError(`${error.message} (${entry.rows} rows are written: the same command goes on behind them)`, { cause: error }) // prettier-ignore
}

/**
 * Compares what a store holds with what it should, and prints it.
 *
 * @throws VerdictError if something is missing or different, or less is kept than was asked for
 */
export async function verifyOnStore(
  path: string,
  address: string,
  options: VerifyOnStore,
  context: Context,
): Promise<void> {
  const { sample, minRetention, json } = options
  const map = await readVectorMap(path, undefined, context)
  await withStore(address, async (store) => {
    const { source, truth } = store
    if (minRetention !== undefined && truth === undefined) throw new InputError(NO_TRUTH)
    const target = await store.target(map.to)
    const found = await verifyStore({ map, source, target }, { sample, truth, signal: context.signal })
    const names = { source: source.name, target: target.name }
    const text = json ? JSON.stringify({ ...names, ...found }, null, 2) : verificationText(names, found)
    context.stdout.write(printable(`${text}\n`))
    const { rows, missing, different, retention } = found
    const faults = [
      ...(rows.source === rows.target
        ? []
        : [`${target.name} has ${rows.target} rows, ${source.name} has ${rows.source}`]),
      ...(missing.length === 0 ? [] : [`${missing.length} rows of the sample have no new vector`]),
      ...(different.length === 0
        ? []
        : [`the new vectors of ${different.length} rows are not the map of their old ones`]),
      ...(minRetention === undefined || (retention?.retention ?? 0) >= minRetention ? [] : [`retention is ${share(retention?.retention ?? 0)}, below ${share(minRetention)}`]), // prettier-ignore
    ]
    if (faults.length > 0) throw new VerdictError(faults.join('; '))
  })
}

/** Takes back what was written to a store, and says how much. */
export async function rollbackOnStore(address: string, context: Context): Promise<void> {
  await withStore(address, async (store) => {
    const target = await store.target()
    const entry = await rollbackStore({ target, ledger: ledgerOf(store, target) })
    if (entry === undefined) throw new InputError(`no migration wrote to ${target.name}: nothing was touched`)
    const what = entry.created ? 'dropped' : 'emptied, since it was there before'
    context.stdout.write(printable(`${target.name}: ${what}; ${entry.rows} vectors of ${entry.dimensions} numbers\n`))
  })
}

const NO_TRUTH = 'the address of the store names no vectors of the new model: add &truth=COLUMN'

/** Rows that both models embedded, old and new vectors. @throws InputError if the address names no column of such */
export async function pairsOfStore(address: string, count: number): Promise<readonly [Matrix, Matrix]> {
  return withStore(address, async ({ source, truth }) => {
    if (truth === undefined) throw new InputError(NO_TRUTH)
    const news = await truth.sample(count)
    const olds = await source.fetch(news.ids)
    const at = new Map(news.ids.map((id, i) => [id, i]))
    const width = truth.dimensions
    const paired = new Float32Array(olds.ids.length * width)
    olds.ids.forEach((id, i) => {
      const row = at.get(id) ?? 0
      paired.set(news.vectors.subarray(row * width, (row + 1) * width), i * width)
    })
    return [new Matrix(olds.ids.length, source.dimensions, olds.vectors), new Matrix(olds.ids.length, width, paired)]
  })
}

async function withStore<T>(address: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(address)
  try {
    return await work(store)
  } catch (error) {
    throw ofStore(error)
  } finally {
    await store.close()
  }
}

/** What a store says is about it, and no fault of this program. */
function ofStore(error: unknown): unknown {
  const isOwn = [CollimateError, InputError, VerdictError, TypeError, RangeError].some((kind) => error instanceof kind)
  if (!(error instanceof Error) || error.name === 'AbortError') return error
  return isOwn && !(error instanceof MigrationConflictError) ? error : new InputError(error.message, { cause: error })
}

function verificationText(names: { source: string; target: string }, found: StoreVerification): string {
  const { rows, sampled, missing, different, largestError, norms, kept, retention } = found
  const some = (ids: readonly string[]) => `${ids.length}${ids.length > 0 ? ': ' : ''}${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}` // prettier-ignore
  const extent = ({ least, mean, most }: Extent) => `${[least, mean, most].map(significant).join(', ')}: least, mean, most` // prettier-ignore
  const lines = [
    [`rows, ${names.source}`, String(rows.source)],
    [`rows, ${names.target}`, String(rows.target)],
    ['rows looked at', String(sampled)],
    ['without a new vector', some(missing)],
    ['not the map of the old', some(different)],
    ['largest rounding', `${significant(largestError)} of the length`],
    ['lengths, stored', extent(norms.stored)],
    ['lengths, mapped', extent(norms.mapped)],
    ...(kept ? [['neighbours kept', `${share(kept.share)} of the ${kept.k} nearest, among ${kept.rows} rows`]] : []),
    ...(retention ? [[`retention@${retention.neighbours}`, `${share(retention.retention)} (${retention.interval.map(share).join(' to ')}), among ${retention.rows} rows`]] : []), // prettier-ignore
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
