import type { Matrix } from '../matrix.js'
import { allocateColumns, readColumnsSteps, type Columns } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import { inPieces, resume, shareOfCube, type Steps } from '../steps.js'
import { gemmSteps } from './matmul.js'
import { partsOf } from '../progress.js'
import { applyReflectors } from './qr.js'

/** Columns iterated together: what they have of those before them is taken out by two products. */
const BLOCK = 32
/** Solves for each vector; the second is for eigenvalues whose vectors the start has little of. */
const PASSES = 2
/** Of V^T V - I, in the Frobenius norm: more, and what follows would not be orthonormal to rounding. */
const ORTHOGONALITY = 1e-12

/** Up to here all vectors are found as fast (measured). */
const FEW = 256

/** Whether k of n vectors take less time than all. */
export function isLeadingWorth(n: number, k: number): boolean {
  return n > FEW && 2 * k <= n
}

/** The leading eigenpairs of a symmetric matrix. */
export interface LeadingEigh {
  /** All eigenvalues, descending. */
  readonly values: Float64Array
  /** n x k, orthonormal columns, in the order of the values. */
  readonly vectors: Matrix
}

/**
 * The k largest eigenvalues of a symmetric matrix with their vectors, and all other eigenvalues: tridiagonal form, QL without vectors,
 * inverse iteration for k vectors of the tridiagonal matrix from a fixed start, each orthogonalised against those before it, and the
 * reflectors applied to them alone (LAPACK dsyevx). 4/3 n^3 operations and of the order of n k (n + k); WebAssembly memory
 * n (n + k) doubles, and 450 n doubles and 2 MiB.
 *
 * @param lower - fills the lower triangle of the matrix in WebAssembly memory
 * @param ratio - the most that the largest eigenvalue may be of the k-th
 * @returns nothing if it is more, or the vectors are not orthonormal or no eigenvectors to rounding
 */
export const leadingEighSteps = /* @__PURE__ */ scoped(function* (
  engine: Engine,
  n: number,
  k: number,
  lower: (to: Columns) => Steps<void>,
  ratio?: number,
): Steps<LeadingEigh | undefined> {
  const { kernels } = engine
  const a = allocateColumns(engine, n, n)
  // n^3 / 3 operations, 4/3 n^3 half of which wait for memory, and n k (n + k).
  const part = partsOf(0.4 * n, 2 * n, 0.1 * n, 1.5 * k, 2 * k)
  yield* part(engine.scopeSteps(() => lower(a)))
  const { d, e, tau, z, scratch } = engine.together(() => ({
    d: engine.allocateDoubles(2 * n),
    e: engine.allocateDoubles(2 * n),
    tau: engine.allocateDoubles(n),
    z: allocateColumns(engine, n, k),
    scratch: engine.allocate(
      Math.max(
        kernels.dsytrdWorkspace(n) >>> 0,
        kernels.xormqrWorkspace(n, k, n) >>> 0,
        kernels.dsterfWorkspace() >>> 0,
      ),
    ),
  }))
  const state = kernels.dsytrdInit(n, a.pointer, a.stride, d, e, tau, scratch)
  yield* part(resume(kernels.dsytrdStep, state, 'tridiagonal', n, () => shareOfCube(kernels.dsytrdColumn(state), n)))
  const values = yield* part(valueSteps(engine, n, d, e, scratch))
  if (values === undefined || !(values[0] <= (ratio ?? Infinity) * values[k - 1])) return undefined
  if (!(yield* part(vectorSteps(engine, values, d, e, z, scratch)))) return undefined
  // Row 0 of Q is that of the identity: the reflectors begin at row 1.
  const below = (x: Columns) => ({ ...x, rows: n - 1, pointer: x.pointer + 8 })
  yield* part(applyReflectors(engine, below(a), tau, n - 1, below(z), scratch, 'eigenvectors'))
  return { values, vectors: yield* readColumnsSteps(engine, z) }
})

/** All eigenvalues, descending; nothing if QL does not converge. */
function* valueSteps(
  engine: Engine,
  n: number,
  d: number,
  e: number,
  scratch: number,
): Steps<Float64Array | undefined> {
  const { kernels } = engine
  const [values, off] = [d + 8 * n, e + 8 * n]
  for (const from of [d, e]) engine.doubles(from + 8 * n, n).set(engine.doubles(from, n))
  const state = kernels.dsterfInit(n, values, off, scratch)
  for (let left = 1; left !== 0;) {
    left = kernels.dsterfStep(state)
    if (left < 0) return undefined
    yield { phase: 'eigenvalues', done: 0, total: 1 }
  }
  return new Float64Array(engine.doubles(values, n)).sort().reverse()
}

/** Eigenvectors of the tridiagonal matrix, in z; whether they are orthonormal, and eigenvectors, to rounding. */
function* vectorSteps(
  engine: Engine,
  values: Float64Array,
  d: number,
  e: number,
  z: Columns,
  scratch: number,
): Steps<boolean> {
  const { kernels } = engine
  const { rows: n, cols: k, stride } = z
  const tiny = Number.EPSILON * Math.max(Math.abs(values[0]), Math.abs(values[n - 1]))
  const { c, work } = engine.together(() => ({
    c: engine.allocateDoubles(k * BLOCK),
    work: engine.allocate(kernels.xgemmWorkspace(Math.max(n, k), BLOCK, Math.max(n, k)) >>> 0),
  }))
  const column = (j: number) => z.pointer + 8 * j * stride
  /** C = Z_1^T Z_2 for the first p columns and [at, at + count). */
  const productSteps = (p: number, at: number, count: number) => {
    const left = { pointer: z.pointer, row: stride, column: 1 }
    const right = { pointer: column(at), row: 1, column: stride }
    return gemmSteps(engine, [p, count, n], 1, left, right, 0, { pointer: c, stride: p }, work)
  }
  const vectors = engine.doubles(z.pointer, stride * k)
  // A start that is the same every time and has something of every vector, by the generator of Park and Miller.
  let seed = 1
  yield* inPieces(k, stride, (from, to) => {
    for (let i = from * stride; i < to * stride; i++)
      vectors[i] = (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5
  })
  for (let from = 0; from < k; from += BLOCK) {
    const count = Math.min(BLOCK, k - from)
    for (let pass = 0; pass < PASSES; pass++) {
      for (let j = from; j < from + count; j++) kernels.dstein(n, d, e, values[j], tiny, column(j), scratch)
      // Twice is enough (Parlett 1980, section 6.9): once leaves what rounding brought back.
      for (let twice = 0; twice < 2; twice++) {
        if (from > 0) {
          yield* productSteps(from, from, count)
          const before = { pointer: z.pointer, row: 1, column: stride }
          const shares = { pointer: c, row: 1, column: from }
          yield* gemmSteps(engine, [n, count, from], -1, before, shares, 1, { pointer: column(from), stride }, work)
        }
        yield { phase: 'eigenvectors', done: from, total: k }
        for (let j = from; j < from + count; j++) {
          kernels.dgemvTransposed(n, j - from, column(from), stride, column(j), c)
          kernels.xscal(j - from, -1, c)
          kernels.dgemv(n, j - from, column(from), stride, c, column(j))
          kernels.xscal(n, 1 / kernels.xnrm2(n, column(j)), column(j))
        }
      }
    }
  }
  let deviation = 0
  for (let from = 0; from < k; from += BLOCK) {
    const count = Math.min(BLOCK, k - from)
    yield* productSteps(k, from, count)
    engine
      .doubles(c, k * count)
      .forEach((x, i) => (deviation += (x - (i % k === from + Math.floor(i / k) ? 1 : 0)) ** 2))
    yield
  }
  return Math.sqrt(deviation) <= ORTHOGONALITY && (yield* largestResidualSteps(engine, values, d, e, z)) <= n * tiny
}

/** The largest entry of T V - V diag(values). */
function* largestResidualSteps(engine: Engine, values: Float64Array, d: number, e: number, z: Columns): Steps<number> {
  const { rows: n, cols: k, stride } = z
  const [diagonal, beside] = [engine.doubles(d, n), engine.doubles(e, n)]
  const vectors = engine.doubles(z.pointer, stride * k)
  let largest = 0
  yield* inPieces(k, n, (from, to) => {
    for (let j = from; j < to; j++) {
      const v = vectors.subarray(j * stride, j * stride + n)
      for (let i = 0; i < n; i++) {
        const above = i > 0 ? beside[i - 1] * v[i - 1] : 0
        const below = i + 1 < n ? beside[i] * v[i + 1] : 0
        largest = Math.max(largest, Math.abs((diagonal[i] - values[j]) * v[i] + above + below))
      }
    }
  })
  return largest
}
