import { gaussian, single } from '../../data.js'
import { inProcess } from '../../harness.js'
import { K, places, planted } from './data.js'

/** @typedef {{ n: number, d: number }} Size items, and their dimensions */

const FULL = [
  { n: 10_000, d: 512 },
  { n: 100_000, d: 256 },
]
const SHORT = [{ n: 500, d: 64 }]

/** @param {Size} size */
const label = ({ n, d }) => `${n} x ${d}`

const about = {
  group: 'serve',
  sizes: { full: FULL, short: SHORT },
  scale: /** @type {const} */ ('entry'),
  label: (/** @type {Size} */ size) => `1 of ${label(size)}`,
}

/**
 * @param {any} serve
 * @param {import('./data.js').Rows} gallery
 * @param {'f32' | 'i8' | 'binary'} storage
 */
function filled({ FlatIndex }, gallery, storage = 'f32') {
  const index = new FlatIndex({ dimensions: gallery.cols, storage })
  index.add(gallery)
  return index
}

/**
 * @param {string} name
 * @param {any} index
 * @param {Float32Array} query
 * @param {number} [k]
 */
const searching = (name, index, query, k = K) =>
  inProcess(
    name,
    () => index.search(query, k),
    ({ ids }) => places(ids),
  )

const f32 = {
  ...about,
  name: 'serve-search',
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp({ n, d }, { serve, rivals: { usearch, lapack, plainSearch } }) {
    const { query, gallery } = planted(n, d)
    return {
      ours: [searching("'f32'", filled(serve, gallery), query)],
      rivals: [
        usearch?.exactSearch(gallery, query, K),
        plainSearch.prepared({ rows: 1, cols: d, data: query }, gallery, K),
        await lapack?.search(gallery, query, K),
      ],
    }
  },
}

/** @param {'i8' | 'binary'} storage */
const coded = (storage) => ({
  ...about,
  name: `serve-${storage}`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  setUp({ n, d }, { serve }) {
    const { query, gallery } = planted(n, d)
    return Promise.resolve({
      ours: [searching(`'${storage}'`, filled(serve, gallery, storage), query)],
      rivals: [searching("'f32'", filled(serve, gallery), query)],
    })
  },
})

/** Rows that differ by little more than float32 can tell, beside others: what is compared again costs time. */
const nearEqual = {
  ...about,
  name: 'serve-near-equal',
  sizes: { full: [FULL[0]], short: SHORT },
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  setUp({ n, d }, { serve }) {
    const random = single(gaussian(n, d, 34))
    const close = { ...random, data: random.data.map((x, at) => random.data[at % d] * (1 + 1e-7 * x)) }
    const query = random.data.slice(0, d)
    const contender = (/** @type {string} */ name, /** @type {import('./data.js').Rows} */ gallery) => ({
      ...searching(name, filled(serve, gallery), query),
      // Which rows are found is another question for each.
      values: () => Float64Array.of(1),
    })
    return Promise.resolve({
      ours: [contender('rows that are nearly equal', close)],
      rivals: [contender('random rows', random)],
    })
  },
}

export const search = [f32, coded('i8'), coded('binary'), nearEqual]
