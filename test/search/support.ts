import { expect, vi } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import type { SimilarityMetric } from '../../src/metrics/index.js'
import { Engine } from '../../src/runtime/engine.js'
import { nearest } from '../../src/search/index.js'
import { byScore, naiveScores } from './naive.js'

export const EPS = 2 ** -52

export const single = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Float32Array.from(Z.data))
export const double = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Float64Array.from(Z.data))

/** Indices and scores (minus the distances) of one query. */
export function found(result: ReturnType<typeof nearest<SimilarityMetric>>, query: number) {
  const { k, indices, scores, distances } = result
  const values = scores ?? (distances ?? new Float64Array()).map((x) => -x)
  const part = (all: Int32Array | Float64Array) => [...all.subarray(query * k, (query + 1) * k)]
  return { indices: part(indices), scores: part(values) }
}

const rowsOf = (Z: Matrix | number[][]) => (Z instanceof Matrix ? Z.toArray() : Z)

/** Nearest to the letter where scores differ by more than `error`; where they do not, some that score as well. */
export function expectNearest(
  queries: Matrix | number[][],
  gallery: Matrix | number[][],
  k: number,
  metric: SimilarityMetric,
  error: number,
) {
  const result = nearest(queries, gallery, k, { metric, neighbours: 3 })
  expect([result.k, result.indices.length]).toEqual([k, rowsOf(queries).length * k])
  naiveScores(rowsOf(queries), rowsOf(gallery), metric, 3).forEach((scores, i) => {
    const { indices, scores: values } = found(result, i)
    const best = byScore(scores)
    expect(new Set(indices).size).toBe(k)
    const wrong = (a: number, b: number, bound: number) => !(Math.abs(a - b) <= bound)
    const badScore = indices.findIndex((j, l) => wrong(values[l], scores[j], error))
    expect(badScore, `the place of query ${i} whose score is wrong`).toBe(-1)
    const badPlace = indices.findIndex((j, l) => wrong(scores[j], scores[best[l]], 2 * error))
    expect(badPlace, `the place of query ${i} with another row`).toBe(-1)
  })
}

/** Precisions of the engines that are asked for. */
export function enginesFor(work: () => void) {
  const shared = vi.spyOn(Engine, 'shared')
  work()
  const precisions = shared.mock.calls.map(([precision]) => precision)
  shared.mockRestore()
  return precisions
}
