import { EigenvalueDecomposition, inverse, Matrix as Dense, SingularValueDecomposition } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import {
  canonicalCorrelations,
  collapseRatio,
  linearCka,
  procrustesDisparity,
  svcca,
} from '../../src/comparison/index.js'
import { matmul, qr } from '../../src/linalg/index.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'

/** By definition, from covariances and Gram matrices, with another package's decompositions. */
const naive = {
  centred(X: Matrix): Dense {
    const dense = new Dense(X.toArray())
    return dense.subRowVector(dense.mean('column'))
  },

  /** Roots of the eigenvalues of Sxx^-1 Sxy Syy^-1 Syx. */
  correlations(X: Dense, Y: Dense): number[] {
    const [xx, xy, yy] = [X.transpose().mmul(X), X.transpose().mmul(Y), Y.transpose().mmul(Y)]
    const M = inverse(xx).mmul(xy).mmul(inverse(yy)).mmul(xy.transpose())
    const { realEigenvalues } = new EigenvalueDecomposition(M)
    return realEigenvalues.map((x) => Math.sqrt(Math.max(0, x))).sort((a, b) => b - a).slice(0, Math.min(X.columns, Y.columns)) // prettier-ignore
  },

  /** X on the eigenvectors of its covariance that explain the share. */
  reduced(X: Dense, share: number): Dense {
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(X.transpose().mmul(X), { assumeSymmetric: true }) // prettier-ignore
    const order = realEigenvalues.map((_, j) => j).sort((a, b) => realEigenvalues[b] - realEigenvalues[a])
    const total = realEigenvalues.reduce((a, b) => a + b, 0)
    const count = order.findIndex((_, j) => order.slice(0, j + 1).reduce((sum, l) => sum + realEigenvalues[l], 0) >= share * total * (1 - 1e-12)) // prettier-ignore
    return X.mmul(eigenvectorMatrix.subMatrixColumn(order.slice(0, count + 1)))
  },

  /** Normalised HSIC of the n x n Gram matrices. */
  cka(X: Dense, Y: Dense): number {
    const [K, L] = [X.mmul(X.transpose()), Y.mmul(Y.transpose())]
    return Dense.mul(K, L).sum() / Math.sqrt(Dense.mul(K, K).sum() * Dense.mul(L, L).sum())
  },

  disparity(X: Dense, Y: Dense): number {
    const { diagonal } = new SingularValueDecomposition(Dense.div(X, X.norm()).transpose().mmul(Dense.div(Y, Y.norm())))
    return 1 - diagonal.reduce((a, b) => a + b, 0) ** 2
  },

  /** 1 - residual of a regression by the normal equations. */
  kept(X: Dense, Z: Dense): number {
    const B = inverse(Z.transpose().mmul(Z)).mmul(Z.transpose().mmul(X))
    return 1 - (Dense.sub(X, Z.mmul(B)).norm() / X.norm()) ** 2
  },
}

/** Y = X A + noise, n x d2. */
function related(X: Matrix, d2: number, noise: number, seed: number): Matrix {
  const Y = matmul(X, gaussian(X.cols, d2, seed))
  const E = gaussian(X.rows, d2, seed + 1)
  return new Matrix(X.rows, d2, Y.data.map((y, i) => y + noise * E.data[i] + 3)) // prettier-ignore
}

const shifted = (X: Matrix, scale: number, by: number) => new Matrix(X.rows, X.cols, X.data.map((x) => x * scale + by)) // prettier-ignore
const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0) / x.length

onEveryBinary(() => {
  describe.each([
    [30, 3, 3],
    [40, 5, 2],
    [25, 1, 4],
    [200, 12, 9],
    [1500, 6, 6],
  ])('%i samples of %i and %i columns', (n, d1, d2) => {
    const X = gaussian(n, d1, 1)
    const Y = related(X, d2, 0.7, 2)
    const [x, y] = [naive.centred(X), naive.centred(Y)]

    it('have the canonical correlations of their covariances', () => {
      const found = canonicalCorrelations(X, Y)
      const expected = naive.correlations(x, y)
      expect(found.length).toBe(Math.min(d1, d2))
      found.forEach((rho, i) => {
        expect(rho).toBeCloseTo(expected[i], 7)
      })
    })

    it.each([0.5, 0.9, 0.99, 1])('have the SVCCA of their leading eigenvectors, %f of the variance', (variance) => {
      const expected = mean(naive.correlations(naive.reduced(x, variance), naive.reduced(y, variance)))
      expect(svcca(X, Y, { variance })).toBeCloseTo(expected, 7)
      if (variance === 0.99) expect(svcca(X, Y)).toBe(svcca(X, Y, { variance }))
    })

    it('have the CKA of their Gram matrices', () => {
      expect(linearCka(X, Y)).toBeCloseTo(naive.cka(x, y), 12)
      expect(linearCka(Y, X)).toBeCloseTo(linearCka(X, Y), 13)
    })

    it('keep what a regression explains', () => {
      expect(collapseRatio(X, Y)).toBeCloseTo(naive.kept(x, y), 12)
    })

    it('have the disparity of their singular values', () => {
      if (d1 === d2) expect(procrustesDisparity(X, Y)).toBeCloseTo(naive.disparity(x, y), 12)
      else expect(() => procrustesDisparity(X, Y)).toThrow(/pad the narrower one/)
    })

    it('do not depend on scale or place', () => {
      for (const scale of [1e-300, 1e-30, 1e30, 1e300]) {
        const [A, B] = [shifted(X, scale, 0), shifted(Y, 1 / scale, 0)]
        for (const measure of [linearCka, svcca, collapseRatio]) expect(measure(A, B)).toBeCloseTo(measure(X, Y), 12)
        canonicalCorrelations(A, B).forEach((rho, i) => {
          expect(rho).toBeCloseTo(canonicalCorrelations(X, Y)[i], 12)
        })
      }
      for (const measure of [linearCka, svcca, collapseRatio])
        expect(measure(shifted(X, 2, 1e3), shifted(Y, -0.5, 70))).toBeCloseTo(measure(X, Y), 9)
    })
  })

  it('gives the figures of NumPy and SciPy', () => {
    const rows = (d: number, f: (i: number, j: number) => number) =>
      Array.from({ length: 12 }, (_, i) => Array.from({ length: d }, (_, j) => f(i, j)))
    const X = rows(4, (i, j) => Math.sin(1 + 3 * i * (j + 1) + j))
    const Y = rows(4, (i, j) => Math.cos(2 + 5 * i * j + j) + 0.5 * Math.sin(1 + 3 * i))
    const W = rows(3, (i, j) => Math.cos(0.3 * i * i * (j + 1)) * 10 ** -j)
    const close = (found: ArrayLike<number>, expected: number[]) => {
      Array.from(found).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 12)
      })
      expect(found.length).toBe(expected.length)
    }
    close(canonicalCorrelations(X, Y), [1, 0.9878188535143615, 0.21503169882001696, 0.0006499986322808517])
    close(canonicalCorrelations(X, W), [0.8133330197625854, 0.5370257176405743, 0.06210150910493531])
    close([svcca(X, Y), svcca(X, W), svcca(X, Y, { variance: 0.8 })], [0.5508751377416646, 0.6677420421446131, 0.574047558739373]) // prettier-ignore
    close([linearCka(X, Y), linearCka(X, W)], [0.45838065605885514, 0.144160685263142])
    close([procrustesDisparity(X, Y)], [0.7417664030216096])
    close([collapseRatio(X, W), collapseRatio(X, Y.map((y) => y.slice(0, 2)))], [0.21953611958194952, 0.3654530500671992]) // prettier-ignore
    // The example of SciPy's documentation.
    const a = [[1, 3], [1, 2], [1, 1], [2, 1]] // prettier-ignore
    const b = [[4, -2], [4, -4], [4, -6], [2, -6]] // prettier-ignore
    expect(procrustesDisparity(a, b)).toBeLessThan(1e-30)
  })

  it('sees through linear maps, or rotations, or nothing, as each says', () => {
    const X = gaussian(60, 4, 5)
    const linear = matmul(X, gaussian(4, 4, 6))
    const rotated = shifted(matmul(X, qr(gaussian(4, 4, 7)).Q), -3, 11)
    for (const Y of [linear, rotated]) {
      expect(canonicalCorrelations(X, Y).every((rho) => rho > 1 - 1e-12 && rho <= 1)).toBe(true)
      expect(collapseRatio(X, Y)).toBeCloseTo(1, 12)
      expect(svcca(X, Y, { variance: 1 })).toBeCloseTo(1, 12)
    }
    expect(linearCka(X, rotated)).toBeCloseTo(1, 13)
    expect(linearCka(X, rotated)).toBeLessThanOrEqual(1)
    expect(procrustesDisparity(X, rotated)).toBeLessThan(1e-28)
    expect(linearCka(X, linear)).toBeLessThan(0.99)
    expect(procrustesDisparity(X, linear)).toBeGreaterThan(0.01)
  })

  it('keeps the digits of a disparity near zero', () => {
    const X = gaussian(50, 3, 8)
    const E = gaussian(50, 3, 9)
    const disparity = (noise: number) =>
      procrustesDisparity(X, new Matrix(50, 3, X.data.map((x, i) => x + noise * E.data[i]))) // prettier-ignore
    expect(disparity(1e-9) / (disparity(1e-5) * 1e-8)).toBeCloseTo(1, 3)
  })

  it('counts directions without variance as nothing, and never divides by them', () => {
    const X = gaussian(40, 3, 10)
    const Y = related(X, 2, 0.5, 11)
    const wider = (Z: Matrix) => Matrix.from(Z.toArray().map((z) => [...z, 7, z[0] + z[1]]))
    const plain = canonicalCorrelations(X, Y)
    const padded = canonicalCorrelations(wider(X), wider(Y))
    expect(padded.length).toBe(4)
    plain.forEach((rho, i) => {
      expect(padded[i]).toBeCloseTo(rho, 12)
    })
    expect([padded[2], padded[3]]).toEqual([0, 0])
    expect(collapseRatio(X, wider(Y))).toBeCloseTo(collapseRatio(X, Y), 12)
  })

  it('says of latents that collapsed, and of one sample, that nothing is shared', () => {
    const X = gaussian(20, 3, 12)
    const constants = [[0, 0, 0], [5, -1, 3e7], [0.1, 1e-200, 1e200]].map((row) => Matrix.from(Array.from({ length: 20 }, () => row))) // prettier-ignore
    const one = [[1, 2, 3]]
    for (const [A, B] of [
      ...constants.flatMap((Z) => [
        [X, Z],
        [Z, X],
        [Z, Z],
      ]),
      [one, one],
    ]) {
      // prettier-ignore
      expect([...canonicalCorrelations(A, B)]).toEqual([0, 0, 0])
      expect([svcca(A, B), linearCka(A, B), procrustesDisparity(A, B), collapseRatio(A, B)]).toEqual([0, 0, 1, 0])
    }
  })

  it('is fooled by as few samples as columns, which the docstrings say', () => {
    const [X, Y] = [gaussian(4, 5, 13), gaussian(4, 5, 14)]
    expect([...canonicalCorrelations(X, Y)].map((rho) => Math.round(rho * 1e9) / 1e9)).toEqual([1, 1, 1, 0, 0])
  })

  it('has r1 + r2 - (n - 1) canonical correlations of 1 whatever the data, all once either rank is n - 1', () => {
    for (const [n, d1, d2, ones] of [
      [6, 3, 4, 2],
      [7, 3, 4, 1],
      [8, 3, 4, 0],
      [5, 3, 4, 3],
      [20, 12, 9, 2],
    ]) {
      // prettier-ignore
      const rho = canonicalCorrelations(gaussian(n, d1, 5), gaussian(n, d2, 6))
      expect(rho.filter((r) => r > 1 - 1e-12), `${n} samples of ${d1} + ${d2}`).toHaveLength(ones) // prettier-ignore
    }
  })

  it('reads float32 to the precision it has', () => {
    const X = gaussian(100, 6, 15)
    const Y = related(X, 5, 0.5, 16)
    const single = (Z: Matrix) => new Matrix(Z.rows, Z.cols, Float32Array.from(Z.data))
    expect(linearCka(single(X), single(Y))).toBeCloseTo(linearCka(X, Y), 6)
    expect(svcca(single(X), single(Y))).toBeCloseTo(svcca(X, Y), 6)
  })
})

describe('energy kept', () => {
  it('is the share of variance of the principal components that were kept', () => {
    const X = Matrix.from(gaussian(300, 4, 17).toArray().map((x) => [8 * x[0], 4 * x[1], 2 * x[2], x[3]])) // prettier-ignore
    const [two, all] = [2, 4].map((k) => collapseRatio(X, Matrix.from(X.toArray().map((x) => x.slice(0, k)))))
    expect(all).toBeCloseTo(1, 12)
    expect(two).toBeGreaterThan(0.9)
    expect(two).toBeLessThan(0.98)
  })
})

describe('what is wrong with the arguments', () => {
  const Z = [[1, 2], [3, 4], [5, 7]] // prettier-ignore

  it.each(Object.entries({ canonicalCorrelations, svcca, linearCka, procrustesDisparity, collapseRatio }))(
    '%s says it',
    (_name, measure) => {
      const call = measure as (X: unknown, Y: unknown) => unknown
      expect(() => call(Z, [[1, 2]])).toThrow('X has 3 rows and Y has 1: row i of both must be the same sample')
      expect(() => call([], [])).toThrow(RangeError)
      expect(() => call(Z, new Matrix(3, 0))).toThrow(RangeError)
      expect(() => call(Z, [[1, 2], [NaN, 1], [0, 0]])).toThrow(/Y: entry \(1, 0\) is NaN/) // prettier-ignore
      expect(() => call(1, Z)).toThrow(TypeError)
      expect(call(Z, Z)).toBeDefined()
    },
  )

  it('svcca checks the share of variance', () => {
    expect(() => svcca(Z, Z, { variance: 0 })).toThrow('variance must be finite and above 0, got 0')
    expect(() => svcca(Z, Z, { variance: 1.01 })).toThrow('variance must be at most 1, got 1.01')
    expect(() => svcca(Z, Z, { variance: '1' as never })).toThrow(TypeError)
  })
})
