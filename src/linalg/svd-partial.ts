import { largestMagnitude } from '../dense/norms.js'
import { columnRange } from '../dense/slices.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { scoped, type Engine } from '../runtime/engine.js'
import {
  allocateColumns,
  allocateScratch,
  clearSteps,
  readColumnsSteps,
  writeColumnsSteps,
} from '../runtime/marshal.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, integerIn, knownOptions, oneOf } from '../validation.js'
import { applyReflectors, factor, upperTriangle } from './qr.js'
import { svdSteps } from './svd.js'

/** Which end of the spectrum {@link svdPartial} returns. */
export type SvdPart = 'largest' | 'smallest'

/** Options of {@link svdPartial}. */
export interface SvdPartialOptions {
  /** Default 'largest'. */
  readonly which?: SvdPart
}

/** k singular triplets: A V = U diag(S). */
export interface PartialSVD {
  /** Left singular vectors, m x k. */
  readonly U: Matrix
  /** Singular values, descending, k of them. */
  readonly S: Float64Array
  /** Right singular vectors, n x k (V, not V^T). */
  readonly V: Matrix
}

/** From this many rows a column on, the QR factors stay compact and only k columns of U are formed. */
const TALL = 2
/** Exponent of the largest entry while factoring: 2^-1222 of it still counts, and norms stay in range. */
const LARGEST_EXPONENT = 200

/** 2^e as two factors, for where it is out of range itself. */
function powerOfTwo(e: number): [number, number] {
  const half = Math.trunc(e / 2)
  return [2 ** half, 2 ** (e - half)]
}

/** Row `to[i]` of the result is row i of X. */
function scatterRows(X: Matrix, to: ArrayLike<number>): Matrix {
  const out = new Matrix(X.rows, X.cols)
  for (let i = 0; i < X.rows; i++) out.row(to[i]).set(X.row(i))
  return out
}

/** The largest magnitude of each row. */
function rowPeaks({ rows, cols, data }: Matrix): Float64Array {
  const peaks = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    peaks[i] = largestMagnitude(data, i * cols, cols)
  }
  return peaks
}

interface SortedRows {
  readonly sorted: Matrix
  /** Where in A each of them was. */
  readonly order: Uint32Array
  /** Of the power of two that they are scaled by. */
  readonly exponent: number
}

/** The rows by decreasing largest magnitude (Cox and Higham 1998), scaled by a power of two. */
function sortedRows(A: Matrix): SortedRows {
  const peaks = rowPeaks(A)
  const order = Uint32Array.from(peaks, (_, i) => i).sort((a, b) => peaks[b] - peaks[a] || a - b)
  const largest = peaks[order[0]]
  const exponent = largest === 0 ? 0 : LARGEST_EXPONENT - Math.floor(Math.log2(largest))
  const [first, second] = powerOfTwo(exponent)
  const { cols: n, data } = A
  const sorted = new Matrix(A.rows, n)
  for (let i = 0, to = 0; i < A.rows; i++) {
    for (let from = order[i] * n, end = from + n; from < end; from++) sorted.data[to++] = data[from] * first * second
  }
  return { sorted, order, exponent }
}

/** A P = Q R with rows sorted and columns pivoted, as in the SVD itself; the SVD of R; U = Q U_R for k columns. */
const tallSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  from: number,
  k: number,
): Steps<PartialSVD> {
  const { sorted, order, exponent } = sortedRows(A)
  const { kernels } = engine
  const { rows: m, cols: n } = sorted
  const { a, tau, pivots, c, scratch } = engine.together(() => ({
    a: allocateColumns(engine, m, n),
    tau: engine.allocateDoubles(n),
    pivots: engine.allocate(4 * n),
    c: allocateColumns(engine, m, k),
    scratch: allocateScratch(engine, m, n, kernels.xgeqp3Workspace(m, n), kernels.xormqrWorkspace(m, k, n)),
  }))
  yield* writeColumnsSteps(engine, sorted, a, scratch)
  const reflectors = yield* factor(engine, a, tau, pivots, scratch)
  const R = upperTriangle(yield* readColumnsSteps(engine, a, n, n))
  const { U, S, V } = yield* svdSteps(engine, R, { U: 'thin', V: 'thin' })
  // Q [U_R; 0]
  yield* clearSteps(engine, c)
  yield* writeColumnsSteps(engine, columnRange(U, from, from + k), { ...c, rows: n }, scratch)
  yield* applyReflectors(engine, a, tau, reflectors, c, scratch, 'u')
  const [first, second] = powerOfTwo(-exponent)
  return {
    U: scatterRows(yield* readColumnsSteps(engine, c), order),
    S: S.slice(from, from + k).map((sigma) => sigma * first * second),
    V: scatterRows(columnRange(V, from, from + k), engine.integers(pivots, n)),
  }
})

/** k singular triplets in bounded pieces. */
export function* svdPartialSteps(engine: Engine, A: Matrix, k: number, which: SvdPart): Steps<PartialSVD> {
  const { rows: m, cols: n } = A
  const from = which === 'largest' ? 0 : Math.min(m, n) - k
  if (n > 0 && m >= TALL * n) return yield* tallSteps(engine, A, from, k)
  if (m > 0 && n >= TALL * m) {
    const { U, S, V } = yield* tallSteps(engine, A.transpose(), from, k)
    return { U: V, S, V: U }
  }
  const { U, S, V } = yield* svdSteps(engine, A, { U: 'thin', V: 'thin' })
  return { U: columnRange(U, from, from + k), S: S.slice(from, from + k), V: columnRange(V, from, from + k) }
}

/**
 * The k largest or smallest singular values of A with their vectors, descending in either case: the first or last k columns
 * of the thin {@link svd}, with its accuracy, in clusters and exact null spaces too. All singular values are computed, by
 * one-sided Jacobi on the triangular factor, since an iteration for the smallest few does not converge where k cuts a
 * cluster; what is saved is the long side: for m >= 2 n (or n >= 2 m) only k of its vectors are formed, 4 m n k operations
 * instead of 4 m n^2, and a copy of A is made in JavaScript.
 *
 * @memory long, p >= 2 q: p (q + k) + 4 q^2 + 450 (p + q) doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @memory 2 p q + 2 q^2 + 450 p doubles and 2 MiB
 * @param A - m x n
 * @param k - how many, 0 to min(m, n)
 * @returns U (m x k), S (k, descending), V (n x k)
 * @throws TypeError if A is no matrix, k no number or an option of the wrong kind
 * @throws RangeError if an entry is not finite, k out of range or `which` unknown
 * @throws ConvergenceError as {@link svd}
 * @throws OutOfMemoryError if the memory for it cannot be had
 */
export function svdPartial(A: MatrixLike, k: number, options: SvdPartialOptions = {}): PartialSVD {
  return perform(svdPartialWork(A, k, options))
}

/**
 * {@link svdPartial} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link svdPartial}, and the reason of `signal` on an abort: the promise rejects
 */
export async function svdPartialAsync(
  A: MatrixLike,
  k: number,
  options: SvdPartialOptions & AsyncOptions = {},
): Promise<PartialSVD> {
  return performAsync(svdPartialWork(taken(A, 'A', options), k, options), options)
}

function svdPartialWork(A: MatrixLike, k: number, options: SvdPartialOptions): Work<PartialSVD> {
  const { which: given = 'largest' } = knownOptions(options, ['which'])
  const which = oneOf(given, ['largest', 'smallest'], 'which')
  const matrix = finiteMatrix(A, 'A')
  integerIn(k, 0, Math.min(matrix.rows, matrix.cols), 'k')
  return (engine) => svdPartialSteps(engine, matrix, k, which)
}
