import { readFileSync } from 'node:fs'
import { Matrix } from 'collimate'
import { npyToMatrix, readNpy } from 'collimate/io'
import seedrandom from 'seedrandom'

const load = (name) => readNpy(new Uint8Array(readFileSync(new URL(`data/${name}.npy`, import.meta.url))))

/** One view of 2000 handwritten digits: pix, fac, kar, zer or mor. */
export const view = (name) => npyToMatrix(load(name))

/** The pixel and the profile view of 2000 handwritten digits, row by row the same digit, and which digit it is. */
export function digits() {
  return { views: [view('pix'), view('fac')], labels: load('labels').data }
}

/** The numbers 0 to n - 1 in an order that belongs to the seed (Fisher and Yates). */
export function permutation(n, seed) {
  const random = seedrandom(String(seed))
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

/** The given rows, as a new matrix. */
export function takeRows(x, indices) {
  return Matrix.from(indices.map((i) => x.row(i)))
}

/** Column means and deviations of `x`; a constant column counts as one of deviation 1. */
function moments(x) {
  const columns = x.transpose()
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length
  const means = Float64Array.from({ length: x.cols }, (_, j) => mean(columns.row(j)))
  const deviations = means.map((m, j) => Math.sqrt(mean(columns.row(j).map((v) => (v - m) ** 2))) || 1)
  return { means, deviations }
}

/** `train` and `test` in units of the training rows: each column of `train` gets mean 0 and deviation 1. */
export function standardise(train, test) {
  const { means, deviations } = moments(train)
  const scale = (x) =>
    new Matrix(
      x.rows,
      x.cols,
      x.data.map((v, i) => (v - means[i % x.cols]) / deviations[i % x.cols]),
    )
  return [scale(train), scale(test)]
}
