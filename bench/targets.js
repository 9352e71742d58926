/** @typedef {import('./worker.js').Measurement} Measurement */

/**
 * A speed the project has set itself, judged by the fastest runs.
 *
 * @typedef {object} Target
 * @property {string} task
 * @property {string} size
 * @property {string} text
 * @property {(measurement: Measurement) => { figure: string, met: boolean } | undefined} judge undefined: nothing to judge by
 */

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(0)} %`

/** Our rate as a share of the peak loop's, timed in turn with it, both at their fastest. @param {Measurement} measurement */
export function peakShare({ ours: [first], peak }) {
  return first.gflops === undefined || peak?.gflops === undefined ? undefined : first.gflops / peak.gflops
}

/** @type {Target[]} */
export const targets = [
  {
    task: 'gemm',
    size: '512',
    text: 'at least 65 % of the peak loop',
    judge(measurement) {
      const share = peakShare(measurement)
      return share === undefined ? undefined : { figure: percent(share), met: share >= 0.65 }
    },
  },
  {
    task: 'qr',
    size: '10000 x 1024',
    text: 'at least 10 GFLOP/s or 45 % of the peak loop',
    judge(measurement) {
      const share = peakShare(measurement)
      const { gflops } = measurement.ours[0]
      if (share === undefined || gflops === undefined) return undefined
      return { figure: `${gflops.toFixed(1)} GFLOP/s, ${percent(share)}`, met: gflops >= 10 || share >= 0.45 }
    },
  },
  {
    task: 'svd',
    size: '512',
    text: "at most 1.3 times Eigen BDCSVD's time in WASM",
    judge({ ours: [first], rivals }) {
      const eigen = rivals.find(({ name }) => name.startsWith('Eigen'))
      if (eigen === undefined) return undefined
      const ratio = first.minMs / eigen.minMs
      return { figure: `${ratio.toFixed(2)} times`, met: ratio <= 1.3 }
    },
  },
]
