/**
 * out = x - mean for n entries, rounded to T; x is float64, the mean too, at 0 if there is none. `out` may be x, and is filled up with zeros to a multiple
 * of four. Returns whether all is finite.
 */
export function shift<T>(n: i32, x: usize, mean: usize, out: usize): bool {
  let poison = v128.splat<T>(0 as T)
  for (const end = x + ((n as usize) << 3); x < end; x += 16) {
    const isLast = end - x == 8
    let v = isLast ? v128.load64_zero(x) : v128.load(x)
    if (mean != 0) {
      v = f64x2.sub(v, isLast ? v128.load64_zero(mean) : v128.load(mean))
      mean += 16
    }
    if (sizeof<T>() == 4) v = f32x4.demote_f64x2_zero(v)
    poison = v128.add<T>(poison, v128.sub<T>(v, v))
    if (sizeof<T>() == 4) v128.store64_lane(out, v, 0)
    else v128.store(out, v)
    out += 2 * sizeof<T>()
  }
  const pairs = (n + 1) >> 1
  if (pairs & 1) {
    if (sizeof<T>() == 4) store<f64>(out, 0)
    else v128.store(out, i64x2.splat(0))
  }
  return !v128.any_true(v128.ne<T>(poison, v128.splat<T>(0 as T)))
}
