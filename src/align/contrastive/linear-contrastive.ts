import type { FileBytes } from '../../io/file-bytes.js'
import { type Matrix } from '../../matrix.js'
import type { Seed } from '../../random/seed.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import type { WithFeatures } from '../model/features.js'
import { scaleRule, type Scale } from '../model/column-scales.js'
import { closedFormSteps, type ContrastiveModel } from './closed-form.js'
import type { infoNceModelSteps } from './infonce-model.js'
import { registered } from '../../registered.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import { atLeastTwoRows, atMostNarrowest, exactlyTwo } from '../model/data-check.js'
import {
  choice,
  COMPONENTS,
  count,
  numberFrom,
  numberIn,
  onOff,
  SCALE,
  seed,
  SEED,
  type HelpFor,
  type Rule,
} from '../model/options.js'
import { readTensor, readVector } from '../../io/tensor-file.js'

// Of 0.07 (where CLIP's training starts), 0.1, 0.2, 0.3, 0.5 and 1 it and 0.3 find most held-out partners among handwritten
// digits in two views, 300 or 1000 pairs (measured).
const COSINE_TEMPERATURE = 0.2

/** Options of LinearContrastive. */
export interface LinearContrastiveOptions extends WithFeatures {
  /** Dimensions of the latent space, k; at most the columns of the narrower modality. */
  readonly nComponents: number
  /**
   * 'svd' (default), the closed form; or 'infonce', gradient descent on InfoNCE, which needs all samples at once, and `registerSolvers` of
   * `collimate/solvers`.
   */
  readonly solver?: 'svd' | 'infonce'
  /** Of InfoNCE, > 0: similarities are divided by it. Default 0.2 for cosines, and 1 otherwise. */
  readonly temperature?: number
  /** Whether InfoNCE compares cosines, as CLIP does (default), or inner products of modalities of mean variance 1. */
  readonly normalize?: boolean
  /**
   * rho >= 0 of the penalty rho / (2 tau) ||A1^T A2||_F^2 that Nakada et al. add to the loss: without it inner products have no
   * best length. Default 1 for inner products. Cosines do not depend on any length, and allow 0 only.
   */
  readonly regularization?: number
  /** Passes of InfoNCE over the samples; default 200. */
  readonly epochs?: number
  /** Most rows that InfoNCE compares with each other at a time, drawn anew in every epoch; default 512. */
  readonly batchSize?: number
  /** The largest change of an entry in a step, for the size of an entry at the start; default 0.1. It falls to 0 at the end. */
  readonly learningRate?: number
  /** Of the start and the batches of InfoNCE; default 0. */
  readonly seed?: Seed
  /** Whether columns are brought to like units first, as {@link PerfectAlignmentOptions.scale}; default 'auto'. */
  readonly scale?: Scale
}

/** Cosines do not depend on the length of the maps. */
const regularization: Rule<number> = (value, name, { normalize }) => {
  const rho = numberIn(value === undefined ? (normalize === false ? 1 : 0) : value, 0, 1e12, name)
  if (normalize !== true || rho === 0) return rho
  throw new RangeError(
    `regularization is ${rho}, expected 0 for cosines: they do not depend on the length of the maps; give normalize: false`,
  )
}

const RULES = {
  nComponents: count(),
  solver: choice(['svd', 'infonce'], 'svd'),
  normalize: onOff(true),
  temperature: (value: unknown, name: string, { normalize }: Readonly<Record<string, unknown>>) =>
    numberIn(value === undefined ? (normalize === false ? 1 : COSINE_TEMPERATURE) : value, 1e-6, 1e12, name),
  regularization,
  epochs: count(200, 1, 2 ** 31),
  batchSize: count(512, 2, 2 ** 15),
  learningRate: numberFrom(Number.MIN_VALUE, 1e6, 0.1),
  seed,
  scale: scaleRule,
}

const CASES = { 'for cosines': {}, 'for inner products': { normalize: false } }

/** {@link LinearContrastiveOptions} on a command line. */
export const HELP: HelpFor<LinearContrastiveOptions> = {
  nComponents: COMPONENTS,
  solver: { text: 'svd, the closed form, or infonce', argument: 'name' },
  temperature: { text: 'of infonce', argument: 'tau', cases: CASES },
  normalize: { text: 'infonce compares cosines (the default)', off: 'infonce compares inner products' },
  regularization: { text: 'of infonce the penalty on its maps', argument: 'share', cases: CASES },
  epochs: { text: 'passes of infonce over the rows', argument: 'count' },
  batchSize: { text: 'most rows that infonce compares at a time, 2 or more', argument: 'rows' },
  learningRate: { text: 'largest relative change in a step of infonce', argument: 'x' },
  seed: SEED,
  scale: SCALE,
}

/**
 * Linear contrastive learning of two modalities, in closed form: the maps that maximise the similarity of pairs less the mean
 * similarity of all non-pairs, sum_i z1_i . z2_i / n - sum_(i != j) z1_i . z2_j / (n (n - 1)) - ||A1^T A2||_F^2 / 2. That loss
 * depends on the data through the cross-covariance C = X1^T X2 / (n - 1) of the centred data only, and its solution A1^T A2 is
 * the best approximation of C of rank k. The singular values are split evenly: A1 = diag(S)^(1/2) U^T, A2 = diag(S)^(1/2) V^T.
 *
 * With `solver: 'infonce'` the symmetric InfoNCE loss instead, by Adam on batches: the cross-entropy of finding the partner of a
 * sample among its batch, similarities divided by a temperature. It compares samples with each other, and so needs them
 * all: `partialFit`, `merge` and a JointFactor are for the closed form, to which it tends for inner products and a high temperature.
 * Samples that are equal in one modality count as wrong partners of each other. Latents have a mean squared length of 1,
 * and the principal directions of z1 + z2 as axes; neither changes a cosine.
 *
 * Unlike CCA neither whitens: modalities in large units (closed form), and directions of much variance, count more, but for what `scale` does about single columns. Latents of a
 * pair are similar in direction and not equal: compare them by cosine or inner product.
 *
 * Cost: one pass, then of the order of 20 d^3; InfoNCE epochs * n (4 k (d1 + d2) + 6 k batchSize) operations more, and
 * batchSize^2 numbers of memory. Source: Nakada, Gulluk, Deng, Ji, Zou and Zhang 2023, "Understanding Multimodal Contrastive Learning
 * and Incorporating Unpaired Data"; van den Oord, Li and Vinyals 2018 and Radford et al. 2021 for InfoNCE.
 */
export class LinearContrastive extends LinearAlignment<ContrastiveModel> {
  declare readonly nComponents: number
  /** As asked for. */
  declare readonly solver: 'svd' | 'infonce'
  /** Of InfoNCE. */
  declare readonly temperature: number
  /** Of InfoNCE. */
  declare readonly normalize: boolean
  /** Of InfoNCE. */
  declare readonly regularization: number
  /** Of InfoNCE. */
  declare readonly epochs: number
  /** Of InfoNCE. */
  declare readonly batchSize: number
  /** Of InfoNCE. */
  declare readonly learningRate: number
  /** Of InfoNCE. */
  declare readonly seed: Seed
  /** As asked for; `scales` tells what came of it. */
  declare readonly scale: Scale

  /**
   * @throws TypeError if an option is of the wrong kind
   * @throws RangeError unless counts are integers from 1 on (batchSize from 2), `solver` is known, temperature and learningRate are
   *   positive, regularization is not negative, and 0 for cosines
   */
  constructor(options: LinearContrastiveOptions) {
    super(options, RULES)
  }

  /** The singular values of A1^T A2, k of them, descending: in closed form those of the cross-covariance. @throws NotFittedError before a fit */
  get singularValues(): Float64Array {
    return this.fitted.singularValues.slice()
  }

  /**
   * Of InfoNCE, the mean loss over the batches of every epoch, in nats, with the penalty; log(rows of a batch) is what guessing
   * reaches. No numbers for the closed form.
   *
   * @throws NotFittedError before a fit
   */
  get lossHistory(): Float64Array {
    return this.fitted.lossHistory.slice()
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): LinearContrastive {
    const { file, model, joint, nComponents } = decodeModel('LinearContrastive', bytes)
    // Files of before there was `scale` were fitted without.
    const loaded = fromOptions(file, (options) => new LinearContrastive({ scale: false, ...options, nComponents }))
    const singularValues = readTensor(file, 'singularValues', [nComponents])
    const lossHistory = loaded.solver === 'svd' ? new Float64Array(0) : readVector(file, 'lossHistory')
    return loaded.load(joint, { ...model, singularValues, lossHistory })
  }

  /** @internal */
  protected override fileParts({ singularValues, lossHistory }: ContrastiveModel): FileParts {
    return {
      kind: 'LinearContrastive',
      vectors: { singularValues, ...(this.solver === 'infonce' && { lossHistory }) },
    }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    exactlyTwo(widths, 'LinearContrastive')
    atMostNarrowest(widths, this.nComponents)
  }

  /** @internal */
  protected override get scaleOf(): () => Scale {
    return () => this.scale
  }

  /** @internal */
  protected override get factorRefusal(): string | undefined {
    if (this.solver === 'svd') return undefined
    return "InfoNCE compares all samples with each other: fit needs the matrices, and partialFit, merge and a JointFactor are for solver 'svd', the closed form"
  }

  /** @internal */
  protected override get modelCost(): number {
    return this.needsSamples ? 100 : 4
  }

  /** @internal */
  protected override modelSteps(
    engine: Engine,
    joint: JointFactor,
    samples?: readonly Matrix[],
  ): Steps<ContrastiveModel> {
    atLeastTwoRows(joint.rows, 'LinearContrastive')
    if (this.solver === 'svd') return closedFormSteps(engine, joint, this.nComponents)
    if (samples === undefined) throw new Error('the samples that InfoNCE needs are missing')
    const steps = registered('infonce', 'Solvers') as typeof infoNceModelSteps
    return steps(engine, joint, samples, this.nComponents, this)
  }
}
