import type { PairedSamples } from '../align/model/joint-estimator.js'
import { isLinearAlignment, LinearAlignment } from '../align/model/linear-alignment.js'
import { frontOf, type FeaturesOption } from '../align/model/features.js'
import { JointFactor } from '../align/factor/joint-factor.js'
import { shareWork } from '../align/factor/shared-work.js'
import type { FeatureMap } from '../features/feature-map.js'
import { describe, type Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { plainOptions } from './plain-options.js'

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
    if (error instanceof Error) error.message = `options ${JSON.stringify(plainOptions(options))}: ${error.message}`
    throw error
  }
}

function isClass<Options, Model extends LinearAlignment>(
  estimator: Estimator<Options, Model>,
): estimator is new (options: Options) => Model {
  return isLinearAlignment(estimator.prototype)
}

/** The factors of features, for models with the same. */
export type FeatureFactors = { readonly features: FeaturesOption; readonly joint: JointFactor }[]

/**
 * Fits it, in pieces if it can: a model of another copy of this package fits itself in one.
 *
 * @param known - to which the factor of what is made of these samples is added
 */
export function* fitModelSteps(
  model: LinearAlignment,
  engine: Engine,
  samples: PairedSamples,
  known: FeatureFactors,
): Steps<void> {
  if (!(model instanceof LinearAlignment)) (model as LinearAlignment).fit(samples)
  else if (model.needsSamples || frontOf(model.features) === undefined) yield* model.fitSteps(engine, samples)
  else yield* model.fitSteps(engine, yield* featureFactorSteps(engine, model.features, samples as Matrix[], known))
}

/** The factor of the features of rows, once for all models with the same. */
function* featureFactorSteps(
  engine: Engine,
  features: FeaturesOption,
  samples: readonly Matrix[],
  known: FeatureFactors,
): Steps<JointFactor> {
  const found = known.find((other) => isSame(other.features, features))
  if (found !== undefined) return found.joint
  const featured = yield* (frontOf(features) as FeatureMap['front']).steps<FeatureMap>(engine, features, samples)
  const joint = new JointFactor(featured.matrices.map(({ cols }) => cols))
  joint.features = featured.features
  yield* joint.appendSteps(engine, featured.matrices)
  shareWork(joint.settled.R)
  known.push({ features, joint })
  return joint
}

function isSame(a: FeaturesOption, b: FeaturesOption): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((one, m) => one === b[m])
}
