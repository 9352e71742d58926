import { effectiveRank, evaluateRetrieval, meanAveragePrecision, meanPairwiseCmae, meanPairwiseNcmae } from 'collimate'

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length

/** The mean of a measure over all ordered pairs of modalities. */
const overPairs = (M, measure) =>
  mean(
    Array.from({ length: M ** 2 }, (_, at) => [Math.floor(at / M), at % M])
      .filter(([from, to]) => from !== to)
      .map(([from, to]) => measure(from, to)),
  )

/** Class retrieval of held-out rows: where instances cannot be told apart it is what there is to choose by. */
const classScore = (labels, ranked) =>
  function meanAverage(model, heldOut, rows) {
    const classes = Int32Array.from(rows, (row) => labels[row])
    return overPairs(heldOut.length, (from, to) => {
      const [Q, G, metric] = ranked(model, heldOut[from], from, heldOut[to], to)
      return meanAveragePrecision(Q, G, classes, { metric })
    })
  }

const recallScore = (ranked) =>
  function recallAt1(model, heldOut) {
    return overPairs(heldOut.length, (from, to) => {
      const [Q, G, metric] = ranked(model, heldOut[from], from, heldOut[to], to)
      return evaluateRetrieval(Q, G, { ks: [1], metric }).recallAtK[0]
    })
  }

/**
 * What a method's options are chosen by.
 *
 * @typedef {object} Choice
 * @property {number[]} ks latent widths to choose from
 * @property {(ranked: Function) => Function} judge of a model, by what it ranks by
 * @property {string | Function} metric the same of latents by cosine, for `crossValidate`
 */

/**
 * Tunes a method on folds of the training rows, fits it to all of them, and measures it on the test rows.
 *
 * @param {ReturnType<import('./split.js').split>} data
 * @param {(typeof import('./methods.js').METHODS)[number]} method
 * @param {Pick<import('./data-sets.js').DataSet, 'ks' | 'byClass'>} choice
 */
export function measure(data, method, { ks, byClass = false }) {
  const start = performance.now()
  const { train, test, testLabels } = data
  const narrowest = Math.min(...train.map(({ cols }) => cols))
  const usable = ks.filter((k) => k <= narrowest)
  const judge = (ranked) => (byClass ? classScore(data.trainLabels, ranked) : recallScore(ranked))
  const byCosine = (model, X, from, Y, to) => [model.transform(X, from), model.transform(Y, to), 'cosine']
  const { model, ranked, chosen } = method.fit(data, {
    ks: usable.length > 0 ? usable : [narrowest],
    judge,
    metric: byClass ? judge(byCosine) : 'recall@1',
  })
  const latents = test.map((X, m) => model.transform(X, m))
  const found = latents.map((_, from) => latents.map((__, to) => from !== to && ranked(model, test[from], from, test[to], to))) // prettier-ignore
  const recall = (k) =>
    overPairs(latents.length, (from, to) => {
      const [Q, G, metric] = found[from][to]
      return evaluateRetrieval(Q, G, { ks: [k], metric }).recallAtK[0]
    })
  const isCosine = found.flat().every((pair) => pair === false || pair[2] === 'cosine')
  const classes = (from, to) => {
    const [Q, G, metric] = found[from][to]
    return meanAveragePrecision(Q, G, testLabels, { metric })
  }
  return {
    'recall@1': recall(1),
    'recall@10': recall(10),
    mAP: testLabels && overPairs(latents.length, classes),
    // What is said of latents is of those that are compared as they are.
    ...(isCosine && {
      CMAE: meanPairwiseCmae(latents),
      NCMAE: meanPairwiseNcmae(latents),
      'effective rank': mean(latents.map((Z) => effectiveRank(Z))),
    }),
    chosen,
    seconds: (performance.now() - start) / 1000,
  }
}
