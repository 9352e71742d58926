import { madd, sums } from './lanes'

function store4<T>(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, sums<T>(a, b, c, d))
  if (sizeof<T>() == 8) v128.store(out, sums<T>(c, d, c, d), 16)
}

/** Bytes that {@link dot} takes in at a time: four vectors, a line of the cache. */
const LINE: usize = 64

/**
 * The products of a row and a vector in lanes, to be summed: four accumulators hide the latency of the addition. One row after the other, since
 * memory is the limit of one query, and gives most when it is read in its own order: four rows side by side take 1.2 to 1.8 times as long (measured).
 */
function dot<T>(bytes: usize, a: usize, x: usize): v128 {
  let s0 = v128.splat<T>(0 as T)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const end = a + bytes
  for (; a + LINE <= end; a += LINE) {
    s0 = madd<T>(v128.load(x), v128.load(a), s0)
    s1 = madd<T>(v128.load(x, 16), v128.load(a, 16), s1)
    s2 = madd<T>(v128.load(x, 32), v128.load(a, 32), s2)
    s3 = madd<T>(v128.load(x, 48), v128.load(a, 48), s3)
    x += LINE
  }
  for (; a < end; a += 16) {
    s0 = madd<T>(v128.load(x), v128.load(a), s0)
    x += 16
  }
  return v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3))
}

/** Four rows with one vector. */
function rows4<T>(bytes: usize, a: usize, x: usize, out: usize): void {
  const s0 = dot<T>(bytes, a, x)
  const s1 = dot<T>(bytes, a + bytes, x)
  const s2 = dot<T>(bytes, a + 2 * bytes, x)
  store4<T>(out, s0, s1, s2, dot<T>(bytes, a + 3 * bytes, x))
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

/** Differences squared, as {@link dot} has products. */
function squares(bytes: usize, a: usize, x: usize): v128 {
  let s0 = f32x4.splat(0)
  let s1 = s0
  const end = a + bytes
  for (; a + 32 <= end; a += 32) {
    const d0 = f32x4.sub(v128.load(x), v128.load(a))
    const d1 = f32x4.sub(v128.load(x, 16), v128.load(a, 16))
    s0 = madd<f32>(d0, d0, s0)
    s1 = madd<f32>(d1, d1, s1)
    x += 32
  }
  if (a < end) {
    const d = f32x4.sub(v128.load(x), v128.load(a))
    s0 = madd<f32>(d, d, s0)
  }
  return f32x4.add(s0, s1)
}

/** out[i] = -|a_i - x|^2, otherwise as {@link products} of one vector. */
export function distances(rows: i32, bytes: usize, a: usize, x: usize, out: usize): void {
  for (let i: i32 = 0; i < rows; i += 4) {
    const s0 = squares(bytes, a, x)
    const s1 = squares(bytes, a + bytes, x)
    const s2 = squares(bytes, a + 2 * bytes, x)
    v128.store(out, f32x4.neg(sums<f32>(s0, s1, s2, squares(bytes, a + 3 * bytes, x))))
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
