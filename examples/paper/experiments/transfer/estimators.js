import {
  CanonicalCorrelation,
  LeastSquares,
  LinearContrastive,
  OrthogonalProcrustes,
  PerfectAlignment,
} from 'collimate'
import { registerSolvers } from 'collimate/solvers'
import { householderAlignment } from '../../methods/householder-alignment.js'
import { assess } from './protocol.js'

registerSolvers()

/** Latent dimensions of everything but Equation 7 as the paper has it, which keeps the encoders' width. */
export const K = 64
const NOTE = `k = ${K}`

/**
 * What is put between encoders and decoder: CA puts nothing there. Those marked `early` are also tried before the training of
 * the encoders is over, and in a quick run.
 */
export const ESTIMATORS = [
  { name: 'CA', note: 'the encoders alone', early: true },
  {
    name: 'CA+PA',
    note: 'Equation 7, the full width',
    early: true,
    make: (width) => new PerfectAlignment({ nComponents: width, selection: 'last' }),
  },
  {
    name: 'CA+PA, other basis',
    note: 'the same, as LAPACK does it',
    make: householderAlignment,
  },
  { name: 'PA ‘last’', note: NOTE, make: () => new PerfectAlignment({ nComponents: K, selection: 'last' }) },
  {
    name: 'PA ‘informative’',
    note: NOTE,
    make: () => new PerfectAlignment({ nComponents: K, selection: 'informative', center: true }),
  },
  {
    name: 'PA ‘balanced’',
    note: NOTE,
    early: true,
    make: () => new PerfectAlignment({ nComponents: K, selection: 'balanced', scale: false }),
  },
  { name: 'PA ‘auto’', note: NOTE, make: () => new PerfectAlignment({ nComponents: K, scale: false }) },
  {
    name: 'Canonical correlation',
    note: `OAS, ${NOTE}`,
    make: () => new CanonicalCorrelation({ nComponents: K, regularization: 'oas', scale: false }),
  },
  {
    name: 'Linear contrastive',
    note: `closed form, ${NOTE}`,
    make: () => new LinearContrastive({ nComponents: K, scale: false }),
  },
  {
    name: 'Linear InfoNCE',
    note: NOTE,
    make: () => new LinearContrastive({ nComponents: K, solver: 'infonce', scale: false }),
  },
  { name: 'Procrustes', note: 'a rotation', make: () => new OrthogonalProcrustes({ center: true }) },
  {
    name: 'Least squares',
    note: 'ridge 10, source to target',
    make: () => new LeastSquares({ ridge: 10, target: 1, scale: false }),
  },
]

export const EARLY = ESTIMATORS.filter(({ early }) => early)

/** A map for every modality, fitted on the pairs; the selection that 'auto' came to, if it had to choose. */
export function fitMap({ make }, pairs, width) {
  if (make === undefined) return { map: (x) => x }
  const model = make(width).fit(pairs)
  return { map: (x, modality) => model.transform(x, modality), selected: model.selected }
}

/** The {@link assess figures} of one estimator, fitted on the pairs. */
export function assessEstimator(estimator, latents, width, seed) {
  const { map, selected } = fitMap(estimator, latents.pairs, width)
  return { method: estimator.name, selected, figures: assess(map, latents, seed) }
}
