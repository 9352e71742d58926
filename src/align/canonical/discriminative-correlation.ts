import { wrongKind } from '../../describe.js'
import type { FileBytes } from '../../io/file-bytes.js'
import { readTensor, readText } from '../../io/tensor-file.js'
import { contentError } from '../../io/tensors.js'
import { Matrix, toMatrix, type MatrixLike } from '../../matrix.js'
import { classCodes } from '../../metrics/labels.js'
import type { Engine } from '../../runtime/engine.js'
import type { AsyncOptions, Steps } from '../../steps.js'
import { optionsObject } from '../../validation.js'
import { asJointFactor, type JointFactor } from '../factor/joint-factor.js'
import { atLeastTwoRows, atMostNarrowest } from '../model/data-check.js'
import type { WithFeatures } from '../model/features.js'
import type { PairedSamples } from '../model/joint-estimator.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import { count, numberIn, relative } from '../model/options.js'
import { discriminativeModelSteps, type DiscriminativeModel } from './discriminative-model.js'

/** A class of rows. */
export type ClassLabel = string | number

/** Options of {@link DiscriminativeCorrelation}; `features` as a list only, one for each modality that is not the classes. */
export interface DiscriminativeCorrelationOptions extends WithFeatures {
  /** Dimensions of the latent space, k; at most the columns of the narrowest modality. All beyond the classes less one are zero. */
  readonly nComponents: number
  /** As that of CanonicalCorrelation; default 0. */
  readonly regularization?: number | 'oas'
  /** As that of CanonicalCorrelation. */
  readonly tolerance?: number
  /** All classes that there are, for `partialFit`, which may not see all at once. Default: those that `fit` sees, in their order. */
  readonly classes?: readonly ClassLabel[]
}

const RULES = {
  nComponents: count(),
  regularization: (value: unknown, name: string) =>
    value === 'oas' ? value : numberIn(value === undefined ? 0 : value, 0, 1, name),
  tolerance: relative(undefined),
  classes: (value: unknown, name: string): readonly ClassLabel[] | undefined => {
    if (value === undefined) return undefined
    if (!Array.isArray(value)) throw wrongKind(name, 'an array of strings and numbers', value)
    return distinctClasses(value, value.length)
  },
}

/** @throws TypeError unless all are texts or numbers, RangeError for NaN, or fewer than two */
function distinctClasses(labels: unknown, rows: number): ClassLabel[] {
  const codes = new Map<unknown, number>()
  classCodes(labels, rows, 'labels', 'modality 0', codes)
  const found = [...codes.keys()]
  if (found.length < 2) throw new RangeError(`got ${found.length} classes, expected at least 2`)
  const strange = found.find((label) => typeof label === 'bigint')
  if (strange !== undefined) throw wrongKind('a label', 'a string or a number', strange)
  return found as ClassLabel[]
}

/**
 * Discriminative (multiple) canonical correlation analysis: latents of unit variance in which samples of one class are alike across modalities, and those of
 * different classes are not. Maximises the sum over pairs of modalities of w_m^T C w_l, C the within-class correlation (over all pairs of
 * samples of one class, sample i in one modality and j in the other) less the between-class correlation (of different classes), for sum w_m^T S_m w_m = 1. Of centred
 * data the second is minus the first, so that the share of each does not matter.
 *
 * The classes are one more modality of the joint factor, the last, by indicators: all follows from R, rows stream and merge, and `transform(indicators, M)`
 * gives the centroid of each class. Labels that are all different make it CanonicalCorrelation (MAXVAR for more than two modalities), two modalities discriminative
 * CCA. There are at most as many components as classes less one.
 *
 * Cost: one pass, then of the order of 20 d^3. Source: Gao, Qi, Chen and Guan 2017, "Discriminative Multiple Canonical Correlation Analysis for
 * Information Fusion"; Sun, Chen, Yang and Shi 2008 for two.
 */
export class DiscriminativeCorrelation extends LinearAlignment<DiscriminativeModel> {
  declare readonly nComponents: number
  /** As asked for; `shrinkage` tells what came of it. */
  declare readonly regularization: number | 'oas'
  /** As asked for; undefined means the default. */
  declare readonly tolerance: number | undefined
  /** As asked for; {@link classNames} tells what came of it. */
  declare readonly classes: readonly ClassLabel[] | undefined
  #found: readonly ClassLabel[] | undefined

  /**
   * @throws TypeError if an option is of the wrong kind
   * @throws RangeError unless nComponents is an integer from 1 on, 0 <= regularization <= 1 or 'oas', 0 <= tolerance < 1, and there are two classes or more
   */
  constructor(options: DiscriminativeCorrelationOptions) {
    super(withClassModality(options), RULES)
  }

  /** The classes, in the order of their indicators. Undefined before labels came in, unless they were given. */
  get classNames(): readonly ClassLabel[] | undefined {
    const known = this.classes ?? this.#found
    return known && [...known]
  }

  /**
   * What every component has in common within classes, descending: the mean over pairs of modalities of w_m^T C w_l, over the size of the largest class. Labels that are all
   * different make it the canonical correlation; otherwise its unit is that of the data's correlation times a class size, for the largest.
   *
   * @throws NotFittedError before a fit
   */
  get withinCorrelations(): Float64Array {
    return this.fitted.withinCorrelations.slice()
  }

  /** The share c of every modality that is not the classes. @throws NotFittedError before a fit */
  get shrinkage(): Float64Array {
    return this.fitted.shrinkage.slice()
  }

  /**
   * Fits the maps, and forgets earlier ones. After an error the model is as it was.
   *
   * @param samples - two or more matrices, n x d_m, row i of each the same sample; without labels, the last of them are the classes' indicators, or it
   *   is the factor of such
   * @param labels - the class of each row
   * @throws as that of every alignment; RangeError for another number of labels, fewer than two classes, or one that `classes` has not
   */
  override fit(samples: PairedSamples, labels?: ArrayLike<ClassLabel>): this {
    const { all, classes } = this.#withClasses(samples, labels, this.classes)
    super.fit(all)
    this.#found = classes
    return this
  }

  /** {@link fit} with turns for the event loop, progress and cancellation. */
  override async fitAsync(
    samples: PairedSamples,
    options: AsyncOptions & { readonly labels?: ArrayLike<ClassLabel> } = {},
  ): Promise<this> {
    const { all, classes } = this.#withClasses(samples, options.labels, this.classes)
    await super.fitAsync(all, options)
    this.#found = classes
    return this
  }

  /** Takes in more samples, of the classes that are known: by the option, or from the first. @throws as {@link fit} */
  override partialFit(samples: PairedSamples, labels?: ArrayLike<ClassLabel>): this {
    const { all, classes } = this.#withClasses(samples, labels, this.classNames)
    super.partialFit(all)
    this.#found = classes
    return this
  }

  /** Takes in what another model of the same classes has seen. @throws as that of every alignment; RangeError for other classes */
  override merge(other: LinearAlignment): this {
    const theirs = (other as unknown as Partial<DiscriminativeCorrelation> | null)?.classNames
    const own = this.classNames
    if (own !== undefined && theirs !== undefined && JSON.stringify(own) !== JSON.stringify(theirs)) {
      throw new RangeError('the model that is to be merged has other classes, or in another order: give both the same `classes`') // prettier-ignore
    }
    super.merge(other)
    this.#found ??= theirs
    return this
  }

  /** Samples and, if there are labels, their indicators. */
  #withClasses(
    samples: PairedSamples,
    labels: ArrayLike<ClassLabel> | undefined,
    known: readonly ClassLabel[] | undefined,
  ): { all: PairedSamples; classes: readonly ClassLabel[] | undefined } {
    if (labels === undefined || asJointFactor(samples) !== undefined || !Array.isArray(samples)) {
      return { all: samples, classes: known }
    }
    const modalities = samples as readonly MatrixLike[]
    const { rows } = modalities.length > 0 ? toMatrix(modalities[0], 'modality 0') : { rows: 0 }
    const classes = known ?? distinctClasses(labels, rows)
    const codes = new Map<unknown, number>(classes.map((label, at) => [label, at]))
    const indicators = new Matrix(rows, classes.length)
    classCodes(labels, rows, 'labels', 'modality 0', codes).forEach((code, i) => {
      if (code >= classes.length)
        throw new RangeError(`labels[${i}] is '${labels[i]}', expected one of ${classes.join(', ')}`)
      indicators.set(i, code, 1)
    })
    return { all: [...modalities, indicators], classes }
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): DiscriminativeCorrelation {
    const { file, model, joint, nComponents } = decodeModel('DiscriminativeCorrelation', bytes)
    const loaded = fromOptions(file, (options) => new DiscriminativeCorrelation({ ...options, nComponents }))
    const vector = (name: string, length: number) => readTensor(file, name, [length])
    loaded.#found = readClasses(readText(file, 'classNames'), model.maps[model.maps.length - 1].cols)
    return loaded.load(joint, {
      ...model,
      withinCorrelations: vector('withinCorrelations', nComponents),
      shrinkage: vector('shrinkage', model.maps.length - 1),
    })
  }

  /** @internal */
  protected override fileParts({ withinCorrelations, shrinkage }: DiscriminativeModel): FileParts {
    return {
      kind: 'DiscriminativeCorrelation',
      metadata: { classNames: JSON.stringify(this.classNames ?? null) },
      vectors: { withinCorrelations, shrinkage },
    }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    if (widths.length < 3) {
      throw new RangeError(`got ${widths.length - 1} modalities beside the classes, expected at least 2: give labels, or their indicators as the last`) // prettier-ignore
    }
    atMostNarrowest(widths.slice(0, -1), this.nComponents)
  }

  /** @internal */
  protected override *modelSteps(engine: Engine, joint: JointFactor): Steps<DiscriminativeModel> {
    atLeastTwoRows(joint.rows, 'DiscriminativeCorrelation')
    return yield* discriminativeModelSteps(engine, joint, this)
  }
}

/** The classes of a file. @throws FileFormatError unless they are none, or as many as there are indicators */
function readClasses(text: string, width: number): ClassLabel[] | undefined {
  try {
    const found = JSON.parse(text) as unknown
    if (found === null) return undefined
    const classes = distinctClasses(found, width)
    if (classes.length === width) return classes
  } catch {
    // Said below.
  }
  throw contentError(`metadata 'classNames' is ${JSON.stringify(text.slice(0, 40))}, expected ${width} classes`)
}

/** Options with nothing in front of the classes. @throws TypeError for features that are no list */
function withClassModality(options: unknown): unknown {
  const { features } = optionsObject(options)
  if (features === undefined || features === null) return options
  if (!Array.isArray(features)) throw wrongKind('features', 'an array, one for each modality', features)
  return { ...(options as object), features: [...(features as unknown[]), null] }
}
