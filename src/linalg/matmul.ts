import { isVectorLike } from '../matrix-input.js'
import { toMatrix, type Matrix, type MatrixData, type MatrixLike, type Precision } from '../matrix.js'
import { allocateColumns, readTransposedSteps, writeTransposedSteps, type Columns } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { STEP_FLOPS, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, flag, inPrecision, knownOptions, precisionOf } from '../validation.js'
import {
  columnOf,
  takenRightHandSide,
  type RightHandSide,
  type TwoDimensional,
  type VectorLike,
} from './right-hand-side.js'

/** Which factors of a product are transposed. */
export interface Transposes {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** Options of {@link matmul}. */
export interface MatmulOptions extends Transposes {
  /** What is computed with. 'f32' rounds float64 input, takes half the time, and gives a float32 result. Default 'f64'. */
  readonly precision?: Precision
}

/** Least side of a tile, and the inner dimension up to which one takes no more than {@link STEP_FLOPS}: whole panels of the kernel. */
const [TILE, DEPTH] = [64, 8192]

/** Side of the square tile of a product with inner dimension k that costs STEP_FLOPS; every tile packs its operands anew. */
function tileSide(k: number): number {
  return Math.max(TILE, Math.floor(Math.sqrt(STEP_FLOPS / (2 * Math.max(1, k)))))
}

/** An operand in WebAssembly memory: entry (i, j) is at `pointer + elementBytes (i row + j column)`. */
export interface Strided {
  readonly pointer: number
  readonly row: number
  readonly column: number
}

/**
 * C = alpha A B + beta C in bounded pieces, some rows at a time, for C with columns `stride` apart, m x n, and an inner dimension of k; n is
 * small.
 */
export function* gemmSteps(
  { kernels, elementBytes }: Engine,
  [m, n, k]: readonly [number, number, number],
  alpha: number,
  a: Strided,
  b: Strided,
  beta: number,
  c: Pick<Columns, 'pointer' | 'stride'>,
  work: number,
): Steps<void> {
  const height = Math.max(TILE, Math.floor(STEP_FLOPS / (2 * n * Math.min(Math.max(1, k), DEPTH))))
  for (let i = 0; i < m; i += height) {
    const rows = Math.min(height, m - i)
    for (let l = 0; l === 0 || l < k; l += DEPTH) {
      kernels.xgemm(
        rows, n, Math.min(DEPTH, k - l), alpha,
        a.pointer + elementBytes * (i * a.row + l * a.column), a.row, a.column,
        b.pointer + elementBytes * l * b.row, b.row, b.column,
        l === 0 ? beta : 1, c.pointer + elementBytes * i, c.stride, work,
      ) // prettier-ignore
      yield
    }
  }
}

/**
 * The product in bounded pieces. Row-major data is column-major data of the transpose, so what is computed is
 * C^T = op(B)^T op(A)^T, with every operand used as it lies in memory.
 */
export const multiplySteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  B: Matrix,
  { transposeA = false, transposeB = false }: Transposes = {},
  side: number = tileSide(Math.min(DEPTH, transposeA ? A.rows : A.cols)),
): Steps<Matrix> {
  const [m, k] = transposeA ? [A.cols, A.rows] : [A.rows, A.cols]
  const [inner, n] = transposeB ? [B.cols, B.rows] : [B.rows, B.cols]
  if (inner !== k) {
    throw new RangeError(`matmul needs matching inner dimensions, got ${m} x ${k} times ${inner} x ${n}`)
  }
  const { kernels } = engine
  const { a, b, c, work } = engine.together(() => ({
    a: allocateColumns(engine, A.cols, A.rows),
    b: allocateColumns(engine, B.cols, B.rows),
    c: allocateColumns(engine, n, m),
    work: engine.allocate(kernels.xgemmWorkspace(n, m, k) >>> 0),
  }))
  yield* writeTransposedSteps(engine, A, a)
  yield* writeTransposedSteps(engine, B, b)
  // In memory, a is A^T and b is B^T; the product wanted is op(B)^T (n x k) times op(A)^T (k x m).
  const [rowB, colB] = transposeB ? [b.stride, 1] : [1, b.stride]
  const [rowA, colA] = transposeA ? [a.stride, 1] : [1, a.stride]
  const depth = side === Infinity ? Math.max(1, k) : DEPTH
  for (let j = 0; j < m; j += side) {
    const columns = Math.min(side, m - j)
    for (let i = 0; i < n; i += side) {
      const rows = Math.min(side, n - i)
      const to = c.pointer + engine.elementBytes * (i + j * c.stride)
      for (let l = 0; l === 0 || l < k; l += depth) {
        if (l > 0) yield
        kernels.xgemm(
          rows, columns, Math.min(depth, k - l), 1,
          b.pointer + engine.elementBytes * (i * rowB + l * colB), rowB, colB,
          a.pointer + engine.elementBytes * (l * rowA + j * colA), rowA, colA,
          l === 0 ? 0 : 1, to, c.stride, work,
        ) // prettier-ignore
      }
      yield { phase: 'matmul', done: i + rows < n ? j : j + columns, total: m }
    }
  }
  return yield* readTransposedSteps(engine, c)
})

/**
 * The matrix product op(A) op(B), op(X) being X or its transpose. 2 m n k operations.
 *
 * @memory m k + k n + m n numbers of the precision and 2 MiB
 * @param A - m x k, or k x m with `transposeA`
 * @param B - k x n, or n x k with `transposeB`; or a vector of k numbers, which has nothing to transpose
 * @returns m x n, or a vector of m numbers for a vector; entries beyond the range of its precision are infinite or NaN, as in NumPy
 * @throws TypeError if an argument is no matrix, or an option unknown or of the wrong kind
 * @throws RangeError if an entry is not finite (with 'f32': beyond float32), or the inner dimensions differ
 */
export function matmul(A: MatrixLike, B: VectorLike, options?: MatmulOptions & { precision?: 'f64' }): Float64Array
export function matmul(A: MatrixLike, B: VectorLike, options?: MatmulOptions): MatrixData
export function matmul(A: MatrixLike, B: TwoDimensional, options?: MatmulOptions): Matrix
export function matmul(A: MatrixLike, B: RightHandSide, options?: MatmulOptions): Matrix | MatrixData
export function matmul(A: MatrixLike, B: RightHandSide, options: MatmulOptions = {}): Matrix | MatrixData {
  const product = perform(matmulWork(A, B, options, Infinity))
  return isVectorLike(B) ? product.data : product
}

/**
 * {@link matmul} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link matmul}, and the reason of `signal` on an abort: the promise rejects
 */
export function matmulAsync(
  A: MatrixLike,
  B: VectorLike,
  options?: MatmulOptions & AsyncOptions & { precision?: 'f64' },
): Promise<Float64Array>
export function matmulAsync(A: MatrixLike, B: VectorLike, options?: MatmulOptions & AsyncOptions): Promise<MatrixData>
export function matmulAsync(A: MatrixLike, B: TwoDimensional, options?: MatmulOptions & AsyncOptions): Promise<Matrix>
export function matmulAsync(
  A: MatrixLike,
  B: RightHandSide,
  options?: MatmulOptions & AsyncOptions,
): Promise<Matrix | MatrixData>
export async function matmulAsync(
  A: MatrixLike,
  B: RightHandSide,
  options: MatmulOptions & AsyncOptions = {},
): Promise<Matrix | MatrixData> {
  const right = takenRightHandSide(B, options)
  const product = await performAsync(matmulWork(taken(A, 'A', options), right, options), options)
  return isVectorLike(right) ? product.data : product
}

function matmulWork(A: MatrixLike, B: RightHandSide, options: MatmulOptions, side?: number): Work<Matrix> {
  const given = knownOptions(options, ['transposeA', 'transposeB', 'precision'])
  const transposeA = flag(given.transposeA, 'transposeA')
  const transposeB = flag(given.transposeB, 'transposeB') && !isVectorLike(B)
  const precision = precisionOf(given.precision)
  const left = operand(A, precision, 'A')
  const right = operand(columnOf(B, 'B'), precision, 'B')
  const work = (engine: Engine) => checkedSteps(engine, left, right, { transposeA, transposeB }, side)
  return Object.assign(work, { precision })
}

/** The product of matrices that may hold anything; whether they were finite is seen afterwards. */
function* checkedSteps(engine: Engine, A: Matrix, B: Matrix, transposes: Transposes, side?: number): Steps<Matrix> {
  const product = yield* multiplySteps(engine, A, B, transposes, side)
  if (!provesFinite(product)) {
    finiteMatrix(A, 'A')
    finiteMatrix(B, 'B')
  }
  return product
}

/** A factor as it is computed with. Float64 ones are not looked at: the product tells whether they were finite. */
function operand(X: MatrixLike, precision: Precision, name: string): Matrix {
  return precision === 'f64' ? toMatrix(X, name) : inPrecision(finiteMatrix(X, name), precision, name)
}

/**
 * Whether a product shows that its factors are finite. An entry that is NaN or infinite spoils its whole row or column of the product, of
 * which one entry is enough to see it: m + n entries instead of m k + k n, which took 5 % of the time at n = 512. An overflow looks alike
 * and proves nothing, nor does an empty product.
 */
function provesFinite({ rows, cols, data }: Matrix): boolean {
  let sum = 0
  for (let i = 0; i < data.length; i += cols) sum += data[i] - data[i]
  for (let j = 0; j < cols; j++) sum += data[j] - data[j]
  return rows > 0 && cols > 0 && sum === 0
}
