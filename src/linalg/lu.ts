import { Matrix, type MatrixLike } from '../matrix.js'
import {
  allocateColumns,
  allocateScratch,
  readColumnsSteps,
  writeColumnsSteps,
  type Columns,
} from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { resume, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { columnPowers, opposite, scaledByColumns, withinRange } from '../dense/powers-of-two.js'

/** The factors of {@link lu}. */
export interface LU {
  /** m x min(m, n), unit lower triangular or trapezoidal, no entry above 1 in magnitude. */
  readonly L: Matrix
  /** min(m, n) x n, upper triangular or trapezoidal. */
  readonly U: Matrix
  /** Row i of P A = L U is row `pivots[i]` of A. */
  readonly pivots: Uint32Array
}

/** Pointers to what an elimination needs beside the matrix. */
export interface Elimination {
  readonly exchanges: number
  readonly scratch: number
}

/** Reserves a matrix of m x n and what its elimination needs; the scratch serves for staging as well. */
export function allocateElimination(engine: Engine, m: number, n: number): { a: Columns; work: Elimination } {
  const { kernels } = engine
  return engine.together(() => ({
    a: allocateColumns(engine, m, n),
    work: {
      exchanges: engine.allocate(4 * Math.min(m, n)),
      scratch: allocateScratch(engine, m, n, kernels.dgetrfWorkspace(m, n)),
    },
  }))
}

/** P A = L U in place; returns the first column whose pivot is exactly zero, -1 if there is none. */
export function* eliminate(engine: Engine, a: Columns, { exchanges, scratch }: Elimination): Steps<number> {
  const { kernels } = engine
  const state = kernels.dgetrfInit(a.rows, a.cols, a.pointer, a.stride, exchanges, scratch)
  return kernels.dgetrfZeroPivot(yield* resume(kernels.dgetrfStep, state, 'lu', Math.min(a.rows, a.cols)))
}

/** The rows in the order that a sequence of exchanges leaves them in. */
function permutation(exchanges: Int32Array, m: number): Uint32Array {
  const order = Uint32Array.from({ length: m }, (_, i) => i)
  exchanges.forEach((row, i) => {
    ;[order[i], order[row]] = [order[row], order[i]]
  })
  return order
}

/** The unit lower trapezoid of the first r columns. */
function lowerFactor(factored: Matrix, r: number): Matrix {
  const { rows: m, cols: n, data } = factored
  const L = new Matrix(m, r)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < Math.min(i, r); j++) L.data[i * r + j] = data[i * n + j]
    if (i < r) L.data[i * r + i] = 1
  }
  return L
}

function upperFactor({ cols: n, data }: Matrix, r: number): Matrix {
  const U = new Matrix(r, n, data.slice(0, r * n))
  for (let i = 1; i < r; i++) U.data.fill(0, i * n, i * n + i)
  return U
}

/**
 * The powers that bring the largest entry of every column as far up as leaves room for k steps of elimination, each of which doubles the
 * entries at most: no pivot depends on it, and what is small in a column keeps the most digits.
 */
function highPowers(A: Matrix): Int32Array {
  const room = Math.max(0, 1000 - Math.min(A.rows, A.cols))
  return columnPowers(A, new Int32Array(A.rows)).map((e) => e + room)
}

/** LU factorisation in bounded pieces. */
export const luSteps = /* @__PURE__ */ scoped(function* (engine: Engine, A: Matrix): Steps<LU> {
  const { rows: m, cols: n } = A
  const powers = highPowers(A)
  const { a, work } = allocateElimination(engine, m, n)
  yield* writeColumnsSteps(engine, scaledByColumns(A, powers), a, work.scratch)
  yield* eliminate(engine, a, work)
  const factored = yield* readColumnsSteps(engine, a)
  const r = Math.min(m, n)
  return {
    L: lowerFactor(factored, r),
    U: withinRange(scaledByColumns(upperFactor(factored, r), opposite(powers)), 'U'),
    pivots: permutation(engine.integers(work.exchanges, r), m),
  }
})

/**
 * LU factorisation with partial pivoting, P A = L U: blocked, with recursive panels (LAPACK dgetrf; Toledo 1997). Any shape; a singular
 * matrix has zeros on the diagonal of U. |P A - L U| is at most a small multiple of n (eps |L| |U| + 5e-324 max_k |u_kj|) in entry (i, j),
 * whatever the range of entries: multipliers below 5e-324 are 0. |L| |U| exceeds |A| little but for contrived matrices. m n^2 - n^3 / 3 operations for m >= n.
 *
 * @memory m n + 256 n doubles and 1 MiB
 * @param A - m x n
 * @returns L (m x min(m, n)), U (min(m, n) x n), and the rows of P A as indices of rows of A
 * @throws TypeError if A is no matrix
 * @throws RangeError if an entry is not finite, or an entry of U exceeds the range of float64
 */
export function lu(A: MatrixLike): LU {
  return perform(luWork(A))
}

/**
 * {@link lu} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link lu}, and the reason of `signal` on an abort: the promise rejects
 */
export async function luAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<LU> {
  return performAsync(luWork(taken(A, 'A', options)), knownOptions(options, []))
}

function luWork(A: MatrixLike): Work<LU> {
  const matrix = finiteMatrix(A, 'A')
  return (engine) => luSteps(engine, matrix)
}
