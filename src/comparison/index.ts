export {
  canonicalCorrelations,
  canonicalCorrelationsAsync,
  svcca,
  svccaAsync,
  type SvccaOptions,
} from './canonical-correlations.js'
export { collapseRatio, collapseRatioAsync } from './collapse-ratio.js'
export { effectiveRank, effectiveRankAsync } from './effective-rank.js'
export { linearCka, linearCkaAsync } from './linear-cka.js'
export { procrustesDisparity, procrustesDisparityAsync } from './procrustes-disparity.js'
