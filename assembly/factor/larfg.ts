import { nrm2 } from '../level1/nrm2'
import { scal } from '../level1/scal'

/**
 * The elementary reflector H = I - tau [1; v] [1; v]^T with H [alpha; x] = [beta; 0] (LAPACK dlarfg). `alpha` and x are
 * apart, so that one reflector may span two blocks. On return x holds v and `alpha` holds beta; tau is returned, 0 where
 * x is zero (H = I). n counts the entries of x.
 */
export function larfg<T>(n: i32, alpha: usize, x: usize): T {
  let norm: T = nrm2<T>(n, x)
  if (norm == (0 as T)) return 0 as T
  let a: T = load<T>(alpha)
  // Below this, 1 / (alpha - beta) may overflow: work on a multiple by a power of two instead.
  const tiny: T = (sizeof<T>() == 8 ? 1e-290 : 1e-30) as T
  const lift: T = (sizeof<T>() == 8 ? 1.0715086071862673e301 : 1.2676506002282294e30) as T
  const small = norm < tiny && abs<T>(a) < tiny
  if (small) {
    scal<T>(n, lift, x)
    a = (a * lift) as T
    norm = nrm2<T>(n, x)
  }
  let beta: T = hypotenuse<T>(a, norm)
  if (a > (0 as T)) beta = -beta as T
  const tau: T = ((beta - a) / beta) as T
  const divisor: T = (a - beta) as T
  // One reciprocal for all entries, unless it would overflow or be subnormal.
  const reciprocal: T = ((1 as T) / divisor) as T
  scal<T>(n, reciprocal, x)
  store<T>(alpha, small ? ((beta / lift) as T) : beta)
  return tau
}

/** sqrt(a^2 + b^2) without over- or underflow, for b >= 0. */
export function hypotenuse<T>(a: T, b: T): T {
  const p: T = abs<T>(a)
  const large: T = max<T>(p, b)
  const small: T = min<T>(p, b)
  if (large == (0 as T)) return 0 as T
  const q: T = (small / large) as T
  return (large * sqrt<T>(((1 as T) + q * q) as T)) as T
}
