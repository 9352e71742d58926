import type { FileBytes } from '../../io/file-bytes.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import type { WithFeatures } from '../model/features.js'
import { scaleRule, type Scale } from '../model/column-scales.js'
import { canonicalModelSteps, type CanonicalModel } from './canonical-model.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { LinearAlignment } from '../model/linear-alignment.js'
import { decodeModel, fromOptions, type FileParts } from '../model/model-file.js'
import { atLeastTwoRows, atMostNarrowest } from '../model/data-check.js'
import {
  askedComponents,
  choice,
  components,
  COMPONENTS,
  numberIn,
  relative,
  SCALE,
  TOLERANCE,
  type HelpFor,
} from '../model/options.js'
import { readTensor } from '../../io/tensor-file.js'

/** Options of CanonicalCorrelation. */
export interface CanonicalCorrelationOptions extends WithFeatures {
  /** Dimensions of the latent space, k; at most the columns of the narrowest modality. Or 'all' that have a correlation. */
  readonly nComponents: number | 'all'
  /**
   * Share c by which each covariance S is shrunk to t I, t the mean of its eigenvalues: (1 - c) S + c t I. 0, the default, is
   * CCA, 1 partial least squares. 'oas': from the data, per modality (Chen, Wiesel, Eldar and Hero 2010, with all
   * terms, where scikit-learn's OAS leaves out 2 / p).
   */
  readonly regularization?: number | 'oas'
  /**
   * For three modalities and more; two have but one CCA. 'maxvar' (default): the leading eigenvectors of the correlations
   * between all modalities, in closed form. 'sumcor': latents of unit variance each, with the largest sum of
   * correlations; by iteration, to a local maximum. Needs `registerSolvers` of `collimate/solvers`.
   */
  readonly criterion?: 'maxvar' | 'sumcor'
  /** Singular values of a modality up to this multiple of its largest count as zero, 0 <= tolerance < 1. */
  readonly tolerance?: number
  /** Whether columns are brought to like units first, as {@link PerfectAlignmentOptions.scale}; default 'auto'. Without regularisation nothing depends on units. */
  readonly scale?: Scale
}

const RULES = {
  nComponents: components,
  regularization: (value: unknown, name: string) =>
    value === 'oas' ? value : numberIn(value === undefined ? 0 : value, 0, 1, name),
  criterion: choice(['maxvar', 'sumcor'], 'maxvar'),
  tolerance: relative(undefined),
  scale: scaleRule,
}

/** {@link CanonicalCorrelationOptions} on a command line. */
export const HELP: HelpFor<CanonicalCorrelationOptions> = {
  nComponents: COMPONENTS,
  regularization: { text: 'shrinkage of each covariance, 0 to 1, or oas: from the data', argument: 'share' },
  criterion: { text: 'maxvar or sumcor, for three files and more', argument: 'name' },
  tolerance: TOLERANCE,
  scale: SCALE,
}

/**
 * Canonical correlation analysis: latents of unit variance, uncorrelated within a modality, as correlated as can be between
 * modalities. From orthonormal bases of the centred modalities, without any covariance matrix of the data (Bjoerck and Golub
 * 1973), and so without squaring its condition. Dependent columns, and fewer rows than columns, are no error: the bases have
 * the rank of the data; but without regularisation at least r1 + r2 - (n - 1) correlations of two modalities are 1 whatever the data, r being their ranks, and all
 * once either is n - 1.
 *
 * Components beyond the rank of a modality are zero, with correlation 0. Cost: one pass, then of the order of 20 d^3.
 * Source: Hotelling 1936; Kettenring 1971 for more than two; Hardoon, Szedmak and Shawe-Taylor 2004.
 */
export class CanonicalCorrelation extends LinearAlignment<CanonicalModel> {
  declare readonly nComponents: number | 'all'
  /** As asked for; `shrinkage` tells what came of it. */
  declare readonly regularization: number | 'oas'
  /** As asked for. */
  declare readonly criterion: 'maxvar' | 'sumcor'
  /** As asked for; undefined means the default. */
  declare readonly tolerance: number | undefined
  /** As asked for; `scales` tells what came of it. */
  declare readonly scale: Scale

  /**
   * @throws TypeError if an option is of the wrong kind
   * @throws RangeError unless nComponents is an integer from 1 on or 'all', 0 <= regularization <= 1 or 'oas', and 0 <= tolerance < 1
   */
  constructor(options: CanonicalCorrelationOptions) {
    super(options, RULES)
  }

  /**
   * rho of every component, descending (with 'sumcor' in the order found). Two modalities: the correlation of their latents.
   * More: the covariances of all pairs for the variances, at best 1. With regularisation the variances are the
   * regularised ones, and rho is a covariance in their units: it can exceed 1.
   *
   * @throws NotFittedError before a fit
   */
  get canonicalCorrelations(): Float64Array {
    return this.fitted.canonicalCorrelations.slice()
  }

  /**
   * 1 - rho of every component. For two modalities without regularisation it is half the squared distance of the unit
   * latents, which has digits where rho itself is 1 to rounding.
   *
   * @throws NotFittedError before a fit
   */
  get complements(): Float64Array {
    return this.fitted.complements.slice()
  }

  /** The share c of every modality. @throws NotFittedError before a fit */
  get shrinkage(): Float64Array {
    return this.fitted.shrinkage.slice()
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): CanonicalCorrelation {
    const { file, model, joint, nComponents } = decodeModel('CanonicalCorrelation', bytes)
    // Files of before there was `scale` were fitted without.
    const loaded = fromOptions(
      file,
      (options) =>
        new CanonicalCorrelation({ scale: false, ...options, nComponents: askedComponents(options, nComponents) }),
    )
    const vector = (name: string, length = nComponents) => readTensor(file, name, [length])
    return loaded.load(joint, {
      ...model,
      canonicalCorrelations: vector('canonicalCorrelations'),
      complements: vector('complements'),
      shrinkage: vector('shrinkage', model.maps.length),
    })
  }

  /** @internal */
  protected override fileParts({ canonicalCorrelations, complements, shrinkage }: CanonicalModel): FileParts {
    return {
      kind: 'CanonicalCorrelation',
      vectors: { canonicalCorrelations, complements, shrinkage },
    }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    if (this.nComponents !== 'all') atMostNarrowest(widths, this.nComponents)
  }

  /** @internal */
  protected override get scaleOf(): () => Scale {
    return () => this.scale
  }

  /** @internal */
  protected override get modelCost(): number {
    return 2
  }

  /** @internal */
  protected override *modelSteps(engine: Engine, joint: JointFactor): Steps<CanonicalModel> {
    atLeastTwoRows(joint.rows, 'CanonicalCorrelation')
    return yield* canonicalModelSteps(engine, joint, this)
  }
}
