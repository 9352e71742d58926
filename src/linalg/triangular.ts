import type { Matrix } from '../matrix.js'
import {
  allocateColumns,
  readColumns,
  readTransposed,
  stagingDoubles,
  writeColumns,
  writeTransposed,
} from '../runtime/marshal.js'
import type { Engine } from '../runtime/engine.js'

/** T^-1 B for an upper triangular T (n x n) without zeros on the diagonal; B is n x k. n^2 k operations. */
export function solveUpper(engine: Engine, T: Matrix, B: Matrix): Matrix {
  return engine.scope(() => {
    const { kernels } = engine
    const n = T.rows
    const t = allocateColumns(engine, n, n)
    const b = allocateColumns(engine, n, B.cols)
    const work = engine.allocate(Math.max(kernels.dtrsmWorkspace(n, B.cols) >>> 0, 8 * stagingDoubles(n, B.cols)))
    writeTransposed(engine, T, t)
    writeColumns(engine, B, b, work)
    // What lies in memory is T by rows.
    kernels.dtrsm(1, n, B.cols, t.pointer, t.stride, 1, b.pointer, b.stride, work)
    return readColumns(engine, b)
  })
}

/** B T^-1 for an upper triangular T (n x n) without zeros on the diagonal; B is m x n. n^2 m operations. */
export function solveUpperRight(engine: Engine, B: Matrix, T: Matrix): Matrix {
  return engine.scope(() => {
    const { kernels } = engine
    const n = T.rows
    const t = allocateColumns(engine, n, n)
    const b = allocateColumns(engine, n, B.rows)
    const work = engine.allocate(kernels.dtrsmWorkspace(n, B.rows) >>> 0)
    writeTransposed(engine, T, t)
    writeTransposed(engine, B, b)
    // Transposed, X T = B reads T^T X^T = B^T: lower triangular, and both T^T and B^T lie in memory by columns.
    kernels.dtrsm(0, n, B.rows, t.pointer, 1, t.stride, b.pointer, b.stride, work)
    return readTransposed(engine, b)
  })
}
