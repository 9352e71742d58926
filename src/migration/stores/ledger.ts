import { CollimateError } from '../../errors.js'
import type { Ledger, LedgerEntry, StoreMigration, VectorRows, VectorTarget } from './vector-store.js'

/** The target of a migration holds something else than what this migration wrote, or somebody else writes to it. */
export class MigrationConflictError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'MigrationConflictError'
}

/** Writes pages with their entries in the ledger: the next may be read and mapped while one is under way. */
export class PageWriter {
  private writing: Promise<void> = Promise.resolve()

  constructor(
    private readonly target: VectorTarget,
    private readonly ledger: Ledger,
    private entry: LedgerEntry,
  ) {}

  /** The entry first: where nothing is atomic, a place that was made and not noted would be taken for somebody else's. */
  async begin(isFirst: boolean, isMissing: boolean): Promise<void> {
    await atomically(this.target, async () => {
      if (isFirst) await this.note({})
      if (isMissing) await this.target.create()
    })
  }

  /** Waits for the page before, and begins to write this one. */
  async write(page: VectorRows, cursor?: string): Promise<void> {
    await this.writing
    this.writing = atomically(this.target, async () => {
      await this.target.upsert(page)
      const rows = this.entry.rows + page.ids.length
      await this.note({ state: 'running', rows, ...(cursor !== undefined && { after: cursor }) })
    })
    // It is waited for later.
    this.writing.catch(() => undefined)
  }

  settled(): Promise<void> {
    return this.writing
  }

  async end(): Promise<void> {
    await this.writing
    if (this.entry.state !== 'done') await atomically(this.target, () => this.note({ state: 'done' }))
  }

  private async note(change: Partial<LedgerEntry>): Promise<void> {
    const entry = { ...this.entry, ...change, revision: this.entry.revision + 1 }
    if (!(await this.ledger.write(entry))) {
      throw new MigrationConflictError(
        `another run of this migration writes to ${this.target.name}, or a rollback took it away: this one stops`,
      )
    }
    this.entry = entry
  }
}

/** Does the work as a whole or not at all, where the store can. */
export const atomically = (target: VectorTarget, work: () => Promise<void>): Promise<void> =>
  target.transaction === undefined ? work() : target.transaction(work)

/** What keeps the progress of a migration. @throws TypeError if nothing does */
export function ledgerOf({ target, ledger }: Pick<StoreMigration, 'target' | 'ledger'>): Ledger {
  const kept = target.ledger ?? ledger
  if (kept === undefined) throw new TypeError(`${target.name} keeps no ledger: give one`)
  return kept
}

/** That of a migration that did nothing yet. @param created - whether it is to make the place for its vectors */
export const freshEntry = ({ map, source }: StoreMigration, created: boolean): LedgerEntry => ({
  format: 1,
  map: map.id,
  source: source.name,
  dimensions: map.to,
  created,
  state: 'running',
  rows: 0,
  revision: 0,
})

/** @throws MigrationConflictError unless the migration may begin or go on */
export function checkLedger(
  found: LedgerEntry | undefined,
  state: 'missing' | 'empty' | 'filled',
  { map, source, target }: StoreMigration,
): void {
  const refuse = (message: string) => {
    throw new MigrationConflictError(message)
  }
  if (found === undefined) {
    if (state === 'filled') refuse(`${target.name} holds vectors that no migration wrote: choose another place for the new ones`) // prettier-ignore
    return
  }
  const { format, rows } = found
  if ((format as number) !== 1) refuse(`the ledger of ${target.name} is of a later version of collimate`)
  if (found.map !== map.id) refuse(`${target.name} holds ${rows} vectors of another map: roll them back first, or choose another place`) // prettier-ignore
  if (found.source !== source.name) refuse(`${target.name} holds vectors made of ${found.source}, not of ${source.name}: roll them back first, or choose another place`) // prettier-ignore
  if (state === 'missing' && rows > 0) refuse(`${target.name} is gone, and its ledger says that it holds ${rows} vectors: roll back, then begin again`) // prettier-ignore
}
