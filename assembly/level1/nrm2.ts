import { lanes } from '../simd'
import { dot } from './dot'

/** The largest magnitude in x, 0 for n = 0. */
export function amax(n: i32, x: usize): Real {
  const step: i32 = lanes()
  let m = v128.splat<Real>(0)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    m = v128.pmax<Real>(m, v128.abs<Real>(v128.load(x)))
    x += 16
  }
  let s: Real = max<Real>(v128.extract_lane<Real>(m, 0), v128.extract_lane<Real>(m, 1))
  if (sizeof<Real>() == 4) s = max<Real>(s, max<Real>(v128.extract_lane<Real>(m, 2), v128.extract_lane<Real>(m, 3)))
  for (; i < n; i++) {
    s = max<Real>(s, abs<Real>(load<Real>(x)))
    x += sizeof<Real>()
  }
  return s
}

/** The smallest magnitude in x other than 0, infinity where there is none. */
export function aminNonzero(n: i32, x: usize): Real {
  const step: i32 = lanes()
  const infinity = v128.splat<Real>(Infinity)
  const zero = v128.splat<Real>(0)
  let m = infinity
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const y = v128.load(x)
    m = v128.pmin<Real>(m, v128.or(v128.abs<Real>(y), v128.and(v128.eq<Real>(y, zero), infinity)))
    x += 16
  }
  let s: Real = min<Real>(v128.extract_lane<Real>(m, 0), v128.extract_lane<Real>(m, 1))
  if (sizeof<Real>() == 4) s = min<Real>(s, min<Real>(v128.extract_lane<Real>(m, 2), v128.extract_lane<Real>(m, 3)))
  for (; i < n; i++) {
    const y: Real = abs<Real>(load<Real>(x))
    if (y != 0) s = min<Real>(s, y)
    x += sizeof<Real>()
  }
  return s
}

/** r_i = max(r_i, |x_i|) for n entries; r is float64. */
export function raiseToMagnitudes(n: i32, x: usize, r: usize): void {
  let i: i32 = 0
  if (sizeof<Real>() == 8) {
    for (; i + 2 <= n; i += 2) {
      v128.store(r, v128.pmax<f64>(v128.load(r), v128.abs<f64>(v128.load(x))))
      x += 16
      r += 16
    }
  }
  for (; i < n; i++) {
    store<f64>(r, max<f64>(load<f64>(r), abs<f64>(load<Real>(x) as f64)))
    x += sizeof<Real>()
    r += 8
  }
}

/**
 * The Euclidean norm of x, without over- or underflow: the plain sum of squares where it is safely inside the range,
 * otherwise (Blue 1978, in the two-pass form) the sum of squares of x over a power of two near its largest entry.
 */
export function nrm2(n: i32, x: usize): Real {
  const plain: Real = dot(n, x, x)
  const low: Real = sizeof<Real>() == 8 ? 1e-270 : 1e-25
  const high: Real = sizeof<Real>() == 8 ? 1e300 : 1e37
  if (plain > low && plain < high) return sqrt<Real>(plain)
  const largest: Real = amax(n, x)
  if (largest == 0) return 0
  let total: Real = 0
  for (let i: i32 = 0; i < n; i++) {
    const q: Real = load<Real>(x) / largest
    total += q * q
    x += sizeof<Real>()
  }
  return largest * sqrt<Real>(total)
}
