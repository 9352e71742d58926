import type { FileBytes } from '../../io/file-bytes.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { integerIn } from '../../validation.js'
import type { WithFeatures } from '../model/features.js'
import { scaleRule, type Scale } from '../model/column-scales.js'
import { centeredFactorSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import type { LinearModel } from '../model/linear-model.js'
import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import { atLeastTwoRows, exactlyTwo } from '../model/data-check.js'
import { numberIn, SCALE, type HelpFor } from '../model/options.js'
import { ridgeSteps } from './ridge.js'
import { readTensor } from '../../io/tensor-file.js'
import { transposedSteps } from '../../dense/slices.js'

/** Options of LeastSquares. */
export interface LeastSquaresOptions extends WithFeatures {
  /** The modality that is regressed on the other, and whose space is the latent space. Default 1. */
  readonly target?: 0 | 1
  /**
   * alpha >= 0 of ridge regression: ||X B - Y||_F^2 + alpha ||B||_F^2, on centred data. Default 0. 'gcv': the alpha of least
   * generalised cross-validation (Golub, Heath and Wahba 1979), an estimate of the held-out error that needs no rows held out;
   * `alpha` tells which.
   */
  readonly ridge?: number | 'gcv'
  /**
   * Whether columns of the source are brought to like units before the ridge penalises their coefficients, as
   * {@link PerfectAlignmentOptions.scale}. Default 'auto', which leaves columns alone that differ no more than 30 times; false is scikit-learn's
   * Ridge whatever the columns.
   */
  readonly scale?: Scale
}

const RULES = {
  target: (value: unknown, name: string) => integerIn(value === undefined ? 1 : value, 0, 1, name) as 0 | 1,
  ridge: (value: unknown, name: string) =>
    value === 'gcv' ? value : numberIn(value === undefined ? 0 : value, 0, Number.MAX_VALUE, name),
  scale: scaleRule,
}

/** {@link LeastSquaresOptions} on a command line. */
export const HELP: HelpFor<LeastSquaresOptions> = {
  target: { text: 'the file that is regressed on the other, 0 or 1', argument: 'index' },
  ridge: { text: 'penalty on the squared coefficients, or gcv: from the data', argument: 'alpha' },
  scale: SCALE,
}

/** A linear model and its ridge. */
interface RegressionModel extends LinearModel {
  readonly alpha: number
}

/**
 * One of two modalities regressed on the other, with an intercept: the map of the target is I, that of the source B^T with
 * B the least-squares (or ridge) solution; of all solutions the one of least norm where columns depend on each other, or are more than
 * the rows. `translate` from source to target is that regression. It is alignment with one map held at I: a target that is
 * poorly predicted has its predictions shrunk to the mean.
 *
 * Cost: one pass, then of the order of d_s^2 d for s the other modality; with rank-deficient columns, or 'gcv', of 20 d_s^3 more. Source: Golub
 * and Van Loan, sections 5.3 to 5.5 and 6.1; Kamboj and Do 2025, Remark 2.6.
 */
export class LeastSquares extends LinearAlignment<RegressionModel> {
  /** The columns of the target: there is nothing to ask for. */
  declare readonly nComponents: undefined
  /** As asked for. */
  declare readonly target: 0 | 1
  /** As asked for; `alpha` tells what came of it. */
  declare readonly ridge: number | 'gcv'
  /** As asked for; `scales` tells what came of it. */
  declare readonly scale: Scale

  /** @throws TypeError if an option is of the wrong kind, RangeError unless target is 0 or 1, and ridge >= 0 or 'gcv' */
  constructor(options?: LeastSquaresOptions) {
    super(options, RULES)
  }

  /** The ridge that was used: as asked for, or what 'gcv' chose. @throws NotFittedError before a fit */
  get alpha(): number {
    return this.fitted.alpha
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): LeastSquares {
    const { file, model, joint } = decodeModel('LeastSquares', bytes)
    // Files of before there was `scale` were fitted without.
    const loaded = fromOptions(file, (options) => new LeastSquares({ scale: false, ...options }))
    const alpha = loaded.ridge === 'gcv' ? readTensor(file, 'alpha', [1])[0] : loaded.ridge
    const decoders = loaded.#ownDecoders(model.maps.map(({ cols }) => cols))
    return loaded.load(joint, { decoders, ...model, alpha })
  }

  /** @internal */
  protected override fileParts({ alpha }: RegressionModel): FileParts {
    return {
      kind: 'LeastSquares',
      vectors: this.ridge === 'gcv' ? { alpha: Float64Array.of(alpha) } : {},
    }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    exactlyTwo(widths, 'LeastSquares')
  }

  /** The latent space is that of the target, in its own units. @internal */
  protected override get scaleOf(): (modality: number) => Scale {
    return (modality) => modality !== this.target && this.scale
  }

  /** @internal */
  protected override get modelCost(): number {
    return this.ridge === 'gcv' ? 3 : 0.5
  }

  /** @internal */
  protected override *modelSteps(engine: Engine, joint: JointFactor): Steps<RegressionModel> {
    atLeastTwoRows(joint.rows, 'LeastSquares')
    const { target } = this
    const { B, alpha } = yield* ridgeSteps(engine, yield* centeredFactorSteps(joint), 1 - target, this.ridge)
    const identity = Matrix.identity(joint.widths[target])
    const map = yield* transposedSteps(B)
    const maps = target === 1 ? [map, identity] : [identity, map]
    return { maps, means: joint.means(), centered: true, decoders: this.#ownDecoders(joint.widths), alpha }
  }

  /** The latent of the source is the prediction: fitted once more to the target, the ridge would be undone. */
  #ownDecoders(widths: readonly number[]): (Matrix | undefined)[][] {
    const { target } = this
    const decoders: (Matrix | undefined)[][] = [[], []]
    decoders[1 - target][target] = Matrix.identity(widths[target])
    return decoders
  }
}
