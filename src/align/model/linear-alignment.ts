import { contentError } from '../../io/tensors.js'
import { refuseJson, type Bytes } from '../../keeping.js'
import { describe, Matrix, type MatrixData, type MatrixLike, type Precision } from '../../matrix.js'
import { meanPairwiseCmae } from '../../metrics/alignment.js'
import { Engine } from '../../runtime/engine.js'
import { run, type AsyncOptions, type Steps } from '../../steps.js'
import type { RoleOptions, ScoreOptions, ScoreRows } from '../../score-rows.js'
import { hasRole, scores, scoresIfRegistered } from './scores.js'
import { taken } from '../../runtime/taken.js'
import { flag, precisionOf, knownOptions } from '../../validation.js'
import type { VectorLike } from '../../vector.js'
import { frontOf, type FeatureMaps } from './features.js'
import { JointEstimator } from './joint-estimator.js'
import { encodeModel, type FileParts } from './model-file.js'
import type { LinearModel } from './linear-model.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { pairedMatrices } from '../factor/paired.js'
import { decoderRowSteps, decodingOf, samplesOf, transformation, translation, type Fit } from './mapping.js'
import { project, projectAsync, projectSteps, projectVector, type Projection } from './projection.js'

/** Whether `x` is a linear alignment, or the prototype of one, of any copy of this package. */
export function isLinearAlignment(x: unknown): boolean {
  return typeof x === 'object' && x !== null && 'isLinearAlignment' in x
}

/**
 * What all linear alignments have in common: they are fitted to the joint factor of their samples, and map by one matrix per
 * modality. A subclass says how the maps come from the factor.
 */
export abstract class LinearAlignment<Model extends LinearModel = LinearModel> extends JointEstimator<Model> {
  /** Marks the models of every copy of this package: its ES and its CommonJS build may be loaded side by side. @internal */
  get isLinearAlignment(): boolean {
    return true
  }

  /** What its file holds beside the linear model. @internal */
  protected abstract fileParts(model: Model): FileParts

  /** What `translate` takes out of the source and adds to the target: means, or none. @internal */
  protected meansOfTranslation({ means }: Model): readonly (Float64Array | undefined)[] {
    return means
  }

  /**
   * Takes in the samples that another model has seen, fitted elsewhere perhaps. The other stays as it was; the order of merges
   * does not matter.
   *
   * @throws TypeError if `other` is no linear alignment, or the method needs all samples at once (InfoNCE)
   * @throws RangeError if its modalities have other widths, or fewer columns than nComponents
   * @throws NotFittedError if either was loaded from a file without its state
   */
  merge(other: LinearAlignment): this {
    if (!isLinearAlignment(other)) throw new TypeError(`can merge a linear alignment only, got ${describe(other)}`)
    this.checkFactorOnly()
    const seen = other.growingFactor()
    if (seen === undefined) return this
    const own = this.joint ? this.joint.features : this.features
    frontOf(own, seen.features)?.checkSame(own, seen.features)
    return this.partialFit(seen)
  }

  /** A^(m) for every modality, k x d_m; copies, as all that a model hands out. @throws NotFittedError before a fit */
  get maps(): Matrix[] {
    return this.fitted.maps.map(copyOf)
  }

  /** Column means of every modality. @throws NotFittedError before a fit */
  get means(): Float64Array[] {
    return this.fitted.means.map((mean) => mean.slice())
  }

  /**
   * What every column was multiplied by before the fit, one array per modality: 1 where its unit was left alone, 0 for a constant column. Maps and
   * decoders take and give samples in their own units all the same.
   *
   * @throws NotFittedError before a fit
   */
  get scales(): Float64Array[] {
    const { maps, scales } = this.fitted
    return maps.map(({ cols }, m) => scales?.[m].slice() ?? new Float64Array(cols).fill(1))
  }

  /**
   * What rows of every modality are turned into first, as it was fitted or given: what is said of columns, {@link maps}, {@link means} and {@link scales}, is of what
   * that gives. Undefined for a modality without.
   *
   * @throws NotFittedError before a fit
   */
  get featureMaps(): FeatureMaps {
    const { maps, featureMaps } = this.fitted
    return maps.map((_, m) => featureMaps?.[m])
  }

  /** Columns of every modality, as samples have them. @throws NotFittedError before a fit */
  get widths(): number[] {
    return this.featureMaps.map((map, m) => map?.inputs ?? this.fitted.maps[m].cols)
  }

  /** Whether `transform` subtracts the means. @throws NotFittedError before a fit */
  get centered(): boolean {
    return this.fitted.centered
  }

  /**
   * What the fit knows of the latents of two modalities as a Gaussian: rho, the correlation of each component between them, 0 for one that says nothing
   * and 1 - 1e-9 at most, and the deviations of its latents in both, shrinkage included. Of 'balanced', where for two modalities rho = (4 mu - 1) /
   * (4 mu + 1), and of CanonicalCorrelation, where it is theirs (less with shrinkage; none for partial least squares); for more modalities what the
   * joint factor says of the pair.
   *
   * @returns k numbers each; copies
   * @throws RangeError unless these are two of the modalities
   * @throws NotFittedError before a fit, of other methods, and of a model that was written without rho or state
   * @throws RangeError unless `registerScore` of `collimate/score` was called, which has all of this
   */
  correlations(from = 0, to = 1): { rho: Float64Array; deviations: [Float64Array, Float64Array] } {
    return scores().correlations(this, from, to)
  }

  /**
   * Maps samples of one modality into the latent space: rows x -> A^(m) x, of x less its mean if the model is centred. In a role, rows by which
   * any store ranks as {@link similarity} does: by Euclidean distance, or by inner products plus the bias of gallery rows.
   *
   * @param x - n x d_m
   * @param modality - m, from 0 on
   * @param options.precision - what is computed with: 'f32' takes half the time and gives float32; default 'f64'
   * @param options.role - 'query' or 'gallery': gives `{ rows, bias }`, for `options.metric` ('normalised' unless it is given) and against the
   *   modality `options.partner`, which need not be said where there are two; needs `registerScore` of `collimate/score`
   * @returns n x k; entries beyond the range of the precision are infinite or NaN, as in NumPy
   * @throws TypeError if x is no matrix
   * @throws RangeError if there is no such modality, x has other columns than it, or an entry is not finite
   * @throws NotFittedError before a fit, or in a role if there is no rho
   */
  transform(x: MatrixLike, modality: number, options: { readonly precision?: Precision } & RoleOptions): ScoreRows
  transform(x: MatrixLike, modality: number, options?: { readonly precision?: Precision }): Matrix
  transform(
    x: MatrixLike,
    modality: number,
    options: { readonly precision?: Precision } & Partial<RoleOptions> = {},
  ): Matrix | ScoreRows {
    if (hasRole(options)) return scores().transform(this, x, modality, options)
    const fit = this.fitNow
    const projection = transformation(fit.model, modality, options)
    return project(samplesOf(fit.model, x, modality), projection)
  }

  /**
   * {@link transform} with turns for the event loop, progress and cancellation; by the model as it is now, whatever it is fitted to
   * meanwhile. Maps that are not computed yet, after partialFit, are computed in turns as well.
   *
   * @throws as {@link transform}, and the reason of `signal` on an abort: the promise rejects
   */
  async transformAsync(
    x: MatrixLike,
    modality: number,
    options: { readonly precision?: Precision } & RoleOptions & AsyncOptions,
  ): Promise<ScoreRows>
  async transformAsync(
    x: MatrixLike,
    modality: number,
    options?: { readonly precision?: Precision } & AsyncOptions,
  ): Promise<Matrix>
  async transformAsync(
    x: MatrixLike,
    modality: number,
    options: { readonly precision?: Precision } & Partial<RoleOptions> & AsyncOptions = {},
  ): Promise<Matrix | ScoreRows> {
    if (hasRole(options)) return scores().transformAsync(this, x, modality, options)
    const X = taken(x, 'x', options)
    const fit = await this.fitInTurns(options)
    const projection = transformation(fit.model, modality, options)
    return projectAsync(samplesOf(fit.model, X, modality), projection, options)
  }

  /**
   * Predicts samples of one modality from those of another: by way of the latent space, and from there by least squares on the
   * rows that were fitted. The first call computes that decoder from the factor of the data, for which a file has it ready. An
   * OrthogonalProcrustes without nComponents rotates instead, which keeps distances where least squares would fit more closely.
   *
   * @param x - n x d_from
   * @returns n x d_to, float64; entries beyond its range are infinite or NaN, as in NumPy
   * @throws as {@link transform}, RangeError if `from` and `to` are the same, and NotFittedError if the model was loaded from a file
   *   that has neither decoders nor state
   */
  translate(x: MatrixLike, from: number, to: number): Matrix {
    const fit = this.fitNow
    const projection = this.#translation(fit, from, to)
    return project(samplesOf(fit.model, x, from), projection)
  }

  /**
   * {@link translate} with turns for the event loop, progress and cancellation; as {@link transformAsync}.
   *
   * @throws as {@link translate}, and the reason of `signal` on an abort: the promise rejects
   */
  async translateAsync(x: MatrixLike, from: number, to: number, options: AsyncOptions = {}): Promise<Matrix> {
    const X = taken(x, 'x', options)
    const known = knownOptions(options, [])
    const fit = await this.fitInTurns(known)
    const projection = this.#translation(fit, from, to)
    return projectAsync(samplesOf(fit.model, X, from), projection, known)
  }

  /**
   * {@link transform} of one vector: no matrix in, none out.
   *
   * @param x - d_m numbers
   * @param out - k entries to write to, float32 or float64; default: a new Float64Array
   * @returns k numbers: `out` if it is given
   * @throws as {@link transform}; TypeError if x is no list of numbers or `out` no such array, RangeError if `out` has another length
   */
  transformVector(x: VectorLike, modality: number): Float64Array
  transformVector<Out extends MatrixData>(x: VectorLike, modality: number, out: Out): Out
  transformVector(x: VectorLike, modality: number, out?: MatrixData): MatrixData {
    return projectVector(x, transformation(this.fitted, modality, {}), out)
  }

  /**
   * {@link translate} of one vector.
   *
   * @param x - d_from numbers
   * @param out - d_to entries to write to, float32 or float64; default: a new Float64Array
   * @returns d_to numbers: `out` if it is given
   * @throws as {@link translate}, and {@link transformVector}
   */
  translateVector(x: VectorLike, from: number, to: number): Float64Array
  translateVector<Out extends MatrixData>(x: VectorLike, from: number, to: number, out: Out): Out
  translateVector(x: VectorLike, from: number, to: number, out?: MatrixData): MatrixData {
    return projectVector(x, this.#translation(this.fitNow, from, to), out)
  }

  /**
   * Scores of all rows of one modality with all of another: how likely they are partners. 2 n p k operations, by products of rows in their roles
   * (see {@link transform}): the error is up to (k + 8) eps times the lengths of both rows.
   *
   * @param x - n x d_from, the queries
   * @param y - p x d_to, the gallery
   * @param options.metric - default 'normalised'
   * @returns n x p, higher is better
   * @throws as {@link transform}; RangeError if `from` and `to` are the same, or without `registerScore` of `collimate/score`; NotFittedError if
   *   there is no rho and the metric needs it
   */
  similarity(x: MatrixLike, from: number, y: MatrixLike, to: number, options: ScoreOptions = {}): Matrix {
    return scores().similarity(this, x, from, y, to, options)
  }

  /**
   * log p(x, y) / (p(x) p(y)) of pairs of rows, their latents taken for Gaussian: how much likelier they are as partners than as strangers. With even
   * odds beforehand p partners are 1 / (1 + exp(-ratio)); `matchProbability` of `collimate/score` does it for others.
   *
   * @param x - n x d_from
   * @param y - n x d_to, row i beside row i of x
   * @returns n numbers
   * @throws as {@link similarity}, and RangeError for other numbers of rows
   */
  logLikelihoodRatio(x: MatrixLike, y: MatrixLike, from: number, to: number): Float64Array {
    return scores().logLikelihoodRatio(this, x, y, from, to)
  }

  /**
   * Minus the CMAE of the latents, averaged over all pairs of modalities: higher is better. It cannot tell an alignment from a
   * collapse, where all latents are zero: choose between models by held-out retrieval.
   *
   * @param modalities - as in {@link fit}
   * @throws as {@link transform}, and RangeError for other modalities than those fitted, or no rows
   */
  score(modalities: readonly MatrixLike[]): number {
    return -meanPairwiseCmae(pairedMatrices(modalities, 2, this.widths).map((X, m) => this.transform(X, m)))
  }

  /**
   * The model as a safetensors file in memory: the method's name, maps, means, decoders, and what was asked for. `fromBytes`
   * of the same class reads it, `loadAlignment` that of any.
   *
   * @param options.precision - of maps and decoders; default 'f64'
   * @param options.state - true adds the joint factor, so that partialFit and merge can go on; default false
   * @param options.decoders - what `translate` needs, computed now unless it was before; default true. Without them the file is smaller, and
   *   written sooner, by one that only transforms; `translate` then needs the state
   * @throws TypeError if an option is of the wrong kind, RangeError if the precision is unknown
   * @throws NotFittedError before a fit, or if the state or decoders are wanted of a model loaded without them
   */
  toBytes(
    options: { readonly precision?: Precision; readonly state?: boolean; readonly decoders?: boolean } = {},
  ): Bytes {
    const { precision: wanted, state, decoders } = knownOptions(options, ['precision', 'state', 'decoders'])
    const precision = precisionOf(wanted)
    const withState = flag(state, 'state')
    const withDecoders = decoders === undefined || flag(decoders, 'decoders')
    const model = this.fitted
    const parts = this.fileParts(model)
    const joint = withState ? this.growingFactor() : undefined
    const rows = model.maps.map((_, from) => from)
    const all = withDecoders
      ? rows.map((from) => run(decoderRowSteps(() => Engine.shared(), decodingOf(this.fitNow, from))))
      : undefined
    const correlations = scoresIfRegistered()?.known(this) ?? model.correlations
    return encodeModel({ ...model, correlations }, all, parts, this.asked, joint, precision)
  }

  /** Refuses: JSON would lose the weights without a word. @throws TypeError always; keep {@link toBytes} instead */
  toJSON(): never {
    return refuseJson()
  }

  /** {@link translate} as part of a longer operation. @internal */
  translateSteps(engine: Engine, X: Matrix, from: number, to: number): Steps<Matrix> {
    return projectSteps(engine, X, this.#translation(this.fitNow, from, to))
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  /** Takes what a file holds. @throws FileFormatError if the method cannot have aligned modalities of these widths @internal */
  protected load(joint: JointFactor | undefined, model: Model): this {
    try {
      this.checkWidths(model.maps.map(({ cols }) => cols))
    } catch (error) {
      throw contentError((error as Error).message)
    }
    if (model.featureMaps !== undefined) Object.assign(this, { features: model.featureMaps })
    return this.become(joint, model)
  }

  #translation(fit: Fit<Model>, from: number, to: number): Projection {
    return translation(fit, from, to, (model) => this.meansOfTranslation(model))
  }
}

function copyOf({ rows, cols, data }: Matrix): Matrix {
  return new Matrix(rows, cols, data.slice())
}
