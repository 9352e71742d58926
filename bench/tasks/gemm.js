import { gaussian, probe, rowRange } from '../data.js'
import { inProcess } from '../harness.js'

/** C = A B, all n x n. */
export const gemm = {
  name: 'gemm',
  sizes: { full: [256, 512, 1024], short: [128, 256] },
  scale: /** @type {const} */ ('largest'),
  /** @param {number} n */
  label: (n) => `${n}`,

  /** @param {number} n @param {import('../worker.js').Context} context */
  async setUp(n, { collimate, peak, rivals: { eigen, lapack, mlMatrix } }) {
    const flops = 2 * n ** 3
    const AB = gaussian(2 * n, n)
    const [A, B] = [rowRange(AB, 0, n), rowRange(AB, n, 2 * n)]
    const read = (/** @type {import('../data.js').Data} */ C) => probe(n, (i, j) => C.data[i * n + j])
    return {
      ours: [inProcess('matmul', () => collimate.matmul(A, B), read, flops)],
      rivals: [await eigen?.gemm(AB, flops), mlMatrix?.gemm(A, B, flops), await lapack?.gemm(AB, flops)],
      peak,
    }
  },
}
