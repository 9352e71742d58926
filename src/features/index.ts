import { register } from '../registered.js'
import { readModelFeatures } from './model-features.js'

export { fourierFeatures, type FourierFeaturesOptions } from './fourier.js'
export { nystroemFeatures, type NystroemFeaturesOptions } from './nystroem.js'
export { FeatureMap, type Features, type ModalityFeatures } from './feature-map.js'

/**
 * Makes feature maps known to `loadAlignment` and `fromBytes` of `collimate`: once, before a model is read that has them in front. Whoever hands maps to an estimator needs no more
 * than that. `import` and `require` load two copies of the package, of which each has its own.
 */
export function registerFeatures(): void {
  register({ features: readModelFeatures })
}
