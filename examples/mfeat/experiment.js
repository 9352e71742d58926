import { cmae, effectiveRank, evaluateRetrieval, latentEnergy, ncmae, PerfectAlignment } from 'collimate'
import { fourierFeatures } from 'collimate/features'
import { calibrateScore } from 'collimate/score'
import { permutation, standardise, takeRows } from './data.js'

export const COMPONENTS = 20
export const TRAINING_ROWS = 300
export const HELD_OUT_ROWS = 700
/** Enough to gain by, and few enough for a table that is printed in seconds. */
const COSINES = 256
const FOLDS = 5
export const SELECTIONS = ['last', 'informative', 'balanced', 'auto']

/** One random split: both views of the training and of the held-out rows, standardised by the training rows. */
export function split({ views, labels }, seed) {
  const order = permutation(labels.length, seed)
  const trainRows = order.slice(0, TRAINING_ROWS)
  const testRows = order.slice(TRAINING_ROWS, TRAINING_ROWS + HELD_OUT_ROWS)
  const scaled = views.map((view) => standardise(takeRows(view, trainRows), takeRows(view, testRows)))
  return {
    train: scaled.map(([train]) => train),
    test: scaled.map(([, test]) => test),
    testLabels: testRows.map((row) => labels[row]),
  }
}

/** Fits one selection on the training rows and measures it there and on the held-out rows, as means over both views. */
export function assess(selection, { train, test }) {
  const model = new PerfectAlignment({ nComponents: COMPONENTS, selection, center: true }).fit(train)
  const latents = (views) => views.map((view, modality) => model.transform(view, modality))
  const [a, b] = latents(test)
  const retrieval = [evaluateRetrieval(a, b, { ks: [1, 10] }), evaluateRetrieval(b, a, { ks: [1, 10] })]
  const sum = (values) => values.reduce((total, value) => total + value, 0)
  const mean = (measure, over) => sum(over.map(measure)) / over.length
  return {
    selected: model.selected,
    latents: [a, b],
    measures: {
      trainingCmae: cmae(...latents(train)),
      cmae: cmae(a, b),
      ncmae: ncmae(a, b),
      energy: mean((z) => sum(latentEnergy(z)), [a, b]),
      effectiveRank: mean((z) => effectiveRank(z), [a, b]),
      recall1: mean(({ recallAtK }) => recallAtK[0], retrieval),
      recall10: mean(({ recallAtK }) => recallAtK[1], retrieval),
      mrr: mean(({ meanReciprocalRank }) => meanReciprocalRank, retrieval),
    },
  }
}

/** Views that have less in common than pixels and profiles. */
export const HARDER = [
  ['kar', 'zer'],
  ['zer', 'mor'],
]

const retrieve = (queries, gallery, metric) => evaluateRetrieval(queries, gallery, { ks: [1, 10], metric }).recallAtK
const bothWays = (there, back) => there.map((share, i) => (share + back[i]) / 2)

function byCosine({ train, test: [x, y] }) {
  const narrowest = Math.min(...train.map(({ cols }) => cols))
  const model = new PerfectAlignment({ nComponents: Math.min(COMPONENTS, narrowest), selection: 'balanced' }).fit(train)
  const [a, b] = [model.transform(x, 0), model.transform(y, 1)]
  return bothWays(retrieve(a, b), retrieve(b, a))
}

function byLikelihood({ train, test: [x, y] }, features) {
  const options = { nComponents: 'all', selection: 'balanced', features }
  const { model, metric } = calibrateScore(PerfectAlignment, train, { options, metric: 'likelihood', folds: FOLDS })
  const rows = (X, m, role) => model.transform(X, m, { role, metric }).rows
  return bothWays(
    retrieve(rows(x, 0, 'query'), rows(y, 1, 'gallery'), 'euclidean'),
    retrieve(rows(y, 1, 'query'), rows(x, 0, 'gallery'), 'euclidean'),
  )
}

/** What finds partners in the end: by what latents are compared, and of which rows. Each gives recall@1 and recall@10. */
export const WAYS = [
  { name: 'cosine', find: byCosine },
  { name: 'likelihood, by folds', find: (views) => byLikelihood(views) },
  {
    name: 'the same of Fourier features',
    find: (views) =>
      byLikelihood(
        views,
        [0, 1].map((seed) => fourierFeatures({ dimensions: COSINES, seed })),
      ),
  },
]

/** What guessing the partner among the held-out rows reaches. */
export function chance() {
  let harmonic = 0
  for (let rank = 1; rank <= HELD_OUT_ROWS; rank++) harmonic += 1 / rank
  return { recall1: 1 / HELD_OUT_ROWS, recall10: 10 / HELD_OUT_ROWS, mrr: harmonic / HELD_OUT_ROWS }
}
