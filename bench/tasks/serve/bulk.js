import { gaussian, pairedModalities, single } from '../../data.js'
import { inProcess } from '../../harness.js'
import { baseline } from '../baseline.js'
import { K } from './data.js'

/** @typedef {{ n: number, p?: number, d: number }} Size */

/** @param {any} neighbours */
const indices = ({ indices }) => Float64Array.from(indices, (/** @type {number} */ index) => index + 1)

const nearest = {
  name: 'serve-nearest',
  group: 'serve',
  sizes: {
    full: /** @type {Size[]} */ ([{ n: 1000, p: 10_000, d: 512 }]),
    short: /** @type {Size[]} */ ([{ n: 50, p: 500, d: 64 }]),
  },
  scale: /** @type {const} */ ('entry'),
  label: (/** @type {Size} */ { n, p, d }) => `${n} of ${p} x ${d}, cosine`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp({ n, p, d }, { collimate }) {
    const [queries, gallery] = [single(gaussian(n, d, 51)), single(gaussian(Number(p), d, 52))]
    const contender = (/** @type {string} */ name, /** @type {any} */ module) =>
      inProcess(name, () => module.nearest(queries, gallery, K), indices, 2 * n * Number(p) * d)
    const before = await baseline()
    return { ours: [contender('nearest', collimate)], rivals: [before && contender('nearest, COLLIMATE_BASELINE', before)] } // prettier-ignore
  },
}

/** Rows that differ by rounding, beside others in float64, which is where they are compared in the end, after a glance in float32. */
const nearEqual = {
  ...nearest,
  name: 'serve-nearest-near-equal',
  label: (/** @type {Size} */ { n, p, d }) => `${n} of ${p} x ${d}`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  setUp({ n, p, d }, { collimate }) {
    const [queries, random] = [single(gaussian(n, d, 51)), single(gaussian(Number(p), d, 52))]
    const close = { ...random, data: random.data.map((x, at) => random.data[at % d] * (1 + 1e-7 * x)) }
    const doubles = (/** @type {any} */ rows) => ({ ...rows, data: Float64Array.from(rows.data) })
    const contender = (/** @type {string} */ name, /** @type {any[]} */ rows) => ({
      ...inProcess(name, () => collimate.nearest(rows[0], rows[1], K), indices),
      values: () => Float64Array.of(1),
    })
    return Promise.resolve({
      ours: [contender('rows that are nearly equal', [queries, close])],
      rivals: [contender('random rows in float64', [queries, random].map(doubles))],
    })
  },
}

const evaluate = {
  name: 'serve-evaluate',
  group: 'serve',
  sizes: { full: /** @type {Size[]} */ ([{ n: 5000, d: 256 }]), short: /** @type {Size[]} */ ([{ n: 100, d: 16 }]) },
  scale: /** @type {const} */ ('entry'),
  label: (/** @type {Size} */ { n, d }) => `${n} x ${d}`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp({ n, d }, { collimate }) {
    const modalities = pairedModalities(n, d).map(single)
    const before = await baseline()
    const { PerfectAlignment } = before ?? collimate
    const file = new PerfectAlignment({ nComponents: d, selection: 'balanced' }).fit(modalities).toBytes()
    const contender = (/** @type {string} */ name, /** @type {any} */ module) => {
      const model = module.loadAlignment(file)
      return inProcess(name, () => module.evaluate(model, modalities), figures)
    }
    return { ours: [contender('evaluate', collimate)], rivals: [before && contender('evaluate, COLLIMATE_BASELINE', before)] } // prettier-ignore
  },
}

/** What two builds are compared by. @param {any} evaluation */
const figures = ({ means: { cmae, ncmae, recallAt, meanReciprocalRank } }) =>
  Float64Array.of(cmae, ncmae, meanReciprocalRank, ...Object.values(recallAt))

export const bulk = [nearest, nearEqual, evaluate]
