import { loadDataSets } from '../../methods/data-sets.js'
import { gaussian, single } from '../../data.js'
import { K } from './data.js'

/** @typedef {{ name: string, queries: any, gallery: any }} Search */

const MOST_QUERIES = 200
const LATENTS = 50
/** Pairs of more columns are searched as they are: their fit would take longer than all the rest. */
const FITTED_COLUMNS = 1100
/** Below so many items or dimensions 'binary' is reported, and not judged. */
const JUDGED = { rows: 10_000, dimensions: 256 }

/** @param {any} X @param {(row: number) => boolean} wanted */
function rowsWhere({ rows, cols, data }, wanted) {
  const chosen = Array.from({ length: rows }, (_, i) => i).filter(wanted)
  const out = new Float32Array(chosen.length * cols)
  chosen.forEach((i, to) => out.set(data.subarray(i * cols, (i + 1) * cols), to * cols))
  return { rows: chosen.length, cols, data: out }
}

/** Some rows of a view sought among the others. @param {string} name @param {any} X @returns {Search} */
function within(name, X) {
  const every = Math.max(2, Math.ceil(X.rows / MOST_QUERIES))
  return {
    name,
    queries: rowsWhere(X, (i) => i % every === 0),
    gallery: rowsWhere(X, (i) => i % every !== 0),
  }
}

/** Latents of one view sought among those of another. @param {string} name @param {any} collimate @param {any[]} views @returns {Search} */
function across(name, { PerfectAlignment }, [X, Y]) {
  const nComponents = Math.min(LATENTS, X.cols, Y.cols)
  const model = new PerfectAlignment({ nComponents, selection: 'balanced' }).fit([X, Y])
  const every = Math.ceil(X.rows / MOST_QUERIES)
  const queries = rowsWhere(model.transform(X, 0), (i) => i % every === 0)
  return { name: `${name}, latents`, queries, gallery: rowsWhere(model.transform(Y, 1), () => true) }
}

/** @param {any} collimate @returns {Search[]} */
function searches(collimate) {
  const folder = process.env.COLLIMATE_DATA
  const { dataSets } = folder === undefined ? { dataSets: [] } : loadDataSets(folder)
  const pairs = dataSets
    .filter(({ views }) => views.length === 2)
    .map(({ name, views }) => ({ name, views: views.map((view) => collimate.Matrix.from(view)) }))
  /** @type {Map<any, Search>} */
  const views = new Map()
  for (const { name, views: both } of pairs) {
    const [set, names] = [name.slice(0, name.lastIndexOf(' ', name.indexOf(','))), name.slice(name.lastIndexOf(' ', name.indexOf(',')) + 1)] // prettier-ignore
    names.split(', ').forEach((view, i) => {
      if (!views.has(`${set} ${view}`)) views.set(`${set} ${view}`, within(`${set} ${view}`, both[i]))
    })
  }
  const latents = pairs
    .filter(({ name }) => !/mfeat/.test(name) || /pix, fac|fou, zer/.test(name))
    .filter(({ views: [X, Y] }) => X.cols + Y.cols <= FITTED_COLUMNS)
  return [...views.values(), ...latents.map(({ name, views: both }) => across(name, collimate, both))]
}

/** Rows as encoders give them, where no data set is at hand: of 60 directions that fade. @returns {Search} */
function synthetic() {
  const [rows, cols, rank] = [2000, 64, 60]
  const [Z, W] = [gaussian(rows, rank, 61), gaussian(rank, cols, 62)]
  const data = Float64Array.from({ length: rows * cols }, (_, at) => {
    const [i, j] = [Math.floor(at / cols), at % cols]
    let sum = 0
    for (let l = 0; l < rank; l++) sum += (Z.data[i * rank + l] * W.data[l * cols + j]) / (l + 1)
    return sum
  })
  return within('synthetic', single({ rows, cols, data }))
}

/** The share of the ten nearest that are found: what scores as much as the tenth counts. @param {any} exact @param {any} found */
function recall(exact, found) {
  const { k } = exact
  let hits = 0
  exact.scores.forEach((/** @type {number} */ _, /** @type {number} */ at) => {
    const last = exact.scores[at - (at % k) + k - 1]
    if (found.scores[at] >= last - 1e-12) hits++
  })
  return hits / exact.scores.length
}

export const recalls = {
  name: 'serve-recall',
  group: 'serve',
  /** @param {import('../../worker.js').Context} context @param {boolean} short */
  figures({ collimate, serve }, short) {
    const all = short ? [synthetic()] : [...searches(collimate), synthetic()]
    return all.flatMap(({ name, queries, gallery }) => {
      const index = (/** @type {string} */ storage) => {
        const one = new serve.FlatIndex({ dimensions: gallery.cols, storage })
        one.add(gallery)
        return one.search(queries, K)
      }
      const exact = index('f32')
      const isJudged = gallery.rows >= JUDGED.rows && gallery.cols >= JUDGED.dimensions
      const what = (/** @type {string} */ storage) => `recall@10 of '${storage}', ${name}, ${gallery.rows} x ${gallery.cols}` // prettier-ignore
      return [
        { name: what('i8'), value: recall(exact, index('i8')), unit: '', least: 0.995 },
        { name: what('binary'), value: recall(exact, index('binary')), unit: '', ...(isJudged && { least: 0.95 }) },
      ]
    })
  },
}
