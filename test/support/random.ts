import { Matrix } from '../../src/matrix.js'

/** A small seeded generator (Mulberry32): tests are reproducible and need no package. Uniform in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Standard normal numbers (Box and Muller). */
export function normal(seed: number): () => number {
  const next = uniform(seed)
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

/** rows x cols of standard normal numbers. */
export function gaussian(rows: number, cols: number, seed: number): Matrix {
  const next = normal(seed)
  return new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => next()),
  )
}
