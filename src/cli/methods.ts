import { CanonicalCorrelation, HELP as CANONICAL } from '../align/canonical/canonical-correlation.js'
import { HELP as CONTRASTIVE, LinearContrastive } from '../align/contrastive/linear-contrastive.js'
import { LeastSquares, HELP as REGRESSION } from '../align/least-squares/least-squares.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import type { Help } from '../align/model/options.js'
import { HELP as PERFECT } from '../align/perfect/options.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes, HELP as PROCRUSTES } from '../align/procrustes.js'
import { registerScore } from '../score/index.js'
import { registerSolvers } from '../solvers/index.js'
import { InputError } from './errors.js'

registerSolvers()
registerScore()

/** A method that models are fitted by, as the command line names it. */
export interface Method {
  readonly name: string
  readonly summary: string
  readonly estimator: new (options: never) => LinearAlignment
  /** The options of its constructor. */
  readonly options: Readonly<Record<string, Help>>
}

/** All methods; the first is the default. */
export const METHODS: readonly Method[] = [
  {
    name: 'perfect-alignment',
    summary: 'one map each, so that pairs coincide',
    estimator: PerfectAlignment,
    options: PERFECT,
  },
  {
    name: 'canonical-correlation',
    summary: 'the most correlated latents of unit variance',
    estimator: CanonicalCorrelation,
    options: CANONICAL,
  },
  {
    name: 'orthogonal-procrustes',
    summary: 'two files: the first rotated onto the second',
    estimator: OrthogonalProcrustes,
    options: PROCRUSTES,
  },
  {
    name: 'least-squares',
    summary: 'two files: a regression of one on the other',
    estimator: LeastSquares,
    options: REGRESSION,
  },
  {
    name: 'linear-contrastive',
    summary: 'two files: pairs alike, all others not',
    estimator: LinearContrastive,
    options: CONTRASTIVE,
  },
]

/** @throws InputError if there is none of that name */
export function methodNamed(name: string): Method {
  const method = METHODS.find((m) => m.name === name)
  if (method !== undefined) return method
  throw new InputError(`there is no method '${name}': it is one of ${METHODS.map((m) => m.name).join(', ')}`)
}

/** The method that a model was fitted by. */
export function methodOf(model: LinearAlignment): Method {
  const method = METHODS.find(({ estimator }) => model instanceof estimator)
  if (method === undefined) throw new Error(`${model.constructor.name} is no method of the command line`)
  return method
}
