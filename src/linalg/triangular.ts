import type { Matrix } from '../matrix.js'
import {
  allocateColumns,
  readColumnsSteps,
  readTransposedSteps,
  stagingElements,
  writeColumnsSteps,
  writeTransposedSteps,
  type Columns,
} from '../runtime/marshal.js'
import type { Engine } from '../runtime/engine.js'
import { run, type Steps } from '../runtime/steps.js'

/** Operations between two turns of an asynchronous operation. */
const STEP_FLOPS = 2 ** 26

/** An n x n triangle in WebAssembly memory: entry (i, j) is at `pointer + 8 (i rowStride + j columnStride)`. */
interface Triangle {
  readonly upper: boolean
  readonly pointer: number
  readonly rowStride: number
  readonly columnStride: number
}

/** b <- t^-1 b, a range of right-hand sides at a time. */
export function* substitute(engine: Engine, t: Triangle, b: Columns, work: number): Steps<void> {
  const columns = Math.max(32, Math.floor(STEP_FLOPS / Math.max(1, b.rows ** 2)))
  for (let j = 0; j < b.cols; j += columns) {
    const count = Math.min(columns, b.cols - j)
    const from = b.pointer + 8 * j * b.stride
    engine.kernels.xtrsm(t.upper ? 1 : 0, b.rows, count, t.pointer, t.rowStride, t.columnStride, from, b.stride, work)
    yield { phase: 'solve', done: j + count, total: b.cols }
  }
}

/** T^-1 B for an upper triangular T (n x n) without zeros on the diagonal, in bounded pieces; B is n x k. n^2 k operations. */
export function* solveUpperSteps(engine: Engine, T: Matrix, B: Matrix): Steps<Matrix> {
  return yield* engine.scopeSteps(() => upperSteps(engine, T, B))
}

/** In the present scope. */
function* upperSteps(engine: Engine, T: Matrix, B: Matrix): Steps<Matrix> {
  const n = T.rows
  const workspace = engine.kernels.xtrsmWorkspace(n, B.cols) >>> 0
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, B.cols),
    work: engine.allocate(Math.max(workspace, 8 * stagingElements(n, B.cols))),
  }))
  yield* writeTransposedSteps(engine, T, t)
  yield* writeColumnsSteps(engine, B, b, work)
  // What lies in memory is T by rows.
  yield* substitute(engine, { upper: true, pointer: t.pointer, rowStride: t.stride, columnStride: 1 }, b, work)
  return yield* readColumnsSteps(engine, b)
}

/** B T^-1 for an upper triangular T (n x n) without zeros on the diagonal, in bounded pieces; B is m x n. n^2 m operations. */
export function* solveUpperRightSteps(engine: Engine, B: Matrix, T: Matrix): Steps<Matrix> {
  return yield* engine.scopeSteps(() => upperRightSteps(engine, B, T))
}

/** In the present scope. */
function* upperRightSteps(engine: Engine, B: Matrix, T: Matrix): Steps<Matrix> {
  const n = T.rows
  const { t, b, work } = engine.together(() => ({
    t: allocateColumns(engine, n, n),
    b: allocateColumns(engine, n, B.rows),
    work: engine.allocate(engine.kernels.xtrsmWorkspace(n, B.rows) >>> 0),
  }))
  yield* writeTransposedSteps(engine, T, t)
  yield* writeTransposedSteps(engine, B, b)
  // Transposed, X T = B reads T^T X^T = B^T: lower triangular, and both T^T and B^T lie in memory by columns.
  yield* substitute(engine, { upper: false, pointer: t.pointer, rowStride: 1, columnStride: t.stride }, b, work)
  return yield* readTransposedSteps(engine, b)
}

/** {@link solveUpperSteps} at once. */
export function solveUpper(engine: Engine, T: Matrix, B: Matrix): Matrix {
  return run(solveUpperSteps(engine, T, B))
}

/** {@link solveUpperRightSteps} at once. */
export function solveUpperRight(engine: Engine, B: Matrix, T: Matrix): Matrix {
  return run(solveUpperRightSteps(engine, B, T))
}
