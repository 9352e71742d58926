import { isLinearAlignment, LinearAlignment, type PairedSamples } from '../align/model/linear-alignment.js'
import { describe } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** How a model is made from its options: a class, or a function for what the options do not vary. */
export type Estimator<Options, Model extends LinearAlignment> =
  (new (options: Options) => Model) | ((options: Options) => Model)

/**
 * A model that is yet to be fitted.
 *
 * @throws TypeError if `estimator` is no function or does not return an alignment, and what it throws itself
 */
export function makeModel<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
  options: Options,
): Model {
  if (typeof estimator !== 'function') {
    throw new TypeError(`estimator must be a class such as PerfectAlignment, or a function, got ${describe(estimator)}`)
  }
  const model = called(estimator, options)
  if (!isLinearAlignment(model)) {
    throw new TypeError(`estimator must make an alignment such as PerfectAlignment, got ${describe(model)}`)
  }
  return model
}

function called<Options, Model extends LinearAlignment>(estimator: Estimator<Options, Model>, options: Options): Model {
  try {
    return isClass(estimator) ? new estimator(options) : estimator(options)
  } catch (error) {
    if (error instanceof Error) error.message = `options ${JSON.stringify(options)}: ${error.message}`
    throw error
  }
}

function isClass<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
): estimator is new (options: Options) => Model {
  return isLinearAlignment(estimator.prototype)
}

/** Fits it, in pieces if it can: a model of another copy of this package fits itself in one. */
export function* fitModelSteps(model: LinearAlignment, engine: Engine, samples: PairedSamples): Steps<void> {
  if (model instanceof LinearAlignment) yield* model.fitSteps(engine, samples)
  else (model as LinearAlignment).fit(samples)
}
