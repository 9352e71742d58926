import { pairedModalities } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {{ n: number, d: number }} Size n pairs of d + d dimensions */

/** A fit against samples and against dimensions, without rivals: how its cost grows. */
export const growth = {
  name: 'fit',
  sizes: {
    full: [
      ...[8000, 16_000, 32_000, 64_000].map((n) => ({ n, d: 64 })),
      ...[128, 256, 512].map((d) => ({ n: 8000, d })),
    ],
    short: [
      { n: 500, d: 16 },
      { n: 1000, d: 16 },
    ],
  },
  scale: /** @type {const} */ ('entry'),
  /** @param {Size} size */
  label: ({ n, d }) => `${n} x (${d} + ${d})`,

  /** @param {Size} size @param {import('../worker.js').Context} context */
  setUp({ n, d }, { collimate }) {
    const modalities = pairedModalities(n, d)
    const fit = () => new collimate.PerfectAlignment({ nComponents: 16, selection: 'last' }).fit(modalities)
    return Promise.resolve({ ours: [inProcess("fit, 'last'", fit, (model) => model.maps[0].data)], rivals: [] })
  },
}
