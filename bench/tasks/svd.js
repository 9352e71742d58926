import { gaussian } from '../data.js'
import { inProcess } from '../harness.js'

// Beyond these a single run takes seconds, and tells nothing new.
const ML_MATRIX_LARGEST = 512
const SVD_JS_LARGEST = 256
const NUMPY_TS_LARGEST = 128

/** Singular values alone. */
export const svdvals = {
  name: 'svdvals',
  sizes: { full: [512], short: [64] },
  scale: /** @type {const} */ ('entry'),
  /** @param {number} n */
  label: (n) => `${n}`,

  /** @param {number} n @param {import('../worker.js').Context} context */
  async setUp(n, { collimate, rivals: { lapack } }) {
    const A = gaussian(n, n)
    return {
      ours: [
        inProcess(
          'svdvals',
          () => collimate.svdvals(A),
          (/** @type {Float64Array} */ S) => S,
        ),
      ],
      rivals: [await lapack?.jacobiValues(A)],
    }
  },
}

/** A = U diag(S) V^T for n x n A, with U and V. */
export const svd = {
  name: 'svd',
  sizes: { full: [64, 128, 256, 512, 1024], short: [32, 64, 128] },
  scale: /** @type {const} */ ('entry'),
  /** @param {number} n */
  label: (n) => `${n}`,

  /** @param {number} n @param {import('../worker.js').Context} context */
  async setUp(n, { collimate, rivals: { eigen, lapack, mlMatrix, numpyTs, svdJs } }) {
    const A = gaussian(n, n)
    const read = (/** @type {{ S: Float64Array }} */ { S }) => S
    return {
      ours: [inProcess("svd, 'thin'", () => collimate.svd(A, { vectors: 'thin' }), read)],
      rivals: [
        await eigen?.svd(A),
        n <= ML_MATRIX_LARGEST ? mlMatrix?.svd(A) : undefined,
        n <= NUMPY_TS_LARGEST ? numpyTs?.svd(A) : undefined,
        n <= SVD_JS_LARGEST ? svdJs?.svd(A) : undefined,
        await lapack?.jacobi(A),
        await lapack?.divideAndConquer(A),
      ],
    }
  },
}
