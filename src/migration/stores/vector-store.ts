import type { Matrix } from '../../matrix.js'
import type { AsyncOptions } from '../../steps.js'

/** Vectors with the keys of the rows that they belong to. */
export interface VectorRows {
  /** One a row, none twice. */
  readonly ids: readonly string[]
  /** ids.length x dimensions, row-major. */
  readonly vectors: Float32Array
}

/** Rows that follow each other in a collection. */
export interface VectorPage extends VectorRows {
  /** What `pages` goes on after: in most stores the last id. */
  readonly cursor: string
}

/** Where pages begin, and how large they are. */
export interface PageSpan {
  /** The cursor of the page before; default: from the first row on. */
  readonly after?: string | undefined
  /** Rows a page at most. */
  readonly limit: number
}

/** What holds vectors by ids: a column of a table, a table, a collection, an index. */
export interface VectorCollection {
  /** How messages call it. No password is in it. */
  readonly name: string
  /** Numbers a vector. */
  readonly dimensions: number
  /** How many rows have a vector. */
  count(): Promise<number>
  /** The vectors of those of these ids that have one, in any order. */
  fetch(ids: readonly string[]): Promise<VectorRows>
}

/** Vectors that are read. */
export interface VectorSource extends VectorCollection {
  /**
   * All rows that have a vector, in an order that is the same at every call, such as that of their keys: from behind `after` to the end. A row
   * that was added meanwhile may come or not; none comes twice.
   */
  pages(span: PageSpan): AsyncIterable<VectorPage>
  /** So many rows, or all if they are fewer, from anywhere in the collection. */
  sample(count: number): Promise<VectorRows>
}

/** Vectors that are written. */
export interface VectorTarget extends VectorCollection {
  /** What the numbers are stored in. */
  readonly precision: 'f32' | 'f16'
  /** Whether there is a place for the vectors, and whether it holds some. */
  state(): Promise<'missing' | 'empty' | 'filled'>
  /** Makes the place for the vectors: adds the column or the table. */
  create(): Promise<void>
  /** Writes vectors, in the place of those that these ids have. What has no row of that id any more may be left out. */
  upsert(rows: VectorRows): Promise<void>
  /** Removes what `upsert` wrote and, if `create` made it, the place too. Nothing else. */
  drop(created: boolean): Promise<void>
  /** What is written within `work` is there as a whole or not at all. Without it, each write stands by itself. */
  readonly transaction?: (work: () => Promise<void>) => Promise<void>
  /** What remembers in the store itself how far a migration came; written within the transaction of the page. Else it is one beside the store. */
  readonly ledger?: Ledger
}

/** How far a migration came. JSON. */
export interface LedgerEntry {
  /** Of this form of entry. */
  readonly format: 1
  /** What maps the vectors: only the same goes on. */
  readonly map: string
  /** Where they came from. */
  readonly source: string
  readonly dimensions: number
  /** Whether the migration made the place that it writes to. */
  readonly created: boolean
  readonly state: 'running' | 'done'
  /** The cursor of the last page that was written. */
  readonly after?: string
  /** Rows written up to there. */
  readonly rows: number
  /** One more with every write: who finds another than the one it wrote is not alone. */
  readonly revision: number
}

/** Where a {@link LedgerEntry} is kept. */
export interface Ledger {
  read(): Promise<LedgerEntry | undefined>
  /**
   * Replaces the entry of the revision before.
   *
   * @returns false if there is another: somebody else writes too
   */
  write(entry: LedgerEntry): Promise<boolean>
  remove(): Promise<void>
}

/** What makes new vectors of old ones. */
export interface VectorMap {
  /** By which the same map is known again: it changes with the numbers of the map. */
  readonly id: string
  /** Columns of its input. */
  readonly from: number
  /** Columns of its output. */
  readonly to: number
  map(rows: Matrix, options: AsyncOptions): Promise<Matrix>
  /** Brings vectors of the new model to where those of `map` are, if that is elsewhere. */
  readonly queries?: (rows: Matrix, options: AsyncOptions) => Promise<Matrix>
}

/** What a migration reads, what it makes of it and where it goes. */
export interface StoreMigration {
  readonly map: VectorMap
  readonly source: VectorSource
  readonly target: VectorTarget
  /** Where progress is kept, if the target has no ledger of its own. */
  readonly ledger?: Ledger | undefined
}
