// Rows of numbers, and what the checks need to know of them.

/** @typedef {number[][]} Rows */

/** @param {Rows} A @returns {Rows} */
export const transpose = (A) => (A.length === 0 ? [] : A[0].map((_, j) => A.map((row) => row[j])))

/** @param {Rows} A @param {Rows} B @returns {Rows} */
export function product(A, B) {
  const columns = transpose(B)
  return A.map((row) => columns.map((column) => row.reduce((sum, x, p) => sum + x * column[p], 0)))
}

/** The largest magnitude; NaN if an entry is none. @param {Rows} A */
export const largest = (A) => A.flat().reduce((most, x) => (Number.isNaN(x) ? NaN : Math.max(most, Math.abs(x))), 0)

/** @param {Rows} A @param {Rows} B */
export const difference = (A, B) => largest(A.map((row, i) => row.map((x, j) => x - (B[i]?.[j] ?? NaN))))

/** How far the columns are from orthonormal. @param {Rows} Q */
export function departure(Q) {
  const columns = transpose(Q)
  const gram = product(columns, Q)
  return largest(gram.map((row, i) => row.map((x, j) => x - (i === j ? 1 : 0))))
}

/** U diag(s) V^T for as many columns as there are values. @param {{ U: Rows, s: number[], V: Rows }} svd */
export const rebuilt = ({ U, s, V }) =>
  product(
    U.map((row) => s.map((sigma, j) => row[j] * sigma)),
    transpose(V.map((row) => row.slice(0, s.length))),
  )

/** Normally distributed numbers from a seed (mulberry32, Box and Muller). @param {number} rows @param {number} cols @returns {Rows} */
export function random(rows, cols, seed = 1) {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return Array.from({ length: rows }, () => Array.from({ length: cols }, normal))
}
