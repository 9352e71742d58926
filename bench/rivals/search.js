import { inProcess } from '../harness.js'

/** @typedef {{ rows: number, cols: number, data: Float32Array }} Rows */

/** The search that one writes in JavaScript: a loop over all pairs, and the k best kept in order. */
export const plainSearch = {
  /** One sum at a time. @param {Rows} queries @param {Rows} gallery @param {number} k @param {'cosine' | 'euclidean'} metric */
  plain: (queries, gallery, k, metric) => contender('plain loop', queries, gallery, k, metric, PLAIN[metric]),

  /** Four sums at a time, since an addition waits for the one before it. @param {Rows} queries @param {Rows} gallery @param {number} k @param {'cosine' | 'euclidean'} metric */
  unrolled: (queries, gallery, k, metric) =>
    contender('loop with four sums', queries, gallery, k, metric, UNROLLED[metric]),

  /** The same by cosine, with rows at length 1 in float32 before the clock starts, as a user's own index has them. @param {Rows} queries @param {Rows} gallery @param {number} k */
  prepared(queries, gallery, k) {
    const [x, y] = [queries, gallery].map((rows) => Float32Array.from(unitRows(rows)))
    return inProcess(
      'loop with four sums',
      () => search(x, y, queries.cols, k, UNROLLED.cosine),
      ({ indices }) => Float64Array.from(indices, (index) => index + 1),
    )
  },
}

/** @typedef {Float32Array | Float64Array} Numbers */
/** @typedef {(x: Numbers, i: number, y: Numbers, j: number, d: number) => number} Sum */

/** @type {Record<'cosine' | 'euclidean', Sum>} */
const PLAIN = {
  cosine(x, i, y, j, d) {
    let sum = 0
    for (let l = 0; l < d; l++) sum += x[i + l] * y[j + l]
    return sum
  },
  euclidean(x, i, y, j, d) {
    let sum = 0
    for (let l = 0; l < d; l++) {
      const difference = x[i + l] - y[j + l]
      sum += difference * difference
    }
    return -sum
  },
}

/** @type {Record<'cosine' | 'euclidean', Sum>} */
const UNROLLED = {
  cosine(x, i, y, j, d) {
    let [a, b, c, e] = [0, 0, 0, 0]
    for (let l = 0; l < d; l += 4) {
      a += x[i + l] * y[j + l]
      b += x[i + l + 1] * y[j + l + 1]
      c += x[i + l + 2] * y[j + l + 2]
      e += x[i + l + 3] * y[j + l + 3]
    }
    return a + b + c + e
  },
  euclidean(x, i, y, j, d) {
    let [a, b, c, e] = [0, 0, 0, 0]
    for (let l = 0; l < d; l += 4) {
      const f = x[i + l] - y[j + l]
      const g = x[i + l + 1] - y[j + l + 1]
      const h = x[i + l + 2] - y[j + l + 2]
      const m = x[i + l + 3] - y[j + l + 3]
      a += f * f
      b += g * g
      c += h * h
      e += m * m
    }
    return -(a + b + c + e)
  },
}

/**
 * @param {string} name
 * @param {Rows} queries
 * @param {Rows} gallery
 * @param {number} k
 * @param {'cosine' | 'euclidean'} metric
 * @param {Sum} sum
 */
function contender(name, queries, gallery, k, metric, sum) {
  const prepare = metric === 'cosine' ? unitRows : (/** @type {Rows} */ { data }) => Float64Array.from(data)
  const work = () => search(prepare(queries), prepare(gallery), queries.cols, k, sum)
  const score = metric === 'cosine' ? (/** @type {number} */ s) => s : (/** @type {number} */ s) => Math.sqrt(-s)
  return inProcess(
    name,
    work,
    ({ indices, scores }) => Float64Array.from([...indices].map((index) => index + 1).concat(...scores.map(score))),
    2 * queries.rows * gallery.rows * queries.cols,
  )
}

/** @param {Rows} rows */
function unitRows({ rows, cols, data }) {
  const unit = Float64Array.from(data)
  for (let i = 0; i < rows; i++) {
    const row = unit.subarray(i * cols, (i + 1) * cols)
    const length = Math.sqrt(PLAIN.cosine(row, 0, row, 0, cols))
    for (let l = 0; l < cols; l++) row[l] /= length
  }
  return unit
}

/**
 * @param {Numbers} x
 * @param {Numbers} y
 * @param {number} d
 * @param {number} k
 * @param {Sum} sum
 */
function search(x, y, d, k, sum) {
  const [n, p] = [x.length / d, y.length / d]
  const indices = new Int32Array(n * k)
  const scores = new Float64Array(n * k).fill(-Infinity)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < p; j++) {
      const score = sum(x, i * d, y, j * d, d)
      let at = (i + 1) * k
      if (score <= scores[at - 1]) continue
      for (at--; at > i * k && scores[at - 1] < score; at--) {
        scores[at] = scores[at - 1]
        indices[at] = indices[at - 1]
      }
      scores[at] = score
      indices[at] = j
    }
  }
  return { indices, scores }
}
