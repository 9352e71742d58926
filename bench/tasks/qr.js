import { gaussian, magnitudes } from '../data.js'
import { inProcess } from '../harness.js'

/** R of A = Q R for tall A: where the alignment of many samples spends its time. */
export const qr = {
  name: 'qr',
  sizes: { full: [{ m: 10_000, n: 1024 }], short: [{ m: 1000, n: 128 }] },
  scale: /** @type {const} */ ('entry'),
  /** @param {{ m: number, n: number }} size */
  label: ({ m, n }) => `${m} x ${n}`,

  /** @param {{ m: number, n: number }} size @param {import('../worker.js').Context} context */
  async setUp({ m, n }, { collimate, peak, rivals: { eigen, lapack } }) {
    const flops = 2 * m * n ** 2 - (2 / 3) * n ** 3
    const A = gaussian(m, n)
    const read = (/** @type {{ R: import('../data.js').Data }} */ { R }) =>
      magnitudes(Array.from({ length: n }, (_, i) => R.data[i * R.cols + i]))
    return {
      ours: [inProcess("qr, mode 'r'", () => collimate.qr(A, { mode: 'r' }), read, flops)],
      rivals: [await eigen?.qr(A, flops), await lapack?.qr(A, flops)],
      peak,
    }
  },
}
