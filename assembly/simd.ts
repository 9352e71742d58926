/** Vectors of 128 bits of `Real`: two lanes of f64 or four of f32. */

/** Lanes in a vector. */
export function lanes(): i32 {
  return 16 / sizeof<Real>()
}

/** a * b + c, rounded once where the build has relaxed SIMD and the engine fuses. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<Real>(a, b, c)
  return v128.add<Real>(v128.mul<Real>(a, b), c)
}

/** c - a * b. */
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<Real>(a, b, c)
  return v128.sub<Real>(c, v128.mul<Real>(a, b))
}

/** Sum of the lanes. */
export function sum(v: v128): Real {
  if (sizeof<Real>() == 8) return v128.extract_lane<Real>(v, 0) + v128.extract_lane<Real>(v, 1)
  return (
    v128.extract_lane<Real>(v, 0) +
    v128.extract_lane<Real>(v, 1) +
    (v128.extract_lane<Real>(v, 2) + v128.extract_lane<Real>(v, 3))
  )
}
