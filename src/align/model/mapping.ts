import { NotFittedError } from '../../errors.js'
import { toMatrix, type Matrix, type MatrixLike, type Precision } from '../../matrix.js'
import { twoOf } from '../../score-rows.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { inPrecision, integerIn, knownOptions, precisionOf } from '../../validation.js'
import { centeredFactorSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { decoderSteps } from './decoder.js'
import type { Decoders, LinearModel } from './linear-model.js'
import type { Projection } from './projection.js'

/** Maps in float32, which models are not kept in, as far as they were asked for. */
const single = new WeakMap<Matrix, Matrix>()

/** The map of modality m in float32: the same one every time. @throws RangeError if an entry is beyond it */
function rounded(A: Matrix, m: number): Matrix {
  const known = single.get(A) ?? inPrecision(A, 'f32', `the map of modality ${m}`)
  single.set(A, known)
  return known
}

/** x -> A^(m) x, of x less its mean if the model is centred. @throws as `transform` */
export function transformation(
  { maps, means, centered, featureMaps }: LinearModel,
  modality: number,
  options: { readonly precision?: Precision },
): Projection {
  const m = integerIn(modality, 0, maps.length - 1, 'modality')
  const precision = precisionOf(knownOptions(options, ['precision', 'role']).precision)
  const A = precision === 'f64' ? maps[m] : rounded(maps[m], m)
  return {
    phase: 'transform',
    features: featureMaps?.[m],
    mean: centered ? means[m] : undefined,
    A,
    offset: undefined,
    width: A.rows,
    precision,
  }
}

/** A model at one time, and what it came of. */
export interface Fit<Model extends LinearModel = LinearModel> {
  readonly model: Model
  /** Undefined if it was loaded without. */
  readonly joint: JointFactor | undefined
  /** Decoders that were computed, to which others are added. */
  readonly kept: (Decoders[number] | undefined)[]
}

/**
 * From one modality to another, by way of the latent space.
 *
 * @param meansOf - what is taken out of the source and added to the target
 * @throws RangeError unless they are two of the modalities, or if the features of the target do not hold its rows
 */
export function translation<Model extends LinearModel>(
  fit: Fit<Model>,
  from: number,
  to: number,
  meansOf: (model: Model) => readonly (Float64Array | undefined)[],
): Projection {
  const { maps, featureMaps } = fit.model
  const [source, target] = twoOf(maps.length, from, to)
  const means = meansOf(fit.model)
  const decoding = decodingOf(fit, source, target)
  const map = featureMaps?.[target]
  return {
    phase: 'translate',
    features: featureMaps?.[source],
    mean: means[source],
    A: maps[source],
    *decoder(engineOf) {
      const D = (yield* decoderRowSteps(engineOf, decoding))[target] as Matrix
      return map ? map.decoder(D) : D
    },
    offset: map ? map.offset(means[target]) : means[target],
    width: map?.inputs ?? maps[target].cols,
    precision: 'f64',
  }
}

/** Rows of modality m. @throws TypeError if x is no matrix, RangeError if it has other columns */
export function samplesOf({ maps, featureMaps }: LinearModel, x: MatrixLike, m: number): Matrix {
  const X = toMatrix(x, 'x')
  const cols = featureMaps?.[m]?.inputs ?? maps[m].cols
  // An array of no rows has no columns either.
  if (X.cols !== cols && X.rows + X.cols > 0) {
    throw new RangeError(`x has ${X.cols} columns, expected ${cols} as modality ${m} was fitted with`)
  }
  return X
}

/** What the decoders from one modality come of, that to another at least, or all. */
export function decodingOf({ model, joint, kept }: Fit, from: number, to?: number): Decoding {
  const { maps, decoders } = model
  const wanted = to === undefined ? maps.map((_, l) => l).filter((l) => l !== from) : [to]
  kept[from] ??= decoders?.[from]
  const isKnown = wanted.every((l) => kept[from]?.[l] !== undefined)
  return { maps, kept, from, wanted, joint: isKnown ? undefined : joint?.clone() }
}

/** A decoder, or what it comes of. */
export interface Decoding {
  readonly maps: readonly Matrix[]
  /** Of the model; those that are computed are added. */
  readonly kept: (Decoders[number] | undefined)[]
  readonly from: number
  readonly wanted: readonly number[]
  /** What they follow from if they are not known. */
  readonly joint: JointFactor | undefined
}

/** The decoders from a modality, computed unless they are known. @throws NotFittedError if they are neither known nor follow from anything */
export function* decoderRowSteps(engineOf: () => Engine, decoding: Decoding): Steps<Decoders[number]> {
  const { maps, kept, from, wanted, joint } = decoding
  const known = kept[from] ?? []
  if (wanted.every((l) => known[l] !== undefined)) return known
  if (joint === undefined) {
    throw new NotFittedError(
      'this model was loaded without its decoders, which toBytes() keeps, and without its state, from which they follow and which toBytes({ state: true }) keeps',
    )
  }
  const all = yield* decoderSteps(engineOf(), yield* centeredFactorSteps(joint), maps[from], from)
  return (kept[from] = all.map((decoder, l) => known[l] ?? decoder))
}
