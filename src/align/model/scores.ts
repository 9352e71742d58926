import type { LatentCorrelations } from '../../latent-correlations.js'
import type { Matrix, MatrixLike, Precision } from '../../matrix.js'
import type { RoleOptions, ScoreMetric, ScoreOptions, ScoreRows } from '../../score-rows.js'
import type { AsyncOptions } from '../../steps.js'
import { registered, registeredIf } from '../../registered.js'
import type { Fit } from './mapping.js'

/** Options of `transform` in a role. */
export type RoleTransformOptions = RoleOptions & { readonly precision?: Precision }

/** What scores ask of a model. */
export interface ScoredModel {
  readonly fitNow: Fit
  transform(x: MatrixLike, modality: number, options: { readonly precision?: Precision }): Matrix
  transformAsync(x: MatrixLike, modality: number, options: { readonly precision?: Precision } & AsyncOptions): Promise<Matrix> // prettier-ignore
}

/** What a gallery may be ranked by that latents alone do not tell. */
export type RhoMetric = Exclude<ScoreMetric, 'cosine'>

/** Latents of a query and a gallery, of two modalities, as rows whose Euclidean distance ranks them. */
export type RankedRows = (Q: Matrix, G: Matrix, from: number, to: number) => readonly [Matrix, Matrix]

/** All of what the scores of a model are made of: methods of a model, which it is given first. */
export interface Scores {
  readonly known: (model: ScoredModel) => LatentCorrelations | undefined
  readonly correlations: (model: ScoredModel, from: number, to: number) => { rho: Float64Array; deviations: [Float64Array, Float64Array] } // prettier-ignore
  readonly transform: (model: ScoredModel, x: MatrixLike, m: number, options: RoleTransformOptions) => ScoreRows
  readonly transformAsync: (model: ScoredModel, x: MatrixLike, m: number, options: RoleTransformOptions & AsyncOptions) => Promise<ScoreRows> // prettier-ignore
  readonly similarity: (model: ScoredModel, x: MatrixLike, from: number, y: MatrixLike, to: number, options: ScoreOptions) => Matrix // prettier-ignore
  readonly logLikelihoodRatio: (model: ScoredModel, x: MatrixLike, y: MatrixLike, from: number, to: number) => Float64Array // prettier-ignore
  readonly ranked: (model: ScoredModel, metric: RhoMetric) => RankedRows
}

/** @throws RangeError unless `collimate/score` has registered them: pages that compare by cosine go without */
export function scores(): Scores {
  return registered('scores', 'Score') as Scores
}

/** {@link scores}, if there are any. */
export function scoresIfRegistered(): Scores | undefined {
  return registeredIf('scores') as Scores | undefined
}

/** Whether rows are asked for in a role. */
export function hasRole<Options extends object | null>(options: Options): options is Options & RoleOptions {
  return typeof options === 'object' && 'role' in (options ?? {})
}
