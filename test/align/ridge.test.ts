import { describe, expect, it } from 'vitest'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { lstsq } from '../../src/linalg/least-squares.js'
import { matmul } from '../../src/linalg/matmul.js'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { beside, centred, frobenius, minus, orthonormal, sharedLatents } from './support.js'

/** V diag(s / (s^2 + alpha)) U^T Y of centred data. */
function ridgeBySvd(X: Matrix, Y: Matrix, alpha: number): Matrix {
  const { U, S, V, rank } = svd(centred(X))
  const projected = matmul(U, centred(Y), { transposeA: true })
  for (let i = 0; i < projected.rows; i++) {
    const factor = i < rank ? S[i] / (S[i] ** 2 + alpha) : 0
    projected.row(i).forEach((x, j, row) => (row[j] = x * factor))
  }
  return matmul(V, projected)
}

/** The coefficients of the model, d_s x d_t. */
const coefficients = (model: LeastSquares) => model.maps[1 - model.target].transpose()
const relative = (A: Matrix, B: Matrix) => frobenius(minus(A, B)) / frobenius(B)

describe('LeastSquares', () => {
  it.each([
    [60, [7, 11]],
    [300, [70, 40]],
    [50, [40, 35]],
    [20, [30, 12]],
    [20, [12, 30]],
    [12, [40, 35]],
  ] as const)('is the ridge regression of %i rows of %j, either way', (n, widths) => {
    const data = sharedLatents(n, [...widths], 5, 0.3, 900 + n)
    for (const target of [0, 1] as const) {
      for (const ridge of [1e-6, 0.5, 300]) {
        const found = coefficients(new LeastSquares({ target, ridge }).fit(data))
        expect(relative(found, ridgeBySvd(data[1 - target], data[target], ridge))).toBeLessThan(1e-9)
      }
      // Of least norm where there are fewer rows than columns.
      const plain = coefficients(new LeastSquares({ target }).fit(data))
      expect(relative(plain, lstsq(centred(data[1 - target]), centred(data[target])).X)).toBeLessThan(1e-10)
    }
  })

  it('keeps the digits that a condition of 1e8 leaves, with a ridge and without', () => {
    const [n, d] = [200, 30]
    const [U, V] = [orthonormal(n, d, 31), orthonormal(d, d, 32)]
    const S = Float64Array.from({ length: d }, (_, i) => 10 ** ((-8 * i) / (d - 1)))
    const X = matmul(new Matrix(n, d, U.data.map((x, at) => x * S[at % d])), V, { transposeB: true }) // prettier-ignore
    const exact = gaussian(d, 3, 33)
    const Y = matmul(X, exact)
    expect(relative(coefficients(new LeastSquares().fit([X, Y])), exact)).toBeLessThan(1e-6)
    const ridge = 1e-13
    const found = coefficients(new LeastSquares({ ridge }).fit([X, Y]))
    expect(relative(found, ridgeBySvd(X, Y, ridge))).toBeLessThan(1e-8)
  })

  it('takes what depends for what it is: equal columns, constants, a modality of zeros, a ridge too small to hide them', () => {
    const [X, Y] = sharedLatents(60, [6, 4], 3, 0.2, 34)
    const twice = beside(X, X)
    const B = coefficients(new LeastSquares({ ridge: 2 }).fit([twice, Y]))
    expect(relative(B, ridgeBySvd(twice, Y, 2))).toBeLessThan(1e-12)
    for (const ridge of [0, 1e-300, 1e-40]) {
      const found = coefficients(new LeastSquares({ ridge }).fit([twice, Y]))
      expect(relative(found, lstsq(centred(twice), centred(Y)).X)).toBeLessThan(1e-12)
    }
    for (const ridge of [0, 1, 'gcv'] as const) {
      expect(coefficients(new LeastSquares({ ridge }).fit([new Matrix(60, 6), Y]))).toEqual(new Matrix(6, 4))
      expect(frobenius(coefficients(new LeastSquares({ ridge }).fit([X, new Matrix(60, 4)])))).toBe(0)
    }
  })

  it.each([
    [80, [12, 9], 0],
    [80, [12, 9], 1],
    [25, [40, 9], 1],
    [25, [9, 40], 0],
  ] as const)(
    'finds the ridge of least generalised cross-validation: %i rows of %j, target %i',
    (n, widths, target) => {
      const data = sharedLatents(n, [...widths], 4, 1, 40 + n)
      const model = new LeastSquares({ ridge: 'gcv', target }).fit(data)
      const [X, Y] = [centred(data[1 - target]), centred(data[target])]
      // Explicitly, by the trace of the map from Y to its prediction, which has the mean beside the slopes.
      const gcv = (alpha: number) => {
        const prediction = matmul(X, ridgeBySvd(X, Y, alpha))
        const hat = matmul(X, ridgeBySvd(X, centredIdentity(n), alpha))
        let free = n - 1
        for (let i = 0; i < n; i++) free -= hat.get(i, i)
        return (frobenius(minus(Y, prediction)) / free) ** 2
      }
      const least = gcv(model.alpha)
      for (let exponent = -6; exponent <= 5; exponent += 0.5) expect(gcv(10 ** exponent)).toBeGreaterThan(least * (1 - 1e-9)) // prettier-ignore
      for (const factor of [0.8, 1.25]) expect(gcv(model.alpha * factor)).toBeGreaterThan(least)
      expect(relative(coefficients(model), ridgeBySvd(X, Y, model.alpha))).toBeLessThan(1e-10)
      const loaded = LeastSquares.fromBytes(model.toBytes())
      expect([loaded.ridge, loaded.alpha]).toEqual(['gcv', model.alpha])
      expect(new LeastSquares({ ridge: 3 }).fit(data).alpha).toBe(3)
    },
  )
})

const centredIdentity = (n: number): Matrix => centred(Matrix.identity(n))
