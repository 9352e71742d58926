import { KC, MC, MR_VECTORS, NC, NR } from '../constants'
import { scal } from '../level1/scal'
import { lanes, madd } from '../simd'

/**
 * C = alpha A B + beta C after Goto and van de Geijn (2008): panels of B and blocks of A are packed so that the register
 * tile reads both with stride one. A and B are given by a row and a column stride (in elements), so a transpose is a swap
 * of strides; C has contiguous columns.
 */

/** Rows of the register tile. */
export function mr<T>(): i32 {
  return MR_VECTORS * lanes<T>()
}

function up(x: i32, multiple: i32): i32 {
  return ((x + multiple - 1) / multiple) * multiple
}

/** Bytes of scratch that {@link gemm} needs: one block of A, one of B, one tile for the edges. */
export function gemmWorkspace<T>(m: i32, n: i32, k: i32): usize {
  const depth = min(k, KC)
  const a = up(min(m, MC), mr<T>()) * depth
  const b = up(min(n, NC), NR) * depth
  return ((a + b + mr<T>() * NR) as usize) * sizeof<T>()
}

/** Packs m x k of A into strips of mr rows, each strip column by column; short strips are padded with zeros. */
function packA<T>(m: i32, k: i32, a: usize, rs: usize, cs: usize, out: usize): void {
  const rows = mr<T>()
  for (let i0: i32 = 0; i0 < m; i0 += rows) {
    const full = m - i0 >= rows
    let strip: usize = a + (i0 as usize) * rs
    if (full && rs == sizeof<T>()) {
      for (let p: i32 = 0; p < k; p++) {
        v128.store(out, v128.load(strip))
        v128.store(out, v128.load(strip, 16), 16)
        strip += cs
        out += 32
      }
      continue
    }
    const count = min(rows, m - i0)
    for (let p: i32 = 0; p < k; p++) {
      let from = strip
      for (let i: i32 = 0; i < rows; i++) {
        store<T>(out, i < count ? load<T>(from) : (0 as T))
        from += rs
        out += sizeof<T>()
      }
      strip += cs
    }
  }
}

/** Packs k x n of B into strips of NR columns, each strip row by row; short strips are padded with zeros. */
function packB<T>(k: i32, n: i32, b: usize, rs: usize, cs: usize, out: usize): void {
  for (let j0: i32 = 0; j0 < n; j0 += NR) {
    let from: usize = b + (j0 as usize) * cs
    if (n - j0 >= NR) {
      const cs2 = cs + cs
      const cs3 = cs2 + cs
      for (let p: i32 = 0; p < k; p++) {
        store<T>(out, load<T>(from))
        store<T>(out + sizeof<T>(), load<T>(from + cs))
        store<T>(out + 2 * sizeof<T>(), load<T>(from + cs2))
        store<T>(out + 3 * sizeof<T>(), load<T>(from + cs3))
        from += rs
        out += NR * sizeof<T>()
      }
      continue
    }
    for (let p: i32 = 0; p < k; p++) {
      let column = from
      for (let j: i32 = 0; j < NR; j++) {
        store<T>(out, j0 + j < n ? load<T>(column) : (0 as T))
        column += cs
        out += sizeof<T>()
      }
      from += rs
    }
  }
}

/** C[0 : mr, 0 : NR] += alpha A B for one packed strip of each; columns of C are ldc bytes apart. */
function tile<T>(k: i32, a: usize, b: usize, alpha: T, c: usize, ldc: usize): void {
  const zero = v128.splat<T>(0 as T)
  let c00 = zero
  let c10 = zero
  let c01 = zero
  let c11 = zero
  let c02 = zero
  let c12 = zero
  let c03 = zero
  let c13 = zero
  const end: usize = a + (k as usize) * 32
  while (a < end) {
    const a0 = v128.load(a)
    const a1 = v128.load(a, 16)
    const b0 = v128.load_splat<T>(b)
    const b1 = v128.load_splat<T>(b + sizeof<T>())
    c00 = madd<T>(a0, b0, c00)
    c10 = madd<T>(a1, b0, c10)
    c01 = madd<T>(a0, b1, c01)
    c11 = madd<T>(a1, b1, c11)
    const b2 = v128.load_splat<T>(b + 2 * sizeof<T>())
    const b3 = v128.load_splat<T>(b + 3 * sizeof<T>())
    c02 = madd<T>(a0, b2, c02)
    c12 = madd<T>(a1, b2, c12)
    c03 = madd<T>(a0, b3, c03)
    c13 = madd<T>(a1, b3, c13)
    a += 32
    b += NR * sizeof<T>()
  }
  const s = v128.splat<T>(alpha)
  v128.store(c, madd<T>(s, c00, v128.load(c)))
  v128.store(c, madd<T>(s, c10, v128.load(c, 16)), 16)
  c += ldc
  v128.store(c, madd<T>(s, c01, v128.load(c)))
  v128.store(c, madd<T>(s, c11, v128.load(c, 16)), 16)
  c += ldc
  v128.store(c, madd<T>(s, c02, v128.load(c)))
  v128.store(c, madd<T>(s, c12, v128.load(c, 16)), 16)
  c += ldc
  v128.store(c, madd<T>(s, c03, v128.load(c)))
  v128.store(c, madd<T>(s, c13, v128.load(c, 16)), 16)
}

/** A tile that sticks out of C: computed whole into `edge`, then the part inside C is added. */
function edgeTile<T>(m: i32, n: i32, k: i32, a: usize, b: usize, alpha: T, c: usize, ldc: usize, edge: usize): void {
  const column: usize = (mr<T>() as usize) * sizeof<T>()
  memory.fill(edge, 0, column * NR)
  tile<T>(k, a, b, alpha, edge, column)
  for (let j: i32 = 0; j < n; j++) {
    for (let i: usize = 0; i < (m as usize) * sizeof<T>(); i += sizeof<T>()) {
      store<T>(c + i, (load<T>(c + i) + load<T>(edge + i)) as T)
    }
    c += ldc
    edge += column
  }
}

/** C += alpha A B for one packed block of A (m x k) and one of B (k x n). */
function block<T>(m: i32, n: i32, k: i32, a: usize, b: usize, alpha: T, c: usize, ldc: usize, edge: usize): void {
  const rows = mr<T>()
  const stripA: usize = ((k * rows) as usize) * sizeof<T>()
  const stripB: usize = ((k * NR) as usize) * sizeof<T>()
  for (let j: i32 = 0; j < n; j += NR) {
    let strip = a
    let corner = c
    for (let i: i32 = 0; i < m; i += rows) {
      if (m - i >= rows && n - j >= NR) tile<T>(k, strip, b, alpha, corner, ldc)
      else edgeTile<T>(min(rows, m - i), min(NR, n - j), k, strip, b, alpha, corner, ldc, edge)
      strip += stripA
      corner += (rows as usize) * sizeof<T>()
    }
    b += stripB
    c += ldc * NR
  }
}

/** C = beta C; beta = 0 overwrites, so that C may hold anything before. */
function scaleC<T>(m: i32, n: i32, beta: T, c: usize, ldc: usize): void {
  if (beta == (1 as T)) return
  for (let j: i32 = 0; j < n; j++) {
    if (beta == (0 as T)) memory.fill(c, 0, (m as usize) * sizeof<T>())
    else scal<T>(m, beta, c)
    c += ldc
  }
}

/**
 * C = alpha A B + beta C with A m x k, B k x n, C m x n; `rsa csa rsb csb` and `ldc` in elements. 2 m n k operations.
 * `work` holds {@link gemmWorkspace} bytes, 16-byte aligned.
 */
export function gemm<T>(
  m: i32,
  n: i32,
  k: i32,
  alpha: T,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  beta: T,
  c: usize,
  ldc: i32,
  work: usize,
): void {
  const ldcBytes: usize = (ldc as usize) * sizeof<T>()
  scaleC<T>(m, n, beta, c, ldcBytes)
  if (m == 0 || n == 0 || k == 0) return
  const ra: usize = (rsa as usize) * sizeof<T>()
  const ca: usize = (csa as usize) * sizeof<T>()
  const rb: usize = (rsb as usize) * sizeof<T>()
  const cb: usize = (csb as usize) * sizeof<T>()
  const depth = min(k, KC)
  const edge = work
  const packedA = edge + ((mr<T>() * NR) as usize) * sizeof<T>()
  const packedB = packedA + ((up(min(m, MC), mr<T>()) * depth) as usize) * sizeof<T>()
  for (let j: i32 = 0; j < n; j += NC) {
    const nc = min(NC, n - j)
    for (let p: i32 = 0; p < k; p += KC) {
      const kc = min(KC, k - p)
      packB<T>(kc, nc, b + (p as usize) * rb + (j as usize) * cb, rb, cb, packedB)
      for (let i: i32 = 0; i < m; i += MC) {
        const mc = min(MC, m - i)
        packA<T>(mc, kc, a + (i as usize) * ra + (p as usize) * ca, ra, ca, packedA)
        const corner = c + (i as usize) * sizeof<T>() + (j as usize) * ldcBytes
        block<T>(mc, nc, kc, packedA, packedB, alpha, corner, ldcBytes, edge)
      }
    }
  }
}
