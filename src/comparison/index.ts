export { canonicalCorrelations, svcca } from './canonical-correlations.js'
export { collapseRatio } from './collapse-ratio.js'
export { linearCka } from './linear-cka.js'
export { procrustesDisparity } from './procrustes-disparity.js'
