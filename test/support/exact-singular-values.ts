import type { Matrix } from '../../src/matrix.js'

/**
 * Singular values in multiple precision, for matrices too badly scaled to be checked in float64: one-sided Jacobi on integers in
 * units of 2^-BITS. With entries from 2^-200 to 2^200, squares keep some hundred correct bits; columns are taken for
 * orthogonal when their cosine is below 2^-110.
 */
const BITS = 1024n
const ONE = 1n << BITS
/** Squares of cosines below 2^-SMALL count as zero. */
const SMALL = 220n
const MAX_SWEEPS = 100

/** Exact: a float64 is an integer of 53 bits times a power of two. */
function fixed(x: number): bigint {
  if (x === 0) return 0n
  const e = Math.floor(Math.log2(Math.abs(x))) - 60
  const half = Math.trunc(e / 2)
  const mantissa = BigInt(x * 2 ** -half * 2 ** (half - e))
  const shift = BITS + BigInt(e)
  return shift >= 0n ? mantissa << shift : mantissa >> -shift
}

/** Rounded to float64 from the leading 64 bits. */
function toNumber(x: bigint): number {
  const excess = Math.max(0, x.toString(2).length - 64)
  const e = excess - Number(BITS)
  const half = Math.trunc(e / 2)
  return Number(x >> BigInt(excess)) * 2 ** half * 2 ** (e - half)
}

const multiply = (a: bigint, b: bigint) => (a * b) >> BITS
const absolute = (a: bigint) => (a < 0n ? -a : a)

/** floor(sqrt(x 2^BITS)), by Newton's method from above. */
function root(x: bigint): bigint {
  const target = x << BITS
  if (target === 0n) return 0n
  let r = 1n << BigInt((target.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (r + target / r) >> 1n
    if (next >= r) return r
    r = next
  }
}

function dot(x: bigint[], y: bigint[]): bigint {
  let sum = 0n
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i]
  return sum >> BITS
}

/** Makes x and y orthogonal (Rutishauser); true if they were not. */
function rotate(x: bigint[], y: bigint[]): boolean {
  const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)]
  if ((xy * xy) << SMALL <= xx * yy) return false
  const zeta = ((yy - xx) << BITS) / (2n * xy)
  const denominator = absolute(zeta) + root(ONE + multiply(zeta, zeta))
  const t = (zeta < 0n ? -1n : 1n) * ((ONE << BITS) / denominator)
  const c = (ONE << BITS) / root(ONE + multiply(t, t))
  const s = multiply(c, t)
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i], y[i]]
    x[i] = multiply(c, a) - multiply(s, b)
    y[i] = multiply(s, a) + multiply(c, b)
  }
  return true
}

/** Singular values of A, descending, each correct to about the last bit. */
export function exactSingularValues(A: Matrix): Float64Array {
  const tall = A.rows >= A.cols ? A.transpose() : A
  const columns = Array.from({ length: tall.rows }, (_, j) => Array.from(tall.row(j), fixed))
  for (let sweep = 0, rotated = true; rotated; sweep++) {
    if (sweep === MAX_SWEEPS) throw new Error('the multiple-precision Jacobi did not converge')
    rotated = false
    for (let p = 0; p < columns.length; p++) {
      for (let q = p + 1; q < columns.length; q++) if (rotate(columns[p], columns[q])) rotated = true
    }
  }
  return Float64Array.from(columns, (x) => toNumber(root(dot(x, x)))).sort((a, b) => b - a)
}
