import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { scaleColumns, scaleColumnsSteps } from './blocks.js'
import { centeredFactorSteps } from './data-factor.js'
import { allDecoderSteps } from './decoder.js'
import type { JointFactor } from './joint-factor.js'
import { LinearAlignment } from './linear-alignment.js'
import type { LinearModel } from './linear-model.js'
import { withSigns } from './canonical-model.js'
import { decodeModel, readOptions, type FileParts } from './model-file.js'
import { atLeastTwoRows, atMostNarrowest, componentCount, exactlyTwo, optionsObject } from './options-check.js'
import { paddedBlockSteps, withColumns } from './principal.js'
import { readTensor } from './tensor-file.js'

/** Options of LinearContrastive. */
export interface LinearContrastiveOptions {
  /** Dimensions of the latent space, k; at most the columns of the narrower modality. */
  readonly nComponents: number
}

/** A linear model and the singular values it came from. */
export interface ContrastiveModel extends LinearModel {
  readonly singularValues: Float64Array
}

/**
 * Linear contrastive learning of two modalities in closed form: the maps that maximise the similarity of pairs less the mean
 * similarity of all non-pairs, sum_i z1_i . z2_i / n - sum_(i != j) z1_i . z2_j / (n (n - 1)) - ||A1^T A2||_F^2 / 2. That loss
 * depends on the data through the cross-covariance C = X1^T X2 / (n - 1) of the centred data only, and its solution A1^T A2 is
 * the best approximation of C of rank k. The singular values are split evenly: A1 = diag(S)^(1/2) U^T, A2 = diag(S)^(1/2) V^T.
 *
 * Unlike CCA it does not whiten: modalities in large units, and directions of much variance, count more. Latents of a pair
 * are similar in direction and not equal: compare them by cosine or inner product.
 *
 * Cost: one pass, then of the order of 20 d^3. Source: Nakada, Gulluk, Deng, Ji, Zou and Zhang 2023, "Understanding Multimodal Contrastive Learning
 * and Incorporating Unpaired Data".
 */
export class LinearContrastive extends LinearAlignment<ContrastiveModel> {
  override readonly nComponents: number

  /** @throws TypeError if an option is of the wrong kind, RangeError unless nComponents is an integer from 1 on */
  constructor(options: LinearContrastiveOptions) {
    super()
    this.nComponents = componentCount(optionsObject(options).nComponents)
  }

  /** The k largest singular values of the cross-covariance, descending. @throws NotFittedError before a fit */
  get singularValues(): Float64Array {
    return this.fitted.singularValues.slice()
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: Uint8Array): LinearContrastive {
    const { file, model, joint, nComponents } = decodeModel('LinearContrastive', bytes)
    const options = readOptions(file) as LinearContrastiveOptions
    const singularValues = readTensor(file, 'singularValues', [nComponents])
    return new LinearContrastive({ ...options, nComponents }).become(joint, { ...model, singularValues })
  }

  /** @internal */
  protected override fileParts({ singularValues }: ContrastiveModel): FileParts {
    return { kind: 'LinearContrastive', metadata: { options: '{}' }, vectors: { singularValues } }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    exactlyTwo(widths, 'LinearContrastive')
    atMostNarrowest(widths, this.nComponents)
  }

  /** @internal */
  protected override *modelSteps(engine: Engine, joint: JointFactor): Steps<ContrastiveModel> {
    atLeastTwoRows(joint.rows, 'LinearContrastive')
    const data = yield* centeredFactorSteps(joint)
    const units = new Float64Array(data.R.cols).fill(1 / Math.sqrt(data.freeRows))
    const [R1, R2] = [
      yield* scaleColumnsSteps(yield* paddedBlockSteps(data, 0), units),
      yield* scaleColumnsSteps(yield* paddedBlockSteps(data, 1), units),
    ]
    const product = yield* multiplySteps(engine, R1, R2, { transposeA: true })
    const { U, S, V } = yield* svdSteps(engine, product, { U: 'thin', V: 'thin' })
    const singularValues = S.slice(0, this.nComponents)
    const split = (X: Matrix) =>
      scaleColumns(withColumns(X, this.nComponents), singularValues.map(Math.sqrt)).transpose()
    const maps = withSigns([split(U as Matrix), split(V as Matrix)])
    const decoders = yield* allDecoderSteps(engine, data, maps)
    return { maps, means: joint.means(), centered: true, decoders, singularValues }
  }
}
