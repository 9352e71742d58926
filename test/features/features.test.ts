import { describe, expect, test } from 'vitest'
import { fourierFeatures } from '../../src/features/fourier.js'
import { nystroemFeatures } from '../../src/features/nystroem.js'
import { Matrix } from '../../src/matrix.js'
import { randomStream } from '../../src/random/random-stream.js'

function normal(rows: number, cols: number, seed = 'rows', factor = 1): Matrix {
  const stream = randomStream(seed, 'features')
  return new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => factor * stream.normal()),
  )
}

/** Rows less their mean, over the median length of such rows. */
function standard(X: Matrix): number[][] {
  const rows = X.toArray()
  const mean = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j] / rows.length, 0))
  const centred = rows.map((row) => row.map((x, j) => x - mean[j]))
  const lengths = centred.map((row) => Math.hypot(...row)).sort((a, b) => a - b)
  const n = lengths.length
  const unit = n % 2 === 1 ? lengths[(n - 1) / 2] : (lengths[n / 2] + lengths[n / 2 - 1]) / 2
  return centred.map((row) => row.map((x) => x / unit))
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x).reduce((sum, value, j) => sum + value * y[j], 0)
const squaredDistance = (x: number[], y: number[]) => x.reduce((sum, value, j) => sum + (value - y[j]) ** 2, 0)

describe('fourierFeatures', () => {
  const X = normal(80, 6)

  test.each([true, false])('inner products of cosines come to the kernel, orthogonal %s', (orthogonal) => {
    const rows = standard(X)
    const errors = [64, 1024].map((dimensions) => {
      const F = fourierFeatures({ dimensions, width: 1, linear: false, orthogonal, seed: 3 }).fit(X).transform(X)
      // Features are centred and scaled: distances, up to one factor, are those of the kernel.
      let [xy, xx] = [0, 0]
      const pairs: [number, number][] = []
      for (let i = 0; i < 80; i++) {
        for (let j = 0; j < i; j++) {
          const found = squaredDistance([...F.row(i)], [...F.row(j)])
          const wanted = 2 - 2 * Math.exp(-squaredDistance(rows[i], rows[j]) / 2)
          pairs.push([found, wanted])
          xy += found * wanted
          xx += found * found
        }
      }
      return Math.sqrt(pairs.reduce((sum, [f, w]) => sum + ((xy / xx) * f - w) ** 2, 0) / pairs.length)
    })
    expect(errors[0]).toBeLessThan(0.35)
    expect(errors[1]).toBeLessThan(0.09)
  })

  test('both parts have the mean 0 and the mean square length 1', () => {
    const F = fourierFeatures({ dimensions: 40 }).fit(X).transform(X)
    expect(F.cols).toBe(46)
    for (const [from, to] of [
      [0, 6],
      [6, 46],
    ]) {
      const parts = F.toArray().map((row) => row.slice(from, to))
      expect(parts.reduce((sum, row) => sum + dot(row, row), 0) / 80).toBeCloseTo(1, 12)
      for (let j = 0; j < to - from; j++) expect(parts.reduce((sum, row) => sum + row[j], 0)).toBeCloseTo(0, 12)
    }
  })

  test('nothing depends on the unit, from 1e-290 to 1e290', () => {
    const expected = fourierFeatures({ dimensions: 30 }).fit(X).transform(X)
    for (const unit of [1e-290, 1e-30, 1e30, 1e290]) {
      const scaled = new Matrix(
        80,
        6,
        X.data.map((x) => x * unit),
      )
      const found = fourierFeatures({ dimensions: 30 }).fit(scaled).transform(scaled)
      for (let at = 0; at < found.data.length; at++) expect(found.data[at]).toBeCloseTo(expected.data[at], 10)
    }
  })

  test('few rows and many, of float32 or float64, come out alike, and the same seed does', () => {
    const map = fourierFeatures({ dimensions: 50, seed: 'a' }).fit(X)
    const all = map.transform(X)
    const one = map.transform([X.row(7)])
    for (let j = 0; j < all.cols; j++) expect(one.get(0, j)).toBeCloseTo(all.get(7, j), 12)
    expect(fourierFeatures({ dimensions: 50, seed: 'a' }).fit(X).transform(X).data).toEqual(all.data)
    expect(fourierFeatures({ dimensions: 50, seed: 'b' }).fit(X).transform(X).data).not.toEqual(all.data)
  })

  test('inverse gives the rows back', () => {
    const map = fourierFeatures({ dimensions: 10 }).fit(X)
    const back = map.inverse(map.transform(X))
    for (let at = 0; at < X.data.length; at++) expect(back.data[at]).toBeCloseTo(X.data[at], 13)
    const without = fourierFeatures({ dimensions: 10, linear: false }).fit(X)
    expect(() => without.inverse(without.transform(X))).toThrow(/do not hold the rows/)
  })

  test('rows that are all equal, one row, one column', () => {
    const equal = new Matrix(5, 3, new Float64Array(15).fill(2))
    const F = fourierFeatures({ dimensions: 4 }).fit(equal).transform(equal)
    expect([F.cols, ...F.data]).toEqual([7, ...new Float64Array(35)])
    expect(
      fourierFeatures({ dimensions: 4 })
        .fit([[1, 2]])
        .transform([[3, 4]]).rows,
    ).toBe(1)
    expect(
      fourierFeatures({ dimensions: 4 })
        .fit([[1], [2], [4]])
        .transform([[3]]).cols,
    ).toBe(5)
  })

  test('bad input', () => {
    expect(() => fourierFeatures({ dimensions: 0 })).toThrow(RangeError)
    expect(() => fourierFeatures({ width: 0 })).toThrow(RangeError)
    expect(() => fourierFeatures({ widht: 2 } as object)).toThrow(/no option 'widht'/)
    expect(() => fourierFeatures({ seed: NaN })).toThrow(RangeError)
    expect(() => fourierFeatures().fit([])).toThrow(/expected at least one row/)
    expect(() => fourierFeatures().fit([[1, NaN]])).toThrow(/entry \(0, 1\) is NaN/)
    const map = fourierFeatures({ dimensions: 4 }).fit(X)
    expect(() => map.transform([[1, 2]])).toThrow(/rows has 2 columns, expected 6/)
    const small = fourierFeatures({ dimensions: 4 }).fit([[0], [1e-30]])
    expect(() => small.transform([[0], [1e300]])).toThrow(/row 1 is too far/)
    expect(map.transform(new Matrix(0, 6)).rows).toBe(0)
  })
})

describe('nystroemFeatures', () => {
  const X = normal(40, 5, 'nystroem')
  const rows = standard(X)
  const kernels = {
    gaussian: (x: number[], y: number[]) => Math.exp(-squaredDistance(x, y) / 32),
    polynomial: (x: number[], y: number[]) => (dot(x, y) + 1) ** 2,
    linear: (x: number[], y: number[]) => dot(x, y),
  }

  test.each(['gaussian', 'polynomial', 'linear'] as const)('all rows as landmarks: the %s kernel', (kernel) => {
    const F = nystroemFeatures({ kernel, landmarks: 99 }).fit(X).transform(X)
    const largest = Math.max(...rows.map((row) => kernels[kernel](row, row)))
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j <= i; j++) {
        expect(Math.abs(dot(F.row(i), F.row(j)) - kernels[kernel](rows[i], rows[j]))).toBeLessThan(1e-12 * 40 * largest)
      }
    }
    // Of (x . y + 1)^2 there are 21 monomials of five variables, of x . y five.
    expect(F.cols).toBe({ gaussian: 40, polynomial: 21, linear: 5 }[kernel])
  })

  test('few landmarks: exact for them, below the kernel for all', () => {
    const F = nystroemFeatures({ landmarks: 12, seed: 4 }).fit(X).transform(X)
    expect(F.cols).toBe(12)
    const exact = rows.filter((_, i) => Math.abs(dot(F.row(i), F.row(i)) - 1) < 1e-10)
    expect(exact).toHaveLength(12)
    for (let i = 0; i < 40; i++) expect(dot(F.row(i), F.row(i))).toBeLessThan(1 + 1e-10)
  })

  test('bad input', () => {
    expect(() => nystroemFeatures({ kernel: 'rbf' } as object)).toThrow(/kernel must be one of/)
    expect(() => nystroemFeatures({ degree: 3 })).toThrow(/of kernel 'polynomial'/)
    expect(() => nystroemFeatures({ kernel: 'polynomial', degree: 0.5 })).toThrow(RangeError)
    expect(() => nystroemFeatures({ landmarks: 0 })).toThrow(RangeError)
    expect(() => nystroemFeatures().fit([[Infinity]])).toThrow(RangeError)
    const equal = new Matrix(4, 2, new Float64Array(8).fill(1))
    expect(nystroemFeatures({ kernel: 'linear' }).fit(equal).outputs).toBe(0)
  })
})
