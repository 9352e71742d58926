import { describe, expect, test } from 'vitest'
import { SingularMatrixError } from '../../src/errors.js'
import { cholesky } from '../../src/linalg/cholesky.js'
import { det, slogdet } from '../../src/linalg/determinant.js'
import { lq } from '../../src/linalg/lq.js'
import { lu } from '../../src/linalg/lu.js'
import { qr } from '../../src/linalg/qr.js'
import { solveTriangular } from '../../src/linalg/solve-triangular.js'
import { solve } from '../../src/linalg/solve.js'
import { Matrix, type Precision } from '../../src/matrix.js'
import { uniform } from '../support/random.js'

/** Exact arithmetic: every float64 is an integer over 2^1074, and all that follows is done with integers of any length. */
const POINT = 1074n

function exact(x: number): bigint {
  if (x === 0) return 0n
  const e = Math.max(-1022, Math.floor(Math.log2(Math.abs(x))) - 1)
  const scaledUp = (x / 2 ** Math.trunc(e / 2) / 2 ** (e - Math.trunc(e / 2))) * 2 ** 54
  const shift = BigInt(e) - 54n + POINT
  return shift >= 0n ? BigInt(scaledUp) << shift : BigInt(scaledUp) >> -shift
}

/** a / b to some 60 bits: a number and the power of two that it is to be multiplied by. */
function quotient(a: bigint, b: bigint): { value: number; exponent: number } {
  if (a === 0n) return { value: 0, exponent: 0 }
  const length = (x: bigint) => (x < 0n ? -x : x).toString(2).length
  const shift = 64 - (length(a) - length(b))
  const q = shift >= 0 ? (a << BigInt(shift)) / b : a / (b << BigInt(-shift))
  return { value: Number(q), exponent: -shift }
}

function asNumber({ value, exponent }: { value: number; exponent: number }): number {
  const e = Math.max(-2300, Math.min(2300, exponent))
  const third = Math.trunc(e / 3)
  return value * 2 ** third * 2 ** third * 2 ** (e - 2 * third)
}

/** The determinant of integers, by minors (up to order 4 or so). */
function minors(A: bigint[][]): bigint {
  if (A.length === 0) return 1n
  return A[0].reduce((sum, x, j) => {
    if (x === 0n) return sum
    const rest = minors(A.slice(1).map((row) => row.filter((_, k) => k !== j)))
    return j % 2 === 0 ? sum + x * rest : sum - x * rest
  }, 0n)
}

const exactly = (A: Matrix) => A.toArray().map((row) => Array.from(row, exact))

/** Cramer's rule. */
function exactSolution(A: Matrix, b: ArrayLike<number>): number[] {
  const a = exactly(A)
  const whole = minors(a)
  return a.map((_, j) => {
    const replaced = a.map((row, i) => row.map((x, k) => (k === j ? exact(b[i]) : x)))
    return asNumber(quotient(minors(replaced), whole))
  })
}

/** Entries over the whole range of exponents, a fifth of them 0. */
function wideMatrix(n: number, seed: number, span = 1000): Matrix {
  const next = uniform(seed)
  const entry = () => (next() < 0.2 ? 0 : (next() - 0.5) * 2 ** Math.floor(span * (2 * next() - 1)))
  return new Matrix(n, n, Float64Array.from({ length: n * n }, entry))
}

/** To a relative error of `bound`, or a last place of subnormal numbers or two. */
function expectClose(actual: number, expected: number, bound: number, what: string): void {
  if (Math.abs(expected) === Infinity) expect(actual, what).toBe(expected)
  else expect(Math.abs(actual - expected), `${what}: ${actual}, exact ${expected}`).toBeLessThanOrEqual(bound * Math.abs(expected) + 2 ** -1073) // prettier-ignore
}

const TRIES = 150
const BOUND = 1e-12

describe('cases that span the range', () => {
  test('determinants', () => {
    expect(det([[1e-308, 1e308], [0, 1e-308]])).toBe(0) // prettier-ignore
    const { sign, logAbsDet } = slogdet([[1e-310, 1e308], [0, 1e-308]]) // prettier-ignore
    expect(sign).toBe(1)
    expect(logAbsDet).toBeCloseTo(Math.log(1e-310) + Math.log(1e-308), 9)
    const A = [[2.99e307, 1e-155, 1e-155], [0, 1e-160, 1e-155], [1e155, 0, 0]] // prettier-ignore
    expectClose(det(A), 1e-155 * (1 - 1e-5), 1e-12, 'no transversal through the largest entry')
  })

  test('solutions', () => {
    expect(solve([[1e-310, 1e308], [0, 1e-308]], [1e-310, 0])).toEqual(Float64Array.of(1, 0)) // prettier-ignore
    const x = solve([[1e-200, 0], [0, 1e200]], [1, 1]) // prettier-ignore
    expectClose(x[0], 1e200, 1e-15, 'large')
    expectClose(x[1], 1e-200, 1e-15, 'small')
    const y = solveTriangular([[1e162, 1e-162], [0, 1e-162]], [2, 1]) // prettier-ignore
    expectClose(y[0], 1e-162, 1e-14, '2 - 1')
    expectClose(y[1], 1e162, 1e-14, 'last')
  })
})

test('det and slogdet of random matrices, against integers', () => {
  let [large, small, zero] = [0, 0, 0]
  for (let seed = 1; seed <= TRIES; seed++) {
    const n = 1 + (seed % 4)
    const A = wideMatrix(n, seed)
    const determinant = minors(exactly(A))
    const scaled = quotient(determinant, 1n << (POINT * BigInt(n)))
    const expected = asNumber(scaled)
    expectClose(det(A), expected, BOUND, `seed ${seed}`)
    const { sign, logAbsDet } = slogdet(A)
    expect(sign, `seed ${seed}`).toBe(Math.sign(scaled.value))
    if (sign !== 0) expectClose(logAbsDet, Math.log(Math.abs(scaled.value)) + scaled.exponent * Math.LN2, 1e-13, `seed ${seed}`) // prettier-ignore
    if (Math.abs(expected) === Infinity) large++
    else if (expected === 0 && sign !== 0) small++
    else if (sign === 0) zero++
  }
  expect(Math.min(large, small, zero)).toBeGreaterThan(2)
})

test('solve of random matrices with rows and columns at random scales, against integers', () => {
  for (let seed = 1; seed <= TRIES; seed++) {
    const n = 2 + (seed % 3)
    const next = uniform(seed)
    const powers = [0, 1].map(() => Array.from({ length: n }, () => Math.floor(900 * next() - 450)))
    const scaled = (i: number, j: number, x: number) => x * 2 ** powers[0][i] * 2 ** (j < n ? powers[1][j] : 0)
    const A = new Matrix(n, n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) A.set(i, j, scaled(i, j, (i === j ? n : 0) + next() - 0.5))
    const b = Float64Array.from({ length: n }, (_, i) => scaled(i, n, next() - 0.5))
    const expected = exactSolution(A, b)
    const size = Math.max(...expected.map((x, i) => Math.abs(x * 2 ** powers[1][i])))
    solve(A, b).forEach((x, i) => {
      const error = Math.abs(x - expected[i]) * 2 ** powers[1][i]
      expect(error, `seed ${seed}, component ${i}`).toBeLessThanOrEqual(64 * n * Number.EPSILON * size)
    })
  }
})

test('solveTriangular of random triangles, against integers: every component', () => {
  let solved = 0
  for (let seed = 1; seed <= TRIES; seed++) {
    const n = 2 + (seed % 3)
    for (const lower of [false, true]) {
      const T = wideMatrix(n, 3000 + seed, 400)
      const next = uniform(seed)
      for (let i = 0; i < n; i++) {
        T.set(i, i, (1 + next()) * 2 ** Math.floor(800 * next() - 400))
        for (let j = 0; j < n; j++) if (lower ? j > i : j < i) T.set(i, j, 0)
      }
      const b = wideMatrix(n, 4000 + seed, 400).row(0)
      const expected = exactSolution(T, b)
      if (expected.some((x) => Math.abs(x) === Infinity)) continue
      solveTriangular(T, b, { lower }).forEach((x, i) => {
        expectClose(x, expected[i], BOUND, `seed ${seed}, ${lower ? 'lower' : 'upper'}, component ${i}`)
      })
      solved++
    }
  }
  expect(solved).toBeGreaterThan(TRIES / 2)
})

test('a matrix that is singular to working precision is refused at any scale of its rows and columns', () => {
  const near = [[1, 1], [1, 1 + Number.EPSILON]] // prettier-ignore
  const powers = [-900, 900]
  const A = near.map((row, i) => row.map((x, j) => (x * 2 ** powers[i]) * 2 ** (powers[j] / 10))) // prettier-ignore
  expect(() => solve(A, [1, 1])).toThrow(SingularMatrixError)
})

test('cholesky: every entry to n eps sqrt(a_ii a_jj), with a diagonal over the whole range', () => {
  const n = 6
  const next = uniform(7)
  const powers = Array.from({ length: n }, () => Math.floor(900 * next() - 450))
  const A = new Matrix(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) A.set(i, j, (i === j ? 2 : 1 / (1 + i + j)) * 2 ** (powers[i] + powers[j])) // prettier-ignore
  const L = cholesky(A)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k <= j; k++) sum += L.get(i, k) * 2 ** -powers[i] * (L.get(j, k) * 2 ** -powers[j])
      const entry = A.get(i, j) * 2 ** -powers[i] * 2 ** -powers[j]
      expect(Math.abs(sum - entry)).toBeLessThanOrEqual(4 * n * Number.EPSILON)
    }
  }
})

const magnitude = (x: bigint) => (x < 0n ? -x : x)
const sum = (terms: bigint[]) => terms.reduce((a, b) => a + b, 0n)
const largest = (terms: bigint[]) => terms.reduce((a, b) => (a > b ? a : b), 0n)
const root = (x: bigint): bigint => {
  if (x < 2n) return x
  let r = 1n << BigInt(Math.ceil(x.toString(2).length / 2))
  for (let next = (r + x / r) / 2n; next < r; next = (r + x / r) / 2n) r = next
  return r
}

test('lu of random matrices of any shape, against integers: every entry', () => {
  for (let seed = 1; seed <= TRIES; seed++) {
    const [m, n] = [1 + (seed % 5), 1 + (seed % 3)]
    const A = new Matrix(m, n, wideMatrix(5, seed, 1020).data.slice(0, m * n))
    const { L, U, pivots } = lu(A)
    const [a, l, u] = [A, L, U].map(exactly)
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const products = u.map((row, k) => l[i][k] * row[j])
        const residual = magnitude((a[pivots[i]][j] << POINT) - sum(products))
        const inColumn = largest(u.map((row) => magnitude(row[j])))
        // eps |L| |U|, a last place of a multiplier that is subnormal, and one of U.
        const bound = (sum(products.map(magnitude)) >> 50n) + 4n * inColumn + (4n << POINT)
        expect(residual <= bound, `seed ${seed}, entry (${i}, ${j})`).toBe(true)
      }
    }
  }
})

/** |A - Q R| of every column, relative to its norm, against integers. */
function expectColumns(A: Matrix, Q: Matrix, R: Matrix, eps: number, smallest: number, what: string): void {
  const [a, q, r] = [A, Q, R].map(exactly)
  for (let j = 0; j < A.cols; j++) {
    const squares = a.map((row) => row[j] ** 2n)
    const residuals = a.map((row, i) => (row[j] << POINT) - sum(r.map((rk, k) => q[i][k] * rk[j])))
    const norm = root(sum(squares) << (2n * POINT))
    const bound = (norm * BigInt(20 * A.rows)) / BigInt(1 / eps) + ((exact(smallest) * 4n) << POINT)
    expect(root(sum(residuals.map((x) => x ** 2n))) <= bound, `${what}, column ${j}`).toBe(true)
  }
}

test.each<[Precision, number, number, number]>([
  ['f64', 1020, Number.EPSILON, 2 ** -1074],
  ['f32', 120, 2 ** -23, 2 ** -149],
])(
  'qr, and lq of the transpose, over the range of %s, against integers: every column',
  (precision, span, eps, smallest) => {
    for (let seed = 1; seed <= TRIES / 2; seed++) {
      const [m, n] = [1 + (seed % 5), 1 + (seed % 3)]
      const given = wideMatrix(5, seed, span).data.slice(0, m * n)
      const A = new Matrix(m, n, precision === 'f64' ? given : new Float32Array(given))
      const { Q, R } = qr(A, { precision })
      expectColumns(A, Q, R, eps, smallest, `qr, seed ${seed}`)
      if (precision === 'f32') continue
      const { L, Q: rows } = lq(A.transpose())
      expectColumns(A, (rows as Matrix).transpose(), L.transpose(), eps, smallest, `lq, seed ${seed}`)
    }
  },
)

test('cholesky of random matrices over the whole range, against integers: every entry', () => {
  for (let seed = 1; seed <= TRIES; seed++) {
    const n = 1 + (seed % 5)
    const next = uniform(seed)
    const powers = Array.from({ length: n }, () => Math.floor(1000 * next() - 500))
    const A = new Matrix(n, n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const entry = (i === j ? n : next() - 0.5) * 2 ** (powers[i] + powers[j])
        A.set(i, j, entry)
        A.set(j, i, entry)
      }
    }
    const [a, l] = [A, cholesky(A)].map(exactly)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const residual = magnitude((a[i][j] << POINT) - sum(l[i].map((x, k) => x * l[j][k])))
        const bound = (root(a[i][i] * a[j][j]) << POINT) >> 48n
        expect(residual <= bound + (1n << POINT), `seed ${seed}, entry (${i}, ${j})`).toBe(true)
      }
    }
  }
})

test.each([500, 1000])('solve of random matrices of exponents up to %i, against integers: every equation', (span) => {
  let [solved, singular, refused] = [0, 0, 0]
  for (let seed = 1; seed <= 2 * TRIES; seed++) {
    const n = 1 + (seed % 4)
    const A = wideMatrix(n, seed, span)
    const b = wideMatrix(n, 5000 + seed, span).row(0)
    try {
      const x = Array.from(solve(A, b), exact)
      // With the largest entry of every row near 1, multipliers are at most 1, and pivots double the largest entry of a column at most.
      const lifts = A.toArray().map((row) => 1100n - BigInt(Math.floor(Math.log2(Math.max(...row.map(Math.abs))))))
      const scaled = exactly(A).map((row, i) => row.map((entry) => entry << lifts[i]))
      const right = Array.from(b, (entry, i) => exact(entry) << (lifts[i] + POINT))
      const size = sum(
        x.map((xj, j) => largest(scaled.map((row) => magnitude(row[j]))) * (magnitude(xj) + (1n << 52n))),
      )
      scaled.forEach((row, i) => {
        const residual = magnitude(right[i] - sum(row.map((entry, j) => entry * x[j])))
        expect(residual <= size >> 48n, `seed ${seed}, equation ${i}`).toBe(true)
      })
      solved++
    } catch (error) {
      if (error instanceof SingularMatrixError) {
        if (minors(exactly(A)) === 0n) singular++
        else refused++
      } else if (!(error instanceof RangeError && /beyond the range/.test(error.message))) throw error
    }
  }
  expect(solved).toBeGreaterThan(TRIES)
  expect(singular).toBeGreaterThan(9)
  // What is left of a pivot may be below the rounding of its terms, and yet not 0.
  expect(refused).toBeLessThanOrEqual(TRIES / 50)
})

test('what is too large for numbers with exponents of their own keeps the first result', () => {
  const first = (n: number) => {
    const T = Matrix.identity(n)
    const b = new Float64Array(n)
    T.data.set([1e162, 1e-162])
    T.set(1, 1, 1e-162)
    b.set([2, 1])
    const [x, y] = solveTriangular(T, b)
    expectClose(y, 1e162, 1e-14, `order ${n}`)
    return x
  }
  expectClose(first(200), 1e-162, 1e-14, 'order 200')
  expect(first(300)).toBe(0)
})
