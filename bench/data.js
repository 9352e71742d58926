import { normal } from './random.js'

/**
 * A row-major matrix, as the package takes it.
 *
 * @typedef {{ rows: number, cols: number, data: Float64Array }} Data
 */

const SEED = 20250

/**
 * Standard normal entries: well conditioned when tall, and no routine can profit from structure.
 *
 * @param {number} rows
 * @param {number} cols
 * @returns {Data}
 */
export const gaussian = (rows, cols, seed = SEED) => ({ rows, cols, data: normal(rows * cols, seed) })

/**
 * Rows `from` to `to` of a matrix, as a view.
 *
 * @param {Data} data
 * @param {number} from
 * @param {number} to
 * @returns {Data}
 */
export const rowRange = ({ cols, data }, from, to) => ({
  rows: to - from,
  cols,
  data: data.subarray(from * cols, to * cols),
})

// How much of the second modality the first explains: every canonical correlation is near this.
const CORRELATION = 0.8

/**
 * Two modalities, n x d each, that share signal: X2 = c X1 + sqrt(1 - c^2) E. Columns have mean zero, so that the stacked
 * singular values are the same with and without centring.
 *
 * @param {number} n
 * @param {number} d
 * @returns {[Data, Data]}
 */
export function pairedModalities(n, d) {
  const x1 = gaussian(n, d)
  const x2 = gaussian(n, d, SEED + 1)
  const noise = Math.sqrt(1 - CORRELATION ** 2)
  for (let i = 0; i < x2.data.length; i++) x2.data[i] = CORRELATION * x1.data[i] + noise * x2.data[i]
  centre(x1)
  centre(x2)
  return [x1, x2]
}

/** @param {Data} matrix */
function centre({ rows, cols, data }) {
  const means = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) means[i % cols] += data[i] / rows
  for (let i = 0; i < data.length; i++) data[i] -= means[i % cols]
}

/**
 * Two modalities like the embeddings of two models: what they share has a spectrum that falls by a power law and no gap, and so has what each
 * has for itself.
 *
 * @param {number} n
 * @param {number} d1
 * @param {number} d2
 * @param {(A: Data, B: Data) => Data} multiply
 * @returns {Data[]}
 */
export function embeddings(n, d1, d2, multiply) {
  const fading = (/** @type {number} */ cols, /** @type {number} */ exponent, /** @type {number} */ seed) => {
    const Z = gaussian(n, cols, seed)
    for (let at = 0; at < Z.data.length; at++) Z.data[at] *= ((at % cols) + 1) ** -exponent
    return Z
  }
  const shared = fading(Math.min(d1, d2), 0.6, SEED + 2)
  return [d1, d2].map((d, m) => {
    const signal = multiply(shared, gaussian(shared.cols, d, SEED + 3 + m))
    const noise = multiply(fading(d, 0.4, SEED + 5 + m), gaussian(d, d, SEED + 7 + m))
    const scale = 1 / Math.sqrt(d)
    return { ...signal, data: signal.data.map((x, at) => scale * (x + 0.3 * noise.data[at])) }
  })
}

/** The same, known to float32 only. @param {Data} matrix */
export const single = ({ rows, cols, data }) => ({ rows, cols, data: Float32Array.from(data) })

/**
 * The modalities side by side, samples as rows; with the sign of the second changed it is the stacked data X = [X1, -X2].
 *
 * @param {readonly { rows: number, cols: number, data: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> } }[]} modalities
 * @param {1 | -1} [sign]
 * @returns {Data}
 */
export function stack([x1, x2], sign = -1) {
  const cols = x1.cols + x2.cols
  const data = new Float64Array(x1.rows * cols)
  for (let i = 0; i < x1.rows; i++) {
    data.set(x1.data.subarray(i * x1.cols, (i + 1) * x1.cols), i * cols)
    for (let j = 0; j < x2.cols; j++) data[i * cols + x1.cols + j] = sign * x2.data[i * x2.cols + j]
  }
  return { rows: x1.rows, cols, data }
}

/**
 * C w for w_j = cos(j), j = 1 .. n: by it two products are compared without moving them (Freivalds 1977).
 *
 * @param {number} n
 * @param {(i: number, j: number) => number} entry of C
 */
export function probe(n, entry) {
  const w = Float64Array.from({ length: n }, (_, j) => Math.cos(j + 1))
  return Float64Array.from({ length: n }, (_, i) => w.reduce((sum, wj, j) => sum + entry(i, j) * wj, 0))
}

/**
 * The diagonal of an upper triangular R without its signs, which depend on the convention for reflectors.
 *
 * @param {ArrayLike<number>} diagonal
 */
export const magnitudes = (diagonal) => Float64Array.from(diagonal, Math.abs)
