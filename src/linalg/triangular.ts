import { Matrix } from '../matrix.js'
import {
  allocateColumns,
  allocateScratch,
  readColumnsSteps,
  writeColumnsSteps,
  writeTransposedSteps,
  type Columns,
} from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** Operations between two turns of an asynchronous operation. */
const STEP_FLOPS = 2 ** 26

/** Right-hand sides of n equations that are solved between two turns; fewer than 16 would have to read the triangle too often. */
export function solvedColumns(n: number): number {
  return Math.max(16, Math.floor(STEP_FLOPS / Math.max(1, n ** 2)))
}

/** An n x n triangle in WebAssembly memory: entry (i, j) is at `pointer + 8 (i rowStride + j columnStride)`. */
interface Triangle {
  readonly upper: boolean
  readonly pointer: number
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * b <- t^-1 b, a range of right-hand sides at a time.
 *
 * @param triangular - whether b is zero on the side of its diagonal where t is: of n^3 operations a third are left
 */
export function* substitute(engine: Engine, t: Triangle, b: Columns, work: number, triangular = false): Steps<void> {
  const { upper, pointer, rowStride, columnStride } = t
  const columns = solvedColumns(b.rows)
  for (let j = 0; j < b.cols; j += columns) {
    const count = Math.min(columns, b.cols - j)
    // Rows before `top` and from `end` on are zero, and stay it.
    const top = triangular && !upper ? Math.min(j, b.rows) : 0
    const end = triangular && upper ? Math.min(j + count, b.rows) : b.rows
    const diagonal = pointer + 8 * top * (rowStride + columnStride)
    const from = b.pointer + 8 * (top + j * b.stride)
    engine.kernels.xtrsm(upper ? 1 : 0, end - top, count, diagonal, rowStride, columnStride, from, b.stride, work)
    yield { phase: 'solve', done: j + count, total: b.cols }
  }
}

/** T^-1 B for an upper triangular T (n x n) without zeros on the diagonal, in bounded pieces; B is n x k. n^2 k operations. */
export const solveUpperSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  T: Matrix,
  B: Matrix,
  triangular?: boolean,
): Steps<Matrix> {
  const n = T.rows
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, B.cols),
    work: allocateScratch(engine, n, B.cols, engine.kernels.xtrsmWorkspace(n, B.cols)),
  }))
  yield* writeTransposedSteps(engine, T, t)
  yield* writeColumnsSteps(engine, B, b, work)
  // What lies in memory is T by rows.
  const upper = { upper: true, pointer: t.pointer, rowStride: t.stride, columnStride: 1 }
  yield* substitute(engine, upper, b, work, triangular)
  return yield* readColumnsSteps(engine, b)
})

/**
 * B diag(scales) T^-1 for an upper triangular T (n x n) without zeros on the diagonal, some rows of B (m x n) at a time: beside T they are
 * all that is in WebAssembly memory. n^2 m operations, a third of them if B is upper triangular too, and said to be.
 */
export const solveUpperRightSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  B: Matrix,
  T: Matrix,
  triangular?: boolean,
  scales?: ArrayLike<number>,
): Steps<Matrix> {
  const n = T.rows
  const height = Math.min(B.rows, solvedColumns(n))
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, height),
    work: engine.allocate(engine.kernels.xtrsmWorkspace(n, height) >>> 0),
  }))
  yield* writeTransposedSteps(engine, T, t)
  const X = new Matrix(B.rows, n)
  const view = engine.doubles(b.pointer, b.stride * height)
  for (let i = 0; i < B.rows; i += height) {
    const count = Math.min(height, B.rows - i)
    for (let q = 0; q < count; q++) {
      view.set(B.data.subarray((i + q) * n, (i + q + 1) * n), q * b.stride)
      if (scales !== undefined) for (let j = 0; j < n; j++) view[q * b.stride + j] *= scales[j]
    }
    // Transposed, X T = B reads T^T X^T = B^T: lower triangular, and both T^T and B^T lie in memory by columns. What is zero before stays it.
    const top = triangular ? Math.min(i, n) : 0
    const diagonal = t.pointer + 8 * top * (1 + t.stride)
    engine.kernels.xtrsm(0, n - top, count, diagonal, 1, t.stride, b.pointer + 8 * top, b.stride, work)
    for (let q = 0; q < count; q++) X.data.set(view.subarray(q * b.stride, q * b.stride + n), (i + q) * n)
    yield { phase: 'solve', done: i + count, total: B.rows }
  }
  return X
})
