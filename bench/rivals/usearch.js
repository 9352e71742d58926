import { inProcess } from '../harness.js'

/** @typedef {{ rows: number, cols: number, data: Float32Array }} Rows */

/** usearch (npm), native code that compares all rows by cosine: on one thread, which is what a page has. */
const { exactSearch } = await import('usearch').then((module) => module.default ?? module)

export const usearch = {
  /** @param {Rows} gallery @param {Float32Array} query @param {number} k */
  exactSearch: (gallery, query, k) =>
    inProcess(
      'usearch exactSearch, native',
      () => exactSearch(gallery.data, query, gallery.cols, k, 'cos', 1),
      ({ keys }) => Float64Array.from(keys, (key) => Number(key) + 1),
    ),
}
