/** 2^e, for any e: 0 below the normal range, infinity above it. */
export function pow2(e: i32): f64 {
  if (e < -1022) return 0
  if (e > 1023) return Infinity
  return reinterpret<f64>(((e + 1023) as u64) << 52)
}

/** x 2^e, in two factors so that neither over- nor underflows before the product does. */
export function ldexp(x: f64, e: i32): f64 {
  const half = max(-1022, min(1023, e / 2))
  const rest = e - half
  return rest < -1022 || rest > 1023
    ? x * pow2(half) * pow2(rest / 2) * pow2(rest - rest / 2)
    : x * pow2(half) * pow2(rest)
}

/** The e with 2^e <= |x| < 2^(e + 1), for finite x other than 0, subnormal numbers included. */
export function exponent(x: f64): i32 {
  const field = ((reinterpret<u64>(x) >> 52) & 0x7ff) as i32
  if (field != 0) return field - 1023
  return (((reinterpret<u64>(x * 18014398509481984.0) >> 52) & 0x7ff) as i32) - 1023 - 54
}

/** x *= 2^e for n entries. */
export function scaleByPow2(n: i32, x: usize, e: i32): void {
  if (e == 0) return
  const factor = pow2(e)
  if (isFinite<f64>(factor) && factor != 0) {
    for (let i: i32 = 0; i < n; i++) {
      store<Real>(x, ((load<Real>(x) as f64) * factor) as Real)
      x += sizeof<Real>()
    }
    return
  }
  for (let i: i32 = 0; i < n; i++) {
    store<Real>(x, ldexp(load<Real>(x) as f64, e) as Real)
    x += sizeof<Real>()
  }
}
