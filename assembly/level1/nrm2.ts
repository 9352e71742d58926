import { lanes } from '../simd'
import { dot } from './dot'

/** The largest magnitude in x, 0 for n = 0. */
export function amax<T>(n: i32, x: usize): T {
  const step: i32 = lanes<T>()
  let m = v128.splat<T>(0 as T)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    m = v128.pmax<T>(m, v128.abs<T>(v128.load(x)))
    x += 16
  }
  let s: T = max<T>(v128.extract_lane<T>(m, 0), v128.extract_lane<T>(m, 1))
  if (sizeof<T>() == 4) s = max<T>(s, max<T>(v128.extract_lane<T>(m, 2), v128.extract_lane<T>(m, 3)))
  for (; i < n; i++) {
    s = max<T>(s, abs<T>(load<T>(x)))
    x += sizeof<T>()
  }
  return s
}

/** The smallest magnitude in x other than 0, infinity where there is none. */
export function aminNonzero<T>(n: i32, x: usize): T {
  const step: i32 = lanes<T>()
  const infinity = v128.splat<T>(Infinity as T)
  const zero = v128.splat<T>(0 as T)
  let m = infinity
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const y = v128.load(x)
    m = v128.pmin<T>(m, v128.or(v128.abs<T>(y), v128.and(v128.eq<T>(y, zero), infinity)))
    x += 16
  }
  let s: T = min<T>(v128.extract_lane<T>(m, 0), v128.extract_lane<T>(m, 1))
  if (sizeof<T>() == 4) s = min<T>(s, min<T>(v128.extract_lane<T>(m, 2), v128.extract_lane<T>(m, 3)))
  for (; i < n; i++) {
    const y: T = abs<T>(load<T>(x))
    if (y != (0 as T)) s = min<T>(s, y)
    x += sizeof<T>()
  }
  return s
}

/** r_i = max(r_i, |x_i|) for n entries; r is float64. */
export function raiseToMagnitudes<T>(n: i32, x: usize, r: usize): void {
  let i: i32 = 0
  if (sizeof<T>() == 8) {
    for (; i + 2 <= n; i += 2) {
      v128.store(r, v128.pmax<f64>(v128.load(r), v128.abs<f64>(v128.load(x))))
      x += 16
      r += 16
    }
  }
  for (; i < n; i++) {
    store<f64>(r, max<f64>(load<f64>(r), abs<f64>(load<T>(x) as f64)))
    x += sizeof<T>()
    r += 8
  }
}

/**
 * The Euclidean norm of x, without over- or underflow: the plain sum of squares where it is safely inside the range,
 * otherwise (Blue 1978, in the two-pass form) the sum of squares of x over a power of two near its largest entry.
 */
export function nrm2<T>(n: i32, x: usize): T {
  const plain: T = dot<T>(n, x, x)
  const low: T = (sizeof<T>() == 8 ? 1e-270 : 1e-25) as T
  const high: T = (sizeof<T>() == 8 ? 1e300 : 1e37) as T
  if (plain > low && plain < high) return sqrt<T>(plain)
  const largest: T = amax<T>(n, x)
  if (largest == (0 as T)) return 0 as T
  let total: T = 0 as T
  for (let i: i32 = 0; i < n; i++) {
    const q: T = (load<T>(x) / largest) as T
    total = (total + q * q) as T
    x += sizeof<T>()
  }
  return (largest * sqrt<T>(total)) as T
}
