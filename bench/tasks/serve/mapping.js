import { gaussian, single } from '../../data.js'
import { inProcess } from '../../harness.js'
import { baseline } from '../baseline.js'

/** @typedef {{ n: number, d: number, k: number, precision?: 'f32' | 'f64', reserved?: number }} Size rows of d columns, mapped into k dimensions */

const FITTED_ROWS = 600
/** Calls in a run of what takes microseconds. */
const CALLS = 100
/** float32 products, in another order. */
const SINGLE_TOLERANCE = 1e-5

/**
 * The file of a model of 2 x (d -> k), by the earlier build if there is one: both read it.
 *
 * @param {any} collimate
 * @param {Size} size
 * @param {'f32' | 'f64'} precision
 */
function modelFile({ PerfectAlignment }, { d, k }, precision) {
  const views = [gaussian(FITTED_ROWS, d, 41), gaussian(FITTED_ROWS, d, 42)]
  const model = new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit(views)
  return model.toBytes({ precision })
}

/**
 * A model as each of the builds reads it.
 *
 * @param {Size} size
 * @param {'f32' | 'f64'} precision
 * @param {import('../../worker.js').Context} context
 */
async function models(size, precision, { collimate, serve }) {
  const before = await baseline()
  const file = modelFile(before ?? collimate, size, precision)
  return {
    served: serve.loadAlignment(file),
    fitted: collimate.loadAlignment(file),
    before: before?.loadAlignment(file),
  }
}

/** @param {Size} size */
const label = ({ n, d, k, precision }) => [`${n} x ${d} -> ${k}`, precision].filter(Boolean).join(', ')

const vector = {
  name: 'serve-vector',
  group: 'serve',
  sizes: { full: /** @type {Size[]} */ ([{ n: 1, d: 512, k: 256 }]), short: /** @type {Size[]} */ ([{ n: 1, d: 64, k: 32 }]) }, // prettier-ignore
  scale: /** @type {const} */ ('largest'),
  tolerance: SINGLE_TOLERANCE,
  label: (/** @type {Size} */ size) => `${label(size)}, ${CALLS} calls`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp(size, context) {
    const { served, fitted, before } = await models(size, 'f32', context)
    const x = Float32Array.from(gaussian(1, size.d, 43).data)
    const calls = (/** @type {string} */ name, /** @type {() => ArrayLike<number>} */ work) =>
      inProcess(
        name,
        () => {
          let z = work()
          for (let call = 1; call < CALLS; call++) z = work()
          return z
        },
        (z) => Float64Array.from(z),
      )
    const mapped = (/** @type {any} */ model) => () => model.transform([x], 0).data
    return {
      ours: [calls('transformVector of collimate/serve', () => served.transformVector(x, 0))],
      rivals: [
        before && calls('transform, COLLIMATE_BASELINE', mapped(before)),
        calls('transformVector', () => fitted.transformVector(x, 0)),
        calls('transform', mapped(fitted)),
      ],
    }
  },
}

/** The same once, after a search of more than any cache holds. */
const coldVector = {
  ...vector,
  name: 'serve-vector-cold',
  sizes: { full: [{ ...vector.sizes.full[0], reserved: 100_000 }], short: [{ ...vector.sizes.short[0], reserved: 100 }] }, // prettier-ignore
  label: (/** @type {Size} */ size) => `${label(size)}, 1 call after a search`,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp(size, context) {
    const { served, fitted } = await models(size, 'f32', context)
    const x = Float32Array.from(gaussian(1, size.d, 43).data)
    const index = new context.serve.FlatIndex({ dimensions: size.k, metric: 'dot' })
    index.add(single(gaussian(Number(size.reserved), size.k, 44)))
    const contender = (/** @type {string} */ name, /** @type {any} */ model) => {
      const { run, values } = inProcess(
        name,
        () => model.transformVector(x, 0),
        (z) => Float64Array.from(z),
      )
      const afterSearch = () => {
        index.search(x.subarray(0, size.k), 10)
        return run()
      }
      return { name, run: afterSearch, values }
    }
    return {
      ours: [contender('transformVector of collimate/serve', served)],
      rivals: [contender('transformVector', fitted)],
    }
  },
}

/** @param {'f32' | 'f64'} precision */
const rows = (precision) => ({
  name: `serve-rows-${precision}`,
  group: 'serve',
  sizes: {
    full: /** @type {Size[]} */ ([{ n: 20_000, d: 512, k: 256, precision }]),
    short: /** @type {Size[]} */ ([{ n: 300, d: 64, k: 32, precision }]),
  },
  scale: /** @type {const} */ ('largest'),
  tolerance: SINGLE_TOLERANCE,
  label,
  /** @param {Size} size @param {import('../../worker.js').Context} context */
  async setUp(size, context) {
    const { n, d, k } = size
    const { served, fitted, before } = await models(size, precision, context)
    const X = precision === 'f32' ? single(gaussian(n, d, 45)) : gaussian(n, d, 45)
    const flops = 2 * n * d * k
    const contender = (/** @type {string} */ name, /** @type {any} */ model) =>
      inProcess(
        name,
        () => model.transform(X, 0, { precision }),
        ({ data }) => Float64Array.from(data.subarray(0, 10 * k)),
        flops,
      )
    return {
      ours: [contender('transform', fitted)],
      rivals: [
        before && contender('transform, COLLIMATE_BASELINE', before),
        inProcess(
          'transform of collimate/serve',
          () => served.transform(X, 0),
          ({ data }) => Float64Array.from(data.subarray(0, 10 * k)),
          flops,
        ),
      ],
      peak: precision === 'f32' ? await context.singlePeak() : context.peak,
    }
  },
})

export const mapping = [vector, coldVector, rows('f32'), rows('f64')]
