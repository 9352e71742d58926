import { Matrix, matmul, svdPartial } from 'collimate'
import { uniform } from '../random.js'

/** Enough for three digits; retrieval costs the square. */
const MOST_TEST_ROWS = 700

/** The numbers 0 .. n - 1 in an order that the seed fixes (Fisher and Yates). */
function shuffled(n, seed) {
  const next = uniform(seed)
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * next())
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

/** Row numbers to fit to and to test on: a share of all rows, or of all groups. */
function divide({ views, groups, training }, seed) {
  const n = Matrix.from(views[0]).rows
  const units = groups === undefined ? undefined : [...new Set(Array.from(groups))]
  const order = shuffled(units?.length ?? n, seed)
  const chosen = new Set(order.slice(0, Math.round(training * order.length)).map((i) => units?.[i] ?? i))
  const isTraining = (row) => chosen.has(groups === undefined ? row : groups[row])
  const all = groups === undefined ? order : Array.from({ length: n }, (_, i) => i)
  return { train: all.filter(isTraining), test: all.filter((row) => !isTraining(row)).slice(0, MOST_TEST_ROWS) }
}

function take(X, rows) {
  const out = new Matrix(rows.length, X.cols)
  rows.forEach((row, i) => out.row(i).set(X.row(row)))
  return out
}

/** Column means and deviations; 1 for a constant column. */
function moments(X) {
  const [means, deviations] = [new Float64Array(X.cols), new Float64Array(X.cols)]
  for (let i = 0; i < X.rows; i++) X.row(i).forEach((x, j) => (means[j] += x / X.rows))
  for (let i = 0; i < X.rows; i++) X.row(i).forEach((x, j) => (deviations[j] += (x - means[j]) ** 2 / X.rows))
  return { means, deviations: deviations.map((v) => Math.sqrt(v) || 1) }
}

function standardised(X, { means, deviations }) {
  const data = Float64Array.from(X.data, (x, at) => (x - means[at % X.cols]) / deviations[at % X.cols])
  return new Matrix(X.rows, X.cols, data)
}

/** Training and test rows of a view, standardised by the training rows, and reduced to their principal components if it is wide. */
function prepare(view, { train, test }, components) {
  const X = Matrix.from(view)
  const scale = moments(take(X, train))
  const parts = [train, test].map((rows) => standardised(take(X, rows), scale))
  const k = Math.min(components, train.length - 1)
  if (X.cols <= k) return parts
  const { V } = svdPartial(parts[0], k)
  return parts.map((part) => matmul(part, V))
}

/**
 * One split of a data set.
 *
 * @param {import('./data-sets.js').DataSet} dataSet
 * @param {number} seed
 */
export function split(dataSet, seed) {
  const rows = divide(dataSet, seed)
  const parts = dataSet.views.map((view) => prepare(view, rows, dataSet.components))
  const at = (values, chosen) => values && Int32Array.from(chosen, (row) => values[row])
  return {
    train: parts.map(([train]) => train),
    test: parts.map(([, test]) => test),
    trainLabels: at(dataSet.labels, rows.train),
    trainGroups: at(dataSet.groups, rows.train),
    testLabels: at(dataSet.labels, rows.test),
  }
}
