import { Matrix } from '../matrix.js'
import { norm } from '../dense/norms.js'
import { inPieces, type Steps } from '../steps.js'

/** Means of the columns. Of less than the first row: a constant column has its constant, and no rounding that would pass for variance. */
export function* columnMeansSteps({ rows, cols, data }: Matrix): Steps<Float64Array> {
  const first = Float64Array.from(data.subarray(0, cols))
  const means = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      // Divided before they are subtracted and summed, so that nothing overflows.
      for (let j = 0; j < cols; j++, at++) means[j] += data[at] / rows - first[j] / rows
    }
  })
  return means.map((mean, j) => first[j] + mean)
}

/** (X - row) times a number, in float64. */
export function* lessRowSteps({ rows, cols, data }: Matrix, row: Float64Array, factor = 1): Steps<Matrix> {
  const out = new Float64Array(data.length)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) out[at] = (data[at] - row[j]) * factor
    }
  })
  return new Matrix(rows, cols, out)
}

/** Euclidean norm of every row. */
export function* rowNormsSteps({ rows, cols, data }: Matrix): Steps<Float64Array> {
  const norms = new Float64Array(rows)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) norms[i] = norm(data, i * cols, cols)
  })
  return norms
}

/** The root of the mean square. */
export function rootMeanSquare(values: Float64Array): number {
  return norm(values) / Math.sqrt(values.length)
}

/** The mean of the two in the middle, or the one. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
}
