/**
 * Reads a row of n float64 (a multiple of 4, padded with zeros) and writes it in float32, times `factor`, or at length 1 if `unit`, a zero row as
 * it is; in float64 what was written replaces it. Returns the length of what was written before it was brought to 1, NaN if an entry is not finite.
 */
export function ingest(n: i32, x: usize, factor: f64, unit: bool, out: usize): f64 {
  const end = x + ((n as usize) << 3)
  let largest = f64x2.splat(0)
  let poison = largest
  for (let p = x; p < end; p += 16) {
    const v = v128.load(p)
    largest = f64x2.pmax(largest, f64x2.abs(v))
    poison = f64x2.add(poison, f64x2.sub(v, v))
  }
  if (f64x2.extract_lane(poison, 0) + f64x2.extract_lane(poison, 1) != 0) return NaN
  if (unit) {
    const most = max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1))
    // A power of two that brings the largest entry near 1, so that no square over- or underflows.
    factor = most > 0 ? powerOfTwoNear(1 / min(max(most, 2e-308), 1e307)) : 1
  }
  let sum = f64x2.splat(0)
  const f = f64x2.splat(factor)
  for (let p = x; p < end; p += 16) {
    const v = f64x2.mul(f, v128.load(p))
    v128.store(p, v)
    sum = f64x2.add(sum, f64x2.mul(v, v))
  }
  const norm = Math.sqrt(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))
  const g = f64x2.splat(unit && norm > 0 ? 1 / norm : 1)
  for (; x < end; x += 32) {
    const low = f64x2.mul(g, v128.load(x))
    const high = f64x2.mul(g, v128.load(x, 16))
    v128.store(x, low)
    v128.store(x, high, 16)
    v128.store(out, v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5))
    out += 16
  }
  return norm
}

/** x with its fraction bits cleared. */
function powerOfTwoNear(x: f64): f64 {
  return reinterpret<f64>(reinterpret<i64>(x) & 0x7ff0000000000000)
}
