import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Matrix } from 'collimate'
import { npyToMatrix, readNpy } from 'collimate/io'
import { digits, permutation, standardise, takeRows } from '../mfeat/data.js'

const load = (file) => npyToMatrix(readNpy(new Uint8Array(readFileSync(file))))

/** The mean of every `size` rows that follow each other. */
function groupMeans(x, size) {
  const row = (g) =>
    Array.from({ length: x.cols }, (_, j) => mean(Array.from({ length: size }, (_, i) => x.get(g * size + i, j))))
  return Matrix.from(Array.from({ length: x.rows / size }, (_, g) => row(g)))
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Two embedding spaces: row i of `from` and of `to` is the same thing. `pairs` says how many rows to fit from, `held` how
 * many of the others to move.
 *
 * @typedef {{ title: string, from: Matrix, to: Matrix, pairs: number, held: number, scaled: boolean }} Spaces
 */

/** Two views of handwritten digits, both ways. @returns {Spaces[]} */
export function digitSpaces(pairs = 300) {
  const [pixels, profiles] = digits().views
  const common = { pairs, held: 1000, scaled: true }
  return [
    { title: 'Digits: 240 pixels to 216 profile correlations', from: pixels, to: profiles, ...common },
    { title: 'Digits: 216 profile correlations to 240 pixels', from: profiles, to: pixels, ...common },
  ]
}

/** CLIP's captions and images, if the folder has them; of each image's five captions the mean. @returns {Spaces[]} */
export function clipSpaces(folder, pairs = 70) {
  const [images, texts] = ['image', 'text'].map((name) => join(folder, 'flickr8k-clip', `${name}_clip_512.npy`))
  if (!existsSync(images) || !existsSync(texts)) return []
  const from = groupMeans(load(texts), 5)
  return [{ title: 'CLIP: captions to images, both 512', from, to: load(images), pairs, held: 30, scaled: false }]
}

/** Two .npy files of as many rows. @returns {Spaces[]} */
export function ownSpaces(oldFile, newFile, pairs = 1000) {
  const [from, to] = [load(oldFile), load(newFile)]
  if (from.rows !== to.rows)
    throw new RangeError(
      `${oldFile} has ${from.rows} rows, ${newFile} ${to.rows}: row i of both must be the same thing`,
    )
  if (from.rows <= pairs)
    throw new RangeError(`${from.rows} rows, of which ${pairs} are to be fitted: say fewer with --pairs`)
  const title = `${oldFile}, ${from.cols} wide, to ${newFile}, ${to.cols} wide`
  return [{ title, from, to, pairs, held: Math.min(1000, from.rows - pairs), scaled: false }]
}

/** Random rows to fit from and others to move, as [from, to]; in units of the rows fitted where columns have units of their own. */
export function split({ from, to, pairs, held, scaled }, seed) {
  const order = permutation(from.rows, seed)
  const [fitted, moved] = [order.slice(0, pairs), order.slice(pairs, pairs + held)]
  const parts = [from, to].map((x) => [takeRows(x, fitted), takeRows(x, moved)])
  const [a, b] = scaled ? parts.map((part) => standardise(...part)) : parts
  return { train: [a[0], b[0]], test: [a[1], b[1]] }
}
