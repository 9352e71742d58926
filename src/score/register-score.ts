import { scores } from '../align/scores.js'
import { register } from '../registered.js'

/**
 * Makes scores known to the models of `collimate`: `correlations`, `similarity`, `logLikelihoodRatio`, `transform` with a role, and 'likelihood' and
 * 'normalised' as metrics of `evaluate`. Once; again does nothing. Files then keep what scores need. `import` and `require` load two copies of the package, of which each has its own.
 */
export function registerScore(): void {
  register({ scores })
}
