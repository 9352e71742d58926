import { Matrix, type MatrixData } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { run, type Steps } from '../steps.js'
import { multiplySteps, type MatmulOptions } from './matmul.js'

/**
 * Up to so many rows a plain loop is faster than WebAssembly, into whose memory all of B has to be copied, and there into
 * panels: for a row of 512 times 512 x 256 it takes 83 us, the other way 270 to 340 for one row as for four (measured). It also needs
 * no WebAssembly to be compiled, and none of its memory.
 */
const FEW_ROWS = 3

type RowOptions = Pick<MatmulOptions, 'transposeB' | 'precision'>

/** {@link multiplyRowsSteps} at once. */
export function multiplyRows(A: Matrix, B: Matrix, options: RowOptions = {}): Matrix {
  return run(multiplyRowsSteps(() => Engine.shared(options.precision), A, B, options, Infinity))
}

/**
 * A B, or A B^T with `transposeB`, of matrices that are known to be sound; A may have few rows, as a query has.
 *
 * @param engineOf - asked for an engine if one is needed
 * @param options.precision - of the result; few rows are summed in float64 in any case
 * @param side - of the tiles of the product, as in {@link multiplySteps}
 */
export function* multiplyRowsSteps(
  engineOf: () => Engine,
  A: Matrix,
  B: Matrix,
  { transposeB = false, precision = 'f64' }: RowOptions = {},
  side?: number,
): Steps<Matrix> {
  if (A.rows > FEW_ROWS) return yield* multiplySteps(engineOf(), A, B, { transposeB }, side)
  const n = transposeB ? B.rows : B.cols
  const out = new Matrix(A.rows, n, precision === 'f64' ? undefined : new Float32Array(A.rows * n))
  const rowTimes = transposeB ? dots : combination
  for (let i = 0; i < A.rows; i++) {
    const sums = new Float64Array(n)
    rowTimes(A.row(i), B, sums)
    out.row(i).set(sums)
  }
  return out
}

/** out_j = x^T b_j for the rows b_j of B, four at a time: they share the loads of x, and their sums do not wait for each other. */
function dots(x: MatrixData, { rows, cols, data }: Matrix, out: Float64Array): void {
  const whole = rows - (rows % 4)
  for (let j = 0; j < whole; j += 4) {
    const p0 = j * cols
    const p1 = p0 + cols
    const p2 = p1 + cols
    const p3 = p2 + cols
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let l = 0; l < cols; l++) {
      const value = x[l]
      s0 += value * data[p0 + l]
      s1 += value * data[p1 + l]
      s2 += value * data[p2 + l]
      s3 += value * data[p3 + l]
    }
    out[j] = s0
    out[j + 1] = s1
    out[j + 2] = s2
    out[j + 3] = s3
  }
  for (let j = whole; j < rows; j++) {
    let sum = 0
    for (let l = 0; l < cols; l++) sum += x[l] * data[j * cols + l]
    out[j] = sum
  }
}

/** out += sum over l of x_l b_l for the rows b_l of B, four at a time. */
function combination(x: MatrixData, { rows, cols, data }: Matrix, out: Float64Array): void {
  const whole = rows - (rows % 4)
  for (let l = 0; l < whole; l += 4) {
    const p0 = l * cols
    const p1 = p0 + cols
    const p2 = p1 + cols
    const p3 = p2 + cols
    const x0 = x[l]
    const x1 = x[l + 1]
    const x2 = x[l + 2]
    const x3 = x[l + 3]
    for (let j = 0; j < cols; j++) {
      out[j] += x0 * data[p0 + j] + x1 * data[p1 + j] + x2 * data[p2 + j] + x3 * data[p3 + j]
    }
  }
  for (let l = whole; l < rows; l++) for (let j = 0; j < cols; j++) out[j] += x[l] * data[l * cols + j]
}
