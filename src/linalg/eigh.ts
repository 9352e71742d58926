import { ConvergenceError } from '../errors.js'
import type { Matrix, MatrixLike } from '../matrix.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { allocateColumns, readColumnsSteps, writeTransposedSteps, type Columns } from '../runtime/marshal.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, flag, knownOptions } from '../validation.js'
import { symmetricPart } from './symmetry.js'

// What NumPy's eig and eigvals are for.
const NO_GENERAL =
  '; eigenvalues of matrices that are not symmetric, as of eig and eigvals elsewhere, are not part of collimate'

/** Options of {@link eigh}. */
export interface EighOptions<Vectors extends boolean = boolean> {
  /** Whether eigenvectors are computed. Default true. */
  readonly vectors?: Vectors | undefined
}

/** A = V diag(values) V^T. */
export interface Eigh<Vectors extends boolean = true> {
  /** Eigenvalues, ascending, n of them. */
  readonly values: Float64Array
  /** Orthonormal eigenvectors, one a column, in the order of `values`; undefined without vectors. */
  readonly vectors: Vectors extends false ? undefined : Matrix
}

/** The phases of dsyevStep, by number. */
const PHASES = ['done', 'scale', 'scale', 'tridiagonal', 'q', 'ql', 'ql'] as const
const NOT_CONVERGED = -1

/** Eigendecomposition of a symmetric matrix in bounded pieces. */
export const eighSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  A: Matrix,
  wantVectors: boolean,
): Steps<Eigh<boolean>> {
  const n = A.rows
  const { a, values, z, scratch } = engine.together(() => ({
    a: allocateColumns(engine, n, n),
    values: engine.allocateDoubles(n),
    z: allocateColumns(engine, n, wantVectors ? n : 0),
    scratch: engine.allocate(engine.kernels.dsyevWorkspace(n, wantVectors ? 1 : 0) >>> 0),
  }))
  // Rows of a symmetric matrix are its columns.
  yield* writeTransposedSteps(engine, A, a)
  yield* decompose(engine, a, values, z, scratch)
  return {
    values: new Float64Array(engine.doubles(values, n)),
    vectors: wantVectors ? yield* readColumnsSteps(engine, z) : undefined,
  }
})

function* decompose(engine: Engine, a: Columns, values: number, z: Columns, scratch: number): Steps<void> {
  const { kernels } = engine
  const n = a.rows
  const wantVectors = z.cols > 0 ? 1 : 0
  const state = kernels.dsyevInit(n, a.pointer, a.stride, values, z.pointer, z.stride, wantVectors, scratch)
  for (;;) {
    const phase = kernels.dsyevStep(state)
    if (phase === NOT_CONVERGED) {
      throw new ConvergenceError(
        `the eigenvalues of a ${n} x ${n} matrix did not converge in ${kernels.dsyevIterations(state)} QL sweeps`,
      )
    }
    if (phase === 0) return
    yield { phase: PHASES[phase], done: phase, total: PHASES.length }
  }
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, A = V diag(values) V^T: Householder reduction to tridiagonal form
 * (blocked, LAPACK dsytrd), then the implicit QL iteration with Wilkinson's shift (LAPACK dsteqr; Parlett 1980). Backward
 * stable: norm(A - V diag(values) V^T) and norm(V^T V - I) are a small multiple of n eps, relative to norm(A); an eigenvalue
 * is off by at most that, so that those tiny beside the largest have few correct digits. Signs of vectors and, within a
 * cluster of equal eigenvalues, the basis are arbitrary. About 4/3 n^3 operations for the values, 7 n^3 more for the
 * vectors.
 *
 * @memory 2 n^2 + 450 n doubles and 2 MiB
 * @memory without vectors: n^2 + 450 n doubles and 2 MiB
 * @param A - n x n, symmetric up to rounding: entries (i, j) and (j, i) may differ by 8 n eps of the largest magnitude (the eps of
 * float32, 2^-23, for float32 data); (A + A^T) / 2 is decomposed
 * @returns `values` (n, ascending; one that float64 cannot hold is infinite) and `vectors` (n x n, columns)
 * @throws TypeError if A is no matrix or an option is of the wrong kind
 * @throws RangeError if A is not square or not symmetric, or an entry is not finite
 * @throws ConvergenceError if 30 n sweeps are not enough (not seen on finite input)
 * @throws OutOfMemoryError if the memory for it cannot be had
 */
export function eigh<Vectors extends boolean = true>(A: MatrixLike, options: EighOptions<Vectors> = {}): Eigh<Vectors> {
  return perform(eighWork(A, options))
}

/**
 * {@link eigh} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link eigh}, and the reason of `signal` on an abort: the promise rejects
 */
export async function eighAsync<Vectors extends boolean = true>(
  A: MatrixLike,
  options: EighOptions<Vectors> & AsyncOptions = {},
): Promise<Eigh<Vectors>> {
  return performAsync(eighWork(taken(A, 'A', options), options), options)
}

function eighWork<Vectors extends boolean>(A: MatrixLike, options: EighOptions<Vectors>): Work<Eigh<Vectors>> {
  const { vectors = true }: EighOptions = knownOptions(options, ['vectors'])
  const wantVectors = flag(vectors, 'vectors')
  const matrix = symmetricPart(finiteMatrix(A, 'A'), 'eigh', NO_GENERAL)
  return (engine) => eighSteps(engine, matrix, wantVectors)
}

/**
 * Eigenvalues of a symmetric n x n matrix, ascending; cheaper than {@link eigh} with vectors.
 *
 * @memory n^2 + 450 n doubles and 2 MiB
 * @throws as {@link eigh}
 */
export function eigvalsh(A: MatrixLike): Float64Array {
  return eigh(A, { vectors: false }).values
}
