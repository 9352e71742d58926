import { matmul } from 'collimate'
import { mapped } from './matrices.js'

/** The rows scaled to unit length. */
export function unitRows(x) {
  const lengths = Array.from({ length: x.rows }, (_, i) => Math.hypot(...x.row(i)))
  return mapped(x, (v, i) => v / lengths[Math.floor(i / x.cols)])
}

/**
 * The symmetric InfoNCE loss of pairs of latents by their cosines, in nats: the cross-entropy of finding the partner of a row
 * among all rows, from either side. log(n) is what guessing has.
 *
 * @param {import('collimate').Matrix[]} latents two, n x k
 * @param {number} temperature similarities are divided by it
 */
export function infoNceLoss([first, second], temperature) {
  const similarities = mapped(matmul(unitRows(first), unitRows(second), { transposeB: true }), (v) => v / temperature)
  const n = first.rows
  let loss = 0
  for (let i = 0; i < n; i++) {
    const column = Float64Array.from({ length: n }, (_, j) => similarities.get(j, i))
    loss += logSumExp(similarities.row(i)) + logSumExp(column) - 2 * similarities.get(i, i)
  }
  return loss / (2 * n)
}

function logSumExp(values) {
  const most = values.reduce((a, b) => Math.max(a, b))
  return most + Math.log(values.reduce((sum, v) => sum + Math.exp(v - most), 0))
}
