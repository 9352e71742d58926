/** @typedef {import('./worker.js').Measurement} Measurement */
/** @typedef {import('./peak.js').Build} Build */

/**
 * A speed the project has set itself, judged by the fastest runs: our time as a share of a rival's, at most.
 *
 * @typedef {object} Target
 * @property {string} task
 * @property {string} size
 * @property {string} rival how its name begins; 'peak' for the loop of multiply-adds
 * @property {number} most
 * @property {Build} [build] both unless said
 */

const SVD_SIZES = ['64', '128', '256', '512', '1024']
const EIGEN_SHARES = [0.6, 0.5, 0.8, 0.8, 1]
const NATIVE = '5000 x (768 + 1536), k = 256'
const WIDEST = '6000 x (1536 + 3072), k = 256'
const SEARCHES = ['1 of 10000 x 512', '1 of 100000 x 256']
const FIT = '10000 x (512 + 512), k = 128'

/** @type {Target[]} */
export const targets = [
  ...SVD_SIZES.map((size, i) => ({ task: 'svd', size, rival: 'Eigen', most: EIGEN_SHARES[i] })),
  ...SVD_SIZES.slice(1).map((size) => ({ task: 'svd', size, rival: 'LAPACK dgejsv', most: 1 })),
  { task: 'svd', size: '512', rival: 'ml-matrix', most: 0.25 },
  { task: 'svdvals', size: '512', rival: 'LAPACK dgejsv, no vectors', most: 1 },
  { task: 'qr', size: '10000 x 1024', rival: 'Eigen', most: 0.6, build: 'simd' },
  { task: 'qr', size: '10000 x 1024', rival: 'Eigen', most: 0.5, build: 'relaxed' },
  { task: 'alignment', size: FIT, rival: 'Eigen', most: 0.75, build: 'simd' },
  { task: 'alignment', size: FIT, rival: 'Eigen', most: 0.6, build: 'relaxed' },
  { task: 'gemm', size: '512', rival: 'peak', most: 1.33 },
  { task: 'gemm', size: '1024', rival: 'peak', most: 1.33 },
  { task: 'gemm', size: '512', rival: 'ml-matrix', most: 0.25 },
  { task: 'qr-equal-rows', size: '2000 x 300', rival: 'random rows', most: 1.5 },
  { task: 'qr-thin', size: '512', rival: 'ml-matrix', most: 0.25 },
  { task: 'solve', size: '512', rival: 'ml-matrix', most: 0.25 },
  { task: 'eigh', size: '512', rival: 'ml-matrix', most: 0.5 },
  { task: 'widths-factor', size: NATIVE, rival: 'peak', most: 1 / 0.6 },
  { task: 'widths-auto', size: NATIVE, rival: 'NumPy QR + SciPy eigh', most: 1.5 },
  { task: 'widths-cca', size: NATIVE, rival: 'NumPy + SciPy Cholesky', most: 1.5 },
  { task: 'widths-auto', size: WIDEST, rival: 'auto, COLLIMATE_BASELINE', most: 0.3 },
  ...SEARCHES.flatMap((size) => [
    { task: 'serve-search', size, rival: 'usearch', most: 1.3 },
    { task: 'serve-search', size, rival: 'loop with four sums', most: 0.2 },
    { task: 'serve-i8', size, rival: "'f32'", most: 0.5 },
    { task: 'serve-binary', size, rival: "'f32'", most: 0.25 },
  ]),
  { task: 'serve-near-equal', size: SEARCHES[0], rival: 'random rows', most: 1.5 },
  { task: 'serve-vector', size: '1 x 512 -> 256, 100 calls', rival: 'transform, COLLIMATE_BASELINE', most: 0.2 },
  { task: 'serve-rows-f32', size: '20000 x 512 -> 256, f32', rival: 'peak', most: 1.5 },
  { task: 'serve-rows-f64', size: '20000 x 512 -> 256, f64', rival: 'peak', most: 1.5 },
  { task: 'serve-nearest', size: '1000 of 10000 x 512, cosine', rival: 'nearest, COLLIMATE_BASELINE', most: 0.6 },
  { task: 'serve-nearest-near-equal', size: '1000 of 10000 x 512', rival: 'random rows in float64', most: 1.5 },
  { task: 'serve-evaluate', size: '5000 x 256', rival: 'evaluate, COLLIMATE_BASELINE', most: 0.6 },
  { task: 'nearest', size: '1000 of 10000 x 512, cosine', rival: 'plain loop', most: 0.2 },
  { task: 'nearest', size: '100 of 10000 x 512, euclidean', rival: 'plain loop', most: 0.2 },
]

/** Our rate as a share of the peak loop's, timed in turn with it, both at their fastest. @param {Measurement} measurement */
export function peakShare({ ours: [first], peak }) {
  return first.gflops === undefined || peak?.gflops === undefined ? undefined : first.gflops / peak.gflops
}

/**
 * Our times as shares of the rival's, one for each of our variants; nothing where the rival is missing.
 *
 * @param {Target} target
 * @param {Measurement} measurement
 * @returns {number[]}
 */
export function shares({ rival }, measurement) {
  if (rival === 'peak') {
    const share = peakShare(measurement)
    return share === undefined ? [] : [1 / share]
  }
  const theirs = measurement.rivals.find(({ name }) => name.startsWith(rival))
  return theirs === undefined ? [] : measurement.ours.map(({ minMs }) => minMs / theirs.minMs)
}

/** @param {import('./tasks/index.js').Figure} figure */
export const isMet = ({ value, most = Infinity, least = -Infinity }) => value <= most && value >= least
