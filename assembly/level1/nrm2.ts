import { lanes } from '../simd'
import { dot } from './dot'

/** The largest magnitude in x, 0 for n = 0. */
export function amax<T>(n: i32, x: usize): T {
  const step: i32 = lanes<T>()
  let m = v128.splat<T>(0 as T)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    m = v128.max<T>(m, v128.abs<T>(v128.load(x)))
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
