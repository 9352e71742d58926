import { Matrix } from 'collimate'

/**
 * The reduced row echelon form by Gauss-Jordan elimination with row pivoting.
 *
 * @param {Matrix} A m x n
 * @param {number} tolerance a pivot up to this multiple of A's largest entry counts as zero; default max(m, n) eps
 * @returns {{ R: Matrix, pivots: number[] }} R has the rank's number of rows; `pivots` are the columns of its leading ones
 */
export function reducedRowEchelon(A, tolerance = Math.max(A.rows, A.cols) * Number.EPSILON) {
  const rows = Array.from({ length: A.rows }, (_, i) => Float64Array.from(A.row(i)))
  const smallest = tolerance * A.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  const pivots = []
  for (let column = 0; column < A.cols && pivots.length < A.rows; column++) {
    const top = pivots.length
    const best = largestBelow(rows, top, column)
    if (Math.abs(rows[best][column]) <= smallest) continue
    ;[rows[top], rows[best]] = [rows[best], rows[top]]
    eliminate(rows, top, column)
    pivots.push(column)
  }
  return { R: Matrix.from(pivots.length > 0 ? rows.slice(0, pivots.length) : new Matrix(0, A.cols)), pivots }
}

/**
 * A basis of the null space, one column for each free variable: that variable 1, the other free ones 0.
 *
 * @param {Matrix} A m x n
 * @returns {Matrix} n x (n - rank), columns neither orthogonal nor of unit length
 */
export function nullSpaceByRowEchelon(A, tolerance) {
  const { R, pivots } = reducedRowEchelon(A, tolerance)
  const free = Array.from({ length: A.cols }, (_, j) => j).filter((j) => !pivots.includes(j))
  const N = new Matrix(A.cols, free.length)
  free.forEach((column, f) => {
    N.set(column, f, 1)
    pivots.forEach((pivot, i) => N.set(pivot, f, -R.get(i, column)))
  })
  return N
}

function largestBelow(rows, top, column) {
  let best = top
  for (let i = top + 1; i < rows.length; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[best][column])) best = i
  return best
}

/** Scales row `top` to a leading one in `column` and takes it out of all others. */
function eliminate(rows, top, column) {
  const pivot = rows[top][column]
  for (let j = column; j < rows[top].length; j++) rows[top][j] /= pivot
  rows.forEach((row, i) => {
    if (i === top || row[column] === 0) return
    const factor = row[column]
    for (let j = column; j < row.length; j++) row[j] -= factor * rows[top][j]
  })
}
