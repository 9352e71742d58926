import { NotPositiveDefiniteError } from '../errors.js'
import type { Matrix, MatrixLike } from '../matrix.js'
import { allocateColumns, allocateScratch, readColumnsSteps, writeColumnsSteps } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { resume, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { opposite, scaledByRowsAndColumns } from '../dense/powers-of-two.js'
import { symmetric } from './symmetry.js'

/** For every i, the e that brings a_ii 4^e to about 1: Cholesky commutes with such a scaling, and its squares stay in range. */
function diagonalPowers(A: Matrix): Int32Array {
  return Int32Array.from({ length: A.rows }, (_, i) => {
    const x = A.data[i * (A.cols + 1)]
    return x > 0 ? -Math.floor(Math.log2(x) / 2) : 0
  })
}

function lowerTriangle(L: Matrix): Matrix {
  for (let i = 0; i < L.rows; i++) L.data.fill(0, i * L.cols + i + 1, (i + 1) * L.cols)
  return L
}

/** Cholesky factorisation of a symmetric matrix in bounded pieces. */
export const choleskySteps = /* @__PURE__ */ scoped(function* (engine: Engine, A: Matrix): Steps<Matrix> {
  const n = A.rows
  const powers = diagonalPowers(A)
  const { kernels } = engine
  const { a, scratch } = engine.together(() => ({
    a: allocateColumns(engine, n, n),
    scratch: allocateScratch(engine, n, n, kernels.dpotrfWorkspace(n)),
  }))
  yield* writeColumnsSteps(engine, scaledByRowsAndColumns(A, powers, powers), a, scratch)
  const state = kernels.dpotrfInit(n, a.pointer, a.stride, scratch)
  const failed = kernels.dpotrfFailed(yield* resume(kernels.dpotrfStep, state, 'cholesky', n))
  if (failed > 0) {
    throw new NotPositiveDefiniteError(
      `A is not positive definite: its leading minor of order ${failed} is not positive; ` +
        'add a multiple of the identity, or use svd',
      failed,
    )
  }
  return scaledByRowsAndColumns(lowerTriangle(yield* readColumnsSteps(engine, a)), opposite(powers), new Int32Array(n))
})

/**
 * Cholesky factorisation A = L L^T of a symmetric positive definite matrix: blocked, with recursive panels (LAPACK dpotrf). The lower
 * triangle is factored. |A - L L^T| is a small multiple of n eps sqrt(a_ii a_jj) in every entry. n^3 / 3 operations.
 *
 * @memory n^2 + 256 n doubles and 1 MiB
 * @param A - n x n, symmetric up to rounding
 * @returns L, n x n lower triangular with a positive diagonal
 * @throws TypeError if A is no matrix
 * @throws RangeError if an entry is not finite, or A is not square or not symmetric, with the offending pair
 * @throws NotPositiveDefiniteError with the order of the first leading minor that is not positive
 */
export function cholesky(A: MatrixLike): Matrix {
  return perform(choleskyWork(A))
}

/**
 * {@link cholesky} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link cholesky}, and the reason of `signal` on an abort: the promise rejects
 */
export async function choleskyAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<Matrix> {
  return performAsync(choleskyWork(taken(A, 'A', options)), knownOptions(options, []))
}

function choleskyWork(A: MatrixLike): Work<Matrix> {
  const matrix = symmetric(finiteMatrix(A, 'A'), 'cholesky')
  return (engine) => choleskySteps(engine, matrix)
}
