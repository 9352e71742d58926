import { isLeadingWorth, leadingEighSteps, type LeadingEigh } from './eigh-leading.js'
import { multiplySteps } from './matmul.js'
import { qrSteps } from './qr.js'
import { svdSteps } from './svd.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import { allocateColumns, writeTransposedSteps, type Columns } from '../runtime/marshal.js'
import type { Steps } from '../steps.js'
import { columnRange } from '../dense/slices.js'

// What is left of half the digits: beyond, the squares of the small ones are rounding of those of the large ones.
const LARGEST_RATIO = 1e6
/** Rows of a product at a time; what lies above the diagonal of its first columns is wasted. */
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
    const leading = yield* leadingEighSteps(engine, rows, k, lower, LARGEST_RATIO)
    if (leading !== undefined) return yield* ritzSteps(engine, X, leading, left)
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
  const images = yield* multiplySteps(engine, X, vectors, { transposeA: true })
  const { Q, R } = yield* qrSteps(engine, images, { mode: 'thin' })
  const { U: P, S: sigma, V: W } = yield* svdSteps(engine, R, { U: 'thin', V: left ? 'thin' : 'none' })
  const zero = X.cols * Number.EPSILON * values[0]
  const S = values.map((mu) => (mu > zero ? Math.sqrt(mu) : 0))
  S.set(sigma)
  return {
    S,
    U: W && (yield* multiplySteps(engine, vectors, W)),
    V: yield* multiplySteps(engine, Q, P),
  }
}

/** The lower triangle of X X^T. */
function* lowerProductSteps(engine: Engine, X: Matrix, to: Columns, upper: boolean): Steps<void> {
  const { rows: n, cols } = X
  const { x, work } = engine.together(() => ({
    x: allocateColumns(engine, cols, n),
    work: engine.allocate(engine.kernels.xgemmWorkspace(STRIP_ROWS, STRIP_COLUMNS, cols) >>> 0),
  }))
  // In memory, x is X^T by columns.
  yield* writeTransposedSteps(engine, X, x)
  for (let j = 0; j < n; j += STRIP_COLUMNS) {
    const columns = Math.min(STRIP_COLUMNS, n - j)
    for (let i = j; i < n; i += STRIP_ROWS) {
      // Where row i of a triangle begins.
      const first = upper ? i : 0
      const [left, right] = [i, j].map((row) => x.pointer + 8 * (first + row * x.stride))
      engine.kernels.xgemm(
        Math.min(STRIP_ROWS, n - i), columns, cols - first, 1, left, x.stride, 1, right, 1, x.stride,
        0, to.pointer + 8 * (i + j * to.stride), to.stride, work,
      ) // prettier-ignore
      yield { phase: 'gram', done: j, total: n }
    }
  }
}
