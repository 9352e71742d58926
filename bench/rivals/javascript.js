import { EigenvalueDecomposition, Matrix, QrDecomposition, SingularValueDecomposition, solve } from 'ml-matrix'
import { SVD } from 'svd-js'
import { magnitudes, probe } from '../data.js'
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

  /** @param {Data} A */
  qr(A) {
    const a = new Matrix(rowsOf(A))
    const work = () => {
      const qr = new QrDecomposition(a)
      return { Q: qr.orthogonalMatrix, R: qr.upperTriangularMatrix }
    }
    return inProcess('ml-matrix', work, ({ R }) => magnitudes(R.diagonal()))
  },

  /** @param {Data} A @param {Data} B */
  solve(A, B) {
    const a = new Matrix(rowsOf(A))
    const b = new Matrix(rowsOf(B))
    const read = (/** @type {Matrix} */ X) => probe(X.rows, (i, j) => (j < X.columns ? X.get(i, j) : 0))
    return inProcess('ml-matrix', () => solve(a, b), read)
  },

  /** @param {Data} A symmetric */
  eigh(A) {
    const a = new Matrix(rowsOf(A))
    const work = () => new EigenvalueDecomposition(a, { assumeSymmetric: true })
    return inProcess('ml-matrix', work, ({ realEigenvalues }) => Float64Array.from(realEigenvalues).sort())
  },
}

const numpy = await import('numpy-ts').catch(() => undefined)

/** numpy-ts: one-sided Jacobi in WebAssembly, cyclic, on the matrix itself. */
export const numpyTs = numpy && {
  /** @param {Data} A */
  svd(A) {
    const a = numpy.array(rowsOf(A))
    const work = () => /** @type {any} */ (numpy.linalg.svd(a, false))
    return inProcess('numpy-ts', work, ({ s }) => Float64Array.from(s.toArray()))
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
