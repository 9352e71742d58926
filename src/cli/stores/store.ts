import type { Ledger, VectorSource, VectorTarget } from '../../migration/stores/vector-store.js'

/** What a store URL names: old vectors, and a place for new ones. */
export interface Store {
  readonly source: VectorSource
  /** Vectors of the new model itself, if the URL names a column of such. */
  readonly truth?: VectorSource | undefined
  /**
   * The place for the new vectors.
   *
   * @param dimensions - numbers a vector, for a place that is still to be made; default: those that are there
   * @throws InputError if the URL names none, or one that cannot hold them
   */
  target(dimensions?: number): Promise<VectorTarget>
  /** Keeps the progress, where the store does not. */
  readonly ledger?: Ledger | undefined
  close(): Promise<void>
}
