import { infoNceModelSteps } from '../align/infonce-model.js'
import { register } from '../align/iterative-solvers.js'
import { descentSteps } from '../align/stiefel.js'

/**
 * Makes the solvers that iterate from a random start known to the estimators of `collimate`: 'infonce' of LinearContrastive and 'gradient' of
 * PerfectAlignment. Once, before a fit with one of them; again does nothing. Models that were fitted by them load and map without it.
 * `import` and `require` load two copies of the package, of which each has its own.
 */
export function registerSolvers(): void {
  register({ infonce: infoNceModelSteps, gradient: descentSteps })
}
