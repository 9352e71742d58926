import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { columnRange } from '../../src/dense/slices.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { svd } from '../../src/linalg/svd.js'
import { matmul } from '../../src/linalg/matmul.js'
import { Matrix } from '../../src/matrix.js'
import { recallAtK } from '../../src/metrics/retrieval.js'
import { uniform } from '../support/random.js'
import { columnMeans, relations } from './support.js'

const load = (path: string) => {
  const bytes = new Uint8Array(readFileSync(new URL(path, import.meta.url)))
  return npyToMatrix(readNpy(bytes))
}
const VIEWS = {
  pix: load('../../examples/mfeat/data/pix.npy'),
  fac: load('../../examples/mfeat/data/fac.npy'),
  kar: load('../../examples/mfeat/data/kar.npy'),
  zer: load('../../examples/mfeat/data/zer.npy'),
}
type View = keyof typeof VIEWS

function permutation(n: number, seed: number): number[] {
  const next = uniform(seed)
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

const takeRows = (X: Matrix, rows: number[]) => Matrix.from(rows.map((i) => Float64Array.from(X.row(i))))

/** Both in units of the training rows, and in the first principal components of those if that is fewer columns. */
function prepared(train: Matrix, test: Matrix, width: number): Matrix[] {
  const means = columnMeans(train)
  const deviations = means.map((mean, j) => {
    let sum = 0
    for (let i = 0; i < train.rows; i++) sum += (train.get(i, j) - mean) ** 2
    return Math.sqrt(sum / train.rows) || 1
  })
  const standardised = [train, test].map(
    (X) =>
      new Matrix(
        X.rows,
        X.cols,
        Float64Array.from(X.data, (x, at) => (x - means[at % X.cols]) / deviations[at % X.cols]),
      ),
  )
  if (width >= train.cols) return standardised
  const { V } = svd(standardised[0])
  const axes = columnRange(V, 0, width)
  return standardised.map((X) => matmul(X, axes))
}

const HELD_OUT = 700
const SEEDS = [0, 1, 2, 3, 4]

/** Held-out recall@1 over both directions of every pair, averaged over the seeds. */
function recall(
  views: readonly View[],
  widths: readonly number[],
  n: number,
): Record<'informative' | 'balanced', number> {
  const sums = { informative: 0, balanced: 0 }
  for (const seed of SEEDS) {
    const order = permutation(2000, 1000 + seed)
    const data = views.map((view, m) =>
      prepared(
        takeRows(VIEWS[view], order.slice(0, n)),
        takeRows(VIEWS[view], order.slice(n, n + HELD_OUT)),
        widths[m],
      ),
    )
    const train = data.map(([X]) => X)
    for (const selection of ['informative', 'balanced'] as const) {
      const model = new PerfectAlignment({ nComponents: 20, selection, center: true }).fit(train)
      const latents = data.map(([, X], m) => model.transform(X, m))
      const scores = latents.flatMap((Z, m) => latents.filter((_, l) => l !== m).map((other) => recallAtK(Z, other, 1)))
      sums[selection] += scores.reduce((a, b) => a + b, 0) / scores.length / SEEDS.length
    }
  }
  return sums
}

// The widths of the views; more means all columns.
const PIX = 240
const FAC = 216

describe('UCI Multiple Features: held-out recall@1 with k = 20, as in the design', () => {
  it.each([
    [['pix', 'fac'], [PIX, FAC], 300, 0.967, 0.992],
    [['pix', 'fac'], [150, 150], 300, 0.838, 0.991],
    [['pix', 'fac'], [PIX, FAC], 1000, 0.715, 0.999],
    [['fac', 'zer'], [FAC, 47], 300, 0.067, 0.626],
    [['pix', 'fac', 'kar'], [PIX, FAC, 64], 300, 0.287, 0.962],
  ] as const)('%j of widths %j, n = %i: informative %f, balanced %f', (views, widths, n, informative, balanced) => {
    const found = recall(views, widths, n)
    expect(Math.abs(found.informative - informative)).toBeLessThan(0.03)
    expect(Math.abs(found.balanced - balanced)).toBeLessThan(0.03)
  })

  it("takes 'auto' for balanced on all of them", () => {
    for (const views of [
      ['pix', 'fac'],
      ['fac', 'zer'],
      ['pix', 'kar'],
    ] as const) {
      const order = permutation(2000, 7).slice(0, 300)
      const model = new PerfectAlignment({ nComponents: 20 }).fit(views.map((view) => takeRows(VIEWS[view], order)))
      expect(model.selected).toBe('balanced')
    }
  })

  // Two equal rows among the 1994 different ones count as a relation of any views with columns enough: one, and not twenty.
  it.each([60, 150, 250, 400])(
    'finds no more than one relation between views, three and four of them, %i rows',
    (n) => {
      const order = permutation(2000, 7).slice(0, n)
      for (const views of [
        ['pix', 'fac'],
        ['pix', 'fac', 'kar'],
        ['pix', 'kar', 'zer'],
        ['pix', 'fac', 'kar', 'zer'],
      ] as const) {
        const rows = views.map((view) => takeRows(VIEWS[view], order))
        expect(relations(rows)).toBeLessThanOrEqual(1)
      }
    },
  )

  it('predicts kar from pix, R^2 above 0.8', () => {
    const order = permutation(2000, 8)
    const [pix, kar] = (['pix', 'kar'] as const).map((view) =>
      prepared(takeRows(VIEWS[view], order.slice(0, 1000)), takeRows(VIEWS[view], order.slice(1000)), 999),
    )
    const model = new PerfectAlignment({ nComponents: 64, selection: 'balanced' }).fit([pix[0], kar[0]])
    const predicted = model.translate(pix[1], 0, 1)
    const error = Math.hypot(...kar[1].data.map((x, at) => x - predicted.data[at]))
    expect(1 - (error / Math.hypot(...kar[1].data)) ** 2).toBeGreaterThan(0.8)
  })
})

const folder = process.env.COLLIMATE_DATA

describe.skipIf(folder === undefined)('all six views', () => {
  const names = ['fou', 'fac', 'kar', 'pix', 'zer', 'mor']
  const load6 = () => names.map((name) => load(`file://${folder}/mfeat/mfeat_${name}.npy`))

  it.each([60, 250, 1000])('have no relation, %i rows', (n) => {
    const order = permutation(2000, 7).slice(0, n)
    const rows = load6().map((X) => takeRows(X, order))
    expect(relations(rows)).toBe(0)
    expect(new PerfectAlignment({ nComponents: 1 }).fit(rows).selected).toBe('balanced')
  })
})
