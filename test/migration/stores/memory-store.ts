import type {
  Ledger,
  LedgerEntry,
  VectorRows,
  VectorSource,
  VectorTarget,
} from '../../../src/migration/stores/vector-store.js'

const copyOf = <T>(rows: ReadonlyMap<string, T>) => new Map(rows)

/** A collection in memory that does what the interface asks for: the shortest store there can be. */
export class MemorySource implements VectorSource {
  readonly rows = new Map<string, Float32Array>()
  /** Pages that were read. */
  pagesRead = 0

  constructor(
    readonly dimensions: number,
    rows: Iterable<readonly [string, Float32Array]> = [],
    readonly name = 'items.old',
  ) {
    for (const [id, vector] of rows) this.rows.set(id, vector)
  }

  count(): Promise<number> {
    return Promise.resolve(this.rows.size)
  }

  fetch(ids: readonly string[]): Promise<VectorRows> {
    return Promise.resolve(this.taken(ids.filter((id) => this.rows.has(id))))
  }

  async *pages({ after, limit }: { after?: string; limit: number }): AsyncGenerator<VectorRows & { cursor: string }> {
    for (let cursor = after; ;) {
      const from = cursor
      const ids = [...this.rows.keys()].filter((id) => from === undefined || id > from).sort().slice(0, limit) // prettier-ignore
      if (ids.length === 0) return
      this.pagesRead++
      cursor = ids[ids.length - 1]
      yield await Promise.resolve({ ...this.taken(ids), cursor })
    }
  }

  sample(count: number): Promise<VectorRows> {
    return Promise.resolve(this.taken([...this.rows.keys()].sort().slice(0, count)))
  }

  private taken(ids: string[]): VectorRows {
    const vectors = new Float32Array(ids.length * this.dimensions)
    ids.forEach((id, i) => {
      vectors.set(this.rows.get(id) ?? [], i * this.dimensions)
    })
    return { ids, vectors }
  }
}

/** A crash: from the operation of this number on nothing happens any more. */
export class Crash {
  private operations = 0

  constructor(private readonly at = Infinity) {}

  step(): void {
    if (++this.operations > this.at) throw new Error('crash')
  }
}

/** What is on the disk of a store, and is there after a crash. */
export interface Disk {
  rows: Map<string, Float32Array> | undefined
  entry: LedgerEntry | undefined
  /** How often each id was written and stayed. */
  written: Map<string, number>
}

export const emptyDisk = (): Disk => ({ rows: undefined, entry: undefined, written: new Map() })

/** A target in memory, with transactions or without. Every operation on the disk may be the last. */
export class MemoryTarget implements VectorTarget {
  readonly precision: 'f32' | 'f16' = 'f32'
  readonly transaction: VectorTarget['transaction']

  constructor(
    readonly dimensions: number,
    readonly disk: Disk = emptyDisk(),
    private readonly options: { readonly transactions?: boolean; readonly crash?: Crash } = {},
    readonly name = 'items.new',
  ) {
    if (options.transactions) this.transaction = (work) => this.whole(work)
  }

  private get crash(): Crash {
    return this.options.crash ?? new Crash()
  }

  readonly ledger: Ledger = {
    read: () => Promise.resolve(this.disk.entry),
    write: async (entry) => {
      await Promise.resolve()
      this.crash.step()
      if ((this.disk.entry?.revision ?? 0) !== entry.revision - 1) return false
      this.disk.entry = entry
      return true
    },
    remove: async () => {
      await Promise.resolve()
      this.crash.step()
      this.disk.entry = undefined
    },
  }

  count(): Promise<number> {
    return Promise.resolve(this.disk.rows?.size ?? 0)
  }

  fetch(ids: readonly string[]): Promise<VectorRows> {
    return new MemorySource(this.dimensions, this.disk.rows).fetch(ids)
  }

  state(): Promise<'missing' | 'empty' | 'filled'> {
    const { rows } = this.disk
    return Promise.resolve(rows === undefined ? 'missing' : rows.size === 0 ? 'empty' : 'filled')
  }

  async create(): Promise<void> {
    await Promise.resolve()
    this.crash.step()
    if (this.disk.rows !== undefined) throw new Error('it is there already')
    this.disk.rows = new Map()
  }

  async upsert({ ids, vectors }: VectorRows): Promise<void> {
    for (const [i, id] of ids.entries()) {
      await Promise.resolve()
      this.crash.step()
      if (this.disk.rows === undefined) throw new Error('it is not there')
      this.disk.rows.set(id, vectors.slice(i * this.dimensions, (i + 1) * this.dimensions))
      this.disk.written.set(id, (this.disk.written.get(id) ?? 0) + 1)
    }
  }

  async drop(created: boolean): Promise<void> {
    await Promise.resolve()
    this.crash.step()
    this.disk.rows = created ? undefined : new Map()
  }

  /** Whatever ends it, what was on the disk before comes back unless all of it was done. */
  private async whole(work: () => Promise<void>): Promise<void> {
    const { rows, entry, written } = this.disk
    const before = { rows: rows && copyOf(rows), entry, written: copyOf(written) }
    try {
      await work()
      this.crash.step()
    } catch (error) {
      Object.assign(this.disk, before)
      throw error
    }
  }
}
