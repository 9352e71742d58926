import { KC, MC, NC, NR } from '../constants'
import { scal } from '../level1/scal'
import { madd } from '../simd'
import { mr, packA, packB } from './pack'

/**
 * C = alpha A B + beta C after Goto and van de Geijn (2008): panels of B and blocks of A are packed so that the register
 * tile reads both with stride one. A and B are given by a row and a column stride (in elements), so a transpose is a swap
 * of strides; C has contiguous columns.
 */

function up(x: i32, multiple: i32): i32 {
  return ((x + multiple - 1) / multiple) * multiple
}

/** Bytes of scratch that {@link gemm} needs: one tile, one block of A, one of B. */
export function gemmWorkspace(m: i32, n: i32, k: i32): usize {
  const depth = min(k, KC)
  const a = up(min(m, MC), mr()) * depth
  const b = up(min(n, NC), NR) * depth
  return ((a + b + mr() * NR) as usize) * sizeof<Real>()
}

/**
 * The product of one packed strip of A and one of B: mr x NR, its columns one after the other at `out`.
 *
 * Ten accumulators, two vectors of A, one of B and a product are 14 registers. With twelve accumulators it takes 16 of the 15 that there are
 * where products are not fused: one of them then goes through memory in every turn, which takes longer than all the rest of the turn. Adding to C
 * right here would do the same: what follows the loop competes for the registers in it.
 */
function tile(k: i32, a: usize, b: usize, out: usize): void {
  const zero = v128.splat<Real>(0)
  let c00 = zero
  let c10 = zero
  let c01 = zero
  let c11 = zero
  let c02 = zero
  let c12 = zero
  let c03 = zero
  let c13 = zero
  let c04 = zero
  let c14 = zero
  const end: usize = a + (k as usize) * 32
  while (a < end) {
    const a0 = v128.load(a)
    const a1 = v128.load(a, 16)
    const b0 = v128.load_splat<Real>(b)
    c00 = madd(a0, b0, c00)
    c10 = madd(a1, b0, c10)
    const b1 = v128.load_splat<Real>(b, sizeof<Real>())
    c01 = madd(a0, b1, c01)
    c11 = madd(a1, b1, c11)
    const b2 = v128.load_splat<Real>(b, 2 * sizeof<Real>())
    c02 = madd(a0, b2, c02)
    c12 = madd(a1, b2, c12)
    const b3 = v128.load_splat<Real>(b, 3 * sizeof<Real>())
    c03 = madd(a0, b3, c03)
    c13 = madd(a1, b3, c13)
    const b4 = v128.load_splat<Real>(b, 4 * sizeof<Real>())
    c04 = madd(a0, b4, c04)
    c14 = madd(a1, b4, c14)
    a += 32
    b += NR * sizeof<Real>()
  }
  v128.store(out, c00)
  v128.store(out, c10, 16)
  v128.store(out, c01, 32)
  v128.store(out, c11, 48)
  v128.store(out, c02, 64)
  v128.store(out, c12, 80)
  v128.store(out, c03, 96)
  v128.store(out, c13, 112)
  v128.store(out, c04, 128)
  v128.store(out, c14, 144)
}

/** C += alpha P for the first n columns of the product P of a tile. */
function addTile(n: i32, alpha: Real, p: usize, c: usize, ldc: usize): void {
  const s = v128.splat<Real>(alpha)
  for (const end = p + (n << 5); p < end; p += 32) {
    v128.store(c, madd(s, v128.load(p), v128.load(c)))
    v128.store(c, madd(s, v128.load(p, 16), v128.load(c, 16)), 16)
    c += ldc
  }
}

/** C = alpha P: C is not read, and need not have been set to zero. */
function setTile(n: i32, alpha: Real, p: usize, c: usize, ldc: usize): void {
  const s = v128.splat<Real>(alpha)
  for (const end = p + (n << 5); p < end; p += 32) {
    v128.store(c, v128.mul<Real>(s, v128.load(p)))
    v128.store(c, v128.mul<Real>(s, v128.load(p, 16)), 16)
    c += ldc
  }
}

/** C += alpha P, or C = alpha P if `fresh`, for a tile that sticks out below C, of which m x n are inside. */
function edgeTile(fresh: bool, m: i32, n: i32, alpha: Real, p: usize, c: usize, ldc: usize): void {
  const bytes: usize = (m as usize) * sizeof<Real>()
  for (let j: i32 = 0; j < n; j++) {
    for (let i: usize = 0; i < bytes; i += sizeof<Real>()) {
      const x: Real = alpha * load<Real>(p + i)
      store<Real>(c + i, fresh ? x : load<Real>(c + i) + x)
    }
    p += 32
    c += ldc
  }
}

/** C += alpha A B, or C = alpha A B if `fresh`, for one packed block of A (m x k) and one of B (k x n). */
function block(
  fresh: bool,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  alpha: Real,
  c: usize,
  ldc: usize,
  product: usize,
): void {
  const rows = mr()
  const stripA: usize = ((k * rows) as usize) * sizeof<Real>()
  const stripB: usize = ((k * NR) as usize) * sizeof<Real>()
  for (let j: i32 = 0; j < n; j += NR) {
    const columns = min(NR, n - j)
    let strip = a
    let corner = c
    for (let i: i32 = 0; i < m; i += rows) {
      tile(k, strip, b, product)
      if (m - i < rows) edgeTile(fresh, m - i, columns, alpha, product, corner, ldc)
      else if (fresh) setTile(columns, alpha, product, corner, ldc)
      else addTile(columns, alpha, product, corner, ldc)
      strip += stripA
      corner += (rows as usize) * sizeof<Real>()
    }
    b += stripB
    c += ldc * NR
  }
}

/** C = beta C; beta = 0 overwrites, so that C may hold anything before. */
function scaleC(m: i32, n: i32, beta: Real, c: usize, ldc: usize): void {
  for (let j: i32 = 0; j < n; j++) {
    if (beta == 0) memory.fill(c, 0, (m as usize) * sizeof<Real>())
    else scal(m, beta, c)
    c += ldc
  }
}

/**
 * C = alpha A B + beta C with A m x k, B k x n, C m x n; `rsa csa rsb csb` and `ldc` in elements. 2 m n k operations.
 * `work` holds {@link gemmWorkspace} bytes, 16-byte aligned.
 */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  alpha: Real,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  beta: Real,
  c: usize,
  ldc: i32,
  work: usize,
): void {
  const ldcBytes: usize = (ldc as usize) * sizeof<Real>()
  // A product overwrites C by itself where beta = 0.
  if (k == 0 || (beta != 0 && beta != 1)) scaleC(m, n, beta, c, ldcBytes)
  if (m == 0 || n == 0 || k == 0) return
  const ra: usize = (rsa as usize) * sizeof<Real>()
  const ca: usize = (csa as usize) * sizeof<Real>()
  const rb: usize = (rsb as usize) * sizeof<Real>()
  const cb: usize = (csb as usize) * sizeof<Real>()
  const depth = min(k, KC)
  const packedA = work + ((mr() * NR) as usize) * sizeof<Real>()
  const packedB = packedA + ((up(min(m, MC), mr()) * depth) as usize) * sizeof<Real>()
  for (let j: i32 = 0; j < n; j += NC) {
    const nc = min(NC, n - j)
    for (let p: i32 = 0; p < k; p += KC) {
      const kc = min(KC, k - p)
      packB(kc, nc, b + (p as usize) * rb + (j as usize) * cb, rb, cb, packedB)
      for (let i: i32 = 0; i < m; i += MC) {
        const mc = min(MC, m - i)
        packA(mc, kc, a + (i as usize) * ra + (p as usize) * ca, ra, ca, packedA)
        const corner = c + (i as usize) * sizeof<Real>() + (j as usize) * ldcBytes
        block(beta == 0 && p == 0, mc, nc, kc, packedA, packedB, alpha, corner, ldcBytes, work)
      }
    }
  }
}
