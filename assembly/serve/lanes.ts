/** Vectors of 128 bits of either type: the build for serving holds kernels of both. */

/** a * b + c, rounded once where the build has relaxed SIMD and the engine fuses. */
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c)
  return v128.add<T>(v128.mul<T>(a, b), c)
}

/** The lanes of four vectors, each summed, as one vector: of f32 those of a .. d, of f64 those of a and b. */
export function sums<T>(a: v128, b: v128, c: v128, d: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3))
  const ab = v128.add<T>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = v128.add<T>(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return v128.add<T>(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}
