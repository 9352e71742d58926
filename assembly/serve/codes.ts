import { sums } from './lanes'

/** Rows in fewer bits: integers of eight bits, or signs. */

/** codes = round(127 r / max|r|) for a row of n float32 (a multiple of 16, padded with zeros). Returns max|r| / 127. */
export function quantize(n: i32, r: usize, codes: usize): f32 {
  let largest = f32x4.splat(0)
  const end = r + ((n as usize) << 2)
  for (let p = r; p < end; p += 16) largest = f32x4.pmax(largest, f32x4.abs(v128.load(p)))
  const most = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  )
  // In float64, where the reciprocal of the smallest float32 is finite.
  const factor: f64 = most > 0 ? 127 / (most as f64) : 0
  for (; r < end; r += 4) {
    store<i8>(codes, nearest<f64>(factor * (load<f32>(r) as f64)) as i8)
    codes++
  }
  return ((most as f64) / 127) as f32
}

/** sum += r for a row of n float32, in float64. */
export function accumulate(n: i32, r: usize, sum: usize): void {
  for (const end = r + ((n as usize) << 2); r < end; r += 8) {
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(v128.load64_zero(r))))
    sum += 16
  }
}

/** c = r - mean for n a multiple of 4. Writes |c| and mean . c to `out`, in float32: what codes are of, and what they leave out. */
export function centre(n: i32, r: usize, mean: usize, c: usize, out: usize): void {
  let square = f32x4.splat(0)
  let product = square
  for (const end = r + ((n as usize) << 2); r < end; r += 16) {
    const m = v128.load(mean)
    const d = f32x4.sub(v128.load(r), m)
    square = f32x4.add(square, f32x4.mul(d, d))
    product = f32x4.add(product, f32x4.mul(d, m))
    v128.store(c, d)
    mean += 16
    c += 16
  }
  const both = sums<f32>(square, product, square, product)
  store<f32>(out, sqrt<f32>(f32x4.extract_lane(both, 0)))
  store<f32>(out, f32x4.extract_lane(both, 1), 4)
}

/** Bit j of `bits` is whether c_j > 0, for n a multiple of 8. */
export function signs(n: i32, c: usize, bits: usize): void {
  const zero = f32x4.splat(0)
  for (const end = c + ((n as usize) << 2); c < end; c += 32) {
    const low = i32x4.bitmask(f32x4.gt(v128.load(c), zero))
    store<u8>(bits, low | (i32x4.bitmask(f32x4.gt(v128.load(c, 16), zero)) << 4))
    bits++
  }
}

/** Products of a row of codes with x, in lanes: one row after the other, as in {@link products}. */
function dot8(bytes: usize, a: usize, x: usize): v128 {
  let s0 = i32x4.splat(0)
  let s1 = s0
  for (const end = a + bytes; a < end; a += 16) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load_ext<i8>(a), v128.load(x)))
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load_ext<i8>(a, 8), v128.load(x, 16)))
    x += 32
  }
  return i32x4.add(s0, s1)
}

/** out[i] = codes_i . x for rows of `bytes` codes (a multiple of 16), x of 16-bit integers such that no sum exceeds 32 bits. */
export function products8(rows: i32, bytes: usize, a: usize, x: usize, out: usize): void {
  for (let i: i32 = 0; i < rows; i += 4) {
    const s0 = dot8(bytes, a, x)
    const s1 = dot8(bytes, a + bytes, x)
    const s2 = dot8(bytes, a + 2 * bytes, x)
    v128.store(out, f32x4.convert_i32x4_s(sums<i32>(s0, s1, s2, dot8(bytes, a + 3 * bytes, x))))
    a += 4 * bytes
    out += 16
  }
}

/** out[i] = table[h_i], h_i the number of bits in which row i differs from x; rows of `bytes` bytes, a multiple of 16. */
export function hamming(rows: i32, bytes: usize, a: usize, x: usize, table: usize, out: usize): void {
  for (const end = out + ((rows as usize) << 2); out < end; out += 4) {
    let even: i64 = 0
    let odd: i64 = 0
    for (let l: usize = 0; l < bytes; l += 16) {
      even += popcnt<i64>(load<i64>(a + l) ^ load<i64>(x + l))
      odd += popcnt<i64>(load<i64>(a + l, 8) ^ load<i64>(x + l, 8))
    }
    store<f32>(out, load<f32>(table + (((even + odd) as usize) << 2)))
    a += bytes
  }
}
