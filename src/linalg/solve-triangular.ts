import { SingularMatrixError } from '../errors.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { allocateColumns, readColumns, stagingElements, writeColumns } from '../runtime/marshal.js'
import { Engine } from '../runtime/engine.js'
import { finiteMatrix, flag } from '../validation.js'
import { inFormOf, rightHandSide, type RightHandSide } from './right-hand-side.js'
import { columnPowers, equilibrate, scaledByRowsAndColumns, withinRange } from './scaling.js'
import { square } from './solve.js'

/** Options of {@link solveTriangular}. */
export interface TriangularOptions {
  /** The lower triangle of A counts instead of the upper. Default false. */
  readonly lower?: boolean
  /** Solve A^T X = B. Default false. */
  readonly transpose?: boolean
  /** The diagonal counts as ones, whatever stands there. Default false. */
  readonly unitDiagonal?: boolean
}

/** The triangle that counts, as a matrix of its own. */
function triangle(A: Matrix, lower: boolean, unitDiagonal: boolean): Matrix {
  const n = A.rows
  const T = new Matrix(n, n)
  for (let i = 0; i < n; i++) {
    const [from, to] = lower ? [0, i + 1] : [i, n]
    T.data.set(A.data.subarray(i * n + from, i * n + to), i * n + from)
    if (unitDiagonal) T.data[i * n + i] = 1
  }
  return T
}

function refuseZeroDiagonal(T: Matrix): void {
  for (let i = 0; i < T.rows; i++) {
    if (T.data[i * T.cols + i] === 0) {
      throw new SingularMatrixError(
        `A is singular: entry (${i}, ${i}) on its diagonal is 0; use lstsq or pinv for the solution of minimum norm`,
        0,
      )
    }
  }
}

/** T^-1 B for a triangular T without zeros on its diagonal. */
function substitute(engine: Engine, T: Matrix, B: Matrix, lower: boolean): Matrix {
  const { matrix, left, right } = equilibrate(T)
  const powers = columnPowers(B, left)
  return engine.scope(() => {
    const { kernels } = engine
    const n = T.rows
    const t = allocateColumns(engine, n, n)
    const b = allocateColumns(engine, n, B.cols)
    const staging = 8 * stagingElements(n, Math.max(n, B.cols))
    const work = engine.allocate(Math.max(kernels.xtrsmWorkspace(n, B.cols) >>> 0, staging))
    writeColumns(engine, matrix, t, work)
    writeColumns(engine, scaledByRowsAndColumns(B, left, powers), b, work)
    kernels.xtrsm(lower ? 0 : 1, n, B.cols, t.pointer, 1, t.stride, b.pointer, b.stride, work)
    const unscaled = powers.map((e) => -e)
    return withinRange(scaledByRowsAndColumns(readColumns(engine, b), right, unscaled), 'the solution')
  })
}

/**
 * The solution X of A X = B, or A^T X = B, for a triangular A, by substitution. Every column of X solves exactly a system whose entries
 * differ from A's by a relative n eps: ill-conditioned triangles are often solved to high accuracy, and only a zero on the
 * diagonal is refused. n^2 k operations; WebAssembly memory n (n + k) doubles, 256 rows of staging and at most 1 MiB.
 *
 * @param A - n x n; the entries outside the triangle do not count, but must be finite
 * @param B - n x k, or a vector of n numbers
 * @returns n x k, or a vector for a vector
 * @throws TypeError if an argument is no matrix or an option neither true nor false
 * @throws RangeError if an entry is not finite, A is not square, the rows of B do not fit, or the solution exceeds float64
 * @throws SingularMatrixError if an entry on the diagonal is zero
 */
export function solveTriangular(A: MatrixLike, B: ArrayLike<number>, options?: TriangularOptions): Float64Array
export function solveTriangular(A: MatrixLike, B: MatrixLike, options?: TriangularOptions): Matrix
export function solveTriangular(
  A: MatrixLike,
  B: RightHandSide,
  options: TriangularOptions = {},
): Matrix | Float64Array {
  const lower = flag(options.lower, 'lower')
  const transposed = flag(options.transpose, 'transpose')
  const unitDiagonal = flag(options.unitDiagonal, 'unitDiagonal')
  const matrix = square(finiteMatrix(A, 'A'), 'solveTriangular')
  const right = rightHandSide(B, matrix.rows, `${matrix.rows} x ${matrix.rows}`)
  const T = triangle(matrix, lower, unitDiagonal)
  refuseZeroDiagonal(T)
  return inFormOf(B, substitute(Engine.shared(), transposed ? T.transpose() : T, right, lower !== transposed))
}
