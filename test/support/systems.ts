import type { Matrix } from '../../src/matrix.js'
import * as oracle from './oracles.js'
import { normalisingPower, scaled } from './ratios.js'

/** LAPACK's ratios for linear systems; everything is scaled by powers of two first, so that no norm leaves the range. */

const EPS = Number.EPSILON

function near1(A: Matrix): { A: Matrix; power: number } {
  const power = normalisingPower(A.data)
  const copy = A.transpose().transpose()
  for (let i = 0; i < copy.data.length; i++) copy.data[i] = scaled(copy.data[i], power)
  return { A: copy, power }
}

/** The largest over the columns of norm(b - A x) / (n eps norm(A) norm(x)), in Frobenius norms; 0 for an exact solution. */
export function residualRatio(A: Matrix, X: Matrix, B: Matrix): number {
  const [a, x] = [near1(A), near1(X)]
  const product = oracle.product(a.A, x.A).transpose()
  const normA = oracle.nrm2(a.A.data)
  const [columnsB, columnsX] = [B.transpose(), x.A.transpose()]
  let worst = 0
  for (let j = 0; j < B.cols; j++) {
    const b = Float64Array.from(columnsB.row(j), (y) => scaled(y, a.power + x.power))
    const error = oracle.nrm2(oracle.axpy(-1, product.row(j), b))
    if (error !== 0) worst = Math.max(worst, error / (Math.max(A.rows, A.cols) * EPS * normA * oracle.nrm2(columnsX.row(j)))) // prettier-ignore
    if (Number.isNaN(error)) return NaN
  }
  return worst
}

/** norm(A - B)_F / norm(A)_F, 0 for two zero matrices. */
export function relativeDistance(A: Matrix, B: Matrix): number {
  const power = normalisingPower(A.data)
  const bring = (M: Matrix) => Float64Array.from(M.data, (x) => scaled(x, power))
  const [a, b] = [bring(A), bring(B)]
  const error = oracle.nrm2(oracle.axpy(-1, a, b))
  return error === 0 ? 0 : error / oracle.nrm2(a)
}
