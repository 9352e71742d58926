// One face for four libraries, each called as its documentation says. What a library does not offer is left out.
import * as ml from 'ml-matrix'
import * as np from 'numpy-ts'
import { SVD } from 'svd-js'

/** @typedef {import('./dense.js').Rows} Rows */
/** @typedef {{ U: Rows, s: number[], V: Rows }} Svd */

/**
 * @typedef {object} Library
 * @property {string} name
 * @property {(A: Rows) => Svd} svd thin
 * @property {(A: Rows) => Rows} [fullU]
 * @property {(A: Rows) => { Q: Rows, R: Rows }} [qr]
 * @property {(A: Rows) => { L: Rows, U: Rows, pivots: number[] }} [lu]
 * @property {(A: Rows) => Rows} [cholesky]
 * @property {(A: Rows) => { values: number[], vectors: Rows }} [eigh]
 * @property {(A: Rows) => Rows} [pinv]
 * @property {(A: Rows, b: number[]) => number[]} [solve]
 * @property {(A: Rows, b: number[]) => number[]} [lstsq]
 * @property {(A: Rows) => Rows} [nullSpace]
 * @property {(A: Rows) => number} [det]
 */

const shaped = (/** @type {Rows} */ A) => ({ rows: A.length, cols: A[0]?.length ?? 0, data: A.flat() })

/** The package itself, from source or as built. @param {typeof import('../../src/index.js')} collimate @returns {Library} */
export function collimateLibrary(collimate) {
  const rows = (/** @type {import('../../src/index.js').Matrix} */ M) => M.toArray()
  return {
    name: 'collimate',
    svd(A) {
      const { U, S, V } = collimate.svd(shaped(A))
      return { U: rows(U), s: [...S], V: rows(V) }
    },
    fullU: (A) => rows(collimate.svd(shaped(A), { vectors: 'full' }).U),
    qr(A) {
      const { Q, R } = collimate.qr(shaped(A))
      return { Q: rows(Q), R: rows(R) }
    },
    lu(A) {
      const { L, U, pivots } = collimate.lu(shaped(A))
      return { L: rows(L), U: rows(U), pivots: [...pivots] }
    },
    cholesky: (A) => rows(collimate.cholesky(shaped(A))),
    eigh(A) {
      const { values, vectors } = collimate.eigh(shaped(A))
      return { values: [...values], vectors: vectors === undefined ? [] : rows(vectors) }
    },
    pinv: (A) => rows(collimate.pinv(shaped(A))),
    solve: (A, b) => [...collimate.solve(shaped(A), b)],
    lstsq: (A, b) => [...collimate.lstsq(shaped(A), b).X],
    nullSpace: (A) => rows(collimate.nullSpace(shaped(A))),
    det: (A) => collimate.det(shaped(A)),
  }
}

/** @type {Library} */
export const mlMatrix = {
  name: 'ml-matrix',
  svd(A) {
    const svd = new ml.SVD(new ml.Matrix(A), { autoTranspose: true })
    return { U: svd.leftSingularVectors.to2DArray(), s: [...svd.diagonal], V: svd.rightSingularVectors.to2DArray() }
  },
  qr(A) {
    const qr = new ml.QR(new ml.Matrix(A))
    return { Q: qr.orthogonalMatrix.to2DArray(), R: qr.upperTriangularMatrix.to2DArray() }
  },
  lu(A) {
    const lu = new ml.LU(new ml.Matrix(A))
    return {
      L: lu.lowerTriangularMatrix.to2DArray(),
      U: lu.upperTriangularMatrix.to2DArray(),
      pivots: [...lu.pivotPermutationVector],
    }
  },
  cholesky(A) {
    const cholesky = new ml.CHO(new ml.Matrix(A))
    if (!cholesky.isPositiveDefinite()) throw new Error('not positive definite')
    return cholesky.lowerTriangularMatrix.to2DArray()
  },
  eigh(A) {
    const evd = new ml.EVD(new ml.Matrix(A))
    return { values: evd.realEigenvalues, vectors: evd.eigenvectorMatrix.to2DArray() }
  },
  pinv: (A) => ml.pseudoInverse(new ml.Matrix(A)).to2DArray(),
  solve: (A, b) => ml.solve(new ml.Matrix(A), ml.Matrix.columnVector(b)).to1DArray(),
  lstsq: (A, b) => ml.solve(new ml.Matrix(A), ml.Matrix.columnVector(b), true).to1DArray(),
  det: (A) => ml.determinant(new ml.Matrix(A)),
}

const array = (/** @type {any} */ A) => np.array(A)

/** @type {Library} */
export const numpyTs = {
  name: 'numpy-ts',
  svd(A) {
    const { u, s, vt } = /** @type {any} */ (np.linalg.svd(array(A), false))
    const V = vt.toArray()
    return { U: u.toArray(), s: s.toArray(), V: V.length === 0 ? [] : V[0].map((_, j) => V.map((row) => row[j])) }
  },
  fullU: (A) => /** @type {any} */ (np.linalg.svd(array(A))).u.toArray(),
  qr(A) {
    const { q, r } = /** @type {any} */ (np.linalg.qr(array(A)))
    return { Q: q.toArray(), R: r.toArray() }
  },
  cholesky: (A) => /** @type {any} */ (np.linalg.cholesky(array(A))).toArray(),
  eigh(A) {
    const { w, v } = /** @type {any} */ (np.linalg.eigh(array(A)))
    return { values: w.toArray(), vectors: v.toArray() }
  },
  pinv: (A) => /** @type {any} */ (np.linalg.pinv(array(A))).toArray(),
  solve: (A, b) => /** @type {any} */ (np.linalg.solve(array(A), array(b))).toArray(),
  lstsq: (A, b) => /** @type {any} */ (np.linalg.lstsq(array(A), array(b))).x.toArray(),
  det: (A) => Number(np.linalg.det(array(A))),
}

/** @type {Library} */
export const svdJs = {
  name: 'svd-js',
  svd(A) {
    const { u, q, v } = SVD(A)
    return { U: u, s: q, V: v }
  },
  fullU: (A) => SVD(A, 'f').u,
}
