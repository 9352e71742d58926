import { nrm2 } from '../level1/nrm2'
import { scal } from '../level1/scal'

/**
 * The elementary reflector H = I - tau [1; v] [1; v]^T with H [alpha; x] = [beta; 0] (LAPACK dlarfg). `alpha` and x are
 * apart, so that one reflector may span two blocks. On return x holds v and `alpha` holds beta; tau is returned, 0 where
 * x is zero (H = I). n counts the entries of x.
 */
export function larfg(n: i32, alpha: usize, x: usize): Real {
  let norm: Real = nrm2(n, x)
  if (norm == 0) return 0
  let a: Real = load<Real>(alpha)
  // Below this, 1 / (alpha - beta) may overflow: work on a multiple by a power of two instead.
  const tiny: Real = sizeof<Real>() == 8 ? 1e-290 : 1e-30
  const lift: Real = sizeof<Real>() == 8 ? 1.0715086071862673e301 : 1.2676506002282294e30
  const small = norm < tiny && abs<Real>(a) < tiny
  if (small) {
    scal(n, lift, x)
    a *= lift
    norm = nrm2(n, x)
  }
  let beta: Real = hypotenuse<Real>(a, norm)
  if (a > 0) beta = -beta
  const tau: Real = (beta - a) / beta
  const divisor: Real = a - beta
  // One reciprocal for all entries, unless it would overflow or be subnormal.
  const reciprocal: Real = 1 / divisor
  scal(n, reciprocal, x)
  store<Real>(alpha, small ? beta / lift : beta)
  return tau
}

/** sqrt(a^2 + b^2) without over- or underflow, for b >= 0. */
export function hypotenuse<T>(a: T, b: T): T {
  const p: T = abs<T>(a)
  const large: T = max<T>(p, b)
  const small: T = min<T>(p, b)
  if (large == 0) return 0
  const q: T = small / large
  return large * sqrt<T>(1 + q * q)
}
