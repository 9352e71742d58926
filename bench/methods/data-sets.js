import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npyToMatrix, readNpy } from 'collimate/io'
import { parse } from 'csv-parse/sync'

/**
 * Paired data: the views that are to be aligned, the class of each sample, and what must not be divided by a split.
 *
 * @typedef {object} DataSet
 * @property {string} name
 * @property {import('collimate').Matrix[]} views
 * @property {ArrayLike<number>} [labels]
 * @property {ArrayLike<number>} [groups] rows of one group stay on one side of a split
 * @property {number} components principal components that a wider view is reduced to
 * @property {number} training share of the rows, or of the groups
 * @property {number[]} ks latent widths to choose from
 * @property {boolean} [swept] one of several numbers of rows, which no count takes in
 * @property {boolean} [byClass] options are chosen by class retrieval, where instances cannot be told apart
 */

const KS = [5, 10, 20, 40]
const VIEWS = ['pix', 'fac', 'kar', 'fou', 'zer', 'mor']
const HIP = 3

const npy = (folder, path) => npyToMatrix(readNpy(new Uint8Array(readFileSync(join(folder, path)))))
const csv = (folder, path, columns = true) => parse(readFileSync(join(folder, path)), { columns, cast: true })
const rowsOf = (records) => records.map((record) => Object.values(record).map(Number))

/** One code for each different value. */
function codes(values) {
  const known = new Map()
  return Int32Array.from(values, (value) => known.get(value) ?? (known.set(value, known.size), known.size - 1))
}

/** Pairs of views by few and by many rows, of 2000: those that are told in the README. */
const SWEPT = [
  ['pix', 'zer'],
  ['kar', 'zer'],
  ['zer', 'mor'],
  ['pix', 'fac'],
]

/** All 15 pairs of the six views of a digit, the six at once, and some by other numbers of rows. */
function mfeat(folder) {
  const views = VIEWS.map((name) => npy(folder, `mfeat/mfeat_${name}.npy`))
  const labels = npy(folder, 'mfeat/labels.npy').data
  const common = { labels, components: 100, training: 0.3, ks: KS }
  const pairs = VIEWS.flatMap((a, i) =>
    VIEWS.slice(i + 1).map((b, j) => ({ name: `mfeat ${a}, ${b}`, views: [views[i], views[i + 1 + j]], ...common })),
  )
  const swept = [100, 300, 1000].flatMap((rows) =>
    SWEPT.map((names) => ({
      name: `mfeat ${names.join(', ')}, ${rows} rows`,
      views: names.map((name) => views[VIEWS.indexOf(name)]),
      ...common,
      training: rows / 2000,
      swept: true,
    })),
  )
  return [...pairs, { name: 'mfeat, all six', views, ...common }, ...swept]
}

function wikipedia(folder) {
  const views = [npy(folder, 'wikipedia/image_bovw_128.npy'), npy(folder, 'wikipedia/text_lda_10.npy')]
  const labels = codes(csv(folder, 'wikipedia/index.csv').map(({ category }) => category))
  return [
    { name: 'Wikipedia image, text', views, labels, components: 100, training: 0.75, ks: [2, 4, 6, 8], byClass: true },
  ]
}

/** Joints relative to the hip, so that where a person stands does not matter. */
function hipCentred(skeleton) {
  const out = skeleton.data.slice()
  for (let frame = 0; frame < out.length; frame += 60) {
    for (let j = 0; j < 60; j++) out[frame + j] -= skeleton.data[frame + HIP * 3 + (j % 3)]
  }
  return { rows: skeleton.rows, cols: skeleton.cols, data: out }
}

/** A sample of several dimensions as one row. */
function flat(folder, path) {
  const { data, shape } = readNpy(new Uint8Array(readFileSync(join(folder, path))))
  return { rows: shape[0], cols: data.length / shape[0], data: Float32Array.from(data) }
}

function utdMhad(folder) {
  const views = {
    skeleton: hipCentred(flat(folder, 'utd-mhad/skeleton_64x60.npy')),
    inertial: flat(folder, 'utd-mhad/inertial_64x6.npy'),
    depth: flat(folder, 'utd-mhad/depth_16x24x24_u8.npy'),
  }
  const index = csv(folder, 'utd-mhad/index.csv')
  const common = {
    labels: codes(index.map(({ action }) => action)),
    groups: codes(index.map(({ subject }) => subject)),
    components: 100,
    training: 0.625,
    ks: KS,
    byClass: true,
  }
  const of = (...names) => ({ name: `UTD-MHAD ${names.join(', ')}`, views: names.map((n) => views[n]), ...common })
  return [of('skeleton', 'inertial'), of('depth', 'inertial'), of('skeleton', 'depth'), of(...Object.keys(views))]
}

/** Each image with the mean of its five captions. */
function clip(folder) {
  const image = npy(folder, 'flickr8k-clip/image_clip_512.npy')
  const captions = npy(folder, 'flickr8k-clip/text_clip_512.npy')
  const text = new Float64Array(image.rows * captions.cols)
  captions.data.forEach((x, at) => {
    text[Math.floor(at / (5 * captions.cols)) * captions.cols + (at % captions.cols)] += x / 5
  })
  const views = [image, { rows: image.rows, cols: captions.cols, data: text }]
  return [{ name: 'Flickr8k CLIP image, text', views, components: 512, training: 0.7, ks: KS }]
}

function nutrimouse(folder) {
  const views = [rowsOf(csv(folder, 'nutrimouse/gene.csv')), rowsOf(csv(folder, 'nutrimouse/lipid.csv'))]
  const labels = codes(csv(folder, 'nutrimouse/labels.csv').map(({ genotype, diet }) => `${genotype} ${diet}`))
  return [
    {
      name: 'nutrimouse gene, lipid',
      views,
      labels,
      components: 120,
      training: 0.7,
      ks: [2, 5, 10, 15],
      byClass: true,
    },
  ]
}

const SOURCES = { mfeat, wikipedia, 'utd-mhad': utdMhad, 'flickr8k-clip': clip, nutrimouse }

/**
 * All data sets that the folder has, and the names of those it lacks.
 *
 * @param {string} folder
 */
export function loadDataSets(folder) {
  const present = Object.keys(SOURCES).filter((name) => existsSync(join(folder, name)))
  const missing = Object.keys(SOURCES).filter((name) => !present.includes(name))
  return { dataSets: present.flatMap((name) => SOURCES[name](folder)), missing }
}
