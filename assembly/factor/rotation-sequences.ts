import { elements } from '../address'
import { lanes, madd, nmadd } from '../simd'

/**
 * Sequences of plane rotations of neighbouring columns (LAPACK dlasr), recorded and applied later, many at a time: a strip of
 * rows of all columns stays in the first-level cache while every recorded sequence passes over it, and the column that two
 * neighbouring rotations share stays in registers. One load and one store a rotation instead of two, and one pass through
 * memory for all sequences.
 *
 * A record is 16 bytes: a head [first column: i32, step of the column, 1 or -1: i32, rotations: i32, unused], then one
 * [c, s] for each rotation, in f64 whatever the columns are. A rotation takes the column x that is carried and the next one y:
 * x's place gets c x - s y, and s x + c y is carried on.
 */

/** Bytes of a record. */
export const RECORD: usize = 16
/** Rows of a strip: four vectors carried, and a cache line of each column. */
export function stripRows(): i32 {
  return 4 * lanes()
}

/** Writes the head of a sequence of `count` rotations that starts with columns `first` and `first + step`. */
export function beginSequence(at: usize, first: i32, step: i32, count: i32): void {
  store<i32>(at, first)
  store<i32>(at, step, 4)
  store<i32>(at, count, 8)
}

function strip(x: usize, step: usize, count: i32, rotations: usize): void {
  let x0 = v128.load(x)
  let x1 = v128.load(x, 16)
  let x2 = v128.load(x, 32)
  let x3 = v128.load(x, 48)
  const end: usize = rotations + (count as usize) * RECORD
  while (rotations < end) {
    const c = v128.splat<Real>(load<f64>(rotations) as Real)
    const s = v128.splat<Real>(load<f64>(rotations, 8) as Real)
    const next = x + step
    const y0 = v128.load(next)
    const y1 = v128.load(next, 16)
    const y2 = v128.load(next, 32)
    const y3 = v128.load(next, 48)
    v128.store(x, nmadd(s, y0, v128.mul<Real>(c, x0)))
    v128.store(x, nmadd(s, y1, v128.mul<Real>(c, x1)), 16)
    v128.store(x, nmadd(s, y2, v128.mul<Real>(c, x2)), 32)
    v128.store(x, nmadd(s, y3, v128.mul<Real>(c, x3)), 48)
    x0 = madd(s, x0, v128.mul<Real>(c, y0))
    x1 = madd(s, x1, v128.mul<Real>(c, y1))
    x2 = madd(s, x2, v128.mul<Real>(c, y2))
    x3 = madd(s, x3, v128.mul<Real>(c, y3))
    x = next
    rotations += RECORD
  }
  v128.store(x, x0)
  v128.store(x, x1, 16)
  v128.store(x, x2, 32)
  v128.store(x, x3, 48)
}

function strip1(x: usize, step: usize, count: i32, rotations: usize): void {
  let carried: Real = load<Real>(x)
  const end: usize = rotations + (count as usize) * RECORD
  while (rotations < end) {
    const c: Real = load<f64>(rotations) as Real
    const s: Real = load<f64>(rotations, 8) as Real
    const next = x + step
    const y: Real = load<Real>(next)
    store<Real>(x, c * carried - s * y)
    carried = s * carried + c * y
    x = next
    rotations += RECORD
  }
  store<Real>(x, carried)
}

/** Applies the records in [from, end) to a strip of rows (or fewer, at the end) of the columns at z, ldz elements apart. */
export function applySequences(rows: i32, z: usize, ldz: i32, from: usize, end: usize): void {
  const stride: usize = elements(ldz)
  while (from < end) {
    const step = load<i32>(from, 4) == 1 ? stride : 0 - stride
    const count = load<i32>(from, 8)
    const x = z + (load<i32>(from) as usize) * stride
    from += RECORD
    if (rows == stripRows()) strip(x, step, count, from)
    else for (let i: usize = 0; i < (rows as usize); i++) strip1(x + i * sizeof<Real>(), step, count, from)
    from += (count as usize) * RECORD
  }
}
