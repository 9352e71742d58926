import { pace } from '../../progress.js'
import type { CancelSignal, Progress } from '../../steps.js'
import { atomically, checkLedger, freshEntry, ledgerOf, PageWriter } from './ledger.js'
import { lackingRows, mappedPages } from './mapped-pages.js'
import type { LedgerEntry, StoreMigration, VectorCollection, VectorMap } from './vector-store.js'

/** Options of {@link migrateStore}. */
export interface MigrateStoreOptions {
  /** Rows a page; default: as many as have 8 MiB of old and new vectors. */
  readonly page?: number | undefined
  /** Reads and maps all that is left to do, and writes nothing. */
  readonly dryRun?: boolean | undefined
  readonly signal?: CancelSignal | undefined
  /** `phase` tells the pace and the time left. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** What {@link migrateStore} did. */
export interface MigratedRows {
  /** Rows written by this call; in a dry run, rows that would be. */
  readonly rows: number
  /** Those among them that a second pass found, since they had been added behind it. */
  readonly late: number
  /** Rows that calls before this one had written. */
  readonly before: number
  readonly seconds: number
}

// One page is read and one is written while another is mapped: three are held at a time.
const PAGE_BYTES = 2 ** 23
const MOST_ROWS = 2 ** 13
const LEAST_ROWS = 32

/**
 * Maps all vectors of a source into a target, a page at a time. How far it came is kept in a ledger, which is written together with every page:
 * stopped anywhere, be it by a crash, it goes on where it was when it is called again, and what it leaves is as if it had not been stopped.
 * The source is only read.
 *
 * Rows that are added meanwhile are mapped too: those behind the place where it is by a second pass at the end, which asks the target for what it
 * lacks. That pass is also what a call does after one that came to its end. A row that changes after it was read keeps the map of what it was:
 * {@link verifyStore} finds such rows. Rows that are deleted meanwhile stay in a target that is a table of its own.
 *
 * Three pages are held in memory, whatever the number of rows.
 *
 * @throws RangeError if the widths of source, map and target do not fit, or a vector is not finite: the message names the row
 * @throws MigrationConflictError if the target holds rows that no migration wrote or one with another map, or if another run writes too
 */
export async function migrateStore(
  migration: StoreMigration,
  options: MigrateStoreOptions = {},
): Promise<MigratedRows> {
  const { source, target, map } = migration
  checkWidths(migration)
  const ledger = ledgerOf(migration)
  const { dryRun = false, page = pageRows(map), signal, onProgress } = options
  const start = Date.now()
  const seconds = () => (Date.now() - start) / 1000
  const found = await ledger.read()
  const state = await target.state()
  checkLedger(found, state, migration)
  const first = found ?? freshEntry(migration, state === 'missing')
  const total = await source.count()
  let rows = 0
  const report = (count: number) => {
    rows += count
    const done = Math.min(total, first.rows + rows)
    onProgress?.({ phase: pace(rows, total - done, seconds()), done, total })
  }

  const isDone = first.state === 'done'
  const onward = () => mappedPages(migration, { after: first.after, limit: page }, signal)
  const rest = () => lackingRows(migration, page, signal)
  if (dryRun) {
    for await (const { ids } of isDone ? rest() : onward()) report(ids.length)
    return { rows, late: 0, before: first.rows, seconds: seconds() }
  }
  const writer = new PageWriter(target, ledger, first)
  await writer.begin(found === undefined, state === 'missing')
  let late = 0
  try {
    if (!isDone) {
      for await (const { cursor, ...rows } of onward()) {
        await writer.write(rows, cursor)
        report(rows.ids.length)
      }
      await writer.settled()
    }
    if (isDone || (await target.count()) < (await source.count())) {
      for await (const rows of rest()) {
        await writer.write(rows)
        late += rows.ids.length
      }
    }
    await writer.end()
  } finally {
    await writer.settled().catch(() => undefined)
  }
  return { rows: rows + late, late, before: first.rows, seconds: seconds() }
}

/**
 * Takes back what {@link migrateStore} wrote: drops the column or the table if the migration made it, else empties it; and forgets how far it was.
 *
 * @returns what the ledger said; undefined if there was no migration, and then nothing is touched
 */
export async function rollbackStore({
  target,
  ledger: beside,
}: Pick<StoreMigration, 'target' | 'ledger'>): Promise<LedgerEntry | undefined> {
  const ledger = ledgerOf({ target, ledger: beside })
  const entry = await ledger.read()
  if (entry === undefined) return undefined
  await atomically(target, async () => {
    if ((await target.state()) !== 'missing') await target.drop(entry.created)
    await ledger.remove()
  })
  return entry
}

/** Rows a page of so many numbers. */
export function pageRows({ from, to }: Pick<VectorMap, 'from' | 'to'>): number {
  return Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(PAGE_BYTES / (4 * (from + to)))))
}

/** @throws RangeError unless source, map and target fit */
export function checkWidths({ map, source, target }: Omit<StoreMigration, 'ledger'>): void {
  const check = (collection: VectorCollection, width: number, what: string) => {
    if (collection.dimensions !== width) {
      throw new RangeError(
        `${collection.name} has vectors of ${collection.dimensions} numbers, the map ${what} ${width}`,
      )
    }
  }
  check(source, map.from, 'takes')
  check(target, map.to, 'gives')
}
