import type { Id } from './ids.js'

export const METRICS = ['cosine', 'dot', 'euclidean'] as const
export const STORAGES = ['f32', 'i8', 'binary'] as const

/** What near means. */
export type FlatMetric = (typeof METRICS)[number]

/** What rows are compared by: all of it, 8 bits an entry, or its sign. */
export type FlatStorage = (typeof STORAGES)[number]

/** What a {@link FlatIndex} is made with. */
export interface FlatIndexOptions<Metric extends FlatMetric = FlatMetric> {
  /** Entries of a row. */
  readonly dimensions: number
  /** What near means; default 'cosine'. */
  readonly metric?: Metric
  /** What rows are compared by; default 'f32'. */
  readonly storage?: FlatStorage
  /** Whether 'i8' and 'binary' keep the rows in float32 as well, to rank candidates exactly. Default true. */
  readonly rescore?: boolean
}

/** Options of `FlatIndex.search`. */
export interface FlatSearchOptions {
  /** Which ids may be found. It is called for rows that would otherwise be found, once each, and must not change or search the index. */
  readonly filter?: (id: Id) => boolean
  /** Candidates, in multiples of k, that 'i8' and 'binary' rank exactly; default 4 and 8. Without the rows there is nothing to rank by. */
  readonly oversampling?: number
}
