export * from './of-latents.js'
export { effectiveRank } from './latent.js'
export { neighbourOverlap } from './neighbour-overlap.js'
export { r2Score } from './r2-score.js'
