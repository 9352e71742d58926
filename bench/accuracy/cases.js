// What is asked of the libraries, and when an answer is right. The published cases are those of ml-matrix's own tests, written anew.
import { departure, difference, largest, product, random, rebuilt, transpose } from './dense.js'

/** @typedef {import('./dense.js').Rows} Rows */
/** @typedef {import('./libraries.js').Library} Library */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {keyof Library} needs
 * @property {boolean} [published] in ml-matrix's tests
 * @property {(library: any) => string | undefined} fault what is wrong with the answer, in a few words; undefined if it is right
 */

const EPS = Number.EPSILON
const ONE_TO_EIGHT = [[1, 2], [3, 4], [5, 6], [7, 8]] // prettier-ignore
const SIGMAS = [14.2690954992615, 0.626828232417543]
const BORDERED = [[1, -1, -1, -1, -1], [-1, 2, 0, 0, 0], [-1, 0, 3, 1, 1], [-1, 0, 1, 4, 2], [-1, 0, 1, 2, 5]] // prettier-ignore
const WIDE = [[1, 2, 3], [4, 5, 6]] // prettier-ignore
const scaled = (/** @type {Rows} */ A, /** @type {number} */ factor) => A.map((row) => row.map((x) => x * factor))

/** All that an SVD has to be. */
function svdFault(/** @type {Rows} */ A, /** @type {{ U: Rows, s: number[], V: Rows }} */ svd) {
  const [m, n] = [A.length, A[0].length]
  // Generous: what is counted is wrong answers, not digits.
  const bound = 1e-10
  const size = largest(A)
  if (svd.s.length !== Math.min(m, n)) return `${svd.s.length} singular values instead of ${Math.min(m, n)}`
  if (svd.s.some(Number.isNaN) || Number.isNaN(largest(svd.U)) || Number.isNaN(largest(svd.V))) return 'NaN'
  if (svd.s.some((sigma, i) => i > 0 && sigma > svd.s[i - 1])) return 'values not sorted'
  const scale = size === 0 ? 1 : 2 ** -Math.floor(Math.log2(size))
  const values = { ...svd, s: svd.s.map((sigma) => sigma * scale) }
  if (!(difference(rebuilt(values), scaled(A, scale)) <= bound * Math.max(m, n))) return 'U S V^T is not A'
  if (!(departure(svd.U) <= bound)) return 'U not orthonormal'
  if (!(departure(svd.V) <= bound)) return 'V not orthonormal'
  return undefined
}

const svdOf = (/** @type {string} */ name, /** @type {Rows} */ A, published = false) => ({
  name: `svd, ${name}`,
  needs: /** @type {const} */ ('svd'),
  published,
  fault: (/** @type {Library} */ library) => svdFault(A, library.svd(A)),
})

/** Figures to the digits that the source gives. */
const near = (/** @type {number[]} */ got, /** @type {number[]} */ expected, digits = 10) =>
  got.length === expected.length &&
  got.every((x, i) => Math.abs(x - expected[i]) <= 10 ** -digits * Math.max(1, Math.abs(expected[i])))

/** Refusing is right, anything else is not. */
const refusal = (/** @type {() => unknown} */ work) => {
  try {
    work()
  } catch {
    return undefined
  }
  return 'an answer'
}

const regression = Array.from({ length: 100 }, (_, i) => [i + 1, 2 * i + 1, 1])
const NINE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]] // prettier-ignore

/** @type {Case[]} */
export const published = [
  svdOf('4 x 2', ONE_TO_EIGHT, true),
  svdOf('2 x 4', transpose(ONE_TO_EIGHT), true),
  {
    name: 'svd, singular values of 4 x 2',
    needs: 'svd',
    published: true,
    fault: ({ svd }) =>
      near(
        [...svd(ONE_TO_EIGHT).s].sort((a, b) => b - a),
        SIGMAS,
      )
        ? undefined
        : 'other values',
  },
  svdOf('4 x 5 with a row of zeros', [[1, 0, 0, 0, 2], [0, 0, 3, 0, 0], [0, 0, 0, 0, 0], [0, 4, 0, 0, 0]], true), // prettier-ignore
  svdOf('100 x 3 of rank 2', regression, true),
  {
    name: 'pseudo-inverse of a singular 2 x 2',
    needs: 'pinv',
    published: true,
    fault: ({ pinv }) => (difference(pinv([[1, 1], [2, 2]]), [[0.1, 0.2], [0.1, 0.2]]) < 1e-14 ? undefined : 'other values'), // prettier-ignore
  },
  {
    name: 'least squares, rank 2 of 3: fits the data',
    needs: 'lstsq',
    published: true,
    fault({ lstsq }) {
      const b = regression.map(([x, y]) => 4 * x - y + 3)
      const x = lstsq(regression, b)
      const fit = regression.map((row) => row.reduce((sum, a, j) => sum + a * x[j], 0))
      return near(fit, b, 8) ? undefined : 'does not fit'
    },
  },
  {
    name: 'qr, 3 x 3',
    needs: 'qr',
    published: true,
    fault({ qr }) {
      const A = [[2, 3, 5], [4, 1, 6], [1, 3, 0]] // prettier-ignore
      const { Q, R } = qr(A)
      return difference(product(Q, R), A) < 1e-13 && departure(Q) < 1e-13 ? undefined : 'Q R is not A'
    },
  },
  {
    name: 'solve, tridiagonal 4 x 4',
    needs: 'solve',
    published: true,
    fault({ solve }) {
      const x = solve([[1.5, 1, 0, 0], [1, 0.5, 1, 0], [0, 1, 0.5, 1], [0, 0, 1, 1.5]], [20001, 20003, 20005, 20007]) // prettier-ignore
      return near(x, [8000.171428571, 8000.742857143, 8002.457142857, 8003.028571429], 8) ? undefined : 'other values'
    },
  },
  {
    name: 'lu, 5 x 5',
    needs: 'lu',
    published: true,
    fault({ lu }) {
      const { L, U, pivots } = lu(BORDERED)
      return difference(product(L, U), pivots.map((/** @type {number} */ row) => BORDERED[row])) < 1e-13 ? undefined : 'L U is not P A' // prettier-ignore
    },
  },
  {
    name: 'lu, 2 x 3',
    needs: 'lu',
    published: true,
    fault({ lu }) {
      const { L, U, pivots } = lu(WIDE)
      return difference(product(L, U), pivots.map((/** @type {number} */ row) => WIDE[row])) < 1e-13 ? undefined : 'L U is not P A' // prettier-ignore
    },
  },
  {
    name: 'qr, 2 x 3',
    needs: 'qr',
    published: true,
    fault({ qr }) {
      const { Q, R } = qr(WIDE)
      return difference(product(Q, R), WIDE) < 1e-13 ? undefined : 'Q R is not A'
    },
  },
  {
    name: 'determinant of a 2 x 3: refused',
    needs: 'det',
    published: true,
    fault: ({ det }) => refusal(() => det([[0, 1, 2], [0, 1, 2]])), // prettier-ignore
  },
  {
    name: 'cholesky, 5 x 5',
    needs: 'cholesky',
    published: true,
    fault({ cholesky }) {
      const L = cholesky(BORDERED)
      return difference(product(L, transpose(L)), BORDERED) < 1e-13 ? undefined : 'L L^T is not A'
    },
  },
  {
    name: 'cholesky, not symmetric: refused',
    needs: 'cholesky',
    published: true,
    fault: ({ cholesky }) => refusal(() => cholesky([[0, 1], [2, 0]])), // prettier-ignore
  },
  {
    name: 'cholesky, semidefinite: refused',
    needs: 'cholesky',
    published: true,
    fault: ({ cholesky }) => refusal(() => cholesky(product(transpose(NINE), NINE))),
  },
  {
    name: 'symmetric eigenvalues, 4 x 4',
    needs: 'eigh',
    published: true,
    fault({ eigh }) {
      const A = [[2, -1, 0, 1], [-1, 2, -1, 0], [0, -1, 2, -1], [1, 0, -1, 2]] // prettier-ignore
      const { values, vectors } = eigh(A)
      const right = vectors.map((/** @type {number[]} */ row) => row.map((x, j) => x * values[j]))
      return difference(product(A, vectors), right) < 1e-13 && departure(vectors) < 1e-13 ? undefined : 'A V is not V D'
    },
  },
  {
    name: 'linear dependencies of five rows: row 5 = row 2 - 4 row 4',
    needs: 'nullSpace',
    published: true,
    fault({ nullSpace }) {
      const N = nullSpace(transpose([[2, 0, 0, 1], [0, 1, 6, 0], [0, 3, 0, 1], [0, 0, 1, 0], [0, 1, 2, 0]])) // prettier-ignore
      const one = transpose(N)
      if (one.length !== 1) return `${one.length} dependencies`
      return near(one[0].map((x) => x / one[0][4]), [0, -1, 0, 4, 1], 12) ? undefined : 'other values' // prettier-ignore
    },
  },
]

/** @type {Case[]} */
export const beyond = [
  svdOf('6 x 30', random(6, 30)),
  svdOf('30 x 6, repeated columns', random(30, 3).map((row) => [...row, ...row])), // prettier-ignore
  svdOf('all zeros, 5 x 3', random(5, 3).map((row) => row.map(() => 0))), // prettier-ignore
  svdOf('a column of zeros, 8 x 5', random(8, 5).map((row) => row.map((x, j) => (j === 2 ? 0 : x)))), // prettier-ignore
  svdOf('entries near 1e300', scaled(random(8, 8), 1e300)),
  svdOf('entries near 1e-300', scaled(random(8, 8), 1e-300)),
  {
    name: 'svd, no rows',
    needs: 'svd',
    fault: ({ svd }) => (svd([]).s.length === 0 ? undefined : 'values of nothing'),
  },
  {
    name: 'svd, an entry NaN: refused',
    needs: 'svd',
    fault: ({ svd }) => refusal(() => svd([[1, NaN], [2, 3]])), // prettier-ignore
  },
  {
    name: 'full U of 6 x 3',
    needs: 'fullU',
    fault({ fullU }) {
      const U = fullU(random(6, 3))
      return U[0].length === 6 && departure(U) < 1e-10 ? undefined : 'not an orthogonal 6 x 6'
    },
  },
  {
    name: 'full U of rank 1, 4 x 2',
    needs: 'fullU',
    fault({ fullU }) {
      const U = fullU([[1, 2], [2, 4], [3, 6], [4, 8]]) // prettier-ignore
      return U[0].length === 4 && departure(U) < 1e-10 ? undefined : 'not an orthogonal 4 x 4'
    },
  },
  {
    name: 'null space of 2 x 4',
    needs: 'nullSpace',
    fault({ nullSpace }) {
      const A = transpose(ONE_TO_EIGHT)
      const N = nullSpace(A)
      return N[0].length === 2 && departure(N) < 1e-14 && largest(product(A, N)) < 1e-14 ? undefined : 'no basis of it'
    },
  },
  {
    name: 'pseudo-inverse of 1e-20 times rank 1',
    needs: 'pinv',
    fault({ pinv }) {
      const P = pinv([[1e-20, 2e-20], [2e-20, 4e-20]]) // prettier-ignore
      return difference(P, [[4e18, 8e18], [8e18, 16e18]]) < 1e6 ? undefined : 'other values' // prettier-ignore
    },
  },
  {
    name: 'least squares, rank deficient: the shortest solution',
    needs: 'lstsq',
    fault({ lstsq }) {
      const x = lstsq([[1, 1], [1, 1], [1, 1]], [1, 2, 3]) // prettier-ignore
      return near(x, [1, 1], 13) ? undefined : 'another solution'
    },
  },
  {
    name: 'solve, singular: refused',
    needs: 'solve',
    fault: ({ solve }) => refusal(() => solve([[1, 1], [2, 2]], [1, 2])), // prettier-ignore
  },
  {
    name: 'solve, singular but for rounding: refused',
    needs: 'solve',
    fault: ({ solve }) => refusal(() => solve(NINE.map((row) => row.map((x) => x / 10)), [1, 2, 4])), // prettier-ignore
  },
]

/**
 * The exact cases of test/golden/svd.json: singular values to the accuracy that each deserves.
 *
 * @param {{ name: string, rows: number, cols: number, data: number[], singularValues: number[], accuracy: string }[]} golden
 * @returns {Case[]}
 */
export const goldenCases = (golden) =>
  golden.map(({ name, rows, cols, data, singularValues, accuracy }) => ({
    name,
    needs: 'svd',
    fault({ svd }) {
      const A = Array.from({ length: rows }, (_, i) => data.slice(i * cols, (i + 1) * cols))
      // Order is another case: here any will do.
      const s = [...svd(A).s].sort((a, b) => b - a)
      if (s.length < singularValues.length || s.some(Number.isNaN)) return 'NaN, or too few'
      const zero = 10 * Math.max(rows, cols) * EPS * singularValues[0]
      const right = singularValues.every((g, i) =>
        Math.abs(s[i] - g) <= (accuracy === 'relative' && g > 0 ? 1e-13 * g + 2 ** -1072 : zero)) // prettier-ignore
      return right ? undefined : 'wrong digits'
    },
  }))
