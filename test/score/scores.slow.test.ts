import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { columnRange } from '../../src/dense/slices.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { matmul } from '../../src/linalg/matmul.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { calibrateScore, matchProbability } from '../../src/score/index.js'
import { uniform } from '../support/random.js'
import '../support/scores.js'
import { centred } from '../align/support.js'

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

type View = 'pix' | 'zer' | 'kar'

describe('mfeat, 600 pairs to fit and 700 to find', () => {
  const views = {
    pix: load('../../examples/mfeat/data/pix.npy'),
    zer: load('../../examples/mfeat/data/zer.npy'),
    kar: load('../../examples/mfeat/data/kar.npy'),
  }
  const recall = (S: Matrix) => {
    const own = Array.from({ length: S.rows }, (_, i) => S.get(i, i))
    const first = (at: (i: number, j: number) => number) =>
      own.filter((score, i) => own.every((_, j) => j === i || at(i, j) < score)).length / S.rows
    return (first((i, j) => S.get(i, j)) + first((i, j) => S.get(j, i))) / 2
  }

  const split = (first: View, second: View, seed: number) => {
    const [X, Y] = [digits(views[first], seed), digits(views[second], seed)]
    return { fitted: [X[0], Y[0]], held: [X[1], Y[1]] as const }
  }
  const seeds = [0, 1, 2]
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  const options = { nComponents: 'all', selection: 'balanced', scale: false } as const

  it.each([
    ['pix', 'zer', 0.803, 0.912],
    ['kar', 'zer', 0.478, 0.546],
  ] as const)(
    '%s, %s: within .02 of the reference, by the fit alone and by five folds',
    (first, second, fitted, folds) => {
      const alone: number[] = []
      const learnt: number[] = []
      for (const seed of seeds) {
        const { fitted: pairs, held } = split(first, second, seed)
        const of = new PerfectAlignment(options).fit(pairs)
        alone.push(recall(of.similarity(held[0], 0, held[1], 1)))
        const { model, metric, best } = calibrateScore(PerfectAlignment, pairs, { options, metric: 'likelihood', seed })
        expect([metric, best.rho]).toEqual(['likelihood', 'held-out'])
        learnt.push(recall(model.similarity(held[0], 0, held[1], 1, { metric })))
      }
      expect(Math.abs(mean(alone) - fitted)).toBeLessThan(0.02)
      expect(Math.abs(mean(learnt) - folds)).toBeLessThan(0.02)
    },
  )

  it('says what it is worth: of pairs that are partners with probability p, the share p are', () => {
    const { fitted, held } = split('kar', 'zer', 0)
    const calibrated = calibrateScore(PerfectAlignment, fitted, { options })
    const S = calibrated.model.similarity(held[0], 0, held[1], 1, { metric: calibrated.metric })
    const own = Array.from({ length: S.rows }, (_, i) => S.get(i, i))
    // As many strangers as partners: even odds.
    const strangers = Array.from({ length: S.rows }, (_, i) => S.get(i, (i + 350) % S.rows))
    const probabilities = [own, strangers].map((scores) => matchProbability(calibrated.logRatios(scores), 0.5))
    // The expected calibration error, over ten bins.
    let error = 0
    for (let bin = 0; bin < 10; bin++) {
      const [partners, others] = probabilities.map((list) =>
        list.filter((p) => Math.min(9, Math.floor(10 * p)) === bin),
      )
      const all = [...partners, ...others]
      if (all.length > 0) error += Math.abs(partners.length - all.length * mean(all)) / (2 * S.rows)
    }
    expect(error).toBeLessThan(0.03)
  })
})
