import { describe, expect, it } from 'vitest'
import { leadingTripletSteps } from '../../src/linalg/leading-triplets.js'
import { matmul } from '../../src/linalg/matmul.js'
import { qr } from '../../src/linalg/qr.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { frobenius, minus, orthonormal, subspaceDistance } from './support.js'

const leading = (X: Matrix, k: number, upper = false) => {
  const { S, U, V } = run(leadingTripletSteps(Engine.shared(), X, k, { upper, left: true }))
  return { S, U: U as Matrix, V }
}

/** U diag(S) V^T for random U and V. */
function withSingularValues(m: number, n: number, S: readonly number[], seed: number): Matrix {
  const [U, V] = [orthonormal(m, S.length, seed), orthonormal(n, S.length, seed + 1)]
  return matmul(new Matrix(m, S.length, U.data.map((x, at) => x * S[at % S.length])), V, { transposeB: true }) // prettier-ignore
}

const orthogonality = (V: Matrix) => frobenius(minus(matmul(V, V, { transposeA: true }), Matrix.identity(V.cols)))
const columnsOf = (V: Matrix, k: number) => new Matrix(V.rows, k, Float64Array.from({ length: V.rows * k }, (_, i) => V.get(Math.floor(i / k), i % k))) // prettier-ignore
const power = (d: number, exponent: number) => Array.from({ length: d }, (_, i) => (i + 1) ** -exponent)

describe('leadingTripletSteps', () => {
  it.each([
    ['a power law without gap', 300, 300, power(300, 0.7), 40],
    ['fewer rows than columns', 270, 330, power(270, 0.5), 60],
    ['more', 330, 270, power(270, 0.5), 60],
    ['k = 1', 280, 280, power(280, 1), 1],
    ['k of half', 260, 260, power(260, 0.3), 130],
    ['rank-deficient', 300, 300, power(50, 0.5), 30],
    ['equal singular values', 270, 270, Array.from({ length: 270 }, (_, i) => 2 ** -Math.floor(i / 20)), 60],
    ['all equal', 270, 270, Array.from({ length: 270 }, () => 3), 20],
    ['mu_1 of almost 10^6 mu_k', 270, 270, Array.from({ length: 270 }, (_, i) => 10 ** (-2.9 * (i / 60))), 60],
    ['mu_1 of more', 270, 270, Array.from({ length: 270 }, (_, i) => 10 ** (-4 * (i / 60))), 60],
  ])('are those of the full SVD: %s', (_, m, n, S, k) => {
    const X = withSingularValues(m, n, S, 70)
    const found = leading(X, k)
    const expected = svd(X)
    expect([found.U.rows, found.U.cols, found.V.rows, found.V.cols, found.S.length]).toEqual([
      m,
      k,
      n,
      k,
      Math.min(m, n),
    ])
    for (let j = 0; j < k; j++) expect(Math.abs(found.S[j] / expected.S[j] - 1)).toBeLessThan(1e-12)
    const root = Math.sqrt(n * 2 ** -52) * expected.S[0]
    found.S.subarray(k).forEach((sigma, j) => {
      expect(Math.abs(sigma ** 2 - expected.S[k + j] ** 2)).toBeLessThan(root ** 2 * 10)
    })
    for (const V of [found.U, found.V]) expect(orthogonality(V)).toBeLessThan(1e-13 * Math.sqrt(n))
    // Singular pairs to rounding, that of the largest at worst.
    const scaled = new Matrix(m, k, found.U.data.map((x, at) => x * found.S[at % k])) // prettier-ignore
    const gap = expected.S[k] > 0 && S.length > k ? Math.abs(expected.S[k - 1] ** 2 - expected.S[k] ** 2) : expected.S[k - 1] ** 2 // prettier-ignore
    const model = (100 * n * 2 ** -52 * expected.S[0] ** 2) / Math.max(gap, 1e-16)
    expect(frobenius(minus(matmul(X, found.V), scaled)) / expected.S[0]).toBeLessThan(
      Math.max(1e-11, Math.min(model, 1e-6)),
    )
    if (expected.S[k - 1] > 1.001 * expected.S[k]) {
      const [ours, theirs] = [found.V, columnsOf(expected.V, k)].map((V) => V.transpose())
      expect(subspaceDistance(ours, theirs)).toBeLessThan(model)
    }
  })

  it('make use of a triangle, and are the same every time', () => {
    const R = qr(withSingularValues(400, 280, power(280, 0.6), 80), { mode: 'r' }).R
    const [found, general] = [leading(R, 30, true), leading(R, 30)]
    expect(subspaceDistance(found.V.transpose(), general.V.transpose())).toBeLessThan(1e-9)
    for (let j = 0; j < 30; j++) expect(Math.abs(found.S[j] / general.S[j] - 1)).toBeLessThan(1e-13)
    expect(leading(R, 30, true)).toEqual(found)
  })

  it('have an answer for zero and for numbers of any size', () => {
    expect(leading(new Matrix(270, 270), 3).S).toEqual(new Float64Array(270))
    const X = withSingularValues(270, 270, power(270, 0.6), 90)
    const plain = leading(X, 10)
    for (const size of [2 ** -300, 2 ** 300]) {
      const { S } = leading(new Matrix(270, 270, X.data.map((x) => x * size)), 10) // prettier-ignore
      for (let j = 0; j < 10; j++) expect(Math.abs(S[j] / size / plain.S[j] - 1)).toBeLessThan(1e-12)
    }
  })
})
