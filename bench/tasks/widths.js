import { embeddings, stack, single } from '../data.js'
import { inProcess } from '../harness.js'
import { baseline } from './baseline.js'

/** @typedef {{ n: number, d1: number, d2: number, k: number, ridge: number, baseline?: boolean }} Size n pairs of d1 + d2 dimensions, k latent ones */

const NATIVE = { n: 5000, d1: 768, d2: 1536, k: 256, ridge: 10 }
/** Too wide for the native routes to be worth their minutes. */
const WIDEST = { n: 6000, d1: 1536, d2: 3072, k: 256, ridge: 10 }
/** What was tuned first. */
const USUAL = { n: 5000, d1: 512, d2: 512, k: 128, ridge: 10 }
const SHORT = [{ n: 150, d1: 30, d2: 40, k: 8, ridge: 10 }]

/** @param {Size} size */
const label = ({ n, d1, d2, k }) => `${n} x (${d1} + ${d2}), k = ${k}`

/**
 * A task for the widths of today's embedding models: from float32 rows to a model, unless it is said otherwise.
 *
 * @param {string} name
 * @param {Size[]} full
 * @param {(collimate: any, modalities: any[], size: Size) => any} work
 * @param {(result: any) => Float64Array} read
 * @param {'widths_factor' | 'widths_balanced' | 'widths_cca' | 'widths_ridge'} native routine of lapack_rival.py
 * @param {(size: Size) => number} [flops]
 * @returns {import('./index.js').Task}
 */
const task = (name, full, work, read, native, flops) => ({
  name: `widths-${name}`,
  group: 'widths',
  sizes: { full, short: SHORT },
  scale: 'largest',
  label,
  async setUp(size, { collimate, peak, rivals: { lapack } }) {
    const { n, d1, d2, k, ridge } = size
    const modalities = embeddings(n, d1, d2, collimate.matmul).map(single)
    const before = await baseline()
    const contender = (/** @type {string} */ title, /** @type {any} */ module) =>
      inProcess(title, () => work(module, modalities, size), read, flops?.(size))
    return {
      ours: [contender(name, collimate)],
      rivals: [
        before && contender(`${name}, COLLIMATE_BASELINE`, before),
        size !== WIDEST ? await lapack?.widths(native, stack(modalities, 1), [d1, k, ridge]) : undefined,
      ],
      ...(flops && { peak }),
    }
  },
})

const SIZES = [NATIVE, WIDEST, USUAL]

export const widths = [
  task(
    'factor',
    SIZES,
    ({ JointFactor }, modalities, { d1, d2 }) => new JointFactor([d1, d2]).update(modalities),
    ({ R }) => Float64Array.from({ length: R.rows }, (_, i) => Math.abs(R.data[i * (R.cols + 1)])),
    'widths_factor',
    ({ n, d1, d2 }) => 2 * n * (d1 + d2) ** 2 - (2 / 3) * (d1 + d2) ** 3,
  ),
  task(
    'auto',
    SIZES,
    ({ PerfectAlignment }, modalities, { k }) => new PerfectAlignment({ nComponents: k }).fit(modalities),
    (model) => model.sharedStrength,
    'widths_balanced',
  ),
  task(
    'cca',
    SIZES,
    ({ CanonicalCorrelation }, modalities, { k }) =>
      new CanonicalCorrelation({ nComponents: k, regularization: 'oas' }).fit(modalities),
    (model) => model.canonicalCorrelations,
    'widths_cca',
  ),
  task(
    'ridge',
    SIZES,
    ({ LeastSquares }, modalities, { ridge }) => new LeastSquares({ ridge }).fit(modalities),
    // The coefficients times a vector.
    ({ maps: [{ rows, cols, data }] }) =>
      Float64Array.from({ length: rows }, (_, i) =>
        data.subarray(i * cols, (i + 1) * cols).reduce((sum, x, j) => sum + x * Math.cos(j + 1), 0),
      ),
    'widths_ridge',
  ),
]
