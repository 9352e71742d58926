import { frobeniusSteps } from '../dense/norms.js'
import type { Matrix } from '../matrix.js'
import { Engine } from '../runtime/engine.js'
import { inPieces, run, type AsyncOptions, type Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { performAsync } from '../runtime/work.js'
import { finiteMatrix, knownOptions, oneOf } from '../validation.js'
import { columnOf, type RightHandSide } from './right-hand-side.js'
import { svdSteps } from './svd.js'

/**
 * 'fro': root of the sum of squares; 1: largest column sum; 'inf' or Infinity: largest row sum; 2: largest singular value; 'nuc' (nuclear):
 * sum of the singular values. There are no other numbers: Infinity has no type of its own.
 */
export type NormKind = 'fro' | 'inf' | 'nuc' | number

/** The name of a norm among those that there are. @throws as {@link oneOf} */
export function normName<Name extends string>(kind: unknown, names: readonly Name[]): Name {
  return oneOf(kind === Infinity ? 'inf' : typeof kind === 'number' ? String(kind) : kind, names, 'kind')
}

function* largestColumnSumSteps({ rows, cols, data }: Matrix): Steps<number> {
  const sums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) for (let j = 0; j < cols; j++) sums[j] += Math.abs(data[i * cols + j])
  })
  return sums.reduce((a, b) => Math.max(a, b), 0)
}

function* largestRowSumSteps({ rows, cols, data }: Matrix): Steps<number> {
  let largest = 0
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) {
      let sum = 0
      for (let j = 0; j < cols; j++) sum += Math.abs(data[i * cols + j])
      largest = Math.max(largest, sum)
    }
  })
  return largest
}

/**
 * A norm of a matrix, or of a vector as a matrix of one column: 'fro' and 2 are its length, 1 sums the magnitudes, 'inf' is the largest. 0 if
 * it is empty.
 *
 * @memory 2, 'nuc': p q + q^2 + 450 p doubles and 2 MiB, p and q being the larger and the smaller of m and n
 * @param kind - 'fro' (default), 1, 2, 'inf', Infinity or 'nuc'; 2 and 'nuc' cost as much as {@link svdvals}, the others no
 *   WebAssembly memory
 * @throws TypeError if A is neither matrix nor vector, RangeError if an entry is not finite or `kind` is unknown
 */
export function norm(A: RightHandSide, kind: NormKind = 'fro'): number {
  return run(normWork(A, kind)(() => Engine.shared()))
}

/**
 * {@link norm} with turns for the event loop; `onProgress` is called between pieces of some milliseconds of kinds 2 and 'nuc'.
 *
 * @throws as {@link norm}, and the reason of `signal` on an abort: the promise rejects
 */
export async function normAsync(A: RightHandSide, kind: NormKind = 'fro', options: AsyncOptions = {}): Promise<number> {
  const work = normWork(taken(columnOf(A, 'A'), 'A', options), kind)
  return performAsync((engine) => work(() => engine), knownOptions(options, []))
}

/** With an engine for those norms that take one. */
function normWork(A: RightHandSide, kind: NormKind): (engineOf: () => Engine) => Steps<number> {
  const matrix = finiteMatrix(columnOf(A, 'A'), 'A')
  const name = normName(kind, ['fro', '1', '2', 'inf', 'nuc'])
  return (engineOf) => normSteps(engineOf, matrix, name)
}

function* normSteps(engineOf: () => Engine, A: Matrix, name: 'fro' | '1' | '2' | 'inf' | 'nuc'): Steps<number> {
  if (name === 'fro') return yield* frobeniusSteps(A)
  if (name === '1') return yield* largestColumnSumSteps(A)
  if (name === 'inf') return yield* largestRowSumSteps(A)
  if (A.data.length === 0) return 0
  const { S } = yield* svdSteps(engineOf(), A, { U: 'none', V: 'none' })
  return name === '2' ? S[0] : S.reduce((sum, sigma) => sum + sigma, 0)
}
