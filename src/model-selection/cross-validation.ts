import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { share, significant, table } from '../text-table.js'
import { plainOptions } from './plain-options.js'
import type { AsyncOptions } from '../steps.js'

/** A fold in which a model could not be fitted or judged, and why. */
export interface FoldFailure {
  /** Which fold was held out, from 0 on. */
  readonly fold: number
  readonly error: Error
}

/** How the models of one grid point did. */
export interface CrossValidationRow<Options> {
  readonly options: Options
  /** One score for each fold that was held out; NaN where there was a failure. Higher is better. */
  readonly scores: Float64Array
  /** Mean of the scores; NaN after a failure. */
  readonly mean: number
  /** Their standard deviation (n - 1); NaN after a failure. */
  readonly deviation: number
  readonly failures: readonly FoldFailure[]
}

/** What the numbers of a cross-validation are. */
export interface Protocol {
  readonly metric: string
  /** The rows of every fold. */
  readonly folds: readonly Uint32Array[]
  /** Mean over the folds of what guessing at random reaches; NaN if that is unknown. */
  readonly chance: number
}

/** Fits all rows, in one piece or in many. */
export interface Refit<Options, Model> {
  readonly sync: (options: Options) => Model
  readonly async: (options: Options, asyncOptions: AsyncOptions) => Promise<Model>
}

/** The outcome of {@link crossValidate}. As a string it is a table. */
export class CrossValidation<Options = object, Model extends LinearAlignment = LinearAlignment> {
  /** One row for each grid point, in the order of the grid. */
  readonly table: readonly CrossValidationRow<Options>[]
  /** The row of the highest mean; of several such the first. */
  readonly best: CrossValidationRow<Options>
  /** What was measured on the held-out rows. */
  readonly metric: string
  /** The rows of every fold, ascending. */
  readonly folds: readonly Uint32Array[]
  /** What guessing at random reaches, in the mean over the folds; NaN if that is unknown. */
  readonly chance: number
  readonly #refit: Refit<Options, Model>

  /** @internal */
  constructor(rows: readonly CrossValidationRow<Options>[], protocol: Protocol, refit: Refit<Options, Model>) {
    this.table = rows
    this.best = bestRow(rows)
    this.metric = protocol.metric
    this.folds = protocol.folds
    this.chance = protocol.chance
    this.#refit = refit
    // What Node shows: the table. Here, since bundles keep a class with a computed name whether it is used or not.
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: () => this.toString() })
  }

  /**
   * A model fitted to all rows. They are not read again, but by InfoNCE: it comes from the merged factor of the folds.
   *
   * @param options - default those of `best`
   * @throws as the `fit` of the model
   */
  refit(options: Options = this.best.options): Model {
    return this.#refit.sync(options)
  }

  /** {@link refit} with turns for the event loop, progress and cancellation. */
  async refitAsync(options: Options = this.best.options, asyncOptions: AsyncOptions = {}): Promise<Model> {
    return this.#refit.async(options, asyncOptions)
  }

  /** The table, lines of plain text. */
  toString(): string {
    const { metric, folds, chance } = this
    const sizes = folds.map(({ length }) => length)
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
    const rows = least === most ? String(least) : `${least} to ${most}`
    const guess = Number.isNaN(chance) ? '' : `, chance ${share(chance)}`
    return [`${metric} on ${folds.length} folds of ${rows} held-out rows${guess}`, '', ...this.#lines()].join('\n')
  }

  /** Numbers and options, without the models. */
  toJSON(): object {
    const { metric, chance, best } = this
    const row = ({ options, scores, mean, deviation, failures }: CrossValidationRow<Options>) => ({
      options: plainOptions(options),
      scores: Array.from(scores, finiteOrNull),
      mean: finiteOrNull(mean),
      deviation: finiteOrNull(deviation),
      failures: failures.map(({ fold, error }) => ({ fold, message: error.message })),
    })
    const folds = this.folds.map((rows) => Array.from(rows))
    return { metric, chance: finiteOrNull(chance), best: row(best), table: this.table.map(row), folds }
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  #lines(): string[] {
    const names = [...new Set(this.table.flatMap(({ options }) => Object.keys(options as object)))]
    const body = this.table.map((row) => {
      const values = names.map((name) => optionText((plainOptions(row.options) as Record<string, unknown>)[name]))
      const figures = [row.mean, row.deviation, Math.min(...row.scores), Math.max(...row.scores)]
      const failed = row.failures.length > 0
      return [
        row === this.best ? 'best' : '',
        ...values,
        ...(failed ? ['failed', '', '', ''] : figures.map(figureText)),
      ]
    })
    const reasons = new Set(this.table.flatMap(({ failures }) => failures.map(({ error }) => error.message)))
    const notes = Array.from(reasons, (message) => `failed: ${message}`)
    return [...table([['', ...names, 'mean', 'deviation', 'lowest', 'highest'], ...body]), ...(notes.length > 0 ? ['', ...notes] : [])] // prettier-ignore
  }
}

function bestRow<Options>(rows: readonly CrossValidationRow<Options>[]): CrossValidationRow<Options> {
  const fitted = rows.filter(({ failures }) => failures.length === 0)
  if (fitted.length === 0) {
    const { fold, error } = rows[0].failures[0]
    throw new RangeError(`no point of the grid could be fitted in every fold; the first, without fold ${fold}: ${error.message}`, { cause: error }) // prettier-ignore
  }
  return fitted.reduce((best, row) => (row.mean > best.mean ? row : best))
}

/** The row of one grid point. */
export function summarise<Options>(
  options: Options,
  outcomes: readonly (number | Error)[],
): CrossValidationRow<Options> {
  const scores = Float64Array.from(outcomes, (outcome) => (typeof outcome === 'number' ? outcome : NaN))
  const mean = scores.reduce((sum, score) => sum + score / scores.length, 0)
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  const failures = outcomes.flatMap((outcome, fold) => (typeof outcome === 'number' ? [] : [{ fold, error: outcome }]))
  return { options, scores, mean, deviation: Math.sqrt(squares / (scores.length - 1)), failures }
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

function figureText(value: number): string {
  return Math.abs(value) <= 1 ? share(value) : significant(value)
}

function optionText(value: unknown): string {
  if (value === undefined || typeof value === 'string') return value ?? ''
  const text: unknown = JSON.stringify(value)
  return typeof text === 'string' ? text : `a ${typeof value}`
}
