import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { r2Score } from '../../src/metrics/index.js'
import { gaussian } from '../support/random.js'

const meansOf = ({ rows, cols, data }: Matrix) =>
  Array.from({ length: cols }, (_, j) =>
    Array.from(data).reduce((sum, x, i) => sum + (i % cols === j ? x / rows : 0), 0),
  )

describe('r2Score', () => {
  it('is what comes out by hand', () => {
    // About its means 2 and 20 the truth has squares of 2 + 200, of which predictions miss 1 + 100.
    const truth = [[1, 10], [2, 20], [3, 30]] // prettier-ignore
    expect(r2Score(truth, [[1, 10], [2, 10], [4, 30]])).toBeCloseTo(0.5, 15) // prettier-ignore
    expect(r2Score(truth, truth)).toBe(1)
    expect(r2Score(truth, [[2, 20], [2, 20], [2, 20]])).toBe(0) // prettier-ignore
    // scikit-learn's own example: r2_score([[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]], multioutput='variance_weighted')
    expect(r2Score([[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]])).toBeCloseTo(0.9382566585956417, 14) // prettier-ignore
  })

  it('is one sum over all columns: a column that varies more counts more, a constant one only by its errors', () => {
    expect(r2Score([[1, 5], [3, 5]], [[1, 5], [3, 5]])).toBe(1) // prettier-ignore
    expect(r2Score([[1, 5], [3, 5]], [[1, 6], [3, 5]])).toBeCloseTo(0.5, 15) // prettier-ignore
  })

  it('is 1 or 0 where nothing varies', () => {
    expect(r2Score([[0.1], [0.1], [0.1]], [[0.1], [0.1], [0.1]])).toBe(1)
    expect(r2Score([[0.1], [0.1], [0.1]], [[0.1], [0.1], [0.2]])).toBe(0)
    expect(r2Score([[3, 4]], [[3, 5]])).toBe(0)
  })

  it('has no lower bound, and 0 is what the means reach', () => {
    const Y = gaussian(30, 4, 1)
    const means = meansOf(Y)
    expect(r2Score(Y, new Matrix(30, 4, Y.data.map((_, i) => means[i % 4])))).toBeCloseTo(0, 14)
    expect(r2Score(Y, new Matrix(30, 4, Y.data.map((x) => -9 * x)))).toBeLessThan(-90)
  }) // prettier-ignore

  it.each([1e300, 1e-300, 1e-320])('takes any magnitude: %d', (by) => {
    const [Y, P] = [gaussian(20, 3, 2), gaussian(20, 3, 3)]
    const scaled = (X: Matrix) => new Matrix(20, 3, X.data.map((x) => x * by)) // prettier-ignore
    expect(r2Score(scaled(Y), scaled(P)) / r2Score(Y, P)).toBeCloseTo(1, by < 1e-310 ? 2 : 12)
  })

  it('keeps its digits beside a large mean', () => {
    const [Y, P] = [gaussian(20, 3, 2), gaussian(20, 3, 3)]
    const moved = (X: Matrix) => new Matrix(20, 3, X.data.map((x) => x + 1e6)) // prettier-ignore
    expect(r2Score(moved(Y), moved(P)) / r2Score(Y, P)).toBeCloseTo(1, 8)
  })

  it.each<[string, () => unknown, unknown, RegExp]>([
    ['other shapes', () => r2Score([[1], [2]], [[1, 2]]), RangeError, /truth is 2 x 1 but predicted is 1 x 2/],
    ['nothing', () => r2Score([], []), RangeError, /truth must hold at least one sample/],
    ['infinity', () => r2Score([[1], [2]], [[1], [Infinity]]), RangeError, /predicted/],
    ['no matrix', () => r2Score([[1], [2]], 'x' as never), TypeError, /predicted/],
  ])('refuses %s', (_name, call, kind, message) => {
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
  })
})
