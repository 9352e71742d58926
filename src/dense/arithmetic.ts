import { Matrix } from '../matrix.js'
import { inPieces, run, type Steps } from '../steps.js'

/** X diag(scales), as a copy. */
export function* scaleColumnsSteps(X: Matrix, scales: ArrayLike<number>): Steps<Matrix> {
  const { rows, cols, data } = X
  const out = new Float64Array(data.length)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++)
      for (let j = 0; j < cols; j++, at++) out[at] = data[at] * scales[j]
  })
  return new Matrix(rows, cols, out)
}

/** {@link scaleColumnsSteps} at once. */
export function scaleColumns(X: Matrix, scales: ArrayLike<number>): Matrix {
  return run(scaleColumnsSteps(X, scales))
}

/** diag(scales) X, as a copy. */
export function scaleRows(X: Matrix, scales: ArrayLike<number>): Matrix {
  const { rows, cols, data } = X
  const out = new Float64Array(data.length)
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) out[at] = data[at] * scales[i]
  return new Matrix(rows, cols, out)
}

/** X times a number, as a copy. */
export function multiple({ rows, cols, data }: Matrix, factor: number): Matrix {
  const out = new Float64Array(data.length)
  for (let at = 0; at < out.length; at++) out[at] = factor * data[at]
  return new Matrix(rows, cols, out)
}

/** X - Y. */
export function difference({ rows, cols, data }: Matrix, Y: Matrix): Matrix {
  const out = new Float64Array(data.length)
  for (let at = 0; at < out.length; at++) out[at] = data[at] - Y.data[at]
  return new Matrix(rows, cols, out)
}

/** The sum of the products of entries. */
export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i]
  return sum
}

/** 1 / x, or 0 where there is nothing to divide. */
export function inverse(x: number): number {
  return Number.isFinite(1 / x) ? 1 / x : 0
}
