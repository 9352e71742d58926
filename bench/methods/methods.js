import {
  CanonicalCorrelation,
  LeastSquares,
  LinearContrastive,
  OrthogonalProcrustes,
  PerfectAlignment,
} from 'collimate'
import { fourierFeatures } from 'collimate/features'
import { crossValidate } from 'collimate/model-selection'
import { calibrateScore, registerScore } from 'collimate/score'
import { registerSolvers } from 'collimate/solvers'
import { RelativeRepresentation, VecMap, weightedByCorrelation } from './published.js'

registerSolvers()
registerScore()

const TUNING_FOLDS = 3
const CALIBRATION_FOLDS = 5
const SCORED = { nComponents: 'all', selection: 'balanced', center: true }

/** Latents of a query and a gallery, and what compares them. */
const byCosine = (model, X, from, Y, to) => [model.transform(X, from), model.transform(Y, to), 'cosine']

const byCanonicalSimilarity = (model, X, from, Y, to) => [
  weightedByCorrelation(model, model.transform(X, from)),
  weightedByCorrelation(model, model.transform(Y, to)),
  'dot',
]

/** The same by a score. */
const byScore = (metric) => (model, X, from, Y, to) => [
  model.transform(X, from, { role: 'query', metric, partner: to }).rows,
  model.transform(Y, to, { role: 'gallery', metric, partner: from }).rows,
  'euclidean',
]

/**
 * A method whose options are tuned on folds of the training rows.
 *
 * @param {string} name
 * @param {Parameters<typeof crossValidate>[0]} estimator
 * @param {(ks: number[]) => object} grid
 * @param {{ pairsOnly?: boolean, ranked?: typeof byCosine }} more
 */
const tuned = (name, estimator, grid, { ranked = byCosine, ...more } = {}) => ({
  name,
  ...more,
  /** @param {import('./measure.js').Choice} choice */
  fit({ train, trainGroups }, { ks, judge, metric }) {
    const chosen = crossValidate(estimator, train, {
      grid: grid(ks),
      folds: TUNING_FOLDS,
      groups: trainGroups,
      metric: ranked === byCosine && !more.judgesItself ? metric : judge(ranked),
      seed: 1,
    })
    return { model: chosen.refit(), ranked, chosen: chosen.best.options }
  },
})

const selection = (name) =>
  tuned(
    `'${name}'`,
    (options) => new PerfectAlignment({ ...options, selection: name, center: true }),
    (ks) => ({ nComponents: ks }),
  )

/** 'balanced' without k, by a score: as it was fitted. */
const scored = (metric) => ({
  name: metric,
  fit: ({ train }) => ({ model: new PerfectAlignment(SCORED).fit(train), ranked: byScore(metric), chosen: {} }),
})

/** The same with what held-out rows teach. */
const calibrated = (name, options, { features, ...more } = {}) => ({
  name,
  ...more,
  fit({ train, trainGroups }) {
    const { model, metric, best } = calibrateScore(PerfectAlignment, train, {
      options: { ...SCORED, features: features?.(train) },
      folds: CALIBRATION_FOLDS,
      groups: trainGroups,
      seed: 1,
      ...options,
    })
    return { model, ranked: byScore(metric), chosen: best }
  },
})

const ridgeGrid = (ks) => ({ nComponents: ks, regularization: [0.01, 0.1, 0.3, 0.7] })
const fourier = (train) => train.map((_, seed) => fourierFeatures({ seed }))

/**
 * What is compared, and what is tuned of each. `pairsOnly`: for two modalities; `splits`: of so many only, where it takes long; `group`: in tables of
 * their own.
 */
export const METHODS = [
  selection('last'),
  selection('informative'),
  selection('balanced'),
  selection('auto'),
  tuned('CCA, ridge', CanonicalCorrelation, ridgeGrid),
  tuned('CCA, OAS', CanonicalCorrelation, (ks) => ({ nComponents: ks, regularization: ['oas'] })),
  tuned('least squares', LeastSquares, () => ({ ridge: [1, 10, 100, 1000], target: [0, 1] }), { pairsOnly: true }),
  tuned('Procrustes', OrthogonalProcrustes, (ks) => ({ nComponents: ks }), { pairsOnly: true }),
  tuned('contrastive', LinearContrastive, (ks) => ({ nComponents: ks }), { pairsOnly: true }),
  tuned('InfoNCE', LinearContrastive, (ks) => ({ nComponents: ks, solver: ['infonce'], epochs: [25, 100] }), {
    pairsOnly: true,
  }),
  ...[
    scored('normalised'),
    scored('likelihood'),
    calibrated('likelihood, folds', { metric: 'likelihood' }),
    calibrated('score chosen', {}),
    calibrated('score, ridge chosen', { ridges: [1, 0.3, 0.1] }),
  ].map((method) => ({ ...method, group: 'scores' })),
  ...[
    calibrated('Fourier, likelihood', { metric: 'likelihood' }, { features: fourier, pairsOnly: true, splits: 2 }),
    tuned('CSA', CanonicalCorrelation, ridgeGrid, { pairsOnly: true, ranked: byCanonicalSimilarity }),
    tuned('ASIF', RelativeRepresentation, () => ({ share: [0.05, 0.3], power: [1, 4, 8] }), {
      pairsOnly: true,
      judgesItself: true,
    }),
    tuned('VecMap', VecMap, (ks) => ({ nComponents: ks }), { pairsOnly: true, judgesItself: true }),
  ].map((method) => ({ ...method, group: 'others' })),
]
