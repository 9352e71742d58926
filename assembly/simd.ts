/** Vectors of 128 bits, for T = f64 (2 lanes) or f32 (4 lanes). */

/** Lanes in a vector. */
export function lanes<T>(): i32 {
  return 16 / sizeof<T>()
}

/** a * b + c, rounded once where the build has relaxed SIMD and the engine fuses. */
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c)
  return v128.add<T>(v128.mul<T>(a, b), c)
}

/** c - a * b. */
export function nmadd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c)
  return v128.sub<T>(c, v128.mul<T>(a, b))
}

/** Sum of the lanes. */
export function sum<T>(v: v128): T {
  if (sizeof<T>() == 8) return (v128.extract_lane<T>(v, 0) + v128.extract_lane<T>(v, 1)) as T
  return (v128.extract_lane<T>(v, 0) +
    v128.extract_lane<T>(v, 1) +
    (v128.extract_lane<T>(v, 2) + v128.extract_lane<T>(v, 3))) as T
}
