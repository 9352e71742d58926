import { Matrix } from '../../src/matrix.js'
import { drive, type Block, type KernelMemory, type Layout, type Operand } from './kernel-memory.js'

/** A resumable kernel between its `Init` and its end. */
export interface Job<T> {
  /** All that it may write to, its scratch of exactly `Workspace` bytes included. */
  readonly outputs: readonly (Operand | Block)[]
  /** One `Step`; 0 at the end. */
  readonly step: () => number
  readonly result: () => T
}

/** Runs a job to its end under watch. */
export function finish<T>(memory: KernelMemory, job: Job<T>): T {
  memory.run(job.outputs, () => drive(job.step))
  return job.result()
}

/** A factorisation in compact form: R on and above the diagonal, the reflectors' vectors below. */
export interface Reflectors {
  readonly factored: Matrix
  readonly tau: Float64Array
}

/** Gaps between the columns, all columns off the 16-byte boundary: what any caller might pass. */
export const AWKWARD = { gap: 3, offset: 1 }

function columnsOf(A: Matrix, { gap, offset }: typeof AWKWARD): Layout {
  return { cs: A.rows + gap, offset }
}

/** Blocked QR of A. */
export function geqrf(memory: KernelMemory, A: Matrix, layout = AWKWARD): Job<Reflectors> {
  const { kernels } = memory
  const { rows: m, cols: n } = A
  const a = memory.place(A, columnsOf(A, layout))
  const tau = memory.vector(new Float64Array(Math.min(m, n)), 1)
  const scratch = memory.scratch(kernels.xgeqrfWorkspace(m, n))
  const outputs = [a, tau, scratch]
  const state = memory.run(outputs, () => kernels.xgeqrfInit(m, n, a.pointer, a.cs, tau.pointer, scratch.pointer))
  return {
    outputs,
    step: () => kernels.xgeqrfStep(state),
    result: () => ({ factored: memory.read(a), tau: memory.read(tau).data as Float64Array }),
  }
}

/** Q C, with Q the product of all reflectors. */
export function ormqr(memory: KernelMemory, { factored, tau }: Reflectors, C: Matrix, layout = AWKWARD): Job<Matrix> {
  const { kernels } = memory
  const a = memory.place(factored, columnsOf(factored, layout))
  const t = memory.vector(tau, 1)
  const c = memory.place(C, columnsOf(C, layout))
  const scratch = memory.scratch(kernels.xormqrWorkspace(C.rows, C.cols, tau.length))
  const outputs = [c, scratch]
  const state = memory.run(outputs, () =>
    kernels.xormqrInit(C.rows, C.cols, tau.length, a.pointer, a.cs, t.pointer, c.pointer, c.cs, scratch.pointer),
  )
  return { outputs, step: () => kernels.xormqrStep(state), result: () => memory.read(c) }
}

export interface PivotedReflectors extends Reflectors {
  readonly pivots: Int32Array
}

/** QR with column pivoting; `tau` holds as many reflectors as were made. */
export function geqp3(memory: KernelMemory, A: Matrix, layout = AWKWARD): Job<PivotedReflectors> {
  const { kernels } = memory
  const { rows: m, cols: n } = A
  const a = memory.place(A, columnsOf(A, layout))
  const tau = memory.vector(new Float64Array(Math.min(m, n)), 1)
  const pivots = memory.block(4 * n)
  const scratch = memory.scratch(kernels.xgeqp3Workspace(m, n))
  const outputs = [a, tau, pivots, scratch]
  const state = memory.run(outputs, () =>
    kernels.xgeqp3Init(m, n, a.pointer, a.cs, tau.pointer, pivots.pointer, scratch.pointer),
  )
  return {
    outputs,
    step: () => kernels.xgeqp3Step(state),
    result: () => ({
      factored: memory.read(a),
      tau: (memory.read(tau).data as Float64Array).slice(0, kernels.xgeqp3Rank(state)),
      pivots: memory.integers(pivots),
    }),
  }
}

/** The R factor of [R; B], or as many of its first rows as R has; the strict lower triangle of the result is what R had there. */
export function tpqrt(memory: KernelMemory, R: Matrix, B: Matrix, first = 0, layout = AWKWARD): Job<Matrix> {
  const { kernels } = memory
  const { rows: b, cols: p } = B
  const r = memory.place(R, columnsOf(R, layout))
  const x = memory.place(B, columnsOf(B, layout))
  const scratch = memory.scratch(kernels.xtpqrtWorkspace(b, p))
  const outputs = [r, x, scratch]
  const state = memory.run(outputs, () =>
    kernels.xtpqrtInit(b, p, R.rows, first, r.pointer, r.cs, x.pointer, x.cs, scratch.pointer),
  )
  return { outputs, step: () => kernels.xtpqrtStep(state), result: () => memory.read(r) }
}

export interface Decomposition {
  readonly sigma: Float64Array
  readonly U: Matrix
  readonly V: Matrix
  readonly sweeps: number
  readonly rotations: number
  readonly cosineLeft: number
}

/** SVD of a tall A; U has `columnsU` columns (0, n or m), V has n or none. */
export function gejsv(
  memory: KernelMemory,
  A: Matrix,
  columnsU: number,
  wantV: boolean,
  layout = AWKWARD,
  maxSweeps = 0,
): Job<Decomposition> {
  const { kernels } = memory
  const { rows: m, cols: n } = A
  const a = memory.place(A, columnsOf(A, layout))
  const sigma = memory.doubles(n, 1)
  const [emptyU, emptyV] = [new Matrix(m, columnsU), new Matrix(n, wantV ? n : 0)]
  const u = memory.place(emptyU, columnsOf(emptyU, layout))
  const v = memory.place(emptyV, columnsOf(emptyV, layout))
  const scratch = memory.scratch(kernels.xgejsvWorkspace(m, n, columnsU))
  const outputs = [a, sigma, u, v, scratch]
  const state = memory.run(outputs, () =>
    kernels.xgejsvInit(
      m, n, a.pointer, a.cs, sigma.pointer, u.pointer, u.cs, columnsU, v.pointer, v.cs, wantV ? 1 : 0, scratch.pointer,
    ),
  ) // prettier-ignore
  if (maxSweeps > 0)
    memory.run(outputs, () => {
      kernels.xgejsvLimit(state, maxSweeps)
    })
  return {
    outputs,
    step: () => kernels.xgejsvStep(state),
    result: () => ({
      sigma: memory.read(sigma).data as Float64Array,
      U: memory.read(u),
      V: memory.read(v),
      sweeps: kernels.xgejsvSweeps(state),
      rotations: kernels.xgejsvRotations(state),
      cosineLeft: kernels.xgejsvCosineLeft(state),
    }),
  }
}

/** A symmetric matrix reduced to tridiagonal form: `factored` holds the reflectors from row 1 of column 0 on. */
export interface Tridiagonal extends Reflectors {
  readonly d: Float64Array
  readonly e: Float64Array
}

/** A = Q T Q^T. */
export function sytrd(memory: KernelMemory, A: Matrix, layout = AWKWARD): Job<Tridiagonal> {
  const { kernels } = memory
  const n = A.rows
  const a = memory.place(A, columnsOf(A, layout))
  const d = memory.vector(new Float64Array(n), 1)
  const [e, tau] = [0, 1].map(() => memory.vector(new Float64Array(Math.max(0, n - 1)), 1))
  const scratch = memory.scratch(kernels.xsytrdWorkspace(n))
  const outputs = [a, d, e, tau, scratch]
  const state = memory.run(outputs, () =>
    kernels.xsytrdInit(n, a.pointer, a.cs, d.pointer, e.pointer, tau.pointer, scratch.pointer),
  )
  const read = (x: Operand) => memory.read(x).data as Float64Array
  return {
    outputs,
    step: () => kernels.xsytrdStep(state),
    result: () => ({ factored: memory.read(a), tau: read(tau), d: read(d), e: read(e) }),
  }
}

/** Eigenvalues of a symmetric matrix, and its eigenvectors if there are columns. */
export interface Eigen {
  readonly values: Float64Array
  readonly Z: Matrix
}

/** What {@link syev} gives beside. */
export interface SymmetricEigen extends Eigen {
  readonly iterations: number
}

/** The eigenvalues of the tridiagonal matrix (d, e), in no order, and Z times its eigenvectors. */
export function steqr(
  memory: KernelMemory,
  { d, e }: { d: ArrayLike<number>; e: ArrayLike<number> },
  Z: Matrix,
  layout = AWKWARD,
): Job<Eigen> {
  const { kernels } = memory
  const n = d.length
  const values = memory.vector(d, 1)
  const off = memory.vector(e, 1)
  const z = memory.place(Z, columnsOf(Z, layout))
  const scratch = memory.scratch(kernels.xsteqrWorkspace(n, Z.rows))
  const outputs = [values, off, z, scratch]
  const state = memory.run(outputs, () =>
    kernels.xsteqrInit(n, values.pointer, off.pointer, Z.rows, z.pointer, z.cs, scratch.pointer),
  )
  return {
    outputs,
    step: () => kernels.xsteqrStep(state),
    result: () => ({ values: memory.read(values).data as Float64Array, Z: memory.read(z) }),
  }
}

/** Eigenvalues of A, ascending, and eigenvectors if wanted. */
export function syev(memory: KernelMemory, A: Matrix, wantZ: boolean, layout = AWKWARD): Job<SymmetricEigen> {
  const { kernels } = memory
  const n = A.rows
  const a = memory.place(A, columnsOf(A, layout))
  const values = memory.vector(new Float64Array(n), 1)
  const empty = new Matrix(n, wantZ ? n : 0)
  const z = memory.place(empty, columnsOf(empty, layout))
  const scratch = memory.scratch(kernels.dsyevWorkspace(n, wantZ ? 1 : 0))
  const outputs = [a, values, z, scratch]
  const state = memory.run(outputs, () =>
    kernels.dsyevInit(n, a.pointer, a.cs, values.pointer, z.pointer, z.cs, wantZ ? 1 : 0, scratch.pointer),
  )
  return {
    outputs,
    step: () => kernels.dsyevStep(state),
    result: () => ({
      values: memory.read(values).data as Float64Array,
      Z: memory.read(z),
      iterations: kernels.dsyevIterations(state),
    }),
  }
}

export interface Eliminated {
  /** U on and above the diagonal, the multipliers below. */
  readonly factored: Matrix
  /** Row i was exchanged with row exchanges[i], in that order. */
  readonly exchanges: Int32Array
  readonly zeroPivot: number
}

/** LU with partial pivoting of A. */
export function getrf(memory: KernelMemory, A: Matrix, layout = AWKWARD): Job<Eliminated> {
  const { kernels } = memory
  const { rows: m, cols: n } = A
  const a = memory.place(A, columnsOf(A, layout))
  const exchanges = memory.block(4 * Math.min(m, n))
  const scratch = memory.scratch(kernels.dgetrfWorkspace(m, n))
  const outputs = [a, exchanges, scratch]
  const state = memory.run(outputs, () => kernels.dgetrfInit(m, n, a.pointer, a.cs, exchanges.pointer, scratch.pointer))
  return {
    outputs,
    step: () => kernels.dgetrfStep(state),
    result: () => ({
      factored: memory.read(a),
      exchanges: memory.integers(exchanges),
      zeroPivot: kernels.dgetrfZeroPivot(state),
    }),
  }
}

export interface CholeskyFactor {
  /** L in the lower triangle. */
  readonly factored: Matrix
  /** The order of the first leading minor that is not positive, 0 if all are. */
  readonly failed: number
}

/** Cholesky factorisation of A, of which the lower triangle is read. */
export function potrf(memory: KernelMemory, A: Matrix, layout = AWKWARD): Job<CholeskyFactor> {
  const { kernels } = memory
  const n = A.rows
  const a = memory.place(A, columnsOf(A, layout))
  const scratch = memory.scratch(kernels.dpotrfWorkspace(n))
  const outputs = [a, scratch]
  const state = memory.run(outputs, () => kernels.dpotrfInit(n, a.pointer, a.cs, scratch.pointer))
  return {
    outputs,
    step: () => kernels.dpotrfStep(state),
    result: () => ({ factored: memory.read(a), failed: kernels.dpotrfFailed(state) }),
  }
}
