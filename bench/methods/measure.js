import { effectiveRank, evaluateRetrieval, meanAveragePrecision, meanPairwiseCmae, meanPairwiseNcmae } from 'collimate'
import { crossValidate } from 'collimate/model-selection'

const FOLDS = 3

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length

/** The mean of a measure over all ordered pairs of modalities. */
const overPairs = (latents, measure) =>
  mean(latents.flatMap((a, i) => latents.flatMap((b, j) => (i === j ? [] : [measure(a, b)]))))

/** Class retrieval of held-out rows: where instances cannot be told apart it is what there is to choose by. */
const classScore = (labels) =>
  function meanAverage(model, heldOut, rows) {
    const latents = heldOut.map((X, m) => model.transform(X, m))
    const classes = Int32Array.from(rows, (row) => labels[row])
    return overPairs(latents, (a, b) => meanAveragePrecision(a, b, classes))
  }

/**
 * Tunes a method on folds of the training rows, fits it to all of them, and measures it on the test rows.
 *
 * @param {ReturnType<import('./split.js').split>} data
 * @param {(typeof import('./methods.js').METHODS)[number]} method
 * @param {Pick<import('./data-sets.js').DataSet, 'ks' | 'byClass'>} choice
 */
export function measure(data, method, { ks, byClass = false }) {
  const narrowest = Math.min(...data.train.map(({ cols }) => cols))
  const usable = ks.filter((k) => k <= narrowest)
  const metric = byClass ? classScore(data.trainLabels) : 'recall@1'
  const chosen = crossValidate(method.estimator, data.train, {
    grid: method.grid(usable.length > 0 ? usable : [narrowest]),
    folds: FOLDS,
    groups: data.trainGroups,
    metric,
    seed: 1,
  })
  const model = chosen.refit()
  const latents = data.test.map((X, m) => model.transform(X, m))
  const recalls = latents.flatMap((a, i) =>
    latents.flatMap((b, j) => (i === j ? [] : [evaluateRetrieval(a, b, { ks: [1, 10] }).recallAtK])),
  )
  return {
    'recall@1': mean(recalls.map(([first]) => first)),
    'recall@10': mean(recalls.map(([, ten]) => ten)),
    mAP: data.testLabels && overPairs(latents, (a, b) => meanAveragePrecision(a, b, data.testLabels)),
    CMAE: meanPairwiseCmae(latents),
    NCMAE: meanPairwiseNcmae(latents),
    'effective rank': mean(latents.map((Z) => effectiveRank(Z))),
    chosen: chosen.best.options,
  }
}
