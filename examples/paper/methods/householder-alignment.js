import { Matrix, matmul, qr } from 'collimate'
import { beside } from './matrices.js'

/**
 * Equation 7 with the basis of the null space that NumPy and LAPACK return for data of fewer pairs than dimensions: their SVD of
 * such a tall matrix starts from a QR factorisation, and the singular vectors beyond the number of pairs are the last columns of
 * its full orthogonal factor. They are the unit vectors of the last coordinates, those of the second modality, with the span of
 * the data taken out.
 *
 * @param {number} k latent dimensions
 * @returns {{ fit(pairs: Matrix[]): { transform(x: Matrix, modality: number): Matrix } }} like an estimator of the library
 */
export const householderAlignment = (k) => ({
  fit(pairs) {
    const maps = lastColumns(pairs, k)
    return { transform: (x, modality) => matmul(x, maps[modality], { transposeB: true }) }
  },
})

/** The last k columns of the full Q of the stacked pairs, as one map a modality. */
function lastColumns([first, second], k) {
  const d = first.cols + second.cols
  if (d - first.rows < k) {
    throw new RangeError(`the null space has ${d - first.rows} dimensions for certain, expected ${k} or more`)
  }
  const { Q } = qr(beside([first, second], [1, -1]).transpose(), { mode: 'full' })
  return [
    [0, first.cols],
    [first.cols, d],
  ].map(([from, to]) => {
    const map = new Matrix(k, to - from)
    for (let i = 0; i < k; i++) for (let j = from; j < to; j++) map.set(i, j - from, Q.get(j, d - k + i))
    return map
  })
}
