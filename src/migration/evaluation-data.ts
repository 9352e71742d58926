import type { Interval } from './bootstrap.js'
import type { CalibrationError } from './calibration.js'
import type { EmbeddingModel, MigrationMethod, MigrationWay } from './options.js'

/** What one way and method gives on held-out queries. */
export interface MigrationRow {
  readonly way: MigrationWay
  readonly method: MigrationMethod
  /** What the data chose: a penalty, a number of directions. */
  readonly setting: string
  /** Share of queries whose own item is among the 1 and the 10 nearest. */
  readonly recallAt: Readonly<Record<1 | 10, number>>
  /** Share of the neighbours in a collection embedded anew that are found. */
  readonly retention: number
  /** Of the retention: 95 %, by the bootstrap over queries. */
  readonly interval: Interval
}

/** All ways and methods, fitted to so many pairs. */
export interface CurvePoint {
  readonly pairs: number
  readonly rows: readonly MigrationRow[]
}

/** What is to be done. */
export interface MigrationVerdict {
  /** Whether it is recommended; if not, `reason` says why. */
  readonly isAdvised: boolean
  readonly way: MigrationWay
  readonly method: MigrationMethod
  /** One sentence, with the numbers. */
  readonly reason: string
  /** What twice as many pairs would bring, by the last points of the learning curve; none where there are too few. */
  readonly morePairs?: { readonly pairs: number; readonly retention: number }
}

/** All that {@link MigrationEvaluation} holds, in plain objects, arrays and numbers. */
export interface MigrationEvaluationData {
  /** Both models. */
  readonly models: { readonly old: EmbeddingModel; readonly new: EmbeddingModel }
  /** Pairs in all. */
  readonly pairs: number
  /** Those among them that maps were fitted to while they were judged. */
  readonly fitted: number
  /** Held-out pairs: the rows that each query is compared with. Among more rows less is found. */
  readonly gallery: number
  /** Held-out queries that the numbers are of; by the others settings and the way were chosen. */
  readonly queries: number
  /** Neighbours that count for the retention. */
  readonly neighbours: number
  /** The best setting of each way and method. */
  readonly rows: readonly MigrationRow[]
  /** What guessing reaches. */
  readonly chance: { readonly recallAt: Readonly<Record<1 | 10, number>>; readonly retention: number }
  /** The same with fewer pairs, by rising numbers; the last point is `rows`. */
  readonly curve: readonly CurvePoint[]
  /** What is recommended, or advised against. */
  readonly verdict: MigrationVerdict
  /** Of the cosines of what was chosen. */
  readonly calibration: CalibrationError
}
