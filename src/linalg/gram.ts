import { Matrix, type MatrixLike } from '../matrix.js'
import { allocateColumns, writeTransposedSteps, type Columns } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { shareOfSquare, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { withinRange } from '../dense/powers-of-two.js'
import { gemmSteps } from './matmul.js'

/** Columns of a strip of the lower triangle: what it computes above the diagonal is wasted. */
const STRIP = 64

/**
 * The lower triangle of A^T A, some columns at a time, in bounded pieces: beside A no more than these are in WebAssembly memory.
 *
 * @param trapezoidal - whether A is zero below the diagonal that ends in its last row: a part of the products is left out then
 * @param take - what is done with columns j, j + 1, ... from row j on
 */
const lowerGramSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  trapezoidal: boolean,
  take: (strip: Columns, j: number) => void,
): Steps<void> {
  const { rows: m, cols: n } = A
  const { a, strip, work } = engine.together(() => ({
    a: allocateColumns(engine, n, m),
    strip: allocateColumns(engine, n, STRIP),
    work: engine.allocate(engine.kernels.xgemmWorkspace(n, STRIP, m) >>> 0),
  }))
  // In memory, a is A^T by columns, so A^T A is a times its transpose.
  yield* writeTransposedSteps(engine, A, a)
  for (let j = 0; j < n; j += STRIP) {
    const cols = Math.min(STRIP, n - j)
    const filled = trapezoidal ? Math.max(0, Math.min(m, m - n + j + cols)) : m
    const rows = { pointer: a.pointer + 8 * j, row: 1, column: a.stride }
    const columns = { pointer: rows.pointer, row: a.stride, column: 1 }
    yield* gemmSteps(engine, [n - j, cols, filled], 1, rows, columns, 0, strip, work)
    take({ ...strip, rows: n - j, cols }, j)
    yield { phase: 'gram', done: shareOfSquare(j + cols, n), total: n }
  }
})

/** A^T A in bounded pieces. */
export function* gramSteps(engine: Engine, A: Matrix): Steps<Matrix> {
  const n = A.cols
  const G = new Matrix(n, n)
  yield* lowerGramSteps(engine, A, false, ({ pointer, stride, rows, cols }, j) => {
    const view = engine.doubles(pointer, stride * cols)
    for (let q = 0; q < cols; q++) {
      for (let i = q; i < rows; i++) G.data[(j + q) * n + j + i] = G.data[(j + i) * n + j + q] = view[q * stride + i]
    }
  })
  return G
}

/** ||A^T A||_F for an A whose fourth powers stay in range. @param trapezoidal - as {@link lowerGramSteps} has it */
export function* gramNormSteps(engine: Engine, A: Matrix, trapezoidal: boolean): Steps<number> {
  let squares = 0
  yield* lowerGramSteps(engine, A, trapezoidal, ({ pointer, stride, rows, cols }) => {
    for (let q = 0; q < cols; q++) {
      const diagonal = pointer + 8 * q * (stride + 1)
      squares += 2 * engine.kernels.xnrm2(rows - q, diagonal) ** 2 - engine.doubles(diagonal, 1)[0] ** 2
    }
  })
  return Math.sqrt(squares)
}

/**
 * The Gram matrix A^T A, exactly symmetric. It squares the condition number: for least squares use {@link lstsq}, for an
 * orthonormal basis {@link qr}. m n^2 operations, half of a product.
 *
 * @memory n (m + 64) doubles and 1 MiB
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
