import { Matrix, matmul, solve } from 'collimate'
import { mapped } from './matrices.js'

// Of the scores' squares, not of the weights', so that any invertible map of the features gives the same predictions.
// Without a penalty separable classes would have no solution; this one lets scores grow until the closest rows are right.
const PENALTY = 1e-12
const MOST_STEPS = 100

/**
 * A linear classifier of two classes: logistic regression by Newton's method, until every row is right or the loss is
 * stationary. Predictions do not change when the features go through an invertible affine map.
 *
 * @param {Matrix} features n x k
 * @param {ArrayLike<number>} labels n labels, 0 or 1
 * @returns {(x: Matrix) => Int32Array} predicts the labels of rows
 */
export function linearClassifier(features, labels) {
  const X = withIntercept(features)
  const y = Float64Array.from(labels)
  let weights = new Matrix(X.cols, 1)
  let loss = penalisedLoss(X, y, weights)
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = newtonDirection(X, y, weights)
    const next = lineSearch(X, y, weights, direction, loss)
    if (next === undefined) break
    const gain = loss - next.loss
    ;({ weights, loss } = next)
    if (gain <= 1e-12 * loss || accuracy(predict(X, weights), labels) === 1) break
  }
  return (x) => predict(withIntercept(x), weights)
}

/** The share of equal labels. */
export function accuracy(predicted, labels) {
  return predicted.reduce((right, label, i) => right + (label === labels[i] ? 1 : 0), 0) / predicted.length
}

function withIntercept(x) {
  const X = new Matrix(x.rows, x.cols + 1)
  for (let i = 0; i < x.rows; i++) {
    X.set(i, 0, 1)
    for (let j = 0; j < x.cols; j++) X.set(i, j + 1, x.get(i, j))
  }
  return X
}

const scores = (X, weights) => matmul(X, weights).data
const predict = (X, weights) => Int32Array.from(scores(X, weights), (s) => (s > 0 ? 1 : 0))
const logOnePlusExp = (s) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))

/** sum_i log(1 + exp(s_i)) - y_i s_i + PENALTY s_i^2 / 2, s = X w. */
function penalisedLoss(X, y, weights) {
  return scores(X, weights).reduce((sum, s, i) => sum + logOnePlusExp(s) - y[i] * s + (PENALTY * s * s) / 2, 0)
}

function newtonDirection(X, y, weights) {
  const s = scores(X, weights)
  const p = s.map((v) => 1 / (1 + Math.exp(-v)))
  const gradient = new Matrix(
    X.rows,
    1,
    p.map((v, i) => v - y[i] + PENALTY * s[i]),
  )
  const curvature = p.map((q) => q * (1 - q) + PENALTY)
  const weighted = mapped(X, (v, i) => v * curvature[Math.floor(i / X.cols)])
  const hessian = matmul(X, weighted, { transposeA: true })
  return solve(hessian, matmul(X, gradient, { transposeA: true }))
}

/** The first of full, half, quarter ... steps that lowers the loss; undefined if none does. */
function lineSearch(X, y, weights, direction, loss) {
  for (let length = 1; length > 1e-6; length /= 2) {
    const moved = mapped(weights, (w, i) => w - length * direction.data[i])
    const movedLoss = penalisedLoss(X, y, moved)
    if (movedLoss < loss) return { weights: moved, loss: movedLoss }
  }
  return undefined
}
