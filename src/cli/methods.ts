import { CanonicalCorrelation } from '../align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../align/contrastive/linear-contrastive.js'
import { LeastSquares } from '../align/least-squares/least-squares.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../align/procrustes.js'
import { registerSolvers } from '../solvers/index.js'
import { InputError } from './errors.js'

registerSolvers()

/** A method that models are fitted by, as the command line names it. */
export interface Method {
  readonly name: string
  readonly summary: string
  readonly estimator: new (options: never) => LinearAlignment
  /** Names of the options of its constructor. */
  readonly takes: readonly string[]
  /** Those that it cannot do without. */
  readonly needs: readonly string[]
}

/** All methods; the first is the default. */
export const METHODS: readonly Method[] = [
  {
    name: 'perfect-alignment',
    summary: 'one map each, so that pairs coincide',
    estimator: PerfectAlignment,
    takes: [
      'nComponents',
      'selection',
      'center',
      'scale',
      'tolerance',
      'solver',
      'seed',
      'maxIterations',
      'gradientTolerance',
    ],
    needs: ['nComponents'],
  },
  {
    name: 'canonical-correlation',
    summary: 'the most correlated latents of unit variance',
    estimator: CanonicalCorrelation,
    takes: ['nComponents', 'regularization', 'criterion', 'scale', 'tolerance'],
    needs: ['nComponents'],
  },
  {
    name: 'orthogonal-procrustes',
    summary: 'two files: the first rotated onto the second',
    estimator: OrthogonalProcrustes,
    takes: ['nComponents', 'scaling', 'center'],
    needs: [],
  },
  {
    name: 'least-squares',
    summary: 'two files: a regression of one on the other',
    estimator: LeastSquares,
    takes: ['target', 'ridge', 'scale'],
    needs: [],
  },
  {
    name: 'linear-contrastive',
    summary: 'two files: pairs alike, all others not',
    estimator: LinearContrastive,
    takes: [
      'nComponents',
      'solver',
      'temperature',
      'normalize',
      'regularization',
      'epochs',
      'batchSize',
      'learningRate',
      'seed',
      'scale',
    ],
    needs: ['nComponents'],
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
