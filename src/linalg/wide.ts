import { Matrix } from '../matrix.js'
import { powerToOne, timesPower } from '../dense/powers-of-two.js'

/**
 * Elimination for matrices whose entries span more than float64 holds even when rows and columns are scaled: every number is a mantissa and
 * an exponent of its own, so that nothing under- or overflows before the result. For small systems: an operation takes
 * some 0.15 us, some 10 times what the kernels need at an order of 64, 50 times at 128.
 */

/** m 2^e, 1 <= |m| < 2 or 0, and the largest exponent of all that was added up to it. */
type Wide = readonly [m: number, e: number, top: number]

/** The exponent of 0, far below all others. */
const NOTHING = -1e9
/** Numbers further apart by a power of two leave the larger as it is. */
const FAR = 120

function wide(m: number, e: number, top = NOTHING): Wide {
  if (m === 0) return [0, NOTHING, top]
  for (; Math.abs(m) >= 2; e++) m /= 2
  for (; Math.abs(m) < 1; e--) m *= 2
  return [m, e, Math.max(top, e)]
}

function ofNumber(x: number): Wide {
  const power = x === 0 ? 0 : powerToOne(Math.abs(x))
  return wide(timesPower(x, power), -power)
}

/** a - l u. */
function minusProduct(a: Wide, l: Wide, u: Wide): Wide {
  const product = l[0] * u[0]
  const e = l[1] + u[1]
  const apart = a[1] - e
  if (product === 0 || apart > FAR) return a
  return wide((apart < -FAR ? 0 : a[0] * 2 ** apart) - product, e, Math.max(a[2], a[1], e))
}

const quotient = (a: Wide, b: Wide) => wide(a[0] / b[0], a[1] - b[1])

/** What {@link wideElimination} gives. */
export interface WideElimination {
  /** The determinant: a product of mantissas, and of 2^exponent. */
  readonly mantissas: readonly number[]
  readonly exponent: number
  /** A^-1 B; what does not fit float64 is 0 or infinite. B itself where a pivot is zero. */
  readonly X: Matrix
  /**
   * The smallest part that the terms of a pivot leave of their largest, over n: below eps, a pivot is rounding, and A singular to working
   * precision at every scaling of rows and columns. 0 where a pivot is zero.
   */
  readonly rcond: number
}

/**
 * A^-1 B by elimination, with pivots chosen as if every row of A had its largest entry near 1; without an exchange if A is triangular.
 * n^3 / 3 operations but for a triangle, and n^2 k.
 */
export function wideElimination(A: Matrix, B: Matrix, triangular = false): WideElimination {
  const n = A.rows
  const rows = Array.from({ length: n }, (_, i) => [...A.row(i), ...B.row(i)].map(ofNumber))
  const sizes = new Map(rows.map((row) => [row, Math.max(...row.slice(0, n).map(([, e]) => e))]))
  const size = (row: Wide[], c: number) => Math.log2(Math.abs(row[c][0])) + row[c][1] - (sizes.get(row) ?? 0)
  const mantissas: number[] = []
  let [exponent, rcond] = [0, 1]
  for (let c = 0; c < n; c++) {
    let from = c
    if (!triangular) for (let i = c + 1; i < n; i++) if (size(rows[i], c) > size(rows[from], c)) from = i
    const pivotRow = rows[from]
    const [mantissa, e, top] = pivotRow[c]
    if (mantissa === 0) return { mantissas: [0], exponent: 0, X: B, rcond: 0 }
    rows[from] = rows[c]
    rows[c] = pivotRow
    mantissas.push(from === c ? mantissa : -mantissa)
    exponent += e
    rcond = Math.min(rcond, 2 ** (e - top))
    for (const row of rows.slice(c + 1)) {
      if (row[c][0] === 0) continue
      const factor = quotient(row[c], pivotRow[c])
      for (let j = triangular ? n : c + 1; j < row.length; j++) row[j] = minusProduct(row[j], factor, pivotRow[j])
    }
  }
  const X = new Matrix(n, B.cols)
  for (let c = n - 1; c >= 0; c--) {
    for (let j = 0; j < B.cols; j++) {
      const x = quotient(rows[c][n + j], rows[c][c])
      X.set(c, j, timesPower(x[0], x[1]))
      for (let i = 0; i < c; i++) rows[i][n + j] = minusProduct(rows[i][n + j], rows[i][c], x)
    }
  }
  return { mantissas, exponent, X, rcond: rcond / n }
}

/** Operations that block for less than 100 ms (measured): a system of order 115, or a triangle of 240 and a vector. */
const MOST_OPERATIONS = 2 ** 19
/** Entries below it, beside a largest of 1, may have products that underflow. */
const SMALL = 2 ** -100
/** Pivots and solutions this far from 1 at most do not depend on what underflows. */
const SAFE = 2 ** 300

/** Whether arithmetic in float64 may lose what matters of a matrix, given before and after its scaling, and `operations` are few. */
export function spansTooMuch(operations: number, ...scaled: (readonly [given: Matrix, scaled: Matrix])[]): boolean {
  if (operations > MOST_OPERATIONS) return false
  return scaled.some(([given, { data }]) => data.some((x, i) => Math.abs(x) < SMALL && given.data[i] !== 0))
}

/** Whether nothing that underflowed can show: given pivots, and the solution for a right-hand side with a largest entry of 1. */
export function isSettled(pivots: ArrayLike<number>, solution: ArrayLike<number> = []): boolean {
  const near = (x: number) => Math.abs(x) > 1 / SAFE && Math.abs(x) < SAFE
  return Array.prototype.every.call(pivots, near) && Array.prototype.every.call(solution, near)
}
