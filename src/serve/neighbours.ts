import type { FlatMetric } from './flat-options.js'
import type { IdTable, Id } from './ids.js'
import type { Ranked } from './search.js'

/** The k nearest rows of each of n queries; number l (from 0 on) of query i is at i k + l. */
export interface FlatNeighbours<Metric extends FlatMetric = FlatMetric> {
  /** As asked for, or all that there are and the filter accepts, if those are fewer. */
  readonly k: number
  /** n x k ids, the nearest first. */
  readonly ids: Id[]
  /** n x k similarities, descending; undefined by 'euclidean'. */
  readonly scores: Metric extends 'euclidean' ? undefined : Float64Array
  /** n x k distances, ascending; undefined by any other metric. */
  readonly distances: Metric extends 'euclidean' ? Float64Array : undefined
}

/** What was found, by ids. */
export function neighboursOf<Metric extends FlatMetric>(
  found: readonly Ranked[],
  table: IdTable,
  metric: Metric,
): FlatNeighbours<Metric> {
  // The same for all queries: what a filter accepts does not depend on them.
  const k = found.length === 0 ? 0 : Math.min(...found.map(({ places }) => places.length))
  const ids = found.flatMap(({ places }) => places.slice(0, k).map((place) => table.idAt(place)))
  const values = Float64Array.from(found.flatMap((one) => one.values.slice(0, k)))
  const isDistance = metric === 'euclidean'
  const lists = { scores: isDistance ? undefined : values, distances: isDistance ? values : undefined }
  return { k, ids, ...lists } as unknown as FlatNeighbours<Metric>
}
