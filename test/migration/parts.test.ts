import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { pace } from '../../src/progress.js'
import { run } from '../../src/steps.js'
import { Bootstrap } from '../../src/migration/bootstrap.js'
import { isotonic, valueAt } from '../../src/migration/isotonic.js'
import { judgeSteps, truthSteps } from '../../src/migration/judge.js'
import { chosenRow, verdictOf } from '../../src/migration/verdict.js'
import { EmbeddingMigration } from '../../src/migration/index.js'
import type { MigrationMethod, MigrationWay } from '../../src/migration/index.js'
import { normal, uniform } from '../support/random.js'
import { twoModels } from './support.js'

describe('isotonic regression', () => {
  /** By its closed form: the largest of the means that end here, of the least that begin before. */
  const naive = (values: readonly number[]) =>
    values.map((_, i) => {
      const mean = (a: number, b: number) => values.slice(a, b + 1).reduce((sum, x) => sum + x, 0) / (b - a + 1)
      const starts = values.map((_x, a) => a).filter((a) => a <= i)
      const ends = values.map((_x, b) => b).filter((b) => b >= i)
      return Math.max(...starts.map((a) => Math.min(...ends.map((b) => mean(a, b)))))
    })

  it('is the nearest sequence that does not decrease', () => {
    const random = normal(3)
    const scores = Array.from({ length: 40 }, (_, i) => i / 40)
    const values = scores.map((x) => x + 0.3 * random())
    const shuffled = scores.map((_, i) => (i * 7) % 40)
    const found = isotonic(shuffled.map((i) => scores[i]), shuffled.map((i) => values[i])) // prettier-ignore
    const expected = naive(values)
    const levels = [...new Set(expected.map((x) => x.toFixed(9)))]
    expect(Array.from(found.values, (x) => x.toFixed(9))).toEqual(levels)
    expect(found.scores.every((x, i) => i === 0 || x > found.scores[i - 1])).toBe(true)
  })

  it('takes equal scores together, one score alone, and no more points than it keeps', () => {
    expect(isotonic([0.5, 0.5, 0.5], [0, 1, 2])).toEqual({ scores: Float64Array.of(0.5), values: Float64Array.of(1) })
    const long = Array.from({ length: 1000 }, (_, i) => i / 1000)
    const found = isotonic(long, long)
    expect(found.scores.length).toBe(256)
    expect([found.scores[0], found.scores[255]]).toEqual([0, 0.999])
  })

  it('is read between its points, below them and above', () => {
    const curve = { scores: Float64Array.of(0.2, 0.6), values: Float64Array.of(0.1, 0.5) }
    expect([-1, 0.2, 0.4, 0.6, 0.8, 1, 2].map((x) => Number(valueAt(curve, x).toFixed(12)))).toEqual([0.1, 0.1, 0.3, 0.5, 0.75, 1, 1]) // prettier-ignore
  })
})

describe('the bootstrap', () => {
  it('has the width of the normal interval where there are many items, and none of a constant', () => {
    const random = normal(5)
    const values = Float64Array.from({ length: 400 }, () => random())
    const mean = values.reduce((sum, x) => sum + x / 400, 0)
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2 / 399, 0) / 400)
    const [low, high] = run(Bootstrap.steps(400, 1)).interval(values)
    expect(Math.abs(low - (mean - 1.96 * deviation))).toBeLessThan(0.25 * deviation)
    expect(Math.abs(high - (mean + 1.96 * deviation))).toBeLessThan(0.25 * deviation)
    expect(run(Bootstrap.steps(3, 1)).interval(Float64Array.of(0.5, 0.5, 0.5))).toEqual([0.5, 0.5])
    expect(run(Bootstrap.steps(400, 1)).interval(values)).toEqual([low, high])
    expect(run(Bootstrap.steps(400, 2)).interval(values)).not.toEqual([low, high])
  })
})

describe('judging', () => {
  const cosine = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    const dot = Array.from(x).reduce((sum, a, l) => sum + a * y[l], 0)
    return dot / Math.hypot(...Array.from(x)) / Math.hypot(...Array.from(y))
  }

  it('counts as plain loops do', () => {
    const [old, renewed] = twoModels(40, [5, 5], 4, 0.3)
    const engine = Engine.shared()
    const truth = run(truthSteps(engine, renewed))
    const progress = { phase: 'x', done: 0, total: 1 }
    const found = run(judgeSteps(engine, { stored: undefined, queries: undefined }, [old, renewed], truth, progress))
    expect(truth.k).toBe(10)
    for (let i = 0; i < 40; i++) {
      const order = (gallery: Matrix, others: number[]) =>
        others.sort((a, b) => cosine(renewed.row(i), gallery.row(b)) - cosine(renewed.row(i), gallery.row(a)))
      const all = Array.from({ length: 40 }, (_, j) => j)
      const others = all.filter((j) => j !== i)
      const near = new Set(order(renewed, [...others]).slice(0, 10))
      const both = order(old, [...others]).slice(0, 10).filter((j) => near.has(j)).length // prettier-ignore
      expect(found.retention[i]).toBeCloseTo(both / 10, 12)
      const rank = order(old, all).indexOf(i)
      expect([found.recall[0][i], found.recall[1][i]]).toEqual([Number(rank < 1), Number(rank < 10)])
      expect(truth.cosines[40 * i + 3]).toBeCloseTo(cosine(renewed.row(i), renewed.row(3)), 6)
    }
  })

  it('gives what is all alike what guessing gives', () => {
    const Y = twoModels(30, [5, 5], 4, 0.3)[1]
    const constant = new Matrix(30, 5, new Float64Array(150).fill(1))
    const engine = Engine.shared()
    const truth = run(truthSteps(engine, Y))
    const found = run(judgeSteps(engine, { stored: undefined, queries: undefined }, [constant, Y], truth, { phase: 'x', done: 0, total: 1 })) // prettier-ignore
    for (let i = 0; i < 30; i++) {
      expect(found.retention[i]).toBeCloseTo(7 / 29, 12)
      expect(found.recall[0][i]).toBeCloseTo(1 / 30, 12)
      expect(found.recall[1][i]).toBeCloseTo(10 / 30, 12)
    }
  })
})

describe('the verdict', () => {
  const row = (way: MigrationWay, method: MigrationMethod, retention: number) => ({
    way,
    method,
    setting: '',
    recallAt: { 1: 0, 10: 0 },
    retention,
    interval: [retention - 0.01, retention + 0.01] as const,
  })
  const entry = (way: MigrationWay, method: MigrationMethod, retention: number) => ({
    row: row(way, method, retention),
    chosenBy: retention,
  })

  it('takes the way that changes least among those as good as the best', () => {
    const queries = entry('queries', 'ridge', 0.895)
    const both = entry('both', 'perfect-alignment', 0.9)
    expect(chosenRow([entry('queries', 'procrustes', 0.893), queries, entry('stored', 'ridge', 0.899), both])).toBe(queries) // prettier-ignore
    expect(chosenRow([entry('queries', 'ridge', 0.88), both])).toBe(both)
    const nothing = entry('none', 'none', 0.9)
    expect(chosenRow([nothing, both])).toBe(nothing)
  })

  it('sees what is lost fall as a power of the pairs', () => {
    const curve = [100, 200, 400].map((pairs) => ({ pairs, rows: [row('stored', 'ridge', 1 - 2 * pairs ** -0.4)] }))
    const [last] = curve[2].rows
    const chance = { recallAt: { 1: 0.001, 10: 0.01 }, retention: 0.01 }
    const { morePairs } = verdictOf({ row: last, chosenBy: 0 }, { rows: [last], chance, curve, neighbours: 10, gallery: 1000 }, 0.5) // prettier-ignore
    expect(morePairs?.pairs).toBe(800)
    expect(morePairs?.retention).toBeCloseTo(1 - 2 * 800 ** -0.4, 12)
    const flat = curve.map(({ pairs }) => ({ pairs, rows: [row('stored', 'ridge', 1)] }))
    const [whole] = flat[2].rows
    expect(verdictOf({ row: whole, chosenBy: 1 }, { rows: [whole], chance, curve: flat, neighbours: 10, gallery: 1000 }, 0.5).morePairs?.retention).toBe(1) // prettier-ignore
  })
})

describe('calibration', () => {
  it('brings cosines to those of vectors embedded anew', () => {
    const pairs = twoModels(500, [10, 14], 8, 0.4, 5)
    const fresh = twoModels(500, [10, 14], 8, 0.4, 5).map((X) => new Matrix(100, X.cols, X.data.slice(400 * X.cols)))
    const migration = EmbeddingMigration.fit(pairs.map((X) => new Matrix(400, X.cols, X.data.slice(0, 400 * X.cols))), { way: 'stored', curve: [] }) // prettier-ignore
    const { raw, calibrated } = migration.evaluation.calibration
    expect(calibrated).toBeLessThan(raw)
    const moved = migration.mapStored(fresh[0])
    const random = uniform(1)
    let [before, after] = [0, 0]
    for (let i = 0; i < 100; i++) {
      const j = Math.floor(random() * 100)
      if (i === j) continue
      const truth = cosineOf(fresh[1].row(i), fresh[1].row(j))
      const score = cosineOf(fresh[1].row(i), moved.row(j))
      before += score - truth
      after += migration.calibrate(score) - truth
    }
    expect(Math.abs(after / 100)).toBeLessThan(Math.abs(before / 100) + 0.02)
    const { scores, values } = migration.calibration
    scores.forEach((score, i) => {
      expect(migration.calibrate(score)).toBe(values[i])
    })
    expect(migration.calibrate(1)).toBe(Math.max(1, values[values.length - 1]))
  })
})

function cosineOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const dot = Array.from(x).reduce((sum, a, l) => sum + a * y[l], 0)
  return dot / Math.hypot(...Array.from(x)) / Math.hypot(...Array.from(y))
}

it('the pace of work: how fast it goes, and the time left in a unit that can be read', () => {
  expect(pace(10, 90, 0.5)).toBe('rows')
  expect(pace(100, 200, 2)).toBe('3,000 rows a minute, 4 s left')
  expect(pace(1000, 300_000, 1.5)).toBe('40,000 rows a minute, 8 min left')
  expect(pace(1000, 10_000_000, 1.5)).toBe('40,000 rows a minute, 4.2 h left')
})
