import { describe, expect, it } from 'vitest'
import { singularValues } from '../../src/metrics/singular-values.js'
import { randomStream } from '../../src/random/random-stream.js'
import { hadamard } from './hadamard.js'

const descending = (x: Float64Array) => [...x].sort((a, b) => b - a)
const EPSILON = 2 ** -52

function normals(length: number, seed: number): Float64Array {
  const { normal } = randomStream(seed, 'matrix')
  return Float64Array.from({ length }, normal)
}

describe('singularValues', () => {
  it('finds those of a graded matrix to full relative accuracy, whichever way the grading goes', () => {
    const n = 16
    const H = hadamard(n)
    for (const ratio of [1e-2, 1e-9, 1e-20]) {
      for (const exponents of [
        [...Array(n).keys()],
        [...Array(n).keys()].reverse(),
        [7, 2, 15, 0, 9, 4, 1, 12, 3, 14, 5, 8, 6, 11, 10, 13],
      ]) {
        // Orthogonal columns of norm sqrt(n) ratio^e: they are the singular values.
        const columns = Float64Array.from(
          { length: n * n },
          (_, i) => H.data[i] * ratio ** (exponents[Math.floor(i / n)] / 2),
        )
        const sigma = descending(singularValues(columns, n, n))
        sigma.forEach((value, l) => {
          expect(Math.abs(value / (Math.sqrt(n) * ratio ** (l / 2)) - 1)).toBeLessThanOrEqual(10 * n * EPSILON)
        })
      }
    }
  })

  it.each([
    [1, 1],
    [1, 7],
    [7, 1],
    [5, 5],
    [6, 5],
    [5, 6],
    [40, 17],
    [17, 40],
    [100, 64],
  ])('of a %i x %i matrix are those of its transpose, with the squares of the entries as the sum of theirs', (n, k) => {
    const columns = normals(n * k, n + 100 * k)
    const rows = Float64Array.from(columns, (_, i) => columns[(i % k) * n + Math.floor(i / k)])
    const squares = columns.reduce((sum, x) => sum + x * x, 0)
    const sigma = descending(singularValues(columns, n, k))
    const ofTranspose = descending(singularValues(rows, k, n))
    const bound = 10 * Math.max(n, k) * EPSILON
    sigma.forEach((value, l) => {
      expect(Math.abs(value - ofTranspose[l])).toBeLessThanOrEqual(bound * sigma[0])
    })
    expect(Math.abs(sigma.reduce((sum, s) => sum + s * s, 0) / squares - 1)).toBeLessThanOrEqual(bound)
  })

  it('satisfies the characteristic polynomial of a 2 x 2 matrix', () => {
    // [[1, 1], [0, 1]]: the golden ratio and its inverse.
    const phi = (1 + Math.sqrt(5)) / 2
    const sigma = descending(singularValues(Float64Array.of(1, 0, 1, 1), 2, 2))
    expect(sigma[0]).toBeCloseTo(phi, 15)
    expect(sigma[1]).toBeCloseTo(1 / phi, 15)
  })

  it('converges on tall and wide matrices of low rank whose rows or columns span hundreds of orders of magnitude', () => {
    const { uniform, normal } = randomStream(4, 'graded')
    const integer = (low: number, high: number) => low + Math.floor((high - low + 1) * uniform())
    for (let trial = 0; trial < 200; trial++) {
      const range = [3, 30, 150, 150][trial % 4]
      const [n, k] = range === 150 ? [integer(30, 36), integer(36, 40)] : [integer(1, 40), integer(1, 40)]
      const scales = (count: number, even = false) =>
        Float64Array.from({ length: count }, () => (even ? 1 : 10 ** (-range * uniform())))
      const [rows, cols, r] = [scales(n, trial % 8 === 2), scales(k, trial % 8 === 3), integer(1, 30)]
      const [A, B] = [Float64Array.from({ length: n * r }, normal), Float64Array.from({ length: k * r }, normal)]
      const graded = Float64Array.from({ length: n * k }, (_, index) => {
        const [i, j] = [index % n, Math.floor(index / n)]
        return A.subarray(i * r, (i + 1) * r).reduce((sum, a, l) => sum + a * B[j * r + l], 0) * rows[i] * cols[j]
      })
      const largest = Math.max(...graded.map(Math.abs))
      const columns = graded.map((x) => x / largest)
      const squares = columns.reduce((sum, x) => sum + x * x, 0)
      const sigma = singularValues(columns, n, k)
      expect(sigma.reduce((sum, s) => sum + s * s, 0) / squares).toBeCloseTo(1, 12)
    }
  })

  it('converges on zeros, repeated columns and columns whose squares underflow', () => {
    expect([...singularValues(new Float64Array(12), 4, 3)]).toEqual([0, 0, 0])
    const column = normals(9, 1)
    const repeated = descending(singularValues(Float64Array.of(...column, ...column, ...column), 9, 3))
    const length = Math.sqrt(column.reduce((sum, x) => sum + x * x, 0))
    expect(repeated[0] / (length * Math.sqrt(3))).toBeCloseTo(1, 14)
    expect(repeated[1]).toBeLessThanOrEqual(90 * EPSILON * repeated[0])
    const tiny = normals(60, 2).map((x, i) => x * [1, 1e-140, 1e-150, 1e-156, 1e-162, 1e-300][Math.floor(i / 10)])
    expect(descending(singularValues(tiny, 10, 6))[0]).toBeGreaterThan(1)
  })
})
