import { TRSM_BLOCK } from '../constants'
import { nmadd } from '../simd'
import { gemm, gemmWorkspace } from './gemm'

/** Bytes of scratch that {@link trsm} needs. */
export function trsmWorkspace(m: i32, n: i32): usize {
  return gemmWorkspace(m, n, TRSM_BLOCK)
}

/** Solves the m x m diagonal block for one right-hand side by substitution. */
function substitute(upper: bool, m: i32, t: usize, rs: usize, cs: usize, b: usize): void {
  for (let s: i32 = 0; s < m; s++) {
    const i = upper ? m - 1 - s : s
    const column: usize = t + (i as usize) * cs
    const x: Real = load<Real>(b + (i as usize) * sizeof<Real>()) / load<Real>(column + (i as usize) * rs)
    store<Real>(b + (i as usize) * sizeof<Real>(), x)
    const from = upper ? 0 : i + 1
    const to = upper ? i : m
    for (let r: i32 = from; r < to; r++) {
      const at: usize = b + (r as usize) * sizeof<Real>()
      store<Real>(at, load<Real>(at) - x * load<Real>(column + (r as usize) * rs))
    }
  }
}

/** The same for four right-hand sides, which share what is loaded of T and wait for no division of each other; columns of T are contiguous. */
function substitute4(upper: bool, m: i32, t: usize, cs: usize, b: usize, ldb: usize): void {
  const b1 = b + ldb
  const b2 = b1 + ldb
  const b3 = b2 + ldb
  for (let s: i32 = 0; s < m; s++) {
    const row: usize = (upper ? m - 1 - s : s) as usize
    const column = t + row * cs
    const i: usize = row * sizeof<Real>()
    const pivot = load<Real>(column + i)
    const x0: Real = load<Real>(b + i) / pivot
    const x1: Real = load<Real>(b1 + i) / pivot
    const x2: Real = load<Real>(b2 + i) / pivot
    const x3: Real = load<Real>(b3 + i) / pivot
    store<Real>(b + i, x0)
    store<Real>(b1 + i, x1)
    store<Real>(b2 + i, x2)
    store<Real>(b3 + i, x3)
    const v0 = v128.splat<Real>(x0)
    const v1 = v128.splat<Real>(x1)
    const v2 = v128.splat<Real>(x2)
    const v3 = v128.splat<Real>(x3)
    let r: usize = upper ? 0 : i + sizeof<Real>()
    const end: usize = upper ? i : (m as usize) * sizeof<Real>()
    for (; r + 16 <= end; r += 16) {
      const entries = v128.load(column + r)
      v128.store(b + r, nmadd(v0, entries, v128.load(b + r)))
      v128.store(b1 + r, nmadd(v1, entries, v128.load(b1 + r)))
      v128.store(b2 + r, nmadd(v2, entries, v128.load(b2 + r)))
      v128.store(b3 + r, nmadd(v3, entries, v128.load(b3 + r)))
    }
    for (; r < end; r += sizeof<Real>()) {
      const entry = load<Real>(column + r)
      store<Real>(b + r, load<Real>(b + r) - x0 * entry)
      store<Real>(b1 + r, load<Real>(b1 + r) - x1 * entry)
      store<Real>(b2 + r, load<Real>(b2 + r) - x2 * entry)
      store<Real>(b3 + r, load<Real>(b3 + r) - x3 * entry)
    }
  }
}

/** Solves the m x m diagonal block for n right-hand sides. */
function solveDiagonal(upper: bool, m: i32, n: i32, t: usize, rs: usize, cs: usize, b: usize, ldb: usize): void {
  let j: i32 = 0
  if (rs == sizeof<Real>()) {
    for (; j + 4 <= n; j += 4) {
      substitute4(upper, m, t, cs, b, ldb)
      b += 4 * ldb
    }
  }
  for (; j < n; j++) {
    substitute(upper, m, t, rs, cs, b)
    b += ldb
  }
}

/**
 * B = T^-1 B for a triangular T, m x m with row and column strides `rst`, `cst` (elements), upper or lower; B is m x n with
 * contiguous columns. A transposed solve is the other triangle with swapped strides. Entries outside the triangle are
 * never read. m^2 n operations. Division by a zero on the diagonal gives infinities: the caller checks.
 */
export function trsm(upper: bool, m: i32, n: i32, t: usize, rst: i32, cst: i32, b: usize, ldb: i32, work: usize): void {
  const rs: usize = (rst as usize) * sizeof<Real>()
  const cs: usize = (cst as usize) * sizeof<Real>()
  const ld: usize = (ldb as usize) * sizeof<Real>()
  const blocks: i32 = (m + TRSM_BLOCK - 1) / TRSM_BLOCK
  for (let s: i32 = 0; s < blocks; s++) {
    const i = (upper ? blocks - 1 - s : s) * TRSM_BLOCK
    const rows = min(TRSM_BLOCK, m - i)
    const diagonal: usize = t + (i as usize) * (rs + cs)
    const bi: usize = b + (i as usize) * sizeof<Real>()
    solveDiagonal(upper, rows, n, diagonal, rs, cs, bi, ld)
    if (upper) {
      gemm(i, n, rows, -1, t + (i as usize) * cs, rst, cst, bi, 1, ldb, 1, b, ldb, work)
    } else {
      const below = i + rows
      const tb: usize = t + (below as usize) * rs + (i as usize) * cs
      const bb: usize = b + (below as usize) * sizeof<Real>()
      gemm(m - below, n, rows, -1, tb, rst, cst, bi, 1, ldb, 1, bb, ldb, work)
    }
  }
}
