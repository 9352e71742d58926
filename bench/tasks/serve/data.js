import { gaussian, single } from '../../data.js'

/** @typedef {{ rows: number, cols: number, data: Float32Array }} Rows */

/** How many are searched for. */
export const K = 10

/**
 * A query, and a gallery of n rows in which ten are near it, each a little farther than the one before, so that all ways of searching agree on them; the
 * others are standard normal.
 *
 * @param {number} n
 * @param {number} d
 * @returns {{ query: Float32Array, gallery: Rows }}
 */
export function planted(n, d) {
  const gallery = single(gaussian(n, d, 31))
  const query = Float32Array.from(gaussian(1, d, 32).data)
  const noise = gaussian(K, d, 33).data
  for (let l = 0; l < K; l++) {
    const at = Math.floor(((l + 0.5) * n) / K) * d
    for (let j = 0; j < d; j++) gallery.data[at + j] = query[j] + 0.15 * (l + 1) * noise[l * d + j]
  }
  return { query, gallery }
}

/**
 * Ids to compare: none is 0.
 *
 * @param {ArrayLike<number | bigint | string>} ids
 */
export const places = (ids) => Float64Array.from(ids, (id) => Number(id) + 1)
