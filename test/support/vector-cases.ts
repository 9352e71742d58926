import type { Precision } from '../../src/matrix.js'
import { epsilon, rounded } from './binaries.js'
import { VECTOR_LENGTHS } from './constants.js'
import { expectSame, expectWithin } from './expectations.js'
import { KernelMemory } from './kernel-memory.js'
import * as oracle from './oracles.js'
import { normal, uniform } from './random.js'

const OFFSETS = [0, 1]

/** Small integers other than 0: every sum and product below is exact, so that results must agree to the last bit. */
export function integers(n: number, seed: number): Float64Array {
  const next = uniform(seed)
  return Float64Array.from({ length: n }, () => (next() < 0.5 ? -1 : 1) * Math.ceil(9 * next()))
}

export function gaussians(n: number, seed: number): Float64Array {
  const next = normal(seed)
  return Float64Array.from({ length: n }, () => next())
}

export interface Case {
  readonly memory: KernelMemory
  readonly precision: Precision
  readonly n: number
  /** Whether sums and products of the numbers are exact. */
  readonly exact: boolean
  readonly numbers: (seed: number, count?: number) => Float64Array
  readonly offsets: readonly [number, number, number]
  readonly what: string
}

/** Every length, every combination of alignments, on exact and on rounded arithmetic. */
export function forEachCase(precision: Precision, check: (c: Case) => void): void {
  for (const n of VECTOR_LENGTHS) {
    for (const ox of OFFSETS) {
      for (const oy of OFFSETS) {
        for (const exact of [true, false]) {
          const numbers = (seed: number, count = n) =>
            (exact ? integers(count, seed + n) : gaussians(count, seed + n)).map((x) => rounded(x, precision))
          const what = `n = ${n}, offsets ${ox}, ${oy}`
          check({ memory: new KernelMemory(precision), precision, n, exact, numbers, offsets: [ox, oy, ox ^ oy], what })
        }
      }
    }
  }
}

/** Equal where arithmetic is exact; otherwise within the error of any order of summation, fused or not. */
export function agree(
  { exact, n, precision, what }: Case,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  magnitude: Float64Array,
): void {
  if (exact) expectSame(actual, expected, what)
  else
    expectWithin(
      actual,
      expected,
      magnitude.map((x) => 2 * (n + 2) * epsilon(precision) * x),
      what,
    )
}

export const absolute = (x: Float64Array) => x.map(Math.abs)
export const absoluteDot = (x: ArrayLike<number>, y: Float64Array) =>
  oracle.dot(Float64Array.from(x, Math.abs), absolute(y))
