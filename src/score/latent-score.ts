import { NotFittedError } from '../errors.js'
import { readCorrelations } from '../io/correlation-tensors.js'
import type { FileBytes } from '../io/file-bytes.js'
import { readInteger, readIntegers } from '../io/tensor-file.js'
import { contentError, readTensors } from '../io/tensors.js'
import type { LatentCorrelations } from '../latent-correlations.js'
import { toMatrix, type MatrixLike } from '../matrix.js'
import { inRole, type RoleOptions, type ScoreRows } from '../score-rows.js'
import { finiteMatrix, integerIn, knownOptions } from '../validation.js'

/**
 * What a model file knows of its latents, and nothing of what a fit or a map needs: beside `loadAlignment` of `collimate/serve`, whose latents become rows in
 * a role here, by which `FlatIndex` or any store ranks as the model's `similarity` does.
 */
export class LatentScore {
  /** Dimensions of the latent space, k. */
  readonly nComponents: number
  readonly #modalities: readonly number[]
  readonly #correlations: LatentCorrelations

  /** @internal */
  constructor(nComponents: number, modalities: readonly number[], correlations: LatentCorrelations) {
    this.nComponents = nComponents
    this.#modalities = modalities
    this.#correlations = correlations
  }

  /**
   * Reads what `toBytes` of a model with rho wrote, `registerScore` having been called before.
   *
   * @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if it holds no sound model, NotFittedError if it holds no rho
   */
  static fromBytes(bytes: FileBytes): LatentScore {
    const file = readTensors(bytes)
    if (!file.tensors.has('maps.0')) {
      throw contentError('this is no model of collimate, as toBytes() of a fitted one writes it')
    }
    const widths = readIntegers(file, 'widths', 1)
    const k = readInteger(file, 'nComponents', 1)
    const correlations = readCorrelations(file, widths.length, k)
    if (correlations !== undefined) return new LatentScore(k, widths, correlations)
    throw new NotFittedError(
      "this file has no rho: call registerScore before toBytes() of a model that selection 'balanced' or a CanonicalCorrelation fitted",
    )
  }

  /**
   * Latents in a role: the rows that `transform(x, modality, { role })` of the model gives.
   *
   * @param latents - n x k, as `transform` maps rows of the modality
   * @param options - as there: `role`, `metric` ('normalised' unless it is given), and the modality `partner` where there are more than two
   * @returns n x k in the precision of the latents, and the bias of each
   * @throws TypeError or RangeError for latents of another width, an entry that is not finite, another role, metric, modality or partner
   */
  rows(latents: MatrixLike, modality: number, options: RoleOptions): ScoreRows {
    const Z = toMatrix(latents, 'latents')
    const m = integerIn(modality, 0, this.#modalities.length - 1, 'modality')
    // An array of no rows has no columns either.
    if (Z.cols !== this.nComponents && Z.rows + Z.cols > 0) {
      throw new RangeError(`latents has ${Z.cols} columns, expected ${this.nComponents}`)
    }
    const known = knownOptions(options, ['role', 'metric', 'partner'])
    return inRole(finiteMatrix(Z, 'latents'), m, { maps: this.#modalities, correlations: this.#correlations }, known)
  }
}
