/** Scores of some queries against the whole gallery: that of query first + q and gallery row j is scores[q rows + j]. */
export interface ScoreTile {
  readonly first: number
  readonly count: number
  /** The first `count` x `rows` entries count. Whoever reads a tile may change it: it is void when the next one comes. */
  readonly scores: Float64Array
}

/** All scores between queries and a gallery, higher is more alike, some queries at a time: however they were computed. */
export interface Scores {
  /** Gallery rows, p. */
  readonly rows: number
  /** What rounding may have changed in a score s against gallery row j is absoluteErrors[j] + relativeError |s|. */
  readonly absoluteErrors: Float64Array
  readonly relativeError: number
  readonly tiles: () => Iterable<ScoreTile>
}
