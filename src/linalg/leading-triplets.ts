import { isLeadingWorth, leadingEighSteps, type LeadingEigh } from './eigh-leading.js'
import { gemmSteps, multiplySteps } from './matmul.js'
import { qrSteps } from './qr.js'
import { svdSteps } from './svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import { allocateColumns, writeTransposedSteps, type Columns } from '../runtime/marshal.js'
import { partsOf } from '../progress.js'
import type { Steps } from '../steps.js'
import { columnRange } from '../dense/slices.js'

// What is left of half the digits: beyond, the squares of the small ones are rounding of those of the large ones.
const LARGEST_RATIO = 1e6
/** Rows and columns of a product at a time; what lies above the diagonal of its first columns is wasted. */
const [STRIP_ROWS, STRIP_COLUMNS] = [384, 64]

/** The leading singular triplets, and all singular values. */
export interface LeadingTriplets {
  /** Descending, min(rows, cols) of them; those not among the k may be 0 where they are below the root of d eps S_1. */
  readonly S: Float64Array
  /** rows x k; as `left` asks. */
  readonly U: Matrix | undefined
  /** cols x k. */
  readonly V: Matrix
}

/**
 * The k leading singular triplets of X. From the eigenvectors of X X^T where k of many are wanted, and then one Rayleigh-Ritz step that squares
 * nothing: X^T U = Q R and R = P S W^T give V = Q P and U W. From the full SVD where that would not be faster, or as accurate:
 * mu_1 > 10^6 mu_k for mu = S^2. The space of the k is off by some eps mu_1 / (mu_k - mu_(k+1)), their values by the square of that.
 *
 * @param upper - whether X is upper triangular: the product takes a third then
 * @param left - whether U is wanted
 */
export function* leadingTripletSteps(
  engine: Engine,
  X: Matrix,
  k: number,
  { upper = false, left = false }: { readonly upper?: boolean; readonly left?: boolean } = {},
): Steps<LeadingTriplets> {
  const { rows, cols } = X
  if (rows > cols) {
    const { S, U, V } = yield* leadingTripletSteps(engine, X.transpose(), k, { left: true })
    return { S, U: V, V: U as Matrix }
  }
  if (isLeadingWorth(rows, k)) {
    const lower = (to: Columns) => lowerProductSteps(engine, X, to, upper)
    const part = partsOf(3 * rows ** 2 + k * rows, 2 * k * (cols + k))
    const leading = yield* part(leadingEighSteps(engine, rows, k, lower, LARGEST_RATIO))
    if (leading !== undefined) return yield* part(ritzSteps(engine, X, leading, left))
  }
  const { S, U, V } = yield* svdSteps(engine, X, { U: left ? 'thin' : 'none', V: 'thin' })
  return { S, U: U && columnRange(U, 0, k), V: columnRange(V, 0, k) }
}

function* ritzSteps(
  engine: Engine,
  X: Matrix,
  { values, vectors }: LeadingEigh,
  left: boolean,
): Steps<LeadingTriplets> {
  const part = partsOf(X.rows, 2 * vectors.cols, 2 * vectors.cols, vectors.cols)
  const images = yield* part(multiplySteps(engine, X, vectors, { transposeA: true }))
  const { Q, R } = yield* part(qrSteps(engine, images, { mode: 'thin' }))
  const { U: P, S: sigma, V: W } = yield* part(svdSteps(engine, R, { U: 'thin', V: left ? 'thin' : 'none' }))
  const zero = X.cols * Number.EPSILON * values[0]
  const S = values.map((mu) => (mu > zero ? Math.sqrt(mu) : 0))
  S.set(sigma)
  return {
    S,
    U: W && (yield* multiplySteps(engine, vectors, W)),
    V: yield* part(multiplySteps(engine, Q, P)),
  }
}

/** The lower triangle of X X^T, of which two strips of rows are in WebAssembly memory at a time. */
function* lowerProductSteps(engine: Engine, X: Matrix, to: Columns, upper: boolean): Steps<void> {
  const { rows: n, cols, data } = X
  const height = Math.min(n, STRIP_ROWS)
  const { own, other, work } = engine.together(() => ({
    own: allocateColumns(engine, cols, height),
    other: allocateColumns(engine, cols, height),
    work: engine.allocate(engine.kernels.xgemmWorkspace(STRIP_ROWS, STRIP_COLUMNS, cols) >>> 0),
  }))
  /** In memory, rows of X are columns. */
  const strip = (from: number, strip: Columns) =>
    writeTransposedSteps(engine, new Matrix(Math.min(height, n - from), cols, data.subarray(from * cols, Math.min(from + height, n) * cols)), strip) // prettier-ignore
  for (let top = 0; top < n; top += height) {
    const end = Math.min(top + height, n)
    yield* strip(top, own)
    for (let left = 0; left <= top; left += height) {
      if (left < top) yield* strip(left, other)
      for (let j = left; j < Math.min(left + height, end); j += STRIP_COLUMNS) {
        const columns = Math.min(STRIP_COLUMNS, Math.min(left + height, n) - j)
        const i = Math.max(top, j)
        // Where row i of a triangle begins.
        const first = upper ? i : 0
        const beside = left < top ? other : own
        const rowsOf = { pointer: own.pointer + 8 * (first + (i - top) * own.stride), row: own.stride, column: 1 }
        const columnsOf = { pointer: beside.pointer + 8 * (first + (j - left) * beside.stride), row: 1, column: beside.stride } // prettier-ignore
        const corner = { pointer: to.pointer + 8 * (i + j * to.stride), stride: to.stride }
        yield* gemmSteps(engine, [end - i, columns, cols - first], 1, rowsOf, columnsOf, 0, corner, work)
        yield { phase: 'gram', done: Math.floor((top * (top + j)) / n), total: n }
      }
    }
  }
}
