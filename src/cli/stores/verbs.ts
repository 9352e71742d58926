import { CollimateError } from '../../errors.js'
import { Matrix } from '../../matrix.js'
import { migrateStore, rollbackStore } from '../../migration/stores/migrate.js'
import { verifyStore, type KeptNeighbours, type StoreVerification } from '../../migration/stores/verify.js'
import type { LedgerEntry, VectorMap } from '../../migration/stores/vector-store.js'
import { significant, table } from '../../text-table.js'
import type { Context } from '../context.js'
import { InputError } from '../errors.js'
import { printable, progressBar } from '../terminal.js'
import { openStore } from './open.js'
import type { Store } from './store.js'

/** How the vectors of a store are migrated. */
export interface RunOnStore {
  readonly page?: number | undefined
  readonly dryRun?: true | undefined
}

/** How what a store holds is looked at. */
export interface VerifyOnStore {
  readonly sample?: number | undefined
  readonly json?: true | undefined
}

/** Migrates the vectors of a store, and says how many. @throws InputError if the store refuses, with what to do */
export async function runOnStore(
  address: string,
  map: VectorMap,
  { page, dryRun }: RunOnStore,
  context: Context,
): Promise<void> {
  await withStore(address, async (store) => {
    const target = await store.target(map.to)
    const { source, ledger } = store
    const bar = progressBar(context)
    try {
      const options = { page, dryRun, signal: context.signal, onProgress: bar.report }
      const done = await migrateStore({ map, source, target, ledger }, options)
      bar.clear()
      const pace =
        done.seconds > 1 ? `, ${Math.round((done.rows / done.seconds) * 60).toLocaleString('en')} a minute` : ''
      const before = done.before > 0 ? `; ${done.before} were there` : ''
      const late = done.late > 0 ? `; ${done.late} of them had come or been lacking behind it` : ''
      const verb = dryRun ? 'would be written' : 'written'
      const text = `${target.name}: ${done.rows} vectors of ${map.to} numbers ${verb}, made of ${source.name}${pace}${before}${late}\n`
      context.stdout.write(printable(text))
    } catch (error) {
      bar.clear()
      throw resumable(error, dryRun !== true && (await (target.ledger ?? ledger)?.read().catch(() => undefined)))
    }
  })
}

/** What is wrong, and that nothing of it is lost. */
function resumable(error: unknown, entry: LedgerEntry | undefined | false): unknown {
  if (!entry || entry.rows === 0 || !(error instanceof InputError)) return error
  return new InputError(`${error.message} (${entry.rows} rows are written: the same command goes on behind them)`, { cause: error }) // prettier-ignore
}

/**
 * Compares what a store holds with what it should, and prints it.
 *
 * @returns whether nothing is missing or different
 */
export async function verifyOnStore(
  address: string,
  map: VectorMap,
  { sample, json }: VerifyOnStore,
  context: Context,
): Promise<boolean> {
  return withStore(address, async ({ source, truth, target }) => {
    const migration = { map, source, target: await target(map.to) }
    const found = await verifyStore(migration, { sample, truth, signal: context.signal })
    const names = { source: source.name, target: migration.target.name }
    const text = json ? JSON.stringify({ ...names, ...found }, null, 2) : verificationText(names, found)
    context.stdout.write(printable(`${text}\n`))
    return found.ok
  })
}

/** Takes back what was written to a store, and says how much. */
export async function rollbackOnStore(address: string, context: Context): Promise<void> {
  await withStore(address, async (store) => {
    const target = await store.target()
    const entry = await rollbackStore({ target, ledger: store.ledger })
    if (entry === undefined) throw new InputError(`no migration wrote to ${target.name}: nothing was touched`)
    const what = entry.created ? 'dropped' : 'emptied, since it was there before'
    context.stdout.write(printable(`${target.name}: ${what}; ${entry.rows} vectors of ${entry.dimensions} numbers\n`))
  })
}

/** Rows that both models embedded: the old vectors and those of the new model. @throws InputError if the address names no column of such */
export async function pairsOfStore(address: string, count: number): Promise<readonly [Matrix, Matrix]> {
  return withStore(address, async ({ source, truth }) => {
    if (truth === undefined) throw new InputError('the address of the store names no vectors of the new model: add &truth=COLUMN') // prettier-ignore
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

/** What a store says is about it and not a fault of this program. */
function ofStore(error: unknown): unknown {
  const isOwn = [CollimateError, InputError, TypeError, RangeError].some((kind) => error instanceof kind)
  if (isOwn || !(error instanceof Error) || error.name === 'AbortError') return error
  return new InputError(error.message, { cause: error })
}

function verificationText(names: { source: string; target: string }, found: StoreVerification): string {
  const { rows, sampled, missing, different, largestError, norms, kept, retention } = found
  const some = (ids: readonly string[]) => (ids.length === 0 ? '0' : `${ids.length}: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}`) // prettier-ignore
  const extent = ({ least, mean, most }: (typeof norms)['stored']) => [least, mean, most].map(significant).join(', ')
  const share = (neighbours: KeptNeighbours | undefined) =>
    neighbours === undefined ? 'too few rows' : `${neighbours.share.toFixed(4)} of the ${neighbours.k} nearest among ${neighbours.rows} rows` // prettier-ignore
  return [
    ...table([
      [`rows in ${names.source}`, String(rows.source)],
      [`rows in ${names.target}`, String(rows.target)],
    ]),
    `looked at            ${sampled}`,
    `without new vector   ${some(missing)}`,
    `not the map of old   ${some(different)}`,
    `largest rounding     ${significant(largestError)} of the length`,
    `lengths, stored      ${extent(norms.stored)}: least, mean, most`,
    `lengths, mapped      ${extent(norms.mapped)}`,
    `neighbours kept      ${share(kept)}`,
    ...(retention === undefined ? [] : [`retention            ${share(retention)}, by the new model itself`]),
    found.ok ? 'all is as it should be' : 'NOT all is as it should be',
  ].join('\n')
}
