import { describe, expect, test } from 'vitest'
import { readSafetensors } from '../../src/io/index.js'
import { Matrix } from '../../src/matrix.js'
import { FlatIndex, type FlatMetric } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'
import { onEveryServeBuild } from './support.js'

const METRICS = ['cosine', 'dot', 'euclidean'] as const
const K = 10
const single = ({ rows, cols, data }: Matrix) => new Matrix(rows, cols, Float32Array.from(data))

const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, value, j) => sum + value * y[j], 0) // prettier-ignore
const norm = (x: ArrayLike<number>) => Math.sqrt(dot(x, x))

/** The score by definition in float64, higher is nearer: by 'euclidean' minus the squared distance. */
function scoreOf(metric: FlatMetric, x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (metric === 'euclidean') return -Array.from(x).reduce((sum, value, j) => sum + (value - y[j]) ** 2, 0)
  return metric === 'dot' ? dot(x, y) : dot(x, y) / (norm(x) * norm(y) || 1)
}

/** What the documentation states of the rounding of float32 sums. */
function rounding(metric: FlatMetric, x: ArrayLike<number>, y: ArrayLike<number>, score: number): number {
  const unit = (x.length / 4 + 8) * 2 ** -24
  if (metric === 'euclidean') return unit * Math.abs(score)
  return metric === 'dot' ? unit * norm(x) * norm(y) : unit
}

/** The rows as they are stored: by 'cosine' at length 1, otherwise times a power of two. */
function storedRows(index: FlatIndex<FlatMetric>): Matrix {
  const { data, shape } = readSafetensors(index.toBytes()).tensors.get('rows') as {
    data: Float32Array
    shape: number[]
  }
  return new Matrix(shape[0], shape[1], data)
}

/** Whatever is nearer than the last that was found by more than rounding must be found, and in its place. */
function expectBest(metric: FlatMetric, index: FlatIndex<FlatMetric>, query: ArrayLike<number>, G: Matrix) {
  const { ids } = index.search(query, K)
  const scores = Array.from({ length: G.rows }, (_, row) => scoreOf(metric, query, G.row(row)))
  const bounds = scores.map((score, row) => rounding(metric, query, G.row(row), score))
  const found = ids.map(Number)
  const last = found[found.length - 1]
  scores.forEach((score, row) => {
    if (score > scores[last] + bounds[row] + bounds[last]) expect(found).toContain(row)
  })
  // What was found is in order of float64, but for its own rounding.
  for (let l = 1; l < found.length; l++) {
    expect(scores[found[l]] - scores[found[l - 1]]).toBeLessThan(1e-14 * G.cols * (Math.abs(scores[found[l]]) + norm(query) * norm(G.row(found[l])))) // prettier-ignore
  }
}

/** Rows that differ from one by so many units of rounding, some of them the same. */
function nearlyEqual(rows: number, d: number, spread: number) {
  const [base, noise] = [gaussian(1, d, 5).data, gaussian(rows, d, 6).data]
  return single(new Matrix(rows, d, noise.map((x, at) => base[at % d] * (1 + spread * (Math.floor(at / d) % 5 === 0 ? 0 : x))))) // prettier-ignore
}

onEveryServeBuild(() => {
  describe.each(METRICS)('%s: the best agree with float64 but for the stated rounding', (metric) => {
    test.each([3, 16, 37, 260])('of %i dimensions: random, nearly equal and graded rows', (d) => {
      const rows = 400
      const graded = single(new Matrix(rows, d, gaussian(rows, d, 7).data.map((x, at) => x * 10 ** (6 * Math.sin(Math.floor(at / d)))))) // prettier-ignore
      for (const G of [single(gaussian(rows, d, 4)), nearlyEqual(rows, d, 1e-7), nearlyEqual(rows, d, 1e-6), graded]) {
        const index = new FlatIndex<FlatMetric>({ dimensions: d, metric })
        index.add(G)
        for (const query of [G.row(0), G.row(11), single(gaussian(1, d, 8)).data])
          expectBest(metric, index, query, metric === 'cosine' ? storedRows(index) : G)
      }
    })
  })

  test.each([1, 2, 3, 15, 16, 17, 31, 33, 127, 128, 129, 130])(
    '%i dimensions in bits and 8 bits: ranked exactly',
    (d) => {
      const [G, Q] = [single(gaussian(130, d, 1)), single(gaussian(3, d, 2))]
      for (const metric of METRICS) {
        const exact = new FlatIndex({ dimensions: d, metric })
        exact.add(G)
        for (const storage of ['i8', 'binary'] as const) {
          const index = new FlatIndex({ dimensions: d, metric, storage })
          index.add(G)
          // All are candidates.
          expect(index.search(Q, K, { oversampling: 13 })).toEqual(exact.search(Q, K))
        }
        const rough = new FlatIndex({ dimensions: d, metric, storage: 'i8', rescore: false })
        rough.add(G)
        const { ids } = rough.search(Q, 1)
        ids.forEach((id, i) => {
          const best = scoreOf(metric, Q.row(i), G.row(Number(exact.search(Q.row(i), 1).ids[0])))
          // A 254th of the largest entry is lost of each, of both the query and the row half at most.
          const lost = (norm(Q.row(i)) * Math.sqrt(d) * Math.max(...Array.from(G.data, Math.abs))) / 100
          expect(best - scoreOf(metric, Q.row(i), G.row(Number(id)))).toBeLessThan(metric === 'cosine' ? 0.03 * Math.sqrt(d) : lost) // prettier-ignore
        })
      }
    },
  )
})

test('in 8 bits near rows are found whose entries differ by little beside their mean', () => {
  // As raw measurements are, in columns of other units: the rows are nearly parallel, and what tells them apart is a hundredth of their length.
  const [rows, d] = [1000, 6]
  const G = single(new Matrix(rows, d, gaussian(rows, d, 11).data.map((x, at) => (at % d === 5 ? 300 + 16 * x : 3 + x)))) // prettier-ignore
  for (const metric of ['cosine', 'euclidean'] as const) {
    const [exact, index] = [new FlatIndex({ dimensions: d, metric }), new FlatIndex({ dimensions: d, metric, storage: 'i8' })] // prettier-ignore
    exact.add(G)
    index.add(G)
    const Q = new Matrix(50, d, G.data.subarray(0, 50 * d))
    const [all, found] = [exact.search(Q, K), index.search(Q, K, { oversampling: 8 })]
    const hits = all.ids.filter((id, at) => found.ids.slice(at - (at % K), at - (at % K) + K).includes(id))
    expect(hits.length / all.ids.length, metric).toBeGreaterThan(metric === 'cosine' ? 0.99 : 0.6)
  }
})

test.each(METRICS)('%s: approximate scores are near those of the rows', (metric) => {
  const G = single(
    new Matrix(
      300,
      200,
      gaussian(300, 200, 12).data.map((x, at) => 0.5 + Math.sin(at % 200) + x),
    ),
  )
  const exact = new FlatIndex<FlatMetric>({ dimensions: 200, metric })
  exact.add(G)
  for (const [storage, share] of [
    ['i8', 0.005],
    ['binary', 0.2],
  ] as const) {
    const index = new FlatIndex<FlatMetric>({ dimensions: 200, metric, storage, rescore: false })
    index.add(G)
    const value = (found: ReturnType<FlatIndex<FlatMetric>['search']>) => {
      const values = (found.scores ?? found.distances) as unknown as Float64Array
      return new Map(found.ids.map((id, l) => [id, values[l]]))
    }
    const [all, rough] = [value(exact.search(G.row(3), 300)), value(index.search(G.row(3), 300))]
    const largest = Math.max(...Array.from(all.values(), Math.abs))
    for (const [id, score] of all) if (id !== 3) expect(Math.abs((rough.get(id) ?? NaN) - score)).toBeLessThan(share * largest) // prettier-ignore
  }
})

test('of nearly equal rows no more are looked at again than of others', () => {
  // Of rows in random order the l-th is among the k best so far with probability k / l: K (1 + ln(n / K)) in the mean.
  const [rows, d] = [5000, 32]
  const most = 2 * K * (1 + Math.log(rows / K))
  const [random, query] = [single(gaussian(rows, d, 9)), gaussian(1, d, 10).data]
  for (const G of [random, nearlyEqual(rows, d, 1e-7), nearlyEqual(rows, d, 0)]) {
    const index = new FlatIndex({ dimensions: d })
    index.add(G)
    let asked = 0
    index.search(query, K, { filter: () => (asked++, true) })
    expect(asked).toBeGreaterThanOrEqual(K)
    expect(asked).toBeLessThan(most)
  }
})
