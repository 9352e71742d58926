import { describe, expect, expectTypeOf, it } from 'vitest'
import { qr } from '../../src/linalg/qr.js'
import { Matrix } from '../../src/matrix.js'
import { EmbeddingMigration, MigrationEvaluation } from '../../src/migration/index.js'
import { rowRanges, times } from '../align/support.js'
import { gaussian } from '../support/random.js'
import { maxDifference, twoModels, unit } from './support.js'

const rowOf = ({ evaluation }: EmbeddingMigration, way: string, method: string) =>
  evaluation.rows.find((row) => row.way === way && row.method === method)

/** Of the k nearest of each row among the others, by cosine, the share that queries find in a gallery. */
function kept(truth: Matrix, queries: Matrix, gallery: Matrix, k: number): number {
  const nearest = (Q: Matrix, G: Matrix, i: number) => {
    const cosine = (j: number) => {
      const [q, g] = [Q.row(i), G.row(j)]
      return Array.from(q).reduce((sum, x, l) => sum + x * g[l], 0) / Math.hypot(...g)
    }
    const others = Array.from({ length: G.rows }, (_, j) => j).filter((j) => j !== i)
    return new Set(others.sort((a, b) => cosine(b) - cosine(a)).slice(0, k))
  }
  const shares = Array.from({ length: truth.rows }, (_, i) => {
    const found = nearest(queries, gallery, i)
    return [...nearest(truth, truth, i)].filter((j) => found.has(j)).length / k
  })
  return shares.reduce((sum, x) => sum + x / shares.length, 0)
}

const [old, renewed] = twoModels(360, [12, 18], 8, 0.15)
const pairs = rowRanges([old, renewed], 0, 240)
const unseen = rowRanges([old, renewed], 240, 360)
const models = { old: 'small-1', new: 'large-2' }
const migration = EmbeddingMigration.fit(pairs, { models, seed: 3, date: '2026-11-30' })

describe('EmbeddingMigration', () => {
  it('says of what it is', () => {
    expect(migration.models).toEqual({
      old: { model: 'small-1', dimensions: 12 },
      new: { model: 'large-2', dimensions: 18 },
    })
    expect([migration.pairs, migration.date]).toEqual([240, '2026-11-30'])
    expect(migration.evaluation).toBeInstanceOf(MigrationEvaluation)
    expect(migration.evaluation).toMatchObject({ pairs: 240, fitted: 192, gallery: 48, queries: 24, neighbours: 10 })
  })

  it('judges every way and method, and chance beside them; nothing where widths differ', () => {
    const names = migration.evaluation.rows.map(({ way, method }) => `${way} ${method}`)
    expect(names).toEqual([
      'queries ridge',
      'queries reduced-rank',
      'queries procrustes',
      'stored ridge',
      'stored reduced-rank',
      'stored procrustes',
      'both perfect-alignment',
    ])
    for (const { recallAt, retention, interval } of migration.evaluation.rows) {
      expect(recallAt[1]).toBeLessThanOrEqual(recallAt[10])
      expect(interval[0]).toBeLessThanOrEqual(retention)
      expect(interval[1]).toBeGreaterThanOrEqual(retention)
    }
    expect(migration.evaluation.chance).toEqual({ recallAt: { 1: 1 / 48, 10: 10 / 48 }, retention: 10 / 47 })
  })

  it.each(['queries', 'stored', 'both'] as const)('keeps of unseen items what it says of held-out ones: %s', (way) => {
    const chosen = EmbeddingMigration.fit(pairs, { way, seed: 3, heldOut: 100, curve: [] })
    expect(chosen.way).toBe(way)
    const [said] = chosen.evaluation.rows.filter(({ method }) => method === chosen.method)
    const found = kept(unseen[1], chosen.mapQueries(unseen[1]), chosen.mapStored(unseen[0]), 10)
    expect(Math.abs(found - said.retention)).toBeLessThan(0.1)
    expect(found).toBeGreaterThan(0.6)
  })

  it('maps one side alone: what needs no map comes back as it is', () => {
    const queries = EmbeddingMigration.fit(pairs, { way: 'queries', curve: [] })
    expect([queries.movesQueries, queries.movesStored, queries.dimensions]).toEqual([true, false, 12])
    expect(queries.mapStored(unseen[0])).toBe(unseen[0])
    expect(queries.mapQueries(unseen[1])).toMatchObject({ rows: 120, cols: 12 })
    const stored = EmbeddingMigration.fit(pairs, { way: 'stored', curve: [] })
    expect([stored.movesQueries, stored.movesStored, stored.dimensions]).toEqual([false, true, 18])
    expect(stored.mapQueries(unseen[1])).toBe(unseen[1])
    const both = EmbeddingMigration.fit(pairs, { way: 'both', curve: [] })
    expect([both.movesQueries, both.movesStored]).toEqual([true, true])
    expect(both.mapStored(unseen[0]).cols).toBe(both.dimensions)
  })

  it('gives rows of length 1 where the vectors of the model had it', () => {
    const Y = migration.mapQueries(unseen[1])
    for (let i = 0; i < Y.rows; i++) expect(Math.abs(Math.hypot(...Y.row(i)) - 1)).toBeLessThan(1e-12)
  })

  it('gives vectors, float32 and promises as it gives rows', async () => {
    const migration = EmbeddingMigration.fit(pairs, { way: 'queries', method: 'ridge', curve: [] })
    const all = migration.mapQueries(unseen[1])
    expect(maxDifference(await migration.mapQueriesAsync(unseen[1]), all)).toBeLessThan(1e-12)
    const single = migration.mapQueries(unseen[1], { precision: 'f32' })
    expectTypeOf(migration.mapQueryVector(unseen[1].row(0))).toEqualTypeOf<Float64Array>()
    expect(single.data).toBeInstanceOf(Float32Array)
    expect(maxDifference(single, all)).toBeLessThan(1e-5)
    const vector = migration.mapQueryVector(unseen[1].row(5))
    vector.forEach((x, j) => {
      expect(Math.abs(x - all.get(5, j))).toBeLessThan(1e-12)
    })
    const out = new Float32Array(migration.dimensions)
    expect(migration.mapQueryVector(Array.from(unseen[1].row(5)), out)).toBe(out)
    expect(Math.abs(out[1] - all.get(5, 1))).toBeLessThan(1e-6)
    const stored = EmbeddingMigration.fit(pairs, { way: 'stored', method: 'ridge', curve: [] })
    const moved = await stored.mapStoredAsync(unseen[0])
    expect(Math.abs(stored.mapStoredVector(unseen[0].row(2))[3] - moved.get(2, 3))).toBeLessThan(1e-12)
  })

  it('is the same by turns, and stops when it is told to', async () => {
    const reports: number[] = []
    const again = await EmbeddingMigration.fitAsync(pairs, { models, seed: 3, date: '2026-11-30', onProgress: ({ share }) => reports.push(share ?? -1) }) // prettier-ignore
    expect(again.toBytes()).toEqual(migration.toBytes())
    expect(reports.every((share, i) => share >= (reports[i - 1] ?? 0) && share <= 1)).toBe(true)
    expect(reports.at(-1)).toBe(1)
    const reason = new Error('enough')
    await expect(EmbeddingMigration.fitAsync(pairs, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const stopped = EmbeddingMigration.fitAsync(pairs, { signal: controller.signal, onProgress: () => { controller.abort(reason) } }) // prettier-ignore
    await expect(stopped).rejects.toBe(reason)
  })
})

describe('what is known of the models shows', () => {
  const options = { curve: [], seed: 1 }

  it('a planted rotation is found, and queries alone are mapped', () => {
    const X = unit(gaussian(200, 10, 4))
    const { Q } = qr(gaussian(10, 10, 5))
    const found = EmbeddingMigration.fit([X, times(X, Q)], { ...options, method: 'procrustes' })
    expect([found.way, found.evaluation.verdict.isAdvised]).toEqual(['queries', true])
    expect(rowOf(found, 'queries', 'procrustes')?.retention).toBe(1)
    expect(maxDifference(found.mapQueries(times(X, Q)), X)).toBeLessThan(1e-12)
    expect(found.setting).toBe('scale 1.000')
  })

  it('one between different widths as well', () => {
    const X = unit(gaussian(200, 8, 4))
    const Q = qr(gaussian(14, 8, 5)).Q.transpose()
    for (const pair of [
      [X, times(X, Q)],
      [times(X, Q), X],
    ]) {
      for (const way of ['queries', 'stored'] as const) {
        const found = EmbeddingMigration.fit(pair, { ...options, way, method: 'procrustes' })
        const [moved, to] = way === 'queries' ? [found.mapQueries(pair[1]), pair[0]] : [found.mapStored(pair[0]), pair[1]] // prettier-ignore
        expect(maxDifference(moved, to)).toBeLessThan(1e-12)
      }
    }
  })

  it('models of one space need no map', () => {
    const X = unit(gaussian(200, 10, 6))
    const E = gaussian(200, 10, 7)
    const Y = unit(new Matrix(200, 10, X.data.map((x, at) => x + 0.01 * E.data[at]))) // prettier-ignore
    const found = EmbeddingMigration.fit([X, Y], options)
    expect([found.way, found.method, found.movesQueries, found.movesStored]).toEqual(['none', 'none', false, false])
    expect(found.evaluation.verdict).toMatchObject({ isAdvised: true })
    expect(found.evaluation.verdict.reason).toMatch(/^do nothing: retention@10 0\.\d+ \(/)
    expect(found.mapQueries(Y)).toBe(Y)
    expect(rowOf(found, 'queries', 'ridge')).toBeDefined()
  })

  it('unrelated rows are advised against, with retention at chance', () => {
    const found = EmbeddingMigration.fit([unit(gaussian(400, 10, 8)), unit(gaussian(400, 12, 9))], options)
    const { rows, chance, verdict } = found.evaluation
    expect(verdict.isAdvised).toBe(false)
    expect(verdict.reason).toContain('the models share nothing, or row i of both is not the same item')
    for (const { retention, interval } of rows) {
      expect(Math.abs(retention - chance.retention)).toBeLessThan(0.06)
      expect(interval[0]).toBeLessThan(chance.retention + 0.05)
    }
    expect(found.mapQueries([Array.from({ length: 12 }, () => 1)]).rows).toBe(1)
  })

  it('what keeps less than is asked for is advised against', () => {
    const [a, b] = twoModels(300, [12, 12], 12, 1)
    const strict = EmbeddingMigration.fit([a, b], { ...options, minRetention: 0.99 })
    expect(strict.evaluation.verdict.isAdvised).toBe(false)
    expect(strict.evaluation.verdict.reason).toMatch(/below 0\.9900\. Take more pairs, or embed again$/)
    expect(EmbeddingMigration.fit([a, b], { ...options, minRetention: 0 }).evaluation.verdict.isAdvised).toBe(true)
  })

  it('rows of other lengths are fitted as they are and at length 1', () => {
    const raw = pairs.map((X, m) => new Matrix(X.rows, X.cols, X.data.map((x, at) => x * (1 + m + (Math.floor(at / X.cols) % 7))))) // prettier-ignore
    const found = EmbeddingMigration.fit(raw, { ...options, way: 'stored', method: 'ridge' })
    expect(found.setting).toMatch(/^ridge /)
    expect(found.evaluation.rows[0].setting).toMatch(/(unit rows|rows as they are)$/)
    expect(found.evaluation.rows[0].retention).toBeGreaterThan(0.6)
    const one = EmbeddingMigration.fit(pairs, { ...options, way: 'stored', method: 'ridge' })
    expect(one.evaluation.rows[0].setting).not.toContain('rows')
  })

  it('a learning curve from the same factors, which rises, and what more pairs would bring', () => {
    const { curve, rows, verdict } = migration.evaluation
    expect(curve.map(({ pairs: count }) => count)).toEqual([24, 48, 96, 192])
    expect(curve[3].rows).toEqual(rows)
    const ridge = curve.map((point) => point.rows.find(({ way, method }) => way === 'stored' && method === 'ridge')?.retention ?? NaN) // prettier-ignore
    expect(ridge[3]).toBeGreaterThan(ridge[0])
    expect(verdict.morePairs?.pairs).toBe(384)
    const chosen = rowOf(migration, migration.way, migration.method)?.retention ?? NaN
    expect(verdict.morePairs?.retention).toBeGreaterThanOrEqual(chosen)
    expect(verdict.morePairs?.retention).toBeLessThanOrEqual(1)
    const own = EmbeddingMigration.fit(pairs, { way: 'stored', method: 'ridge', curve: [50, 100, 5000], seed: 3 })
    expect(own.evaluation.curve.map(({ pairs: count }) => count)).toEqual([50, 100, 192])
    // The last point is the same fit, whatever came before it.
    expect(own.evaluation.rows[0].retention).toBeCloseTo(rowOf(migration, 'stored', 'ridge')?.retention ?? NaN, 10)
  })

  it('groups are never divided between fitted and held out', () => {
    const labels = Array.from({ length: 240 }, (_, i) => `document ${i % 30}`)
    const found = EmbeddingMigration.fit(pairs, { ...options, groups: labels, way: 'stored', method: 'ridge' })
    expect(found.evaluation.gallery % 8).toBe(0)
    expect(found.evaluation.gallery + found.evaluation.fitted).toBe(240)
  })
})

describe('small and odd', () => {
  const options = { curve: [], date: '2026-01-01' }

  it.each([
    ['20 pairs', 20, 5, 6],
    ['fewer pairs than columns', 40, 60, 50],
    ['a width of 1', 60, 1, 4],
    ['two widths of 1', 60, 1, 1],
  ])('%s', (_, n, d0, d1) => {
    const found = EmbeddingMigration.fit(twoModels(n, [d0, d1], Math.min(d0, d1), 0.1), options)
    const mapped = [found.mapQueries(gaussian(3, d1, 1)), found.mapStored(gaussian(3, d0, 2))]
    for (const { rows, cols, data } of mapped) {
      expect([rows, cols]).toEqual([3, found.dimensions])
      expect(data.every(Number.isFinite)).toBe(true)
    }
    for (const { retention, recallAt } of found.evaluation.rows) {
      for (const share of [retention, recallAt[1], recallAt[10]]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }
    }
    expect(String(found.evaluation)).toContain('retention')
  })

  it.each([1e-150, 1e150])('numbers of size %s', (size) => {
    const scaled = pairs.map((X) => new Matrix(X.rows, X.cols, X.data.map((x) => x * size))) // prettier-ignore
    const found = EmbeddingMigration.fit(scaled, { ...options, way: 'stored' })
    expect(found.evaluation.verdict.isAdvised).toBe(true)
    expect(found.mapStored(scaled[0]).data.every(Number.isFinite)).toBe(true)
  })

  it('constant rows are advised against, and break nothing', () => {
    const constant = new Matrix(40, 4, new Float64Array(160).fill(2))
    const found = EmbeddingMigration.fit([constant, gaussian(40, 4, 1)], options)
    expect(found.evaluation.verdict.isAdvised).toBe(false)
    expect(EmbeddingMigration.fit([gaussian(40, 4, 1), constant], options).evaluation.verdict.isAdvised).toBe(false)
    expect(EmbeddingMigration.fit([new Matrix(40, 4), constant], options).evaluation.verdict.isAdvised).toBe(false)
  })
})

describe('refusals', () => {
  const withNaN = new Matrix(30, 2, new Float64Array(60).fill(1))
  withNaN.data[7] = NaN
  const [a, b] = twoModels(30, [4, 5], 3, 0.1)

  it.each([
    ['no list', () => EmbeddingMigration.fit(null as never), TypeError, 'modalities must be an array'],
    ['one matrix', () => EmbeddingMigration.fit([a]), RangeError, 'expected at least 2'],
    ['three', () => EmbeddingMigration.fit([a, b, b]), RangeError, 'got 3 matrices, expected 2: [old, new]'],
    ['other rows', () => EmbeddingMigration.fit([a, gaussian(29, 5, 1)]), RangeError, 'the same sample'],
    ['NaN', () => EmbeddingMigration.fit([gaussian(30, 5, 1), withNaN]), RangeError, 'new: entry (3, 1) is NaN'],
    ['few pairs', () => EmbeddingMigration.fit(rowRanges([a, b], 0, 19)), RangeError, 'got 19 pairs, expected 20 or more'], // prettier-ignore
    [
      'an unknown option',
      () => EmbeddingMigration.fit([a, b], { model: 'x' } as never),
      TypeError,
      "no option 'model'",
    ],
    [
      'an unknown way',
      () => EmbeddingMigration.fit([a, b], { way: 'query' as never }),
      RangeError,
      'way must be one of',
    ],
    ['a method of another way', () => EmbeddingMigration.fit([a, b], { way: 'both', method: 'ridge' }), RangeError, "way 'both' has the methods perfect-alignment, got 'ridge'"], // prettier-ignore
    ['nothing to do', () => EmbeddingMigration.fit([a, b], { way: 'none' }), RangeError, 'these have 4 and 5 columns'],
    ['no map', () => EmbeddingMigration.fit([a, b], { method: 'none' }), RangeError, 'these have 4 and 5 columns'],
    ['all held out', () => EmbeddingMigration.fit([a, b], { heldOut: 30 }), RangeError, 'heldOut must be an integer from 4 to 22'], // prettier-ignore
    ['a date', () => EmbeddingMigration.fit([a, b], { date: 'today' }), RangeError, 'date must be a day'],
    ['names', () => EmbeddingMigration.fit([a, b], { models: { old: 3 as never } }), TypeError, 'models.old must be a string'], // prettier-ignore
    ['one group', () => EmbeddingMigration.fit([a, b], { groups: new Array<string>(30).fill('x') }), RangeError, '1 groups for'], // prettier-ignore
  ] as const)('%s', (_, call, kind, message) => {
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
  })

  it('vectors of another model, by name and by width, in messages that name both', () => {
    const both = "the migration is from 'small-1' (12 dimensions) to 'large-2' (18 dimensions)"
    const queries = unseen[1]
    expect(() => migration.mapQueries(queries, { expect: { model: 'small-1', dimensions: 12 } })).toThrow(
      `mapQueries takes vectors of 'large-2' (18 dimensions), got 'small-1' (12 dimensions): ${both}`,
    )
    expect(() => migration.mapQueries(unseen[0])).toThrow(`got vectors of 12: ${both}`)
    expect(() => migration.mapStored(queries)).toThrow(`mapStored takes vectors of 'small-1' (12 dimensions), got vectors of 18: ${both}`) // prettier-ignore
    expect(() => migration.mapQueryVector([1, 2])).toThrow(`got vectors of 2: ${both}`)
    expect(() => migration.mapQueries(queries, { expect: { name: 'x' } as never })).toThrow("no option 'name'")
    expect(() => migration.mapQueries(queries, { expect: { model: 3 as never } })).toThrow(TypeError)
    expect(migration.mapQueries(queries, { expect: { model: 'large-2', dimensions: 18 } }).rows).toBe(120)
    expect(migration.mapQueries(queries, { expect: {} }).rows).toBe(120)
  })

  it('entries that are not finite, and others than numbers', () => {
    const row = new Float64Array(18).fill(1)
    row[4] = Infinity
    expect(() => migration.mapQueryVector(row)).toThrow('entry 4 is Infinity')
    expect(() => migration.mapQueries([Array.from(row)])).toThrow(RangeError)
    expect(() => migration.mapQueryVector(null as never)).toThrow(TypeError)
    expect(() => migration.calibrate(NaN)).toThrow(RangeError)
    expect(() => migration.calibrate('1' as never)).toThrow(TypeError)
  })
})

describe('what is printed', () => {
  it('says who, how many, what each way keeps, by how many pairs, and what to do', () => {
    const text = String(migration.evaluation)
    expect(text).toMatch(/^small-1 \(12\) to large-2 \(18\): 240 pairs, 192 of them fitted; 24 held-out queries among 48 rows\n\n/) // prettier-ignore
    expect(text).toMatch(/\nqueries +ridge +[01]\.\d{4} +[01]\.\d{4} +0\.\d{4} +0\.\d{4} to 0\.\d{4} +ridge /)
    expect(text).toMatch(/\nretention@10 with +24 pairs +48 pairs +96 pairs +192 pairs\n/)
    expect(text).toContain(migration.evaluation.verdict.reason)
    expect(text).toMatch(/\nwith 384 pairs about 0\.\d{4}, by the slope of the curve, for 0\.\d{4} with 192\n/)
    expect(text).toMatch(/\ncosines are off by 0\.\d+ in the mean, calibrated by 0\.\d+$/)
  })

  it('is the same from JSON', () => {
    const data = JSON.parse(JSON.stringify(migration.evaluation)) as object
    expect(data).toEqual(migration.evaluation.toJSON())
  })
})
