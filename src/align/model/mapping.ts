import { NotFittedError } from '../../errors.js'
import { multiplyRowsSteps } from '../../linalg/few-rows.js'
import type { Matrix, Precision } from '../../matrix.js'
import { Engine } from '../../runtime/engine.js'
import { performAsync } from '../../runtime/work.js'
import { run, type AsyncOptions, type Steps } from '../../steps.js'
import { inPrecision, integerIn, knownOptions, precisionOf } from '../../validation.js'
import { centeredFactorSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { decoderSteps } from './decoder.js'
import type { Decoders, LinearModel } from './linear-model.js'
import { pieceRows, projectRowsSteps, type Projection } from './projection.js'

/** How rows are mapped on an engine, which few rows do not ask for; `side` is that of the tiles of products. */
export type Mapping = (engineOf: () => Engine, side?: number) => Projection

/** x -> A^(m) x, of x less its mean if the model is centred. @throws as `transform` */
export function transformation(
  { maps, means, centered }: LinearModel,
  modality: number,
  options: { readonly precision?: Precision },
): Mapping {
  const m = integerIn(modality, 0, maps.length - 1, 'modality')
  const precision = precisionOf(knownOptions(options, ['precision']).precision)
  const A = inPrecision(maps[m], precision, `the map of modality ${m}`)
  const mean = centered ? means[m] : undefined
  return (engineOf, side) => ({
    phase: 'transform',
    mean,
    map: (chunk) => multiplyRowsSteps(engineOf, chunk, A, { transposeB: true, precision }, side),
    offset: undefined,
    width: A.rows,
    precision,
  })
}

/** From one modality to another, by way of the latent space; `means` are taken out of the source and added to the target. */
export function translation(decoding: Decoding, means: readonly (Float64Array | undefined)[], target: number): Mapping {
  return (engineOf, side) => ({
    phase: 'translate',
    mean: means[decoding.from],
    map: (chunk) => decodedSteps(engineOf, chunk, decoding, target, side),
    offset: means[target],
    width: decoding.maps[target].cols,
    precision: 'f64',
  })
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

/** x A^T D, with the decoder D to a modality. */
function* decodedSteps(
  engineOf: () => Engine,
  x: Matrix,
  decoding: Decoding,
  to: number,
  side?: number,
): Steps<Matrix> {
  const D = (yield* decoderRowSteps(engineOf, decoding))[to] as Matrix
  const latents = yield* multiplyRowsSteps(engineOf, x, decoding.maps[decoding.from], { transposeB: true }, side)
  return yield* multiplyRowsSteps(engineOf, latents, D, {}, side)
}

/** The rows of X mapped at once. */
export function project(X: Matrix, mapping: Mapping, precision?: Precision): Matrix {
  return run(
    projectRowsSteps(
      X,
      mapping(() => Engine.shared(precision), Infinity),
    ),
  )
}

/** The rows of X mapped on an engine of their own, with turns for the event loop. */
export async function projectAsync(
  X: Matrix,
  mapping: Mapping,
  options: AsyncOptions,
  precision?: Precision,
): Promise<Matrix> {
  const steps = (engine: Engine) =>
    projectRowsSteps(
      X,
      mapping(() => engine),
      pieceRows(X.cols),
    )
  return performAsync(Object.assign(steps, { precision }), options)
}
