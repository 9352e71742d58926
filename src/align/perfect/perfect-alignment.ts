import type { FileBytes } from '../../io/file-bytes.js'
import { NotFittedError } from '../../errors.js'
import type { Seed } from '../../random/seed.js'
import { Engine } from '../../runtime/engine.js'
import { run, type Steps } from '../../steps.js'
import { unrelatedStrength } from './balanced.js'
import { chanceStrengthSteps } from './chance.js'
import { scaledFactorSteps, type Scale } from '../model/column-scales.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import type { FileParts } from '../model/model-file.js'
import { checkOptions, type PerfectAlignmentOptions } from './options.js'
import { decodePerfect, perfectParts, type Derived } from './perfect-file.js'
import { perfectModelSteps, stackedSingularValueSteps, type PerfectModel } from './perfect-model.js'
import type { Selection, SelectionRule, Solver } from './selection.js'

/**
 * Linear alignment of paired modalities: one map per modality, A^(m) (k x d_m), into a latent space where paired samples meet.
 * With [A^(1), A^(2)] of orthonormal rows, 'last' minimises ||A^(1) X^(1) - A^(2) X^(2)||_F over the fitted samples, and
 * reaches zero ("perfect") where the stacked data has a null space of k dimensions. What else can be asked for, and why, see
 * {@link PerfectAlignmentOptions.selection}. More than two modalities: the sum over all pairs.
 *
 * Everything is computed from the R factor of the joint data ({@link JointFactor}): one pass over the rows, 2 n (1 + d)^2
 * operations, then of the order of 20 d^3; 'balanced' finds only the k directions that are asked for, at a third of that where they are fewer than
 * half.
 *
 * Special cases: 'balanced' without shrinkage is canonical correlation analysis.
 * Source: Kamboj and Do 2025, "Towards Achieving Perfect Multimodal Alignment", Eq. 7, Theorem 2.2 and Corollary 2.3.
 *
 * @memory max(3 d^2, 2 d k + 2 k^2) + 600 d doubles and 2 MiB for two modalities, however many rows there are
 * @memory 'balanced', k < d / 2: 2 d^2 + 600 d doubles and 2 MiB
 */
export class PerfectAlignment extends LinearAlignment<PerfectModel> {
  override readonly nComponents: number
  /** As asked for. `selected` tells what came of it. */
  readonly selection: Selection
  /** As asked for; undefined means the default of the selection. `centered` tells what came of it. */
  readonly center: boolean | undefined
  /** As asked for, or the default of the selection. `scales` tells what came of it. */
  readonly scale: Scale
  /** As asked for; undefined means the default. */
  readonly tolerance: number | undefined
  /** As asked for. */
  readonly solver: Solver
  /** Of solver 'gradient'. */
  readonly seed: Seed
  /** Of solver 'gradient'. */
  readonly maxIterations: number
  /** Of solver 'gradient'. */
  readonly gradientTolerance: number
  #derived: (Derived & { readonly of: PerfectModel }) | undefined

  /**
   * @throws TypeError if an option is of the wrong kind
   * @throws RangeError unless nComponents and maxIterations are integers from 1 on, `selection` and `solver` are known and go
   *   together, the seed is finite, and both tolerances are from 0 to below 1
   */
  constructor(options: PerfectAlignmentOptions) {
    const checked = checkOptions(options)
    super()
    this.nComponents = checked.nComponents
    this.selection = checked.selection
    this.center = checked.center
    this.scale = checked.scale
    this.tolerance = checked.tolerance
    this.solver = checked.solver
    this.seed = checked.seed
    this.maxIterations = checked.maxIterations
    this.gradientTolerance = checked.gradientTolerance
  }

  /** The selection that was used: what 'auto' chose, 'last' where 'informative' found too few. @throws NotFittedError before a fit */
  get selected(): SelectionRule {
    return this.fitted.selected
  }

  /**
   * mu of every component, k of them: the energy of the mean latent for the misalignment, shrinkage included. Values up to
   * {@link chanceStrength} are what unrelated modalities of this size reach too, or latents that collapsed.
   *
   * @throws NotFittedError before a fit
   */
  get sharedStrength(): Float64Array {
    return this.fitted.sharedStrength.slice()
  }

  /**
   * What {@link sharedStrength} is where latents are unrelated and rows are many: 1 / (M^2 (M - 1)), a quarter for two modalities.
   *
   * @throws NotFittedError before a fit
   */
  get unrelatedStrength(): number {
    return unrelatedStrength(this.fitted.maps.length)
  }

  /**
   * Singular values of the stacked modalities [X1, -X2] (more than two: of their Helmert contrasts), of the centred data if the
   * model is centred, and of scaled columns if {@link scales} says so; descending, d of them. Computed when first asked for, of the order of 10 d^3 operations. `toBytes` keeps
   * them if that was before, and with its state a loaded model computes them.
   *
   * @throws NotFittedError before a fit, or if the model was loaded from a file with neither
   */
  get singularValues(): Float64Array {
    const { centered } = this.fitted
    const known = this.#knownDerived().singularValues
    if (known !== undefined) return known.slice()
    const singularValues = run(
      stackedSingularValueSteps(Engine.shared(), this.#scaledFactor('singular values', 'they were read'), centered),
    )
    this.#derive({ singularValues })
    return singularValues.slice()
  }

  /**
   * The strength that the strongest component of unrelated modalities with the rows and covariances of these reaches in 19 of 20 draws: what
   * {@link sharedStrength} is to be compared with. It comes down to {@link unrelatedStrength} with many rows for the columns. Computed
   * when first asked for, of the order of 3 d_m^3 operations for each modality, and kept as {@link singularValues} are.
   *
   * @throws NotFittedError as {@link singularValues}
   */
  get chanceStrength(): number {
    const known = this.#knownDerived().chanceStrength
    if (known !== undefined) return known
    const chanceStrength = run(chanceStrengthSteps(Engine.shared(), this.#scaledFactor('chance level', 'it was read')))
    this.#derive({ chanceStrength })
    return chanceStrength
  }

  /** What takes about as long as the fit, and is known only if somebody asked for it since. */
  #knownDerived(): Derived {
    return this.#derived?.of === this.fitted ? this.#derived : {}
  }

  #derive(more: Derived): void {
    this.#derived = { ...this.#knownDerived(), ...more, of: this.fitted }
  }

  /** The factor as the fit saw it. */
  #scaledFactor(what: string, they: string): JointFactor {
    const { scales } = this.fitted
    if (this.joint === undefined) {
      throw new NotFittedError(
        `this model was loaded without its ${what}, which toBytes() keeps if ${they} before, and without its state, which toBytes({ state: true }) keeps`,
      )
    }
    return scales === undefined ? this.joint : run(scaledFactorSteps(this.joint, scales))
  }

  /**
   * ||A X||_F^2 at the start of the gradient descent and after every step, never increasing; no numbers with solver 'svd'. The least
   * that there is to reach is the sum of the k smallest {@link singularValues} squared.
   *
   * @throws NotFittedError before a fit
   */
  get lossHistory(): Float64Array {
    return this.fitted.descent?.lossHistory.slice() ?? new Float64Array(0)
  }

  /**
   * Whether the gradient descent came to its end, and not to maxIterations: if false, the maps have orthonormal rows and the
   * last loss of {@link lossHistory}, but not the least. True with solver 'svd'.
   *
   * @throws NotFittedError before a fit
   */
  get converged(): boolean {
    return this.fitted.descent?.converged ?? true
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): PerfectAlignment {
    const { options, model, derived, joint } = decodePerfect(bytes)
    const loaded = new PerfectAlignment(options)
    loaded.#derived = { ...derived, of: model }
    return loaded.become(joint, model)
  }

  /** @internal */
  protected override fileParts(model: PerfectModel): FileParts {
    return perfectParts(this, model, this.#knownDerived())
  }

  /** @internal */
  protected override get scaleOf(): () => Scale {
    return () => this.scale
  }

  /** @internal */
  protected override modelSteps(engine: Engine, joint: JointFactor): Steps<PerfectModel> {
    return perfectModelSteps(engine, joint, this)
  }
}
