import { infoNceModelSteps } from '../align/contrastive/infonce-model.js'
import { register } from '../registered.js'
import { descentSteps } from '../align/perfect/stiefel.js'
import { sumcorDirections } from '../align/canonical/sumcor.js'

export {
  DiscriminativeCorrelation,
  type ClassLabel,
  type DiscriminativeCorrelationOptions,
} from '../align/canonical/discriminative-correlation.js'
export type { DiscriminativeModel } from '../align/canonical/discriminative-model.js'

/**
 * Makes the methods that iterate known to the estimators of `collimate`: solver 'infonce' of LinearContrastive, solver 'gradient' of
 * PerfectAlignment, and criterion 'sumcor' of CanonicalCorrelation. Once, before a fit with one of them; again does nothing. Models that were fitted by them load and map without it.
 * `import` and `require` load two copies of the package, of which each has its own.
 */
export function registerSolvers(): void {
  register({ infonce: infoNceModelSteps, gradient: descentSteps, sumcor: sumcorDirections })
}
