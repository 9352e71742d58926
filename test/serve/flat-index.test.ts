import { describe, expect, test } from 'vitest'
import { CollimateError, FileFormatError } from '../../src/errors.js'
import { Matrix } from '../../src/matrix.js'
import { FlatIndex, type FlatMetric, type FlatStorage, type Id } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'
import { onEveryServeBuild } from './support.js'

const METRICS = ['cosine', 'dot', 'euclidean'] as const
const single = ({ rows, cols, data }: Matrix) => new Matrix(rows, cols, Float32Array.from(data))

/** The score of one row by definition, in float64; by 'euclidean' minus the distance. */
function scoreOf(metric: FlatMetric, x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [xy, xx, yy, square] = [0, 0, 0, 0]
  for (let l = 0; l < x.length; l++) {
    xy += x[l] * y[l]
    xx += x[l] ** 2
    yy += y[l] ** 2
    square += (x[l] - y[l]) ** 2
  }
  if (metric === 'euclidean') return -Math.sqrt(square)
  return metric === 'dot' ? xy : xx * yy > 0 ? xy / Math.sqrt(xx) / Math.sqrt(yy) : 0
}

/** Rows by falling score, the first of equals first. */
function ranking(metric: FlatMetric, query: ArrayLike<number>, G: Matrix, bias: (row: number) => number = () => 0) {
  const scored = Array.from({ length: G.rows }, (_, row) => ({ row, score: scoreOf(metric, query, G.row(row)) + bias(row) })) // prettier-ignore
  return scored.sort((a, b) => b.score - a.score || a.row - b.row)
}

const valuesOf = ({ scores, distances }: { scores?: Float64Array; distances?: Float64Array }) => (scores ?? distances?.map((x) => -x)) as Float64Array // prettier-ignore

onEveryServeBuild(() => {
  describe.each(METRICS)('%s', (metric) => {
    test.each([1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 130])('%i dimensions: the k best are those of float64', (d) => {
      const [Q, G] = [single(gaussian(19, d, 1)), single(gaussian(301, d, 2))]
      const index = new FlatIndex({ dimensions: d, metric })
      expect(index.add(G)).toEqual(Array.from({ length: 301 }, (_, i) => i))
      const found = index.search(Q, 7)
      const values = valuesOf(found)
      expect([found.k, found.ids.length, values.length]).toEqual([7, 133, 133])
      for (let i = 0; i < Q.rows; i++) {
        const expected = ranking(metric, Q.row(i), G)
        const scale = metric === 'cosine' ? 1 : Math.abs(expected[0].score) + Math.sqrt(d)
        for (let l = 0; l < 7; l++) {
          const at = 7 * i + l
          expect(Math.abs(values[at] - expected[l].score)).toBeLessThan(3e-7 * scale)
          // Rows may change places where scores differ by rounding alone.
          const own = scoreOf(metric, Q.row(i), G.row(found.ids[at] as number))
          expect(Math.abs(own - values[at])).toBeLessThan(3e-7 * scale)
        }
        const alone = index.search(Q.row(i), 7)
        expect(alone.ids).toEqual(found.ids.slice(7 * i, 7 * i + 7))
      }
    })

    test('sizes: none, one, a block and more', () => {
      for (const rows of [0, 1, 2, 3, 4, 5, 63, 64, 65, 1023, 1024, 1025, 2049]) {
        const G = single(gaussian(rows, 3, rows + 1))
        const index = new FlatIndex({ dimensions: 3, metric })
        index.add(G)
        const query = [0.3, -1, 2]
        const { k, ids } = index.search(query, rows + 5)
        expect(k).toBe(rows)
        expect([...ids].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: rows }, (_, i) => i))
        if (rows > 0) expect(index.search(query, 1).ids).toEqual(ids.slice(0, 1))
      }
    })

    test('ranges at both ends of float64', () => {
      for (const size of [1e-300, 1e-30, 1e30, 1e150]) {
        const [q, G] = [gaussian(1, 9, 3), gaussian(50, 9, 4)]
        const index = new FlatIndex({ dimensions: 9, metric })
        index.add({ rows: 50, cols: 9, data: G.data.map((x) => x * size) })
        const query = metric === 'euclidean' ? q.data.map((x) => x * size) : q.data
        const found = index.search(query, 5)
        expect(found.ids).toEqual(ranking(metric, q.data, single(G)).slice(0, 5).map(({ row }) => row)) // prettier-ignore
        expect(valuesOf(found).every(Number.isFinite)).toBe(true)
      }
    })

    test('equal rows in the order of insertion, also after removal', () => {
      const index = new FlatIndex({ dimensions: 5, metric })
      const row = [1, 2, 3, 4, 5]
      index.add(Array.from({ length: 40 }, () => row))
      expect(index.search(row, 10).ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(index.remove(Array.from({ length: 30 }, (_, i) => i))).toBe(30)
      index.add([row, row], ['b', 'a'])
      index.add([row], [3])
      expect(index.search(row, 20).ids).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 'b', 'a', 3])
      index.add([row])
      expect(index.search(row, 20).ids.at(-1)).toBe(40)
    })

    test.each(['f32', 'i8', 'binary'] as const)('%s: a file gives the same index', (storage) => {
      for (const rescore of [true, false]) {
        const G = gaussian(200, 33, 5)
        const index = new FlatIndex({ dimensions: 33, metric, storage, rescore })
        index.add(new Matrix(150, 33, G.data.subarray(0, 150 * 33)))
        index.add(new Matrix(50, 33, G.data.subarray(150 * 33)), Array.from({ length: 50 }, (_, i) => (i % 2 ? `é${i}` : 1000 + i))) // prettier-ignore
        index.remove([3, 'é7', 199])
        if (metric !== 'euclidean') index.setBias([5, 'é9'], [0.25, -0.5])
        const bytes = index.toBytes()
        // At an odd offset of its buffer.
        const shifted = new Uint8Array(bytes.length + 3).subarray(3)
        shifted.set(bytes)
        const again = FlatIndex.fromBytes(shifted)
        const Q = gaussian(6, 33, 6)
        expect(again.search(Q, 20)).toEqual(index.search(Q, 20))
        expect(again.toBytes()).toEqual(bytes)
        expect(again.add([G.row(0)])).toEqual(index.add([G.row(0)]))
        expect(index.releaseMemory()).toBeGreaterThanOrEqual(0)
        expect(index.search(Q, 20)).toEqual(again.search(Q, 20))
      }
    })
  })

  test.each([
    ['i8', 0.99],
    ['binary', 0.9],
  ] as const)('%s ranks candidates exactly, and finds nearly all', (storage, recall) => {
    // Rows near others, as embeddings are: of 40 directions.
    const [Z, W] = [gaussian(3000, 40, 7), gaussian(40, 256, 8)]
    const G = new Matrix(3000, 256, Float32Array.from({ length: 3000 * 256 }, (_, at) => {
      let sum = 0.5
      const i = Math.floor(at / 256)
      for (let l = 0; l < 40; l++) sum += Z.data[40 * i + l] * W.data[256 * l + (at % 256)]
      return sum
    })) // prettier-ignore
    const Q = new Matrix(20, 256, G.data.subarray(0, 20 * 256))
    for (const metric of METRICS) {
      const exact = new FlatIndex({ dimensions: 256, metric })
      const index = new FlatIndex({ dimensions: 256, metric, storage })
      exact.add(G)
      index.add(G)
      const [all, found] = [exact.search(Q, 10), index.search(Q, 10)]
      const hits = all.ids.filter((id, at) => found.ids.slice(10 * Math.floor(at / 10), 10 * Math.floor(at / 10) + 10).includes(id)) // prettier-ignore
      expect(hits.length / all.ids.length, metric).toBeGreaterThan(recall)
      const best = found.ids.map((id, at) => scoreOf(metric, Q.row(Math.floor(at / 10)), G.row(id as number)))
      best.forEach((score, at) => {
        expect(Math.abs(score - valuesOf(found)[at])).toBeLessThan(1e-6 * Math.max(1, Math.abs(score)))
      })
      const rough = new FlatIndex({ dimensions: 256, metric, storage, rescore: false })
      rough.add(G)
      expect(rough.byteLength).toBeLessThan(index.byteLength)
      const approximate = rough.search(Q, 10)
      expect(valuesOf(approximate).every(Number.isFinite)).toBe(true)
      if (storage === 'i8') {
        const worst = Math.max(...approximate.ids.map((id, at) => Math.abs(valuesOf(approximate)[at] - scoreOf(metric, Q.row(Math.floor(at / 10)), G.row(id as number))))) // prettier-ignore
        expect(worst).toBeLessThan(metric === 'cosine' ? 0.02 : metric === 'dot' ? 400 : 12)
      }
    }
  })

  test.each(['dot', 'cosine'] as const)('%s: biases are added to scores', (metric) => {
    const [q, G] = [single(gaussian(1, 12, 9)), single(gaussian(90, 12, 10))]
    for (const storage of ['f32', 'i8', 'binary'] as const) {
      const index = new FlatIndex({ dimensions: 12, metric, storage })
      index.add(G)
      const bias = (row: number) => Math.sin(row)
      index.setBias(Array.from({ length: 90 }, (_, i) => i), Array.from({ length: 90 }, (_, i) => bias(i))) // prettier-ignore
      const found = index.search(q.row(0), 6, { oversampling: 15 })
      const expected = ranking(metric, q.row(0), G, bias).slice(0, 6)
      expect(found.ids).toEqual(expected.map(({ row }) => row))
      expected.forEach(({ score }, l) => {
        expect(found.scores[l]).toBeCloseTo(score, 5)
      })
      index.setBias([17], [1e30])
      expect(index.search(q.row(0), 1).ids).toEqual([17])
    }
  })

  test('zero rows and queries are orthogonal to everything', () => {
    const index = new FlatIndex({ dimensions: 3 })
    index.add([[0, 0, 0], [1, 0, 0], [-1, 0, 0]]) // prettier-ignore
    expect(index.search([2, 0, 0], 3)).toEqual({ k: 3, ids: [1, 0, 2], scores: Float64Array.of(1, 0, -1), distances: undefined }) // prettier-ignore
    expect(Array.from(index.search([0, 0, 0], 3).ids)).toEqual([0, 1, 2])
  })
})

const filled = (n = 100, storage: FlatStorage = 'f32') => {
  const index = new FlatIndex({ dimensions: 8, storage })
  index.add(gaussian(n, 8, 1))
  return index
}

describe('filters', () => {
  test('say what may be found, each id asked once', () => {
    for (const storage of ['f32', 'i8', 'binary'] as const) {
      const index = filled(300, storage)
      const asked: Id[] = []
      const filter = (id: Id) => (asked.push(id), Number(id) % 7 === 3)
      const found = index.search(gaussian(5, 8, 2), 4, { filter, oversampling: 50 })
      expect(found.ids.every((id) => Number(id) % 7 === 3)).toBe(true)
      expect(new Set(asked).size).toBe(asked.length)
      const all = index.search(gaussian(5, 8, 2), 300).ids.filter((id) => Number(id) % 7 === 3)
      expect(found.ids).toEqual([0, 1, 2, 3, 4].flatMap((i) => all.slice(43 * i, 43 * i + 4)))
      expect(index.search(gaussian(2, 8, 2), 100, { filter }).k).toBe(storage === 'f32' ? 43 : 43)
      expect(index.search(gaussian(2, 8, 2), 5, { filter: () => false })).toMatchObject({ k: 0, ids: [] })
    }
  })

  test('that throw, change or search the index leave it sound', () => {
    const index = filled()
    const query = gaussian(1, 8, 2)
    const before = index.search(query, 5)
    const broken = new Error('broken')
    expect(() => index.search(query, 5, { filter: () => { throw broken } })).toThrow(broken) // prettier-ignore
    const tricks: (() => unknown)[] = [
      () => index.add([new Float64Array(8)]),
      () => index.remove(0),
      () => { index.clear() },
      () => index.search(query, 1),
      () => { index.setBias([0], [1]) },
      () => { index.close() },
    ] // prettier-ignore
    for (const trick of tricks) expect(() => index.search(query, 5, { filter: () => (trick(), true) })).toThrow(CollimateError) // prettier-ignore
    expect(index.search(query, 5)).toEqual(before)
    expect(index.size).toBe(100)
  })
})

describe('ids', () => {
  test('numbers that are given by default never recur', () => {
    const index = filled(3)
    index.remove([2])
    expect(index.add([new Float64Array(8)])).toEqual([3])
    index.clear()
    expect(index.add([new Float64Array(8)])).toEqual([4])
    index.add([new Float64Array(8)], [100])
    expect(index.add([new Float64Array(8)])).toEqual([101])
    expect(index.add([new Float64Array(8)], [-5])).toEqual([-5])
    expect(index.add([new Float64Array(8)])).toEqual([102])
    expect([index.has(-5), index.has(102), index.has(2), index.has('102')]).toEqual([true, true, false, false])
  })

  test('a rolling window of rows keeps its memory', () => {
    const index = filled(1000)
    for (let round = 0; round < 30; round++) {
      const held = index.byteLength
      index.remove(Array.from({ length: 100 }, (_, i) => 100 * round + i))
      index.add(gaussian(100, 8, round))
      if (round > 5) expect(index.byteLength).toBe(held)
    }
    expect(index.size).toBe(1000)
    expect(index.has(2999)).toBe(false)
    expect(index.has(3999)).toBe(true)
  })
})

describe('what it refuses', () => {
  test('and stays as it was', () => {
    const index = filled(10)
    const bytes = index.toBytes()
    const row = new Float64Array(8)
    expect(() => index.add([[1]])).toThrow('rows has 1 columns, expected 8')
    expect(() => index.add([row, row.map((_, i) => (i === 3 ? NaN : 1))])).toThrow('entry (1, 3) is NaN')
    expect(() => index.add([row, row], ['a', 'a'])).toThrow(RangeError)
    expect(() => index.add([row], [4])).toThrow('which there is already')
    expect(() => index.add([row], [1.5])).toThrow(RangeError)
    expect(() => index.add([row], [null as never])).toThrow(TypeError)
    expect(() => index.add([row], ['\ud800'])).toThrow(RangeError)
    expect(() => index.add([row], ['a', 'b'])).toThrow('got 2 ids for 1 rows')
    expect(() => index.add(null as never)).toThrow(TypeError)
    expect(() => index.search(row.subarray(1), 1)).toThrow('query has 7 entries, expected 8')
    expect(() => index.search(row.fill(Infinity), 1)).toThrow('Infinity')
    expect(() => index.search(new Float64Array(8), 0)).toThrow(RangeError)
    expect(() => index.search(new Float64Array(8), 1, { oversampling: 0.5 })).toThrow(RangeError)
    expect(() => index.search(new Float64Array(8), 1, { filters: 1 } as never)).toThrow(TypeError)
    expect(() => { index.setBias([1, 77], [1, 1]) }).toThrow('which there is not') // prettier-ignore
    expect(() => { index.setBias([1], [NaN]) }).toThrow(RangeError) // prettier-ignore
    expect(() => { index.setBias([1], []) }).toThrow(RangeError) // prettier-ignore
    expect(() => index.remove(null as never)).toThrow(TypeError)
    expect(index.toBytes()).toEqual(bytes)
    expect(() => { new FlatIndex({ dimensions: 2, metric: 'euclidean' }).setBias([], []) }).toThrow(RangeError) // prettier-ignore
    for (const options of [
      {},
      { dimensions: 0 },
      { dimensions: 2, metric: 'csls' },
      { dimensions: 2, rescore: 1 },
      null,
    ]) {
      expect(() => new FlatIndex(options as never)).toThrow()
    }
  })

  test('damaged files', () => {
    for (const storage of ['f32', 'binary'] as const) {
      const bytes = filled(20, storage).toBytes()
      expect(() => FlatIndex.fromBytes(bytes.subarray(0, bytes.length - 1))).toThrow(FileFormatError)
      for (let seed = 1; seed < 120; seed++) {
        const damaged = bytes.slice()
        damaged[(seed * 7919) % damaged.length] ^= 1 << (seed % 8)
        try {
          const index = FlatIndex.fromBytes(damaged)
          index.search(new Float64Array(index.dimensions), 3)
        } catch (error) {
          expect(error instanceof FileFormatError || error instanceof RangeError, String(error)).toBe(true)
        }
      }
    }
  })

  test('a closed index', () => {
    const index = filled(10)
    index.close()
    index.close()
    expect([index.size, index.byteLength, index.releaseMemory()]).toEqual([0, 0, 0])
    expect(() => index.search(new Float64Array(8), 1)).toThrow(CollimateError)
    expect(() => index.add([])).toThrow('closed')
  })
})

describe('addAsync', () => {
  const rows = () => gaussian(40_000, 8, 3)

  test('gives what add gives, of the rows at the time of the call', async () => {
    const [index, other] = [filled(10), filled(10)]
    const data = rows()
    const phases: number[] = []
    const adding = index.addAsync(data, undefined, { onProgress: ({ done }) => phases.push(done) })
    const expected = other.add(data)
    data.data.fill(0)
    expect([index.size, index.has(10)]).toEqual([10, false])
    expect(() => index.add([new Float64Array(8)], [10])).toThrow('which there is already')
    expect(await adding).toEqual(expected)
    expect(phases.length).toBeGreaterThan(1)
    expect(Buffer.compare(index.toBytes(), other.toBytes())).toBe(0)
    const lent = rows()
    const borrowing = index.addAsync(lent, undefined, { copy: false })
    lent.data.fill(NaN)
    await expect(borrowing).rejects.toThrow('is NaN')
  })

  test('an abort, or a row that is refused, leaves the index without the rows', async () => {
    const index = filled(10)
    const before = index.toBytes()
    const reason = new Error('enough')
    const abort = new AbortController()
    const onProgress = () => { abort.abort(reason) } // prettier-ignore
    await expect(index.addAsync(rows(), undefined, { signal: abort.signal, onProgress })).rejects.toBe(reason)
    const bad = rows()
    bad.data[bad.data.length - 1] = NaN
    await expect(index.addAsync(bad)).rejects.toThrow('is NaN')
    await expect(index.addAsync(rows(), undefined, { signal: 1 } as never)).rejects.toThrow(TypeError)
    const [first, second] = [index.addAsync(rows()), index.addAsync(rows())]
    index.remove([0])
    index.clear()
    await expect(first).rejects.toThrow('cleared')
    await expect(second).rejects.toThrow('cleared')
    expect(index.size).toBe(0)
    index.add(gaussian(10, 8, 1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(FlatIndex.fromBytes(before).search([1, 2, 3, 4, 5, 6, 7, 8], 10).ids).toEqual(index.search([1, 2, 3, 4, 5, 6, 7, 8], 10).ids) // prettier-ignore
  })
})
