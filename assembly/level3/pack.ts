import { MR_VECTORS, NR } from '../constants'
import { lanes } from '../simd'

/** Blocks of the factors of a product, copied into the order in which the register tile reads them. */

/** Rows of the register tile. */
export function mr(): i32 {
  return MR_VECTORS * lanes()
}

/** Packs m x k of A into strips of mr rows, each strip column by column; short strips are padded with zeros. */
export function packA(m: i32, k: i32, a: usize, rs: usize, cs: usize, out: usize): void {
  const rows = mr()
  const strip: usize = (k as usize) * 32
  let i: i32 = 0
  if (rs == sizeof<Real>()) {
    // Two strips at a time are one cache line of each column.
    for (; i + 2 * rows <= m; i += 2 * rows) {
      packTwoStrips(k, a + (i as usize) * rs, cs, out, out + strip)
      out += 2 * strip
    }
  }
  for (; i < m; i += rows) {
    packStrip(min(rows, m - i), k, a + (i as usize) * rs, rs, cs, out)
    out += strip
  }
}

function packTwoStrips(k: i32, a: usize, cs: usize, first: usize, second: usize): void {
  for (let p: i32 = 0; p < k; p++) {
    v128.store(first, v128.load(a))
    v128.store(first, v128.load(a, 16), 16)
    v128.store(second, v128.load(a, 32))
    v128.store(second, v128.load(a, 48), 16)
    a += cs
    first += 32
    second += 32
  }
}

function packStrip(m: i32, k: i32, a: usize, rs: usize, cs: usize, out: usize): void {
  let p: i32 = 0
  if (sizeof<Real>() == 8 && cs == 8 && m == mr()) {
    // Two entries of each row at a time, since they are neighbours; four of float32, which takes more shuffles, gains a tenth.
    for (; p + 2 <= k; p += 2) {
      const x0 = v128.load(a)
      const x1 = v128.load(a + rs)
      const x2 = v128.load(a + 2 * rs)
      const x3 = v128.load(a + 3 * rs)
      v128.store(out, v128.shuffle<f64>(x0, x1, 0, 2))
      v128.store(out, v128.shuffle<f64>(x2, x3, 0, 2), 16)
      v128.store(out, v128.shuffle<f64>(x0, x1, 1, 3), 32)
      v128.store(out, v128.shuffle<f64>(x2, x3, 1, 3), 48)
      a += 16
      out += 64
    }
  }
  for (; p < k; p++) {
    let from = a
    for (let i: i32 = 0; i < mr(); i++) {
      store<Real>(out, i < m ? load<Real>(from) : 0)
      from += rs
      out += sizeof<Real>()
    }
    a += cs
  }
}

/** Packs k x n of B into strips of NR columns, each strip row by row; short strips are padded with zeros. */
export function packB(k: i32, n: i32, b: usize, rs: usize, cs: usize, out: usize): void {
  for (let j: i32 = 0; j < n; j += NR) {
    const strip = b + (j as usize) * cs
    if (n - j < NR) packColumns(n - j, k, strip, rs, cs, out)
    else packAllColumns(k, strip, rs, cs, out)
    out += ((k * NR) as usize) * sizeof<Real>()
  }
}

function packAllColumns(k: i32, b: usize, rs: usize, cs: usize, out: usize): void {
  const cs2 = cs + cs
  const cs3 = cs2 + cs
  const cs4 = cs2 + cs2
  const step: i32 = lanes()
  let p: i32 = 0
  if (rs == sizeof<Real>()) {
    // A vector of rows at a time, since entries of a column are neighbours.
    for (; p + step <= k; p += step) {
      const x0 = v128.load(b)
      const x1 = v128.load(b + cs)
      const x2 = v128.load(b + cs2)
      const x3 = v128.load(b + cs3)
      const x4 = v128.load(b + cs4)
      if (sizeof<Real>() == 8) {
        v128.store(out, v128.shuffle<f64>(x0, x1, 0, 2))
        v128.store(out, v128.shuffle<f64>(x2, x3, 0, 2), 16)
        v128.store(out, v128.shuffle<f64>(x4, x0, 0, 3), 32)
        v128.store(out, v128.shuffle<f64>(x1, x2, 1, 3), 48)
        v128.store(out, v128.shuffle<f64>(x3, x4, 1, 3), 64)
      } else {
        const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5)
        const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7)
        const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
        const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
        v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
        v128.store32_lane(out, x4, 0, 16)
        v128.store(out, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 20)
        v128.store32_lane(out, x4, 1, 36)
        v128.store(out, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 40)
        v128.store32_lane(out, x4, 2, 56)
        v128.store(out, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 60)
        v128.store32_lane(out, x4, 3, 76)
      }
      b += 16
      out += 80
    }
  }
  for (; p < k; p++) {
    store<Real>(out, load<Real>(b))
    store<Real>(out, load<Real>(b + cs), sizeof<Real>())
    store<Real>(out, load<Real>(b + cs2), 2 * sizeof<Real>())
    store<Real>(out, load<Real>(b + cs3), 3 * sizeof<Real>())
    store<Real>(out, load<Real>(b + cs4), 4 * sizeof<Real>())
    b += rs
    out += NR * sizeof<Real>()
  }
}

function packColumns(n: i32, k: i32, b: usize, rs: usize, cs: usize, out: usize): void {
  for (let p: i32 = 0; p < k; p++) {
    let from = b
    for (let j: i32 = 0; j < NR; j++) {
      store<Real>(out, j < n ? load<Real>(from) : 0)
      from += cs
      out += sizeof<Real>()
    }
    b += rs
  }
}
