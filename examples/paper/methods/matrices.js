import { Matrix } from 'collimate'

/** The matrix whose entries are f(entry, its position in row-major order). */
export const mapped = (x, f) => new Matrix(x.rows, x.cols, Float64Array.from(x.data, f))

/** A matrix of numbers drawn one after the other. */
export const drawn = (rows, cols, random) => new Matrix(rows, cols, Float64Array.from({ length: rows * cols }, random))

/** The given rows, as a new matrix. */
export function takeRows(x, indices) {
  const rows = new Matrix(indices.length, x.cols)
  indices.forEach((row, i) => rows.data.set(x.row(row), i * x.cols))
  return rows
}

/** Some matrices of as many rows side by side; `signs` multiplies each. */
export function beside(matrices, signs = matrices.map(() => 1)) {
  const [{ rows }] = matrices
  const joined = new Matrix(
    rows,
    matrices.reduce((sum, x) => sum + x.cols, 0),
  )
  let offset = 0
  matrices.forEach((x, m) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < x.cols; j++) joined.set(i, offset + j, signs[m] * x.get(i, j))
    offset += x.cols
  })
  return joined
}

/** Some matrices of as many columns one below the other. */
export function below(matrices) {
  const [{ cols }] = matrices
  return new Matrix(
    matrices.reduce((sum, x) => sum + x.rows, 0),
    cols,
    matrices.flatMap((x) => Array.from(x.data)),
  )
}

/** Column means. */
export function columnMeans(x) {
  const means = new Float64Array(x.cols)
  for (let i = 0; i < x.data.length; i++) means[i % x.cols] += x.data[i] / x.rows
  return means
}

/** Column means and deviations of `x`; a constant column counts as one of deviation 1. */
export function moments(x) {
  const means = columnMeans(x)
  const variances = new Float64Array(x.cols)
  for (let i = 0; i < x.data.length; i++) variances[i % x.cols] += (x.data[i] - means[i % x.cols]) ** 2 / x.rows
  return { means, deviations: variances.map((v) => Math.sqrt(v) || 1) }
}

/** x with columns shifted and scaled: (x - means) / deviations. */
export const standardised = (x, { means, deviations }) =>
  mapped(x, (v, i) => (v - means[i % x.cols]) / deviations[i % x.cols])

/** x minus its column means. */
export function centred(x) {
  const means = columnMeans(x)
  return mapped(x, (v, i) => v - means[i % x.cols])
}

/** Frobenius norm. */
export const frobenius = (x) => Math.sqrt(x.data.reduce((sum, v) => sum + v * v, 0))

/** The largest absolute difference of two matrices of one shape. */
export function largestDifference(a, b) {
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0)
}

/** The mean length of the rows. */
export function meanRowLength(x) {
  let total = 0
  for (let i = 0; i < x.rows; i++) total += Math.hypot(...x.row(i))
  return total / x.rows
}

/** x - y. */
export const minus = (x, y) => mapped(x, (v, i) => v - y.data[i])
