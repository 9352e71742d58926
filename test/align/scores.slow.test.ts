import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { columnRange } from '../../src/dense/slices.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { matmul } from '../../src/linalg/matmul.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { uniform } from '../support/random.js'
import '../support/scores.js'
import { centred } from './support.js'

const load = (path: string) => npyToMatrix(readNpy(new Uint8Array(readFileSync(new URL(path, import.meta.url)))))

/** Rows of mfeat in a random order, in units of the first 600, and in their first 100 principal components. */
function digits(view: Matrix, seed: number): Matrix[] {
  const next = uniform(seed)
  const rows = Array.from({ length: view.rows }, (_, i) => i)
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[rows[i], rows[j]] = [rows[j], rows[i]]
  }
  const taken = (from: number, to: number) =>
    Matrix.from(rows.slice(from, to).map((i) => Float64Array.from(view.row(i))))
  const [fitted, held] = [taken(0, 600), taken(600, 1300)]
  const own = centred(fitted)
  const deviations = Array.from(
    { length: view.cols },
    (_, j) => Math.hypot(...Array.from({ length: 600 }, (_, i) => own.get(i, j))) / Math.sqrt(600) || 1,
  )
  const scaled = [fitted, held].map(
    (X) =>
      new Matrix(
        X.rows,
        X.cols,
        Float64Array.from(X.data, (x, at) => x / deviations[at % X.cols]),
      ),
  )
  if (view.cols <= 100) return scaled
  const axes = columnRange(svd(scaled[0]).V, 0, 100)
  return scaled.map((X) => matmul(X, axes))
}

describe('mfeat, 600 pairs to fit and 700 to find', () => {
  const views = { pix: load('../../examples/mfeat/data/pix.npy'), zer: load('data/zer.npy'), kar: load('data/kar.npy') }
  const recall = (S: Matrix) => {
    const own = Array.from({ length: S.rows }, (_, i) => S.get(i, i))
    const first = (at: (i: number, j: number) => number) =>
      own.filter((score, i) => own.every((_, j) => j === i || at(i, j) < score)).length / S.rows
    return (first((i, j) => S.get(i, j)) + first((i, j) => S.get(j, i))) / 2
  }

  it.each([
    ['pix', 'zer', 0.803],
    ['kar', 'zer', 0.478],
  ] as const)('%s, %s: within .02 of the reference', (first, second, reference) => {
    const seeds = [0, 1, 2]
    const found = seeds.map((seed) => {
      const [X, Y] = [digits(views[first], seed), digits(views[second], seed)]
      const of = new PerfectAlignment({ nComponents: 'all', selection: 'balanced', scale: false }).fit([X[0], Y[0]])
      return recall(of.similarity(X[1], 0, Y[1], 1))
    })
    expect(Math.abs(found.reduce((a, b) => a + b) / seeds.length - reference)).toBeLessThan(0.02)
  })
})
