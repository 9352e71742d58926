import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lstsq, Matrix, matmul, nullSpace, svd } from 'collimate'
import { gaussianMixture, modalityMatrix, referenceExperiment } from 'collimate/synthetic'
import { householderAlignment } from '../methods/householder-alignment.js'
import { infoNceLoss } from '../methods/info-nce-loss.js'
import { accuracy, linearClassifier } from '../methods/linear-classifier.js'
import {
  beside,
  below,
  centred,
  drawn,
  frobenius,
  largestDifference,
  mapped,
  minus,
  moments,
  standardised,
  takeRows,
} from '../methods/matrices.js'
import { normalStream, permutation } from '../methods/random.js'
import { withRecovered } from '../methods/recovered-space.js'
import { nullSpaceByRowEchelon, reducedRowEchelon } from '../methods/row-echelon.js'
import {
  centres,
  deviation,
  exponent,
  mean,
  quantile,
  rankCorrelation,
  spread,
  spreads,
} from '../methods/statistics.js'

describe('statistics', () => {
  it('quantiles are NumPy’s linear ones', () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5)
    assert.ok(Math.abs(quantile([10, 20, 30, 40, 50], 0.05) - 12) < 1e-12)
    assert.deepEqual(spread([7]), { median: 7, low: 7, high: 7 })
  })
  it('mean and sample deviation', () => {
    assert.equal(mean([1, 2, 6]), 3)
    assert.ok(Math.abs(deviation([1, 2, 6]) - Math.sqrt(7)) < 1e-14)
    assert.equal(deviation([5]), 0)
  })
  it('runs are summarised figure by figure', () => {
    const runs = [{ a: 1, b: 5 }, { a: 3, b: 5 }] // prettier-ignore
    assert.deepEqual(centres(runs).a, { mean: 2, deviation: Math.SQRT2, values: [1, 3] })
    assert.deepEqual(spreads(runs).b, { median: 5, low: 5, high: 5 })
  })
  it('the exponent of a power law is found exactly', () => {
    const x = [1, 2, 5, 11]
    assert.ok(
      Math.abs(
        exponent(
          x,
          x.map((v) => 3 * v ** 2.5),
        ) - 2.5,
      ) < 1e-12,
    )
  })
  it('rank correlation sees order only, and shares ties', () => {
    assert.equal(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]), 1)
    assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1)
    assert.equal(rankCorrelation([1, 2, 3], [5, 5, 5]), 0)
    assert.ok(Math.abs(rankCorrelation([1, 2, 3, 4], [1, 2, 2, 4]) - 0.9486832980505138) < 1e-12)
  })
})

describe('random numbers', () => {
  it('a permutation has every number once, and belongs to its seed', () => {
    const order = permutation(100, 3)
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    )
    assert.deepEqual(order, permutation(100, 3))
    assert.notDeepEqual(order, permutation(100, 4))
  })
  it('normal numbers have mean 0 and deviation 1', () => {
    const random = normalStream(1)
    const values = Array.from({ length: 20000 }, random)
    assert.ok(Math.abs(mean(values)) < 0.03)
    assert.ok(Math.abs(deviation(values) - 1) < 0.03)
  })
})

describe('matrices', () => {
  const a = Matrix.from([[1, 2], [3, 4]]) // prettier-ignore
  it('are put together and taken apart', () => {
    assert.deepEqual(beside([a, a], [1, -1]).toArray(), [[1, 2, -1, -2], [3, 4, -3, -4]]) // prettier-ignore
    assert.deepEqual(below([a, a]).rows, 4)
    assert.deepEqual(takeRows(a, [1, 1]).toArray(), [[3, 4], [3, 4]]) // prettier-ignore
  })
  it('standardising leaves mean 0 and deviation 1, and constants alone', () => {
    const x = Matrix.from([[1, 5], [3, 5], [8, 5]]) // prettier-ignore
    const z = standardised(x, moments(x))
    const { means, deviations } = moments(z)
    assert.ok(Math.abs(means[0]) < 1e-15 && Math.abs(deviations[0] - 1) < 1e-15)
    assert.deepEqual(Array.from(z.transpose().row(1)), [0, 0, 0])
  })
  it('are mapped, centred and subtracted entry by entry', () => {
    assert.deepEqual(mapped(a, (v, i) => 10 * v + i).toArray(), [[10, 21], [32, 43]]) // prettier-ignore
    assert.deepEqual(centred(a).toArray(), [[-1, -1], [1, 1]]) // prettier-ignore
    assert.deepEqual(minus(a, centred(a)).toArray(), [[2, 3], [2, 3]]) // prettier-ignore
  })
})

describe('linear classifier', () => {
  const { Z, labels } = gaussianMixture({ n: 400, means: [[0, 1], [2, 3]], seed: 1 }) // prettier-ignore

  it('comes close to the best possible accuracy', () => {
    // The means are 2 sqrt 2 apart: no classifier has more than Phi(sqrt 2) = 0.921 in the long run.
    const right = accuracy(linearClassifier(Z, labels)(Z), labels)
    assert.ok(right > 0.89 && right < 0.95, String(right))
  })
  it('predicts the same after an invertible linear map', () => {
    const mapped = matmul(Z, modalityMatrix({ rows: 2, cols: 2, seed: 5 }), { transposeB: true })
    assert.deepEqual(linearClassifier(Z, labels)(Z), linearClassifier(mapped, labels)(mapped))
  })
  it('separates what a line separates, however close', () => {
    const random = normalStream(2)
    const rows = Array.from({ length: 300 }, () => [10 * random(), random()])
    const sides = rows.map(([x, y]) => (y > 0.3 * x ? 1 : 0))
    assert.equal(accuracy(linearClassifier(Matrix.from(rows), sides)(Matrix.from(rows)), sides), 1)
  })
  it('cannot separate what no line separates', () => {
    const exclusiveOr = Matrix.from([[0, 0], [1, 1], [0, 1], [1, 0]]) // prettier-ignore
    const right = accuracy(linearClassifier(exclusiveOr, [0, 0, 1, 1])(exclusiveOr), [0, 0, 1, 1])
    assert.ok(right <= 0.75)
  })
})

describe('row echelon form', () => {
  it('of a small matrix is the one found by hand', () => {
    const { R, pivots } = reducedRowEchelon(Matrix.from([[1, 2, 1], [2, 4, 0], [3, 6, 1]])) // prettier-ignore
    assert.deepEqual(pivots, [0, 2])
    assert.ok(largestDifference(R, Matrix.from([[1, 2, 0], [0, 0, 1]])) < 1e-15) // prettier-ignore
  })
  it('spans the null space that the SVD finds, for tall, wide and square', () => {
    for (const [rows, cols, rank] of [
      [30, 8, 5],
      [6, 15, 4],
      [9, 9, 9],
      [3, 3, 0],
    ]) {
      // prettier-ignore
      const A =
        rank === 0
          ? new Matrix(rows, cols)
          : matmul(modalityMatrix({ rows, cols: rank, seed: 1 }), modalityMatrix({ rows: rank, cols, seed: 2 }))
      const [one, other] = [nullSpaceByRowEchelon(A), nullSpace(A)]
      assert.equal(one.cols, cols - rank)
      assert.equal(other.cols, cols - rank)
      if (one.cols === 0) continue
      assert.ok(frobenius(matmul(A, one)) <= 1e-12 * (frobenius(A) * frobenius(one)))
      const projector = (N) => matmul(N, N, { transposeB: true })
      assert.ok(largestDifference(projector(svd(one).U), projector(other)) < 1e-12)
    }
  })
})

describe('Equation 7 by a Householder factor', () => {
  const random = normalStream('householder')
  const pairs = [drawn(12, 9, random), drawn(12, 11, random)]
  const model = householderAlignment(6).fit(pairs)
  it('is exact on the pairs, with orthonormal rows', () => {
    const [a, b] = pairs.map((x, m) => model.transform(x, m))
    assert.ok(frobenius(a) > 0.1)
    assert.ok(largestDifference(a, b) < 1e-14)
    const identity = (n) =>
      Matrix.from(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => +(i === j))))
    const maps = [9, 11].map((width, m) => model.transform(identity(width), m).transpose())
    const rows = beside(maps)
    assert.ok(largestDifference(matmul(rows, rows, { transposeB: true }), identity(6)) < 1e-14)
  })
  it('is refused where the null space may be too small', () => {
    assert.throws(() => householderAlignment(9).fit(pairs), /8 dimensions for certain, expected 9/)
  })
})

describe('the recovered space', () => {
  it('has both modalities in one place, a linear image of the latents', () => {
    const { Z, labels, recovered } = withRecovered(referenceExperiment({ seed: 3, n: 100 }))
    assert.equal(labels.length, 100)
    assert.ok(largestDifference(...recovered) < 1e-12)
    assert.ok(frobenius(minus(recovered[0], matmul(Z, lstsq(Z, recovered[0]).X))) < 1e-12 * frobenius(recovered[0]))
  })
})

describe('InfoNCE loss', () => {
  const close = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-12, `${value}, expected ${expected}`)
  it('is log n where all latents are alike, whatever their length', () => {
    const alike = Matrix.from([[1, 2], [2, 4], [3, 6]]) // prettier-ignore
    close(infoNceLoss([alike, alike], 0.1), Math.log(3))
  })
  it('is what its formula gives for orthogonal latents, and from either side', () => {
    const [first, second] = [Matrix.from([[5, 0], [0, 1]]), Matrix.from([[1, 0], [1, 1]])] // prettier-ignore
    const h = Math.SQRT1_2 / 0.5
    const expected = (Math.log(Math.exp(2) + Math.exp(h)) + Math.log(1 + Math.exp(h)) +
      Math.log(Math.exp(2) + 1) + Math.log(2 * Math.exp(h)) - 2 * (2 + h)) / 4 // prettier-ignore
    close(infoNceLoss([first, second], 0.5), expected)
    close(infoNceLoss([second, first], 0.5), expected)
  })
})
