import { svdSteps } from './svd.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** Singular values, descending, and right singular vectors as columns, min(rows, cols) of each. */
export function* rightSingularSteps(engine: Engine, X: Matrix): Steps<{ S: Float64Array; V: Matrix }> {
  return yield* svdSteps(engine, X, { U: 'none', V: 'thin' })
}

/** Singular values, descending, min(rows, cols) of them. */
export function* singularValueSteps(engine: Engine, X: Matrix): Steps<Float64Array> {
  const { S } = yield* svdSteps(engine, X, { U: 'none', V: 'none' })
  return S
}
