import { NotFittedError } from '../../errors.js'
import { NOT_CLONED } from '../../keeping.js'
import type { Matrix, MatrixLike } from '../../matrix.js'
import { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import { run, runAsync, type AsyncOptions, type Steps } from '../../steps.js'
import { takenModalities } from '../../runtime/taken.js'
import { scaleColumns } from '../../dense/arithmetic.js'
import type { FeatureMap } from '../../features/feature-map.js'
import { inLikeUnitsSteps, type Scale } from './column-scales.js'
import { asJointFactor, JointFactor } from '../factor/joint-factor.js'
import { featuresRule, frontOf, type FeatureMaps, type FeaturesOption } from './features.js'
import type { Decoders, LinearModel } from './linear-model.js'
import { pairedMatrices } from '../factor/paired.js'
import { checkedOptions, type Rules } from './options.js'
import type { Fit } from './mapping.js'

/** Samples to fit: one matrix per modality, row i of each the same sample, or the factor of such samples. */
export type PairedSamples = readonly MatrixLike[] | JointFactor

/** Rows as the method sees them, and by which maps. */
interface Featured {
  readonly features?: FeatureMaps
  readonly matrices: readonly Matrix[]
}

/** Fits a model to the joint factor of its samples, and keeps both. A subclass says how the model comes from the factor. */
export abstract class JointEstimator<Model extends LinearModel> {
  /** Dimensions of the latent space, k, as asked for; maps have as many rows. Undefined if they follow from the modalities. */
  abstract readonly nComponents: number | 'all' | undefined
  /** As asked for; `featureMaps` tells what came of it. Those of a file are fitted. */
  declare readonly features: FeaturesOption
  /** For structuredClone and its like to stumble over. @internal */
  readonly notCloned = NOT_CLONED
  /** Names of the options. */
  readonly #options: string[]
  #joint: JointFactor | undefined
  #model: Model | undefined
  /** As far as they were asked for. */
  #decoders: (Decoders[number] | undefined)[] = []

  /** Takes on the options, with the defaults filled in. @throws as {@link checkedOptions} */
  protected constructor(options: unknown, rules: Rules) {
    Object.assign(this, checkedOptions(options, { ...rules, features: featuresRule }))
    this.#options = Object.keys(rules)
  }

  /** What the model takes beside the factor, in d^3 operations: for its share of the expected time. @internal */
  protected get modelCost(): number {
    return 6
  }

  /** Fits to the factor; `samples` are there unless a factor was all that was given. @internal */
  protected abstract modelSteps(engine: Engine, joint: JointFactor, samples?: readonly Matrix[]): Steps<Model>

  /** How the columns of a modality are scaled before the fit. @internal */
  protected get scaleOf(): (modality: number) => Scale {
    return () => false
  }

  /** Why a factor does not tell all that the method needs, if so. @internal */
  protected get factorRefusal(): string | undefined {
    return undefined
  }

  /** Whether it can be fitted to samples only, and not to their factor. @internal */
  get needsSamples(): boolean {
    return this.factorRefusal !== undefined
  }

  /** What was asked for, as a file has it. @internal */
  protected get asked(): string {
    return JSON.stringify(Object.assign({}, this), this.#options)
  }

  /** Refuses modalities that the method cannot align. @throws RangeError @internal */
  protected checkWidths(widths: readonly number[]): void {
    const d = widths.reduce((sum, width) => sum + width, 0)
    if (Number(this.nComponents) > d) {
      throw new RangeError(`nComponents is ${this.nComponents}, expected at most ${d}, the columns of all modalities`)
    }
  }

  /**
   * Fits the maps to paired samples, and forgets earlier ones. After an error the model is as it was.
   *
   * @param samples - two or more matrices, n x d_m, row i of each the same sample; or the factor of such samples, which is
   *   copied
   * @throws TypeError if that is neither, or a factor and the method needs the samples (InfoNCE)
   * @throws RangeError for different numbers of rows, too few rows (most selections need 2), fewer columns than nComponents, or
   *   an entry that is not finite
   */
  fit(samples: PairedSamples): this {
    const { joint, model } = run(this.#fitSteps(Engine.shared(), samples))
    return this.become(joint, model)
  }

  /**
   * {@link fit} with turns for the event loop, progress and cancellation. Until it is done the model stays as it was, and so
   * it does if it fails or is aborted; then the promise rejects with the signal's reason.
   */
  async fitAsync(samples: PairedSamples, options: AsyncOptions = {}): Promise<this> {
    const taken = asJointFactor(samples)?.clone() ?? takenModalities(samples, options)
    const { joint, model } = await runAsync(this.#fitSteps(await Engine.createAsync(), taken), options)
    return this.become(joint, model)
  }

  /**
   * Takes in more samples, without forgetting earlier ones: a fit over data that fits no memory. The maps are computed anew
   * when they are next asked for.
   *
   * @throws as {@link fit}, TypeError if the method needs all samples at once (InfoNCE), and NotFittedError if the model was loaded from a file without its state
   */
  partialFit(samples: PairedSamples): this {
    this.checkFactorOnly()
    const own = this.growingFactor()
    const joint = asJointFactor(samples)
    if (joint !== undefined) return this.become(own === undefined ? this.#copied(joint) : own.merge(joint))
    const rows = pairedMatrices(samples, 2)
    const featured = run(this.#featureSteps(Engine.shared(), rows, own ? own.features : this.features, true))
    return this.become((own ?? this.#emptyFactor(featured)).update(featured.matrices))
  }

  /** {@link fit} as part of a longer operation. @internal */
  *fitSteps(engine: Engine, samples: PairedSamples): Steps<void> {
    const { joint, model } = yield* this.#fitSteps(engine, samples)
    this.become(joint, model)
  }

  /** What was fitted; computed now if samples came in since. @throws NotFittedError before a fit @internal */
  protected get fitted(): Model {
    if (this.#model !== undefined) return this.#model
    if (!this.#joint?.rows) {
      throw new NotFittedError('this model has seen no samples: call fit or partialFit first')
    }
    return (this.#model = run(this.#modelSteps(Engine.shared(), this.#joint)))
  }

  /** The factor of the samples seen; undefined before the first, or if the model was loaded without it. @internal */
  protected get joint(): JointFactor | undefined {
    return this.#joint
  }

  /** @throws TypeError if the method needs all samples at once @internal */
  protected checkFactorOnly(): void {
    const refusal = this.factorRefusal
    if (refusal !== undefined) throw new TypeError(refusal)
  }

  /**
   * The factor that more samples go into, if there is one yet.
   *
   * @throws NotFittedError if the model was loaded without it
   * @internal
   */
  protected growingFactor(): JointFactor | undefined {
    if (this.#joint === undefined && this.#model !== undefined) {
      throw new NotFittedError('this model was loaded without its state, which toBytes({ state: true }) keeps')
    }
    return this.#joint
  }

  /** Replaces all that was learnt. @internal */
  become(joint: JointFactor | undefined, model?: Model): this {
    this.#joint = joint
    this.#model = model
    this.#decoders = []
    return this
  }

  /** The model as it is now. @internal */
  get fitNow(): Fit<Model> {
    return { model: this.fitted, joint: this.#joint, kept: this.#decoders }
  }

  /** {@link fitNow}, computed in turns if samples came in since its maps were; kept unless more come in meanwhile. @internal */
  protected async fitInTurns(options: AsyncOptions): Promise<Fit<Model>> {
    if (this.#model !== undefined || !this.#joint?.rows) return this.fitNow
    const joint = this.#joint.clone()
    const kept = this.#decoders
    const model = await runAsync(this.#modelSteps(await Engine.createAsync(), joint), options)
    if (this.#decoders === kept) this.#model ??= model
    return { model, joint, kept }
  }

  /** Rows as the method sees them, by maps that there are if `isGrowing`. */
  *#featureSteps(engine: Engine, rows: Matrix[], features: FeaturesOption, isGrowing?: boolean): Steps<Featured> {
    const front = frontOf(features)
    return front ? yield* front.steps<FeatureMap>(engine, features, rows, isGrowing) : { matrices: rows }
  }

  *#fitSteps(engine: Engine, samples: PairedSamples): Steps<{ joint: JointFactor; model: Model }> {
    const given = asJointFactor(samples)
    if (given !== undefined) {
      this.checkFactorOnly()
      const joint = this.#copied(given)
      yield* joint.settleSteps(engine)
      return { joint, model: yield* this.#modelSteps(engine, joint) }
    }
    const whole = partsOf(Number(this.features !== undefined), 9)
    const featured = yield* whole(this.#featureSteps(engine, pairedMatrices(samples, 2), this.features))
    return yield* whole(this.#featuredFitSteps(engine, featured))
  }

  *#featuredFitSteps(engine: Engine, featured: Featured): Steps<{ joint: JointFactor; model: Model }> {
    const { matrices } = featured
    const joint = this.#emptyFactor(featured)
    const d = joint.widths.reduce((sum, width) => sum + width, 1)
    const part = partsOf(2 * matrices[0].rows, this.modelCost * d)
    yield* part(joint.appendSteps(engine, matrices))
    return { joint, model: yield* part(this.#modelSteps(engine, joint, matrices)) }
  }

  /** {@link modelSteps} of scaled columns, if they are to be scaled. */
  *#modelSteps(engine: Engine, joint: JointFactor, samples?: readonly Matrix[]): Steps<Model> {
    const model = yield* inLikeUnitsSteps(engine, joint, this.scaleOf, (factor, scales) =>
      this.modelSteps(
        engine,
        factor,
        this.needsSamples && scales ? samples?.map((X, m) => scaleColumns(X, scales[m])) : samples,
      ),
    )
    return { ...model, featureMaps: joint.features }
  }

  #copied(joint: JointFactor): JointFactor {
    if (joint.widths.length < 2)
      throw new RangeError(`got a factor of ${joint.widths.length} modalities, expected at least 2`)
    this.checkWidths(joint.widths)
    const copy = joint.clone()
    copy.features ??= frontOf(this.features)?.given<FeatureMap>(this.features, joint.widths)
    return copy
  }

  #emptyFactor({ matrices, features }: Featured): JointFactor {
    const widths = matrices.map(({ cols }) => cols)
    this.checkWidths(widths)
    return Object.assign(new JointFactor(widths), { features })
  }
}
