import { Matrix, type MatrixLike } from '../matrix.js'
import { writeColumnsSteps } from '../runtime/marshal.js'
import { scoped, type Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { finiteMatrix, knownOptions } from '../validation.js'
import { allocateElimination, eliminate } from './lu.js'
import { equilibrate, timesPower } from '../dense/powers-of-two.js'
import { square } from './solve.js'
import { isSettled, spansTooMuch, wideElimination } from './wide.js'

/** A determinant as {@link slogdet} gives it. */
export interface SignedLogDeterminant {
  /** 1, -1, or 0 for a singular matrix. */
  readonly sign: number
  /** The natural logarithm of the magnitude; -Infinity for a singular matrix. */
  readonly logAbsDet: number
}

/** mantissa 2^exponent: the range of a determinant is far beyond that of its factors. */
interface WideNumber {
  readonly mantissa: number
  readonly exponent: number
}

/** The product of factors, brought back to a mantissa near 1 after each. */
function product(factors: Iterable<number>, exponent: number): WideNumber {
  let mantissa = 1
  for (const factor of factors) {
    if (factor === 0) return { mantissa: 0, exponent: 0 }
    const e = Math.floor(Math.log2(Math.abs(factor)))
    mantissa *= timesPower(factor, -e)
    exponent += e
    if (Math.abs(mantissa) >= 2) {
      mantissa /= 2
      exponent++
    }
  }
  return { mantissa, exponent }
}

const determinantSteps = /* @__PURE__ */ scoped(function* (engine: Engine, A: Matrix): Steps<WideNumber> {
  const { matrix, left, right } = equilibrate(A)
  const n = matrix.rows
  const { a, work } = allocateElimination(engine, n, n)
  yield* writeColumnsSteps(engine, matrix, a, work.scratch)
  yield* eliminate(engine, a, work)
  const u = engine.doubles(a.pointer, a.stride * n)
  const rows = engine.integers(work.exchanges, n)
  const diagonal = Array.from(rows, (row, i) => (row === i ? 1 : -1) * u[i * (a.stride + 1)])
  if (!isSettled(diagonal) && spansTooMuch(n ** 3 / 3, [A, matrix])) {
    const { mantissas, exponent } = wideElimination(A, new Matrix(n, 0))
    return product(mantissas, exponent)
  }
  const scale = [left, right].reduce((sum, powers) => sum + powers.reduce((a, b) => a + b, 0), 0)
  return product(diagonal, -scale)
})

function determinantWork(A: MatrixLike, what: string): Work<WideNumber> {
  const matrix = square(finiteMatrix(A, 'A'), what)
  return (engine) => determinantSteps(engine, matrix)
}

function signAndLogarithm({ mantissa, exponent }: WideNumber): SignedLogDeterminant {
  if (mantissa === 0) return { sign: 0, logAbsDet: -Infinity }
  return { sign: Math.sign(mantissa), logAbsDet: Math.log(Math.abs(mantissa)) + exponent * Math.LN2 }
}

function plain({ mantissa, exponent }: WideNumber): number {
  return timesPower(mantissa, exponent)
}

/**
 * Sign and logarithm of the magnitude of the determinant, by LU with partial pivoting: neither over- nor underflows, but for orders
 * above 116 whose entries are 1e308 below the largest of their row and column, which may count as 0. 1 and 0 for an empty matrix. 2/3 n^3 operations.
 *
 * @memory n^2 + 256 n doubles and 1 MiB
 * @param A - n x n
 * @throws TypeError if A is no matrix; RangeError if an entry is not finite or A is not square
 */
export function slogdet(A: MatrixLike): SignedLogDeterminant {
  return signAndLogarithm(perform(determinantWork(A, 'slogdet')))
}

/**
 * {@link slogdet} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link slogdet}, and the reason of `signal` on an abort: the promise rejects
 */
export async function slogdetAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<SignedLogDeterminant> {
  return signAndLogarithm(
    await performAsync(determinantWork(taken(A, 'A', options), 'slogdet'), knownOptions(options, [])),
  )
}

/**
 * The determinant, by LU with partial pivoting. No product inside over- or underflows; a determinant that does itself is infinite or
 * zero: {@link slogdet} has no such limit. 1 for an empty matrix. The cost is that of {@link slogdet}.
 *
 * @memory n^2 + 256 n doubles and 1 MiB
 * @param A - n x n
 * @throws as {@link slogdet}
 */
export function det(A: MatrixLike): number {
  return plain(perform(determinantWork(A, 'det')))
}

/**
 * {@link det} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link det}, and the reason of `signal` on an abort: the promise rejects
 */
export async function detAsync(A: MatrixLike, options: AsyncOptions = {}): Promise<number> {
  return plain(await performAsync(determinantWork(taken(A, 'A', options), 'det'), knownOptions(options, [])))
}
