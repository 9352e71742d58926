import { Matrix, type MatrixLike } from '../matrix.js'
import { allocateColumns, readTransposedSteps, writeTransposedSteps } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { withinRange } from '../dense/powers-of-two.js'

/** Columns of a strip of the lower triangle: what it computes above the diagonal is wasted. */
const STRIP = 64

/** The lower triangle copied to the upper. */
function mirrored(G: Matrix): Matrix {
  const { rows: n, data } = G
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) data[i * n + j] = data[j * n + i]
  return G
}

/**
 * A^T A in bounded pieces.
 *
 * @param trapezoidal - whether A is zero below the diagonal that ends in its last row: a part of the products is left out then
 */
export const gramSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  trapezoidal?: boolean,
): Steps<Matrix> {
  const { rows: m, cols: n } = A
  const { kernels } = engine
  const { a, c, work } = engine.together(() => ({
    a: allocateColumns(engine, n, m),
    c: allocateColumns(engine, n, n),
    work: engine.allocate(kernels.xgemmWorkspace(n, STRIP, m) >>> 0),
  }))
  // In memory, a is A^T by columns, so A^T A is a times its transpose.
  yield* writeTransposedSteps(engine, A, a)
  for (let j = 0; j < n; j += STRIP) {
    const columns = Math.min(STRIP, n - j)
    const row = a.pointer + 8 * j
    const to = c.pointer + 8 * (j + j * c.stride)
    const filled = trapezoidal ? Math.max(0, Math.min(m, m - n + j + columns)) : m
    // The strip's rows from the diagonal down.
    kernels.xgemm(n - j, columns, filled, 1, row, 1, a.stride, row, a.stride, 1, 0, to, c.stride, work)
    yield { phase: 'gram', done: j + columns, total: n }
  }
  return mirrored((yield* readTransposedSteps(engine, c)).transpose())
})

/**
 * The Gram matrix A^T A, exactly symmetric. It squares the condition number: for least squares use {@link lstsq}, for an
 * orthonormal basis {@link qr}. m n^2 operations, half of a product.
 *
 * @memory n (m + n) doubles and 1 MiB
 * @param A - m x n
 * @returns n x n
 * @throws TypeError if A is no matrix; RangeError if an entry is not finite, or one of the result exceeds float64
 */
export function gram(A: MatrixLike): Matrix {
  return perform(gramWork(A))
}

/**
 * {@link gram} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link gram}, and the reason of `signal` on an abort: the promise rejects
 */
export async function gramAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<Matrix> {
  return performAsync(gramWork(taken(A, 'A', options)), knownOptions(options, []))
}

function gramWork(A: MatrixLike): Work<Matrix> {
  const matrix = finiteMatrix(A, 'A')
  return (engine) => productSteps(engine, matrix)
}

/** @throws RangeError if an entry leaves the range */
function* productSteps(engine: Engine, A: Matrix): Steps<Matrix> {
  return withinRange(yield* gramSteps(engine, A), 'A^T A')
}
