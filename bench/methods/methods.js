import {
  CanonicalCorrelation,
  LeastSquares,
  LinearContrastive,
  OrthogonalProcrustes,
  PerfectAlignment,
} from 'collimate'
import { registerSolvers } from 'collimate/solvers'

registerSolvers()

const selection = (name) => ({
  name: `'${name}'`,
  estimator: (options) => new PerfectAlignment({ ...options, selection: name, center: true }),
  grid: (ks) => ({ nComponents: ks }),
})

/** What is compared, and what is tuned of each. `pairsOnly`: for two modalities. */
export const METHODS = [
  selection('last'),
  selection('informative'),
  selection('balanced'),
  selection('auto'),
  {
    name: 'CCA, ridge',
    estimator: CanonicalCorrelation,
    grid: (ks) => ({ nComponents: ks, regularization: [0.01, 0.1, 0.3, 0.7] }),
  },
  { name: 'CCA, OAS', estimator: CanonicalCorrelation, grid: (ks) => ({ nComponents: ks, regularization: ['oas'] }) },
  {
    name: 'least squares',
    estimator: LeastSquares,
    grid: () => ({ ridge: [1, 10, 100, 1000], target: [0, 1] }),
    pairsOnly: true,
  },
  { name: 'Procrustes', estimator: OrthogonalProcrustes, grid: (ks) => ({ nComponents: ks }), pairsOnly: true },
  { name: 'contrastive', estimator: LinearContrastive, grid: (ks) => ({ nComponents: ks }), pairsOnly: true },
  {
    name: 'InfoNCE',
    estimator: LinearContrastive,
    grid: (ks) => ({ nComponents: ks, solver: ['infonce'], epochs: [25, 100] }),
    pairsOnly: true,
  },
]
