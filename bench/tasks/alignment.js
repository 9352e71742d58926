import { pairedModalities, stack } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {{ n: number, d: number, k: number }} Size n pairs of d + d dimensions, k latent ones */

/** The fit itself, from two modalities to their maps; the rivals stop at the singular vectors of the stacked data. */
export const alignment = {
  name: 'alignment',
  sizes: { full: [{ n: 10_000, d: 512, k: 128 }], short: [{ n: 1000, d: 64, k: 16 }] },
  scale: /** @type {const} */ ('entry'),
  /** @param {Size} size */
  label: ({ n, d, k }) => `${n} x (${d} + ${d}), k = ${k}`,

  /** @param {Size} size @param {import('../worker.js').Context} context */
  async setUp({ n, d, k }, { collimate, rivals: { eigen, lapack } }) {
    const modalities = pairedModalities(n, d)
    const X = stack(modalities)
    const fit = (/** @type {'last' | 'auto'} */ selection) =>
      inProcess(
        `fit, '${selection}'`,
        () => new collimate.PerfectAlignment({ nComponents: k, selection }).fit(modalities),
        (model) => model.singularValues,
      )
    return {
      ours: [fit('last'), fit('auto')],
      rivals: [await eigen?.alignment(X), await lapack?.alignment(X), await lapack?.numpy(X)],
    }
  },
}
