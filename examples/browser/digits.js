import { Matrix } from '../../dist/index.js'
import { npyToMatrix, readNpy } from '../../dist/io.js'

/** Rows that no fit ever sees. */
export const HELD_OUT = 700

async function load(name) {
  const response = await fetch(new URL(`../mfeat/data/${name}.npy`, import.meta.url))
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`)
  return readNpy(new Uint8Array(await response.arrayBuffer()))
}

/** The pictures (2000 x 240, values 0 to 6) and outlines (2000 x 216), row by row the same digit, and which digit it is. */
export async function loadDigits() {
  const [pictures, outlines, labels] = await Promise.all(['pix', 'fac', 'labels'].map(load))
  return { pictures: npyToMatrix(pictures), outlines: npyToMatrix(outlines), labels: labels.data }
}

/** The numbers 0 to n - 1 in an order that belongs to the seed (Fisher and Yates, with a generator by Steele and others). */
export function permutation(n, seed) {
  let state = seed | 0
  const random = () => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

/** A random split: the last 700 rows of the order are held out, `pairs` of the others are for training. */
export function split({ pictures, outlines, labels }, { seed, pairs }) {
  const order = permutation(labels.length, seed)
  const [training, heldOut] = [order.slice(0, pairs), order.slice(-HELD_OUT)]
  const scaled = [pictures, outlines].map((view) => standardised(takeRows(view, training), takeRows(view, heldOut)))
  return {
    train: scaled.map(([train]) => train),
    test: scaled.map(([, test]) => test),
    pictures: heldOut.map((row) => pictures.row(row)),
    labels: heldOut.map((row) => labels[row]),
  }
}

const takeRows = (x, rows) => Matrix.from(rows.map((i) => x.row(i)))

/** Both in units of the training rows: each column of `train` gets mean 0 and deviation 1. */
function standardised(train, test) {
  const columns = train.transpose()
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length
  const means = Float64Array.from({ length: train.cols }, (_, j) => mean(columns.row(j)))
  const deviations = means.map((m, j) => Math.sqrt(mean(columns.row(j).map((v) => (v - m) ** 2))) || 1)
  const scaled = ({ rows, cols, data }) =>
    new Matrix(
      rows,
      cols,
      data.map((v, i) => (v - means[i % cols]) / deviations[i % cols]),
    )
  return [scaled(train), scaled(test)]
}
