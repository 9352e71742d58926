import { gaussian } from '../data.js'
import { inProcess } from '../harness.js'

/** @typedef {import('../data.js').Data} Data */

const frobenius = (/** @type {Data} */ { data }) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0))

/** QR with pivoting of rows that are all the same, as collapsed latents are, beside that of random rows. */
export const equalRows = {
  name: 'qr-equal-rows',
  sizes: { full: [{ m: 2000, n: 300 }], short: [{ m: 200, n: 30 }] },
  scale: /** @type {const} */ ('largest'),
  /** @param {{ m: number, n: number }} size */
  label: ({ m, n }) => `${m} x ${n}`,

  /** @param {{ m: number, n: number }} size @param {import('../worker.js').Context} context */
  setUp({ m, n }, { collimate }) {
    const random = gaussian(m, n)
    const equal = { ...random, data: random.data.map((_, at) => random.data[at % n]) }
    /** The norm of R over that of A, 1 for both. */
    const contender = (/** @type {string} */ name, /** @type {Data} */ A) =>
      inProcess(
        name,
        () => collimate.qr(A, { pivoting: true }),
        ({ R }) => Float64Array.of(frobenius(R) / frobenius(A)),
      )
    return Promise.resolve({ ours: [contender('qr, equal rows', equal)], rivals: [contender('random rows', random)] })
  },
}
