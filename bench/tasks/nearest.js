import { gaussian } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {{ n: number, p: number, d: number, metric: 'cosine' | 'euclidean' }} Size n queries against a gallery of p, d columns each */

const K = 10

/** The ten nearest of a gallery in float32, as encoders give it. */
export const nearest = {
  name: 'nearest',
  sizes: {
    full: /** @type {Size[]} */ ([
      { n: 1000, p: 10_000, d: 512, metric: 'cosine' },
      { n: 100, p: 10_000, d: 512, metric: 'euclidean' },
      { n: 1, p: 10_000, d: 512, metric: 'cosine' },
    ]),
    short: /** @type {Size[]} */ ([
      { n: 50, p: 500, d: 64, metric: 'cosine' },
      { n: 50, p: 500, d: 64, metric: 'euclidean' },
    ]),
  },
  scale: /** @type {const} */ ('entry'),
  /** @param {Size} size */
  label: ({ n, p, d, metric }) => `${n} of ${p} x ${d}, ${metric}`,

  /** @param {Size} size @param {import('../worker.js').Context} context */
  setUp({ n, p, d, metric }, { collimate, rivals: { plainSearch } }) {
    const queries = float32(gaussian(n, d))
    const gallery = float32(gaussian(p, d, 3))
    const find = () => collimate.nearest(queries, gallery, K, { metric })
    const read = (/** @type {any} */ { indices, scores, distances }) =>
      Float64Array.from([...indices].map((index) => index + 1).concat(...(scores ?? distances)))
    return Promise.resolve({
      ours: [inProcess('nearest', find, read, 2 * n * p * d)],
      rivals: [plainSearch.plain(queries, gallery, K, metric), plainSearch.unrolled(queries, gallery, K, metric)],
    })
  },
}

/** @param {import('../data.js').Data} data */
const float32 = ({ rows, cols, data }) => ({ rows, cols, data: Float32Array.from(data) })
