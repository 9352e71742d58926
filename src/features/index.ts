export { fourierFeatures, type FourierFeaturesOptions } from './fourier.js'
export { nystroemFeatures, type NystroemFeaturesOptions } from './nystroem.js'
export { FeatureMap, type Features } from './feature-map.js'
