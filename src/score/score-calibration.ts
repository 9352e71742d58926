import { wrongKind } from '../describe.js'
import { pairOf } from '../latent-correlations.js'
import { twoOf, type ScoreMetric } from '../score-rows.js'
import { share, table as textTable } from '../text-table.js'
import type { Calibration } from './logistic.js'

/** How well a score found held-out partners. */
export interface ScoreRow {
  readonly metric: ScoreMetric
  /** By the rho of the fit to the other folds, or by what further folds taught. */
  readonly rho: 'fitted' | 'held-out' | 'none'
  /** What the shrinkage of 'balanced' was multiplied by: one of those that were asked for, 1 of other methods. */
  readonly ridge: number
  readonly meanReciprocalRank: number
}

/** Pairs of which the calibration says the like: with what probability they are partners, if as many are as are not, and how often they were. */
export interface ReliabilityBin {
  /** Mean of what was said. */
  readonly predicted: number
  /** Share of partners, both kinds weighing the same; NaN of no pairs. */
  readonly observed: number
  /** Held-out pairs. */
  readonly pairs: number
}

const BINS = 10

/** Held-out pairs by what the calibration says of them, in ten bins from 0 to 1. */
export function reliabilityOf(
  { partners, strangers }: { readonly partners: readonly number[]; readonly strangers: readonly number[] },
  { slope, intercept }: Calibration,
): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ predicted: 0, weight: 0, partners: 0, pairs: 0 }))
  for (const [kind, scores] of [partners, strangers].entries()) {
    for (const score of scores) {
      const p = 1 / (1 + Math.exp(-(slope * score + intercept)))
      const bin = bins[Math.min(BINS - 1, Math.floor(p * BINS))]
      const weight = 1 / scores.length
      bin.predicted += weight * p
      bin.weight += weight
      bin.partners += kind === 0 ? weight : 0
      bin.pairs++
    }
  }
  return bins.map((bin) => ({
    predicted: bin.predicted / bin.weight,
    observed: bin.partners / bin.weight,
    pairs: bin.pairs,
  }))
}

interface ScoreCalibrationData<Model> {
  readonly model: Model
  readonly best: ScoreRow
  readonly table: readonly ScoreRow[]
  readonly folds: readonly Uint32Array[]
  readonly lines: readonly Calibration[]
  readonly reliability: readonly ReliabilityBin[][]
}

/** The outcome of {@link calibrateScore}. As a string it is a table. */
export class ScoreCalibration<Model = object> {
  /** Fitted to all rows. Its `correlations`, and so its scores and its file, are what held-out rows taught if `best.rho` says so, until it is fitted again. */
  readonly model: Model
  /** The score that was chosen: `metric` for `similarity`, `transform` and `evaluate`. */
  readonly metric: ScoreMetric
  /** How it did. */
  readonly best: ScoreRow
  /** All that were compared. */
  readonly table: readonly ScoreRow[]
  /** The rows of every fold, ascending. */
  readonly folds: readonly Uint32Array[]
  readonly #lines: readonly Calibration[]
  readonly #reliability: readonly ReliabilityBin[][]

  /** @internal */
  constructor({ model, best, table, folds, lines, reliability }: ScoreCalibrationData<Model>) {
    this.model = model
    this.metric = best.metric
    this.best = best
    this.table = table
    this.folds = folds
    this.#lines = lines
    this.#reliability = reliability
  }

  /**
   * How much likelier pairs are as partners than as strangers, from their scores: a line that was fitted to held-out pairs. `matchProbability` makes
   * probabilities of it.
   *
   * @param scores - of `model.similarity(x, from, y, to, { metric })`
   * @returns logarithms, one for each score
   * @throws TypeError if scores are no numbers, RangeError unless `from` and `to` are two of the modalities
   */
  logRatios(scores: ArrayLike<number>, from = 0, to = 1): Float64Array {
    const list = scores as ArrayLike<number> | null
    if (typeof list !== 'object' || typeof list?.length !== 'number') {
      throw wrongKind('scores', 'an array of numbers', scores)
    }
    const { slope, intercept } = this.#lines[this.#pair(from, to)]
    return Float64Array.from(list, (score) => slope * score + intercept)
  }

  /** What held-out pairs were said to be, and were. @throws as {@link logRatios} */
  reliability(from = 0, to = 1): ReliabilityBin[] {
    return this.#reliability[this.#pair(from, to)].map((bin) => ({ ...bin }))
  }

  /** The table, lines of plain text. */
  toString(): string {
    const withRidge = this.table.some(({ ridge }) => ridge !== 1)
    const line = (mark: string, ridge: string, rest: string[]) => [mark, ...(withRidge ? [ridge] : []), ...rest]
    const rows = this.table.map((row) =>
      line(row === this.best ? 'best' : '', String(row.ridge), [row.metric, row.rho, share(row.meanReciprocalRank)]),
    )
    return textTable([line('', 'ridge', ['metric', 'rho', 'MRR']), ...rows]).join('\n')
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  #pair(from: number, to: number): number {
    const M = (1 + Math.sqrt(1 + 8 * this.#lines.length)) / 2
    return pairOf(...twoOf(M, from, to))
  }
}
