import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { SVD } from 'svd-js'
import { probe } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {import('../data.js').Data} Data */

/** @param {Data} A */
const rowsOf = ({ rows, cols, data }) =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)))

/** ml-matrix: the most used linear algebra on npm. */
export const mlMatrix = {
  /** @param {Data} A @param {Data} B @param {number} flops */
  gemm(A, B, flops) {
    const a = new Matrix(rowsOf(A))
    const b = new Matrix(rowsOf(B))
    const read = (/** @type {Matrix} */ C) => probe(C.rows, (i, j) => C.get(i, j))
    return inProcess('ml-matrix', () => a.mmul(b), read, flops)
  },

  /** @param {Data} A */
  svd(A) {
    const a = new Matrix(rowsOf(A))
    return inProcess(
      'ml-matrix',
      () => new SingularValueDecomposition(a),
      ({ diagonal }) => Float64Array.from(diagonal),
    )
  },
}

/** svd-js: Golub and Reinsch's algorithm in plain JavaScript; its singular values come in no order. */
export const svdJs = {
  /** @param {Data} A */
  svd(A) {
    const a = rowsOf(A)
    return inProcess(
      'svd-js',
      () => SVD(a),
      ({ q }) => Float64Array.from(q).sort((x, y) => y - x),
    )
  },
}
