import type { FileBytes } from '../../io/file-bytes.js'
import { readChoice, readTensor, readVector } from '../../io/tensor-file.js'
import { NotFittedError } from '../../errors.js'
import type { Seed } from '../../random/seed.js'
import { Engine } from '../../runtime/engine.js'
import { run, type Steps } from '../../steps.js'
import { unrelatedStrength } from './balanced.js'
import { chanceStrengthSteps } from './chance.js'
import { scaledFactorSteps, type Scale } from '../model/column-scales.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import { askedComponents } from '../model/options.js'
import { RULES, type PerfectAlignmentOptions } from './options.js'
import { perfectModelSteps, stackedSingularValueSteps, type PerfectModel } from './perfect-model.js'
import { RULES as SELECTED, type Selection, type SelectionRule, type Solver } from './selection.js'

/** What follows from the factor, as far as it was asked for. */
interface Derived {
  readonly singularValues?: Float64Array
  readonly chanceStrength?: number
}

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
 * @memory 'balanced', k < d / 2: d^2 + (1000 + 2 k) d doubles and 2 MiB
 */
export class PerfectAlignment extends LinearAlignment<PerfectModel> {
  declare readonly nComponents: number | 'all'
  /** As asked for. `selected` tells what came of it. */
  declare readonly selection: Selection
  /** As asked for; undefined means the default of the selection. `centered` tells what came of it. */
  declare readonly center: boolean | undefined
  /** As asked for, or the default of the selection. `scales` tells what came of it. */
  declare readonly scale: Scale
  /** As asked for; undefined means the default. */
  declare readonly tolerance: number | undefined
  /** As asked for. */
  declare readonly solver: Solver
  /** Of solver 'gradient'. */
  declare readonly seed: Seed
  /** Of solver 'gradient'. */
  declare readonly maxIterations: number
  /** Of solver 'gradient'. */
  declare readonly gradientTolerance: number
  #derived: (Derived & { readonly of: PerfectModel }) | undefined

  /**
   * @throws TypeError if an option is of the wrong kind
   * @throws RangeError unless nComponents (or 'all', with 'balanced' and 'auto') and maxIterations are integers from 1 on, `selection` and `solver` are known and go
   *   together, the seed is finite, and both tolerances are from 0 to below 1
   */
  constructor(options: PerfectAlignmentOptions) {
    super(options, RULES)
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
    return run(this.singularValueSteps(Engine.shared()))
  }

  /** {@link singularValues} in bounded pieces. @internal */
  *singularValueSteps(engine: Engine): Steps<Float64Array> {
    const { centered } = this.fitted
    const singularValues =
      this.#knownDerived().singularValues ??
      (yield* stackedSingularValueSteps(engine, this.#scaledFactor('singular values', 'they were read'), centered))
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
    return run(this.chanceStrengthSteps(Engine.shared()))
  }

  /** {@link chanceStrength} in bounded pieces. @internal */
  *chanceStrengthSteps(engine: Engine): Steps<number> {
    const chanceStrength =
      this.#knownDerived().chanceStrength ??
      (yield* chanceStrengthSteps(engine, this.#scaledFactor('chance level', 'it was read')))
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
    const { file, model, joint, nComponents } = decodeModel('PerfectAlignment', bytes)
    const loaded = fromOptions(
      file,
      (options) => new PerfectAlignment({ ...options, nComponents: askedComponents(options, nComponents) }),
    )
    const vector = (name: string, length: number) =>
      file.tensors.has(name) ? readTensor(file, name, [length]) : undefined
    const fitted: PerfectModel = {
      ...model,
      selected: readChoice(file, 'selected', SELECTED),
      sharedStrength: readTensor(file, 'sharedStrength', [nComponents]),
      ...(loaded.solver === 'gradient' && {
        descent: {
          lossHistory: readVector(file, 'lossHistory'),
          converged: readChoice(file, 'converged', ['true', 'false']) === 'true',
        },
      }),
    }
    loaded.#derived = {
      singularValues: vector(
        'singularValues',
        model.maps.reduce((sum, { cols }) => sum + cols, 0),
      ),
      chanceStrength: vector('chanceStrength', 1)?.[0],
      of: fitted,
    }
    return loaded.load(joint, fitted)
  }

  /** @internal */
  protected override fileParts({ selected, sharedStrength, descent }: PerfectModel): FileParts {
    const { singularValues, chanceStrength } = this.#knownDerived()
    return {
      kind: 'PerfectAlignment',
      vectors: {
        sharedStrength,
        ...(singularValues && { singularValues }),
        ...(chanceStrength !== undefined && { chanceStrength: Float64Array.of(chanceStrength) }),
        ...(descent && { lossHistory: descent.lossHistory }),
      },
      metadata: { selected, ...(descent && { converged: String(descent.converged) }) },
    }
  }

  /** @internal */
  protected override get scaleOf(): () => Scale {
    return () => this.scale
  }

  /** @internal */
  protected override get modelCost(): number {
    return this.selection === 'auto' || this.selection === 'balanced' ? 6 : 15
  }

  /** @internal */
  protected override modelSteps(engine: Engine, joint: JointFactor): Steps<PerfectModel> {
    return perfectModelSteps(engine, joint, this)
  }
}
