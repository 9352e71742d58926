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
import { STEP_FLOPS, type Steps } from '../steps.js'
import { gemmSteps } from './matmul.js'

/** Equations that are solved together, at least: a product of this depth hides the packing of its operands. */
const LEAST_BLOCK = 64

/** Right-hand sides of n equations that are solved together; with fewer than 64 the triangle would have to be read too often. */
export function solvedColumns(n: number): number {
  return Math.max(64, Math.floor(STEP_FLOPS / Math.max(1, n ** 2)))
}

/** Bytes of scratch for n equations with so many right-hand sides. */
export function substitutionWorkspace({ kernels }: Engine, n: number, columns: number): number {
  return Math.max(kernels.xtrsmWorkspace(n, columns) >>> 0, kernels.xgemmWorkspace(n, columns, n) >>> 0)
}

/** An n x n triangle in WebAssembly memory: entry (i, j) is at `pointer + 8 (i rowStride + j columnStride)`. */
interface Triangle {
  readonly upper: boolean
  readonly pointer: number
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * b <- t^-1 b for some right-hand sides and the first n equations of a triangle, in bounded pieces: blocks of the diagonal, and what they
 * take from all other rows.
 *
 * @param b - where they begin, and how far apart they are
 */
export function* eliminateSteps(
  engine: Engine,
  { upper, pointer, rowStride, columnStride }: Triangle,
  n: number,
  count: number,
  b: Pick<Columns, 'pointer' | 'stride'>,
  work: number,
): Steps<void> {
  const height = Math.max(LEAST_BLOCK, Math.floor(STEP_FLOPS / (2 * Math.max(1, n * count))))
  for (let done = 0; done < n; done += height) {
    const rows = Math.min(height, n - done)
    const left = n - done - rows
    const at = upper ? left : done
    const diagonal = pointer + 8 * at * (rowStride + columnStride)
    const block = b.pointer + 8 * at
    engine.kernels.xtrsm(upper ? 1 : 0, rows, count, diagonal, rowStride, columnStride, block, b.stride, work)
    const others = upper ? 0 : at + rows
    const beside = {
      pointer: pointer + 8 * (others * rowStride + at * columnStride),
      row: rowStride,
      column: columnStride,
    }
    const solved = { pointer: block, row: 1, column: b.stride }
    const rest = { pointer: b.pointer + 8 * others, stride: b.stride }
    if (left === 0) yield
    else yield* gemmSteps(engine, [left, count, rows], -1, beside, solved, 1, rest, work)
  }
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
    yield* eliminateSteps(engine, { ...t, pointer: diagonal }, end - top, count, { ...b, pointer: from }, work)
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
    work: allocateScratch(engine, n, B.cols, substitutionWorkspace(engine, n, B.cols)),
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
 *
 * @param inPlace - whether the result takes the place of B
 */
export const solveUpperRightSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  B: Matrix,
  T: Matrix,
  triangular?: boolean,
  scales?: ArrayLike<number>,
  inPlace?: boolean,
): Steps<Matrix> {
  const n = T.rows
  const height = Math.min(B.rows, solvedColumns(n))
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, height),
    work: engine.allocate(substitutionWorkspace(engine, n, height)),
  }))
  yield* writeTransposedSteps(engine, T, t)
  const X = inPlace ? B : new Matrix(B.rows, n)
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
    const lower = { upper: false, pointer: diagonal, rowStride: 1, columnStride: t.stride }
    yield* eliminateSteps(engine, lower, n - top, count, { ...b, pointer: b.pointer + 8 * top }, work)
    for (let q = 0; q < count; q++) X.data.set(view.subarray(q * b.stride, q * b.stride + n), (i + q) * n)
    yield { phase: 'solve', done: i + count, total: B.rows }
  }
  return X
})
