import type { FileBytes } from '../io/file-bytes.js'
import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { scaleRows } from '../dense/arithmetic.js'
import { norm } from '../dense/norms.js'
import { centeredFactorSteps, uncenteredFactorSteps, type DataFactor } from './factor/data-factor.js'
import type { JointFactor } from './factor/joint-factor.js'
import type { WithFeatures } from './model/features.js'
import { LinearAlignment } from './model/linear-alignment.js'
import type { Decoders, LinearModel } from './model/linear-model.js'
import { decodeModel, fromOptions, type FileParts } from './model/model-file.js'
import { atLeastTwoRows, atMostNarrowest, exactlyTwo } from './model/data-check.js'
import { CENTER, COMPONENTS, count, onOff, type HelpFor } from './model/options.js'
import { paddedBlockSteps, principalSteps } from './factor/principal.js'
import { withColumns } from '../dense/slices.js'
import { readTensor } from '../io/tensor-file.js'

// Of the file's metadata: how the decoders are to be applied.
const TRANSLATE = 'translate'
const ROTATION = 'rotation'

/** Options of OrthogonalProcrustes. */
export interface OrthogonalProcrustesOptions extends WithFeatures {
  /**
   * Dimensions of the latent space, k: both modalities are first reduced to their k principal components. Default: no
   * reduction, for modalities of equal widths.
   */
  readonly nComponents?: number
  /** Whether the rotated modality is also scaled to fit best. Default false. */
  readonly scaling?: boolean
  /** Whether column means are taken out, in the fit and in `transform`. Default true. */
  readonly center?: boolean
}

const RULES = {
  nComponents: (value: unknown, name: string, above: Readonly<Record<string, unknown>>) =>
    value === undefined ? undefined : count()(value, name, above),
  scaling: onOff(false),
  center: onOff(true),
}

/** {@link OrthogonalProcrustesOptions} on a command line. */
export const HELP: HelpFor<OrthogonalProcrustesOptions> = {
  nComponents: COMPONENTS,
  scaling: { text: 'scale the first file as well as rotating it' },
  center: CENTER,
}

/** A linear model and its scale. */
export interface ProcrustesModel extends LinearModel {
  readonly scale: number
  /** Whether `translate` is the rotation itself, and not by least squares. */
  readonly rotates: boolean
}

/**
 * Two modalities, the first rotated (or reflected) onto the second: A^(2) = I, A^(1) = s Q^T with the orthogonal Q, and the
 * s if asked for, that minimise ||s X1 Q - X2||_F; Q = U V^T with X1^T X2 = U diag(S) V^T, s = sum S / ||X1||_F^2. With
 * nComponents the same on the principal components of each. Fewer rows than columns, or dependent ones, leave Q free where the
 * data is zero: one of the best is taken.
 *
 * `translate` is the rotation, to modality 1 as `transform` has it and back by its inverse: s Q^T (x - mean 0) + mean 1 and
 * Q (x - mean 1) / s + mean 0, the means only if `center` is true. With nComponents it is by least squares on the latents, as for
 * every other method, and so it is for a model that version 0.1.0 wrote.
 *
 * Cost: one pass, then of the order of 20 d^3. Source: Schoenemann 1966.
 */
export class OrthogonalProcrustes extends LinearAlignment<ProcrustesModel> {
  declare readonly nComponents: number | undefined
  /** As asked for. */
  declare readonly scaling: boolean
  /** As asked for. */
  declare readonly center: boolean

  /** @throws TypeError if an option is of the wrong kind, RangeError unless nComponents is an integer from 1 on */
  constructor(options?: OrthogonalProcrustesOptions) {
    super(options, RULES)
  }

  /** s; 1 unless scaling was asked for. @throws NotFittedError before a fit */
  get scale(): number {
    return this.fitted.scale
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
   */
  static fromBytes(bytes: FileBytes): OrthogonalProcrustes {
    const { file, model, joint } = decodeModel('OrthogonalProcrustes', bytes)
    const loaded = fromOptions(file, (options) => new OrthogonalProcrustes(options))
    const rotates = file.metadata[TRANSLATE] === ROTATION
    const scale = readTensor(file, 'scale', [1])[0]
    return loaded.load(joint, { ...(rotates && rotation(model.maps[0], scale)), ...model, scale, rotates })
  }

  /** @internal */
  protected override meansOfTranslation(model: ProcrustesModel): readonly (Float64Array | undefined)[] {
    return model.rotates && !model.centered ? [] : model.means
  }

  /** @internal */
  protected override fileParts({ scale, rotates }: ProcrustesModel): FileParts {
    const metadata = rotates ? { [TRANSLATE]: ROTATION } : undefined
    return { kind: 'OrthogonalProcrustes', metadata, vectors: { scale: Float64Array.of(scale) } }
  }

  /** @internal */
  protected override checkWidths(widths: readonly number[]): void {
    exactlyTwo(widths, 'OrthogonalProcrustes')
    if (this.nComponents !== undefined) atMostNarrowest(widths, this.nComponents)
    else if (widths[0] !== widths[1]) {
      throw new RangeError(
        `the modalities have ${widths[0]} and ${widths[1]} columns: give nComponents, to which both are reduced first`,
      )
    }
  }

  /** @internal */
  protected override *modelSteps(engine: Engine, joint: JointFactor): Steps<ProcrustesModel> {
    atLeastTwoRows(joint.rows, 'OrthogonalProcrustes')
    const factor = this.center ? yield* centeredFactorSteps(joint) : yield* uncenteredFactorSteps(joint)
    const [P1, P2] = [yield* this.#basisSteps(engine, factor, 0), yield* this.#basisSteps(engine, factor, 1)]
    const Y1 = yield* multiplySteps(engine, yield* paddedBlockSteps(factor, 0), P1)
    const Y2 = yield* multiplySteps(engine, yield* paddedBlockSteps(factor, 1), P2)
    const { U, S, V } = yield* svdSteps(engine, yield* multiplySteps(engine, Y1, Y2, { transposeA: true }), {
      U: 'thin',
      V: 'thin',
    })
    const Q = yield* multiplySteps(engine, V, U, { transposeB: true })
    const size = norm(Y1.data)
    const scale = this.scaling && size > 0 ? S.reduce((sum, sigma) => sum + sigma / size, 0) / size : 1
    const rotated = yield* multiplySteps(engine, Q, P1, { transposeB: true })
    const maps = [scaleRows(rotated, new Float64Array(rotated.rows).fill(scale)), P2.transpose()]
    const rotates = this.nComponents === undefined
    return {
      maps,
      means: joint.means(),
      centered: this.center,
      scale,
      rotates,
      ...(rotates && rotation(maps[0], scale)),
    }
  }

  /** The principal directions that are kept, d_m x k; zero beyond the rank. */
  *#basisSteps(engine: Engine, factor: DataFactor, m: number): Steps<Matrix> {
    if (this.nComponents === undefined) return Matrix.identity(factor.widths[m])
    const { V } = yield* principalSteps(engine, factor, m)
    return withColumns(V, this.nComponents)
  }
}

/** Its decoders: from the latent s Q^T x to the other modality it is that latent, and back (s Q^T)^-1 = (s Q^T)^T / s^2; zero where s is. */
function rotation(A: Matrix, scale: number): { decoders: Decoders } {
  const inverse = new Float64Array(A.rows).fill(scale > 0 ? 1 / scale / scale : 0)
  return {
    decoders: [
      [undefined, Matrix.identity(A.rows)],
      [scaleRows(A, inverse), undefined],
    ],
  }
}
