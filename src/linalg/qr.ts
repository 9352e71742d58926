import { Matrix, type MatrixLike, type Precision } from '../matrix.js'
import {
  allocateColumns,
  allocateScratch,
  clearSteps,
  readColumnsSteps,
  writeColumnsSteps,
  type Columns,
} from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { inPieces, resume, STEP_FLOPS, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, flag, inPrecision, knownOptions, oneOf, precisionOf } from '../validation.js'
import { triangularFactorSteps } from './qr-update.js'
import { powerToOne, raiseToMagnitudes, scaledByColumns } from '../dense/powers-of-two.js'

/** How much of Q is formed. */
export type QrMode = 'thin' | 'full' | 'r'

/** Options of {@link qr}. */
export interface QrOptions<Mode extends QrMode = QrMode, Pivoting extends boolean = boolean> {
  /** 'thin' (default): Q is m x min(m, n). 'full': Q is m x m. 'r': no Q. */
  readonly mode?: Mode | undefined
  /** Column pivoting: the diagonal of R decreases in magnitude, and A P = Q R. Default false. */
  readonly pivoting?: Pivoting | undefined
  /** What is computed with. 'f32' rounds float64 input, takes half the time, and gives float32 factors. Default 'f64'. */
  readonly precision?: Precision | undefined
}

/** The factors of {@link qr}. */
export interface QR<Mode extends QrMode = 'thin', Pivoting extends boolean = false> {
  /** Orthonormal columns; undefined in mode 'r'. */
  readonly Q: Mode extends 'r' ? undefined : Matrix
  /** Upper triangular, or upper trapezoidal if A is wide; signs of the diagonal are not normalised. */
  readonly R: Matrix
  /** With pivoting: column j of A P is column `pivots[j]` of A. */
  readonly pivots: Pivoting extends true ? Uint32Array : undefined
}

type FactorOptions<Mode extends QrMode, Pivoting extends boolean> = Pick<QrOptions<Mode, Pivoting>, 'mode' | 'pivoting'>

/** From this many rows a column on, R alone is computed by the streaming kernel, whose working set stays in cache. */
const TALL = 2

/** For entries whose squares, added up, stay within range. */
const factorSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  mode: QrMode,
  pivoting: boolean,
): Steps<QR<QrMode, boolean>> {
  const { rows: m, cols: n } = A
  if (mode === 'r' && !pivoting && m >= TALL * n && n > 0) {
    return { Q: undefined, R: yield* triangularFactorSteps(engine, A), pivots: undefined }
  }
  const { kernels } = engine
  const r = Math.min(m, n)
  const widthQ = mode === 'full' ? m : mode === 'thin' ? r : 0
  const workspace = pivoting ? kernels.xgeqp3Workspace(m, n) : kernels.xgeqrfWorkspace(m, n)
  const { a, tau, pivotsPtr, q, scratch } = engine.together(() => ({
    a: allocateColumns(engine, m, n),
    tau: engine.allocateElements(r),
    pivotsPtr: engine.allocate(4 * n),
    q: allocateColumns(engine, m, widthQ),
    scratch: allocateScratch(engine, m, n, workspace, kernels.xormqrWorkspace(m, widthQ, r)),
  }))
  yield* writeColumnsSteps(engine, A, a, scratch)
  const reflectors = yield* factor(engine, a, tau, pivoting ? pivotsPtr : 0, scratch)
  if (widthQ > 0) yield* formQ(engine, a, tau, reflectors, q, scratch)
  const R = upperTriangle(yield* readColumnsSteps(engine, a, mode === 'full' ? m : r, n))
  return {
    Q: mode === 'r' ? undefined : yield* readColumnsSteps(engine, q),
    R,
    pivots: pivoting ? new Uint32Array(engine.integers(pivotsPtr, n)) : undefined,
  }
})

/** Factors `a` in place, with column pivoting if `pivots` is not 0; returns how many reflectors were made. */
export function* factor(engine: Engine, a: Columns, tau: number, pivots: number, scratch: number): Steps<number> {
  const { kernels } = engine
  const total = Math.min(a.rows, a.cols)
  if (pivots === 0) {
    const state = kernels.xgeqrfInit(a.rows, a.cols, a.pointer, a.stride, tau, scratch)
    yield* resume(kernels.xgeqrfStep, state, 'qr', total, () => kernels.xgeqrfColumn(state))
    yield { phase: 'qr', done: total, total }
    return total
  }
  const state = kernels.xgeqp3Init(a.rows, a.cols, a.pointer, a.stride, tau, pivots, scratch)
  return kernels.xgeqp3Rank(yield* resume(kernels.xgeqp3Step, state, 'qr', total))
}

/** c <- Q c, for the Q of so many reflectors below the diagonal of `a`. */
export function* applyReflectors(
  engine: Engine,
  a: Columns,
  tau: number,
  reflectors: number,
  c: Columns,
  scratch: number,
  phase: string,
): Steps<void> {
  const { kernels } = engine
  const state = kernels.xormqrInit(c.rows, c.cols, reflectors, a.pointer, a.stride, tau, c.pointer, c.stride, scratch)
  yield* resume(kernels.xormqrStep, state, phase, Math.ceil((4 * c.rows * c.cols * reflectors) / STEP_FLOPS))
}

/** The first columns of Q: Q applied to the identity. */
function* formQ(engine: Engine, a: Columns, tau: number, reflectors: number, q: Columns, scratch: number): Steps<void> {
  yield* clearSteps(engine, q)
  const view = engine.elements(q.pointer, q.stride * q.cols)
  for (let j = 0; j < q.cols; j++) view[j * q.stride + j] = 1
  yield* applyReflectors(engine, a, tau, reflectors, q, scratch, 'q')
}

/** Zeroes what lies below the diagonal: the reflectors live there. */
export function upperTriangle(R: Matrix): Matrix {
  for (let i = 1; i < R.rows; i++) R.data.fill(0, i * R.cols, i * R.cols + Math.min(i, R.cols))
  return R
}

/**
 * QR factorisation A = Q R by blocked Householder reflections, or A P = Q R with column pivoting (Quintana-Orti, Sun and
 * Bischof 1998). Any shape. Backward stable: norm(Q^T Q - I), and norm(a - Q r) / norm(a) of every column a of A and r of R, are a small
 * multiple of max(m, n) eps, whatever the range of entries. With pivoting, columns 1e270 (float32: 1e30) below the largest entry of
 * A may lose digits, and count as 0 where they are 1e308 (1e38) below it.
 * About 2 m n^2 - 2/3 n^3 operations for R, as much again for a thin Q.
 *
 * @memory m n + m q + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @memory full: m n + m^2 + 450 p doubles and 2 MiB
 * @memory 'r': m n + 450 p doubles and 2 MiB
 * @memory 'r' without pivoting, m >= 2 n: n^2 + 450 p doubles and 2 MiB
 * @param A - m x n
 * @returns Q (m x min(m, n), or m x m if full) and R (min(m, n) x n, or m x n if full)
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite (with 'f32': beyond float32), `mode` is unknown, or R exceeds the precision
 */
export function qr<Mode extends QrMode = 'thin', Pivoting extends boolean = false>(
  A: MatrixLike,
  options: QrOptions<Mode, Pivoting> = {},
): QR<Mode, Pivoting> {
  return perform(qrWork(A, options))
}

/**
 * {@link qr} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link qr}, and the reason of `signal` on an abort: the promise rejects
 */
export async function qrAsync<Mode extends QrMode = 'thin', Pivoting extends boolean = false>(
  A: MatrixLike,
  options: QrOptions<Mode, Pivoting> & AsyncOptions = {},
): Promise<QR<Mode, Pivoting>> {
  return performAsync(qrWork(taken(A, 'A', options), options), options)
}

function qrWork<Mode extends QrMode, Pivoting extends boolean>(
  A: MatrixLike,
  options: QrOptions<Mode, Pivoting>,
): Work<QR<Mode, Pivoting>> {
  const given = knownOptions(options, ['mode', 'pivoting', 'precision'])
  const mode = oneOf(given.mode === undefined ? 'thin' : given.mode, ['thin', 'full', 'r'], 'mode')
  const pivoting = flag(given.pivoting, 'pivoting')
  const precision = precisionOf(options.precision)
  const matrix = inPrecision(finiteMatrix(A, 'A'), precision, 'A')
  return Object.assign((engine: Engine) => qrSteps(engine, matrix, { mode, pivoting }), { precision })
}

/** QR factorisation in bounded pieces. @throws RangeError if R exceeds the precision */
export function* qrSteps<Mode extends QrMode = 'thin', Pivoting extends boolean = false>(
  engine: Engine,
  A: Matrix,
  { mode = 'thin' as Mode, pivoting = false as Pivoting }: FactorOptions<Mode, Pivoting> = {},
): Steps<QR<Mode, Pivoting>> {
  const { precision } = engine
  const powers = yield* powersSteps(A, precision, pivoting)
  const scaled = powers === undefined ? A : scaledByColumns(A, powers, precision)
  const factors = (yield* factorSteps(engine, scaled, mode, pivoting)) as QR<Mode, Pivoting>
  if (powers === undefined) return factors
  const { R, pivots } = factors
  const back = powers.map((_, j) => -powers[pivots === undefined ? j : pivots[j]])
  const unscaled = scaledByColumns(R, back, precision)
  if (!unscaled.data.every(Number.isFinite)) {
    throw new RangeError('R is beyond the largest number of its precision: scale A down first')
  }
  return { ...factors, R: unscaled }
}

/**
 * Reflections square entries and add them up: columns near either end of the range are factored at another scale, each at its own unless
 * they are compared. Powers of two for all columns; undefined where none is needed.
 */
function* powersSteps(A: Matrix, precision: Precision, pivoting: boolean): Steps<Int32Array | undefined> {
  const largest = new Float64Array(A.cols)
  yield* inPieces(A.rows, A.cols, (from, to) => {
    raiseToMagnitudes(largest, A.data.subarray(from * A.cols, to * A.cols))
  })
  if (pivoting) largest.fill(largest.reduce((x, y) => Math.max(x, y), 0))
  const safe = 2 ** (precision === 'f64' ? 900 : 100)
  const powers = Int32Array.from(largest, (x) => (x > safe || x < 1 / safe ? powerToOne(x) : 0))
  return powers.some((e) => e !== 0) ? powers : undefined
}
