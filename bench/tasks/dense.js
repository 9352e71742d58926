import { gaussian, magnitudes, probe } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {import('../worker.js').Context} Context */

const common = { scale: /** @type {const} */ ('largest'), label: (/** @type {number} */ n) => `${n}` }
const RIGHT_HAND_SIDES = 64

/** A X = B with 64 right-hand sides. */
export const solve = {
  ...common,
  name: 'solve',
  sizes: { full: [512], short: [64] },
  /** @param {number} n @param {Context} context */
  setUp(n, { collimate, rivals: { mlMatrix } }) {
    const A = gaussian(n, n)
    const B = gaussian(n, RIGHT_HAND_SIDES, 7)
    const read = (/** @type {import('../data.js').Data} */ X) =>
      probe(n, (i, j) => (j < X.cols ? X.data[i * X.cols + j] : 0))
    return Promise.resolve({
      ours: [inProcess('solve', () => collimate.solve(A, B), read)],
      rivals: [mlMatrix?.solve(A, B)],
    })
  },
}

/** Q and R of a square matrix. */
export const squareQr = {
  ...common,
  name: 'qr-thin',
  sizes: { full: [512], short: [64] },
  /** @param {number} n @param {Context} context */
  setUp(n, { collimate, rivals: { mlMatrix } }) {
    const A = gaussian(n, n)
    const read = (/** @type {{ R: import('../data.js').Data }} */ { R }) =>
      magnitudes(Array.from({ length: n }, (_, i) => R.data[i * (n + 1)]))
    return Promise.resolve({
      ours: [inProcess("qr, 'thin'", () => collimate.qr(A), read)],
      rivals: [mlMatrix && { ...mlMatrix.qr(A) }],
    })
  },
}

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export const eigh = {
  ...common,
  name: 'eigh',
  sizes: { full: [512], short: [64] },
  /** @param {number} n @param {Context} context */
  setUp(n, { collimate, rivals: { mlMatrix } }) {
    const G = gaussian(n, n)
    const data = G.data.map((x, at) => x + G.data[(at % n) * n + Math.floor(at / n)])
    const A = { rows: n, cols: n, data }
    return Promise.resolve({
      ours: [
        inProcess(
          'eigh',
          () => collimate.eigh(A),
          (/** @type {any} */ { values }) => values,
        ),
      ],
      rivals: [mlMatrix?.eigh(A)],
    })
  },
}
