import { ConvergenceError, type JacobiDiagnostics } from '../errors.js'
import type { Matrix, MatrixLike, Precision } from '../matrix.js'
import {
  allocateColumns,
  allocateScratch,
  readColumnsSteps,
  writeColumnsSteps,
  writeTransposedSteps,
  type Columns,
} from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { expecting } from '../progress.js'
import { STEP_FLOPS, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, inPrecision, integerIn, knownOptions, nonNegative, oneOf, precisionOf } from '../validation.js'

/** How many singular vectors are formed: min(m, n) on either side, a full orthonormal basis, or none. */
export type SvdVectors = 'thin' | 'full' | 'none'

/** Options of {@link svd}. */
export interface SvdOptions<Vectors extends SvdVectors = SvdVectors> {
  /** Default 'thin'. */
  readonly vectors?: Vectors | undefined
  /** Singular values above it count towards `rank`, in the units of A; default max(m, n) eps sigma_1. */
  readonly tolerance?: number | undefined
  /** Jacobi sweeps after which a {@link ConvergenceError} is thrown, with the factors as they are by then; default 40. */
  readonly maxSweeps?: number | undefined
  /**
   * What is computed with. 'f32' rounds float64 input; U and V are float32, eps in all that is said here is 2^-23, time and memory
   * about half. Default 'f64', also for float32 input.
   */
  readonly precision?: Precision | undefined
}

/** A = U diag(S) V^T, with the same vectors on both sides unless there are two types of them. */
export interface SVD<Left extends SvdVectors = 'thin', Right extends SvdVectors = Left> {
  /** Left singular vectors, one a column; undefined without vectors. */
  readonly U: Left extends 'none' ? undefined : Matrix
  /** Singular values, descending, min(m, n) of them; one that float64 cannot hold is infinite. */
  readonly S: Float64Array
  /** Right singular vectors, one a column (V, not V^T); undefined without vectors. */
  readonly V: Right extends 'none' ? undefined : Matrix
  /** Numerical rank: the number of singular values above the tolerance. */
  readonly rank: number
  /** Jacobi sweeps until convergence. */
  readonly sweeps: number
  /** The same and more about the iteration. */
  readonly jacobi: JacobiDiagnostics
}

/** The phases of xgejsvStep, by number. */
const PHASES =
  'done,pivoted qr,qr,jacobi,v,v,v,v,v,u,eigenvectors,pivoted qr,pivoted qr,pivoted qr,qr,qr,v,v,v,v,v,u'.split(',')
const NOT_CONVERGED = -1
/** As MAX_SWEEPS in assembly/constants.ts. LAPACK's dgesvj allows 30, and 12 is already rare. */
const MAX_SWEEPS = 40
/** Reports for m n^2 of {@link STEP_FLOPS}, and sweeps, that are typical: for the estimate of progress only. */
const REPORTS = 32
const TYPICAL_SWEEPS = 2

/** max(m, n) eps sigma_1: what rounding alone can make of a singular value that is zero. */
export function defaultTolerance(m: number, n: number, S: Float64Array, precision: Precision = 'f64'): number {
  const eps = precision === 'f64' ? Number.EPSILON : 2 ** -23
  // A sigma_1 that float64 cannot hold is infinite: less than max(m, n) times the largest number all the same.
  return S.length === 0 ? 0 : Math.max(m, n) * eps * Math.min(S[0], Number.MAX_VALUE)
}

/** How many of the descending values exceed the tolerance. */
export function countAbove(S: Float64Array, tolerance: number): number {
  const first = S.findIndex((sigma) => !(sigma > tolerance))
  return first < 0 ? S.length : first
}

/** The factors of the tall one of A and its transpose. */
interface TallFactors extends Outcome {
  readonly S: Float64Array
  readonly tall: Matrix | undefined
  readonly short: Matrix | undefined
}

/** The kernel takes tall matrices; row-major data of a wide one is column-major data of its tall transpose. */
const tallSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  wantTall: SvdVectors,
  wantShort: SvdVectors,
  maxSweeps: number,
): Steps<TallFactors> {
  const { rows: m, cols: n } = A
  const wide = m < n
  const [tall, short] = wide ? [n, m] : [m, n]
  const tallColumns = wantTall === 'full' ? tall : wantTall === 'thin' ? short : 0
  const { a, sigma, u, v, scratch } = engine.together(() => ({
    a: allocateColumns(engine, tall, short),
    sigma: engine.allocateDoubles(short),
    u: allocateColumns(engine, tall, tallColumns),
    v: allocateColumns(engine, short, wantShort === 'none' ? 0 : short),
    scratch: allocateScratch(engine, tall, short, engine.kernels.xgejsvWorkspace(tall, short, tallColumns)),
  }))
  if (wide) yield* writeTransposedSteps(engine, A, a)
  else yield* writeColumnsSteps(engine, A, a, scratch)
  const pieces = 8 + (REPORTS * tall * short ** 2) / STEP_FLOPS
  const outcome = yield* expecting(pieces, decompose(engine, a, sigma, u, v, scratch, maxSweeps))
  return {
    S: new Float64Array(engine.doubles(sigma, short)),
    tall: wantTall === 'none' ? undefined : yield* readColumnsSteps(engine, u),
    short: wantShort === 'none' ? undefined : yield* readColumnsSteps(engine, v),
    ...outcome,
  }
})

/**
 * SVD in bounded pieces.
 *
 * @param want - the vectors of each side
 * @throws ConvergenceError with the factors in it
 */
export function* svdSteps<Left extends SvdVectors, Right extends SvdVectors>(
  engine: Engine,
  A: Matrix,
  want: { readonly U: Left; readonly V: Right },
  tolerance?: number,
  maxSweeps = MAX_SWEEPS,
): Steps<SVD<Left, Right>> {
  const { rows: m, cols: n } = A
  const wide = m < n
  const [wantTall, wantShort] = wide ? [want.V, want.U] : [want.U, want.V]
  const factors = yield* tallSteps(engine, A, wantTall, wantShort, maxSweeps)
  const { S, jacobi, converged } = factors
  const [U, V] = wide ? [factors.short, factors.tall] : [factors.tall, factors.short]
  const rank = countAbove(S, tolerance ?? defaultTolerance(m, n, S, engine.precision))
  const result = { U, S, V, rank, sweeps: jacobi.sweeps, jacobi } as SVD<Left, Right>
  if (converged) return result
  throw new ConvergenceError(
    `the SVD of a ${m} x ${n} matrix did not converge in ${jacobi.sweeps} Jacobi sweeps ` +
      `(largest cosine left ${jacobi.largestCosine}); the error's \`factors\` hold what there is`,
    { jacobi, factors: result },
  )
}

interface Outcome {
  readonly jacobi: JacobiDiagnostics
  readonly converged: boolean
}

function* decompose(
  engine: Engine,
  a: Columns,
  sigma: number,
  u: Columns,
  v: Columns,
  scratch: number,
  maxSweeps: number,
): Steps<Outcome> {
  const { kernels } = engine
  const wantV = v.cols > 0 ? 1 : 0
  const state = kernels.xgejsvInit(
    a.rows, a.cols, a.pointer, a.stride, sigma, u.pointer, u.stride, u.cols, v.pointer, v.stride, wantV, scratch,
  ) // prettier-ignore
  kernels.xgejsvLimit(state, maxSweeps)
  let phase = kernels.xgejsvStep(state)
  while (phase > 0) {
    const sweeps = kernels.xgejsvSweeps(state)
    yield { phase: PHASES[phase], done: sweeps, total: Math.max(TYPICAL_SWEEPS, sweeps + 1) }
    phase = kernels.xgejsvStep(state)
  }
  const jacobi = {
    sweeps: kernels.xgejsvSweeps(state),
    rotations: kernels.xgejsvRotations(state),
    largestCosine: kernels.xgejsvCosineLeft(state),
  }
  return { jacobi, converged: phase !== NOT_CONVERGED }
}

/**
 * Singular value decomposition A = U diag(S) V^T by preconditioned one-sided Jacobi (Drmac and Veselic 2008): QR with row
 * sorting and column pivoting, then Jacobi on the triangular factor. Any shape. Backward stable, and singular values have high
 * *relative* accuracy, the small ones too, for every matrix that is a well-conditioned one with its rows or columns scaled.
 * Signs and, within a cluster of equal singular values, the basis are arbitrary. Cost of the order of 20 n^3 operations for
 * n x n.
 *
 * @memory 2 p q + 2 q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n; half of it with 'f32'
 * @memory full: p q + p^2 + 2 q^2 + 450 p doubles and 2 MiB
 * @memory none: p q + q^2 + 450 p doubles and 2 MiB
 * @param A - m x n
 * @returns U (m x min(m, n); m x m if full), S (min(m, n), descending), V (n x min(m, n); n x n if full), rank, sweeps, jacobi
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if an entry is not finite (with 'f32': beyond float32), `vectors` is unknown, `tolerance` negative, or `maxSweeps` no integer from 1 on
 * @throws ConvergenceError if `maxSweeps` are not enough (not seen with the default on finite input); it holds the factors so far
 */
export function svd<Vectors extends SvdVectors = 'thin'>(
  A: MatrixLike,
  options: SvdOptions<Vectors> = {},
): SVD<Vectors> {
  return perform(svdWork(A, options))
}

/**
 * {@link svd} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link svd}, and the reason of `signal` on an abort: the promise rejects
 */
export async function svdAsync<Vectors extends SvdVectors = 'thin'>(
  A: MatrixLike,
  options: SvdOptions<Vectors> & AsyncOptions = {},
): Promise<SVD<Vectors>> {
  return performAsync(svdWork(taken(A, 'A', options), options), options)
}

function svdWork<Vectors extends SvdVectors>(A: MatrixLike, options: SvdOptions<Vectors>): Work<SVD<Vectors>> {
  const given = knownOptions(options, ['vectors', 'tolerance', 'maxSweeps', 'precision'])
  const { vectors: sides = 'thin', tolerance, maxSweeps: limit = MAX_SWEEPS } = given
  const vectors = oneOf(sides, ['thin', 'full', 'none'], 'vectors')
  nonNegative(tolerance, 'tolerance')
  const precision = precisionOf(given.precision)
  const matrix = inPrecision(finiteMatrix(A, 'A'), precision, 'A')
  const maxSweeps = integerIn(limit, 1, 1000, 'maxSweeps')
  const work = (engine: Engine) => svdSteps(engine, matrix, { U: vectors, V: vectors }, tolerance, maxSweeps)
  return Object.assign(work, { precision })
}

/**
 * Singular values of A, descending, min(m, n) of them; cheaper than {@link svd} with vectors.
 *
 * @memory p q + q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @throws as {@link svd}
 */
export function svdvals(A: MatrixLike, options: { readonly precision?: Precision } = {}): Float64Array {
  return svd(A, { vectors: 'none', ...knownOptions(options, ['precision']) }).S
}
