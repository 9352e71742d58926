import { wrongKind } from '../describe.js'
import type { FileBytes } from '../io/file-bytes.js'
import { NOT_CLONED, refuseJson, type Bytes } from '../keeping.js'
import { Matrix, toMatrix, type MatrixData, type MatrixLike, type Precision } from '../matrix.js'
import { taken, takenModalities } from '../runtime/taken.js'
import { perform, performAsync } from '../runtime/work.js'
import type { AsyncOptions } from '../steps.js'
import { finiteMatrix, knownOptions, numberThat, precisionOf } from '../validation.js'
import { outputVector, readVector, refuseEntry, type VectorLike } from '../vector.js'
import { mapRows, mapRowsAsync, type AffineMap } from './affine-map.js'
import { NEW, OLD } from './candidates.js'
import { MigrationEvaluation } from './evaluation.js'
import { refuseOtherModel, refuseOtherWidth } from './expectation.js'
import { migrationWork, type FittedMigration } from './fit-migration.js'
import { valueAt } from './isotonic.js'
import { decodeMigration, encodeMigration } from './migration-file.js'
import type { EmbeddingModel, MigrationMethod, MigrationOptions, MigrationWay } from './options.js'

/** How vectors are mapped. */
export interface MapOptions {
  /** Of what model the vectors are said to be: others than those that are mapped are refused. */
  readonly expect?: EmbeddingModel
  /** What is computed with, and what comes of it: 'f32' takes half the time; default 'f64'. */
  readonly precision?: Precision
}

/** What a file must be of. */
export interface LoadOptions {
  /** Both models, or what is known of them. */
  readonly expect?: { readonly old?: EmbeddingModel; readonly new?: EmbeddingModel }
}

/**
 * A change of the embedding model without embedding everything anew: maps between the vectors of both models, fitted to items that both have embedded,
 * chosen and judged by itself.
 *
 * There are three ways, and `way` says which it is: queries of the new model into the old space ({@link mapQueries}; the index stays as it is), what is
 * stored into the new space ({@link mapStored}), or both into a shared space. Whichever it is, `mapQueries` of a new query is compared with `mapStored` of
 * old vectors, by cosine: what needs no map comes back as it is.
 */
export class EmbeddingMigration {
  /** For structuredClone and its like to stumble over. @internal */
  readonly notCloned = NOT_CLONED
  /** What it was judged by, beside all that it was chosen from. */
  readonly evaluation: MigrationEvaluation
  readonly #fitted: FittedMigration

  private constructor(fitted: FittedMigration) {
    this.#fitted = fitted
    this.evaluation = new MigrationEvaluation(fitted.evaluation)
  }

  /**
   * Fits maps to items that both models have embedded, and judges them by pairs that were held out: each held-out vector of the new model is a query
   * among the old vectors of all held-out pairs, brought together by the map, and its neighbours are compared with those that it has among the new vectors
   * themselves, which is what embedding everything anew would give. That is done with all pairs that are not held out, and with fewer, for the learning
   * curve.
   *
   * Settings and the way are chosen by one half of the held-out queries, and what is said of them is of the other. Of ways that keep as much of the
   * neighbours, to .01, that is taken which changes least: none, queries, stored, both. Last, what was chosen is fitted to all pairs.
   *
   * Candidates come from joint factors: rows are read once, and not again for fewer pairs. They are ridge regression of either model on the other by
   * generalised cross-validation, the same of reduced rank, rotation with a scale, and 'balanced' alignment of both; where rows are not of length 1
   * all of it once more of rows that are brought to it. Output is of length 1 if the vectors of the model were that it leads to.
   *
   * @param pairs - [old, new]: n x d_old and n x d_new, row i of both the same item; 20 pairs or more
   * @param options - names of the models, and what is to be asked for or left out
   * @returns the migration, whether it is advised or not: `evaluation.verdict` says so, with the numbers. Cost: 2 n (1 + d)^2 operations, then for each of
   *   some four points of the curve of the order of 60 d^3, and 20 h^2 d for h held-out pairs
   * @throws TypeError if an argument is of the wrong kind
   * @throws RangeError for other than two matrices, different numbers of rows, fewer than 20 pairs, an entry that is not finite, or a value out of range
   */
  static fit(pairs: readonly MatrixLike[], options: MigrationOptions = {}): EmbeddingMigration {
    return new EmbeddingMigration(perform(migrationWork(pairs, options)))
  }

  /**
   * {@link fit} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link fit}, and with the signal's reason on an abort: the promise rejects
   */
  static async fitAsync(
    pairs: readonly MatrixLike[],
    options: MigrationOptions & AsyncOptions = {},
  ): Promise<EmbeddingMigration> {
    const work = migrationWork(takenModalities(pairs, options), options)
    return new EmbeddingMigration(await performAsync(work, options))
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @param options.expect - the models that it must be of
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound migration
   * @throws RangeError if it is of other models than was expected
   */
  static fromBytes(bytes: FileBytes, options: LoadOptions = {}): EmbeddingMigration {
    const { expect = {} } = knownOptions(options, ['expect'])
    const migration = new EmbeddingMigration(decodeMigration(bytes))
    const { models } = migration
    refuseOtherModel('this migration is from', models.old, (expect as LoadOptions['expect'])?.old, models)
    refuseOtherModel('this migration is to', models.new, (expect as LoadOptions['expect'])?.new, models)
    return migration
  }

  /** Which of both sides is mapped: `'queries'`, `'stored'`, `'both'`, or `'none'`. */
  get way(): MigrationWay {
    return this.#fitted.way
  }

  /** By what the maps were fitted. */
  get method(): MigrationMethod {
    return this.#fitted.method
  }

  /** What the data chose: a penalty, a number of directions. */
  get setting(): string {
    return this.#fitted.setting
  }

  /** Both models: their names, if they were given, and the columns of their vectors. */
  get models(): { readonly old: EmbeddingModel; readonly new: EmbeddingModel } {
    const { names, widths } = this.#fitted
    return { old: { model: names[OLD], dimensions: widths[OLD] }, new: { model: names[NEW], dimensions: widths[NEW] } }
  }

  /** Columns of what is compared in the end: those of the old space for queries, of the new one for stored vectors, else of the shared space. */
  get dimensions(): number {
    const { queries, stored, widths } = this.#fitted
    return (queries ?? stored)?.A.rows ?? widths[OLD]
  }

  /** Pairs that it was fitted to. */
  get pairs(): number {
    return this.#fitted.pairs
  }

  /** The day of the fit, as 2026-11-30. */
  get date(): string {
    return this.#fitted.date
  }

  /** Whether what is stored has to be mapped, and with it rewritten. */
  get movesStored(): boolean {
    return this.#fitted.stored !== undefined
  }

  /** Whether queries have to be mapped. */
  get movesQueries(): boolean {
    return this.#fitted.queries !== undefined
  }

  /**
   * Brings queries, vectors of the new model, to where they are compared; they come back as they are unless {@link movesQueries}. 2 n k d operations.
   *
   * @param x - n x d_new
   * @returns n x {@link dimensions}
   * @throws TypeError if x is no matrix
   * @throws RangeError if x has other columns than the new model, an entry that is not finite, or is said to be of another model
   */
  mapQueries(x: MatrixLike, options: MapOptions = {}): Matrix {
    return this.#mapped(x, NEW, options)
  }

  /**
   * {@link mapQueries} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link mapQueries}, and with the signal's reason on an abort: the promise rejects
   */
  async mapQueriesAsync(x: MatrixLike, options: MapOptions & AsyncOptions = {}): Promise<Matrix> {
    return this.#mappedAsync(x, NEW, options)
  }

  /**
   * Brings what is stored, vectors of the old model, to where it is compared; it comes back as it is unless {@link movesStored}. 2 n k d operations.
   *
   * @param x - n x d_old
   * @returns n x {@link dimensions}
   * @throws TypeError if x is no matrix
   * @throws RangeError if x has other columns than the old model, an entry that is not finite, or is said to be of another model
   */
  mapStored(x: MatrixLike, options: MapOptions = {}): Matrix {
    return this.#mapped(x, OLD, options)
  }

  /**
   * {@link mapStored} with turns for the event loop, progress and cancellation.
   *
   * @throws as {@link mapStored}, and with the signal's reason on an abort: the promise rejects
   */
  async mapStoredAsync(x: MatrixLike, options: MapOptions & AsyncOptions = {}): Promise<Matrix> {
    return this.#mappedAsync(x, OLD, options)
  }

  /**
   * {@link mapQueries} of one vector.
   *
   * @param x - d_new numbers
   * @param out - {@link dimensions} entries to write to, float32 or float64; default: a new Float64Array
   * @returns that many numbers: `out` if it is given
   * @throws as {@link mapQueries}; TypeError if x is no list of numbers or `out` no such array, RangeError if `out` has another length
   */
  mapQueryVector(x: VectorLike): Float64Array
  mapQueryVector<Out extends MatrixData>(x: VectorLike, out: Out): Out
  mapQueryVector(x: VectorLike, out?: MatrixData): MatrixData {
    return this.#mappedVector(x, NEW, out)
  }

  /**
   * {@link mapStored} of one vector.
   *
   * @param x - d_old numbers
   * @param out - {@link dimensions} entries to write to, float32 or float64; default: a new Float64Array
   * @returns that many numbers: `out` if it is given
   * @throws as {@link mapQueryVector}
   */
  mapStoredVector(x: VectorLike): Float64Array
  mapStoredVector<Out extends MatrixData>(x: VectorLike, out: Out): Out
  mapStoredVector(x: VectorLike, out?: MatrixData): MatrixData {
    return this.#mappedVector(x, OLD, out)
  }

  /**
   * The cosine that embedding anew would give, of one between a query and what is stored as {@link mapQueries} and {@link mapStored} bring them: so that
   * a threshold keeps its meaning. A curve that does not decrease, fitted to held-out pairs by isotonic regression; above the highest score that was seen
   * it is a line to 1 at 1.
   *
   * @param score - a cosine
   * @throws TypeError if it is no number, RangeError if it is NaN or infinite
   */
  calibrate(score: number): number {
    return valueAt(this.#fitted.calibration, numberThat(Number.isFinite, 'finite', score, 'score'))
  }

  /** The points of the curve of {@link calibrate}, between which it is straight; copies. */
  get calibration(): { scores: Float64Array; values: Float64Array } {
    const { scores, values } = this.#fitted.calibration
    return { scores: scores.slice(), values: values.slice() }
  }

  /**
   * The migration as a safetensors file in memory: maps, calibration, and where it comes from. `loadAlignment` of `collimate/serve` reads it too, for
   * mapping alone: modality 0 is the old model and 1 the new one, and what is mapped is `translate(x, 1, 0)` for way 'queries', `translate(x, 0, 1)` for
   * 'stored', and `transform` of both for 'both', without bringing rows to length 1.
   *
   * @param options.precision - of the maps; default 'f64'
   * @throws TypeError or RangeError for an unknown option or precision
   */
  toBytes(options: { readonly precision?: Precision } = {}): Bytes {
    const { precision } = knownOptions(options, ['precision'])
    return encodeMigration(this.#fitted, precisionOf(precision))
  }

  /** Refuses: JSON would lose the maps without a word. @throws TypeError always; keep {@link toBytes} instead */
  toJSON(): never {
    return refuseJson()
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  #mapOf(side: number): AffineMap | undefined {
    return side === OLD ? this.#fitted.stored : this.#fitted.queries
  }

  /** @throws RangeError if the vectors are said to be of another model, or have other columns */
  #check(side: number, expect: EmbeddingModel | undefined, cols: number): void {
    const { models } = this
    const [what, model] = side === OLD ? ['mapStored takes vectors of', models.old] : ['mapQueries takes vectors of', models.new] // prettier-ignore
    refuseOtherModel(what, model, expect, models)
    refuseOtherWidth(what, model, cols, models)
  }

  #rows(x: Matrix, side: number, options: MapOptions): Precision {
    const { expect, precision } = knownOptions(options, ['expect', 'precision'])
    // An array of no rows has no columns either.
    this.#check(side, expect, x.rows + x.cols > 0 ? x.cols : this.#fitted.widths[side])
    return precisionOf(precision)
  }

  #mapped(x: MatrixLike, side: number, options: MapOptions): Matrix {
    const X = toMatrix(x, 'x')
    const precision = this.#rows(X, side, options)
    const map = this.#mapOf(side)
    return map === undefined ? finiteMatrix(X, 'x') : mapRows(X, map, precision)
  }

  async #mappedAsync(x: MatrixLike, side: number, options: MapOptions & AsyncOptions): Promise<Matrix> {
    const X = taken(x, 'x', options)
    const precision = this.#rows(X, side, options)
    const map = this.#mapOf(side)
    return map === undefined ? finiteMatrix(X, 'x') : mapRowsAsync(X, map, precision, options)
  }

  #mappedVector(x: unknown, side: number, out: MatrixData | undefined): MatrixData {
    const { length } = Object(x) as { length?: unknown }
    if (typeof length !== 'number') throw wrongKind('x', 'a vector, an array of numbers', x)
    this.#check(side, undefined, length)
    const vector = readVector(x, 'x', length)
    refuseEntry(vector, 'x')
    const to = outputVector(out, this.dimensions, false)
    const map = this.#mapOf(side)
    const row = new Matrix(1, length, vector)
    to.set(map === undefined ? row.data : mapRows(row, map, 'f64').data)
    return to
  }
}
