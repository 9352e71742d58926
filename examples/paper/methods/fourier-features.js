import { matmul } from 'collimate'
import { drawn, mapped } from './matrices.js'
import { normalStream, uniformStream } from './random.js'

/**
 * Random Fourier features: sqrt(2 / m) cos(x W / width + b), whose inner products approach the Gaussian kernel
 * exp(-||x - y||^2 / (2 width^2)) as m grows (Rahimi and Recht 2007).
 *
 * @param {number} inputs columns of x
 * @param {number} count m
 * @param {number} width of the kernel, in the units of x
 * @param {string} seed
 * @returns {(x: import('collimate').Matrix) => import('collimate').Matrix} n x m
 */
export function fourierFeatures(inputs, count, width, seed) {
  const random = normalStream(`${seed} frequencies`)
  const uniform = uniformStream(`${seed} phases`)
  const frequencies = drawn(inputs, count, () => random() / width)
  const phases = Float64Array.from({ length: count }, () => 2 * Math.PI * uniform())
  const scale = Math.sqrt(2 / count)
  return (x) => mapped(matmul(x, frequencies), (v, i) => scale * Math.cos(v + phases[i % count]))
}

/** The median distance between rows, of at most 200 of them: the usual width of a Gaussian kernel. */
export function medianDistance(x) {
  const rows = Math.min(x.rows, 200)
  const distances = []
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) distances.push(Math.hypot(...x.row(i).map((v, c) => v - x.get(j, c))))
  }
  return distances.sort((a, b) => a - b)[distances.length >> 1]
}
