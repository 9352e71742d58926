import { madd, sums } from './lanes'

function store4<T>(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, sums<T>(a, b, c, d))
  if (sizeof<T>() == 8) v128.store(out, sums<T>(c, d, c, d), 16)
}

/**
 * Four rows with one vector. Each row has one accumulator: four chains hide the latency of the addition, and memory, not arithmetic, is
 * the limit of one query.
 */
function rows4<T>(bytes: usize, a: usize, x: usize, out: usize): void {
  const a1 = a + bytes
  const a2 = a1 + bytes
  const a3 = a2 + bytes
  let s0 = v128.splat<T>(0 as T)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i)
    s0 = madd<T>(v, v128.load(a + i), s0)
    s1 = madd<T>(v, v128.load(a1 + i), s1)
    s2 = madd<T>(v, v128.load(a2 + i), s2)
    s3 = madd<T>(v, v128.load(a3 + i), s3)
  }
  store4<T>(out, s0, s1, s2, s3)
}

/** Four rows with two vectors: three loads for four products instead of five. */
function rows4x2<T>(bytes: usize, a: usize, x: usize, out: usize, outStride: usize): void {
  const a1 = a + bytes
  const a2 = a1 + bytes
  const a3 = a2 + bytes
  const y = x + bytes
  let s0 = v128.splat<T>(0 as T)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let t0 = s0
  let t1 = s0
  let t2 = s0
  let t3 = s0
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i)
    const w = v128.load(y + i)
    const r0 = v128.load(a + i)
    s0 = madd<T>(v, r0, s0)
    t0 = madd<T>(w, r0, t0)
    const r1 = v128.load(a1 + i)
    s1 = madd<T>(v, r1, s1)
    t1 = madd<T>(w, r1, t1)
    const r2 = v128.load(a2 + i)
    s2 = madd<T>(v, r2, s2)
    t2 = madd<T>(w, r2, t2)
    const r3 = v128.load(a3 + i)
    s3 = madd<T>(v, r3, s3)
    t3 = madd<T>(w, r3, t3)
  }
  store4<T>(out, s0, s1, s2, s3)
  store4<T>(out + outStride, t0, t1, t2, t3)
}

/**
 * out[q][i] = a_i . x_q for rows and vectors of `bytes` bytes each, a multiple of 16; rows to the next multiple of four are read and written,
 * whatever they hold. Rows of `out` are `outStride` bytes apart.
 */
export function products<T>(
  rows: i32,
  bytes: usize,
  a: usize,
  vectors: i32,
  x: usize,
  out: usize,
  outStride: usize,
): void {
  for (let i: i32 = 0; i < rows; i += 4) {
    let from = x
    let to = out
    let q: i32 = 0
    // Of float64 only one at a time: a kernel less to carry.
    for (; sizeof<T>() == 4 && q + 2 <= vectors; q += 2) {
      rows4x2<T>(bytes, a, from, to, outStride)
      from += 2 * bytes
      to += 2 * outStride
    }
    for (; q < vectors; q++) {
      rows4<T>(bytes, a, from, to)
      from += bytes
      to += outStride
    }
    a += 4 * bytes
    out += 4 * sizeof<T>()
  }
}

/** out[i] = -|a_i - x|^2, otherwise as {@link products} of one vector. */
export function distances(rows: i32, bytes: usize, a: usize, x: usize, out: usize): void {
  for (let i: i32 = 0; i < rows; i += 4) {
    const a1 = a + bytes
    const a2 = a1 + bytes
    const a3 = a2 + bytes
    let s0 = f32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let l: usize = 0; l < bytes; l += 16) {
      const v = v128.load(x + l)
      const d0 = f32x4.sub(v, v128.load(a + l))
      const d1 = f32x4.sub(v, v128.load(a1 + l))
      const d2 = f32x4.sub(v, v128.load(a2 + l))
      const d3 = f32x4.sub(v, v128.load(a3 + l))
      s0 = madd<f32>(d0, d0, s0)
      s1 = madd<f32>(d1, d1, s1)
      s2 = madd<f32>(d2, d2, s2)
      s3 = madd<f32>(d3, d3, s3)
    }
    v128.store(out, f32x4.neg(sums<f32>(s0, s1, s2, s3)))
    a += 4 * bytes
    out += 16
  }
}

/** What {@link exact} computes. */
const COSINE: i32 = 2

/**
 * In float64, of x (float64) and a row r (float32): x . r; the square of |x - factor r| with `what` 1; x . r / |r| with 2, 0 for a zero row.
 * n is a multiple of 4.
 */
export function exact(n: i32, x: usize, r: usize, what: i32, factor: f64): f64 {
  let s = f64x2.splat(0)
  let t = s
  const f = f64x2.splat(factor)
  for (const end = x + ((n as usize) << 3); x < end; x += 16) {
    const p = v128.load(x)
    const u = f64x2.promote_low_f32x4(v128.load64_zero(r))
    if (what == 1) {
      const d = f64x2.sub(p, f64x2.mul(f, u))
      s = f64x2.add(s, f64x2.mul(d, d))
    } else {
      s = f64x2.add(s, f64x2.mul(p, u))
      t = f64x2.add(t, f64x2.mul(u, u))
    }
    r += 8
  }
  const both = sums<f64>(s, t, s, t)
  const sum = f64x2.extract_lane(both, 0)
  const square = f64x2.extract_lane(both, 1)
  return what != COSINE ? sum : square > 0 ? sum / sqrt<f64>(square) : 0
}
