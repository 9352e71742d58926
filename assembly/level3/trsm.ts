import { TRSM_BLOCK } from '../constants'
import { nmadd } from '../simd'
import { gemm, gemmWorkspace } from './gemm'

/** Bytes of scratch that {@link trsm} needs. */
export function trsmWorkspace<T>(m: i32, n: i32): usize {
  return gemmWorkspace<T>(m, n, TRSM_BLOCK)
}

/** Solves the m x m diagonal block for one right-hand side by substitution. */
function substitute<T>(upper: bool, m: i32, t: usize, rs: usize, cs: usize, b: usize): void {
  for (let s: i32 = 0; s < m; s++) {
    const i = upper ? m - 1 - s : s
    const column: usize = t + (i as usize) * cs
    const x: T = (load<T>(b + (i as usize) * sizeof<T>()) / load<T>(column + (i as usize) * rs)) as T
    store<T>(b + (i as usize) * sizeof<T>(), x)
    const from = upper ? 0 : i + 1
    const to = upper ? i : m
    for (let r: i32 = from; r < to; r++) {
      const at: usize = b + (r as usize) * sizeof<T>()
      store<T>(at, (load<T>(at) - x * load<T>(column + (r as usize) * rs)) as T)
    }
  }
}

/** The same for four right-hand sides, which share what is loaded of T and wait for no division of each other; columns of T are contiguous. */
function substitute4<T>(upper: bool, m: i32, t: usize, cs: usize, b: usize, ldb: usize): void {
  const b1 = b + ldb
  const b2 = b1 + ldb
  const b3 = b2 + ldb
  for (let s: i32 = 0; s < m; s++) {
    const row: usize = (upper ? m - 1 - s : s) as usize
    const column = t + row * cs
    const i: usize = row * sizeof<T>()
    const pivot = load<T>(column + i)
    const x0: T = (load<T>(b + i) / pivot) as T
    const x1: T = (load<T>(b1 + i) / pivot) as T
    const x2: T = (load<T>(b2 + i) / pivot) as T
    const x3: T = (load<T>(b3 + i) / pivot) as T
    store<T>(b + i, x0)
    store<T>(b1 + i, x1)
    store<T>(b2 + i, x2)
    store<T>(b3 + i, x3)
    const v0 = v128.splat<T>(x0)
    const v1 = v128.splat<T>(x1)
    const v2 = v128.splat<T>(x2)
    const v3 = v128.splat<T>(x3)
    let r: usize = upper ? 0 : i + sizeof<T>()
    const end: usize = upper ? i : (m as usize) * sizeof<T>()
    for (; r + 16 <= end; r += 16) {
      const entries = v128.load(column + r)
      v128.store(b + r, nmadd<T>(v0, entries, v128.load(b + r)))
      v128.store(b1 + r, nmadd<T>(v1, entries, v128.load(b1 + r)))
      v128.store(b2 + r, nmadd<T>(v2, entries, v128.load(b2 + r)))
      v128.store(b3 + r, nmadd<T>(v3, entries, v128.load(b3 + r)))
    }
    for (; r < end; r += sizeof<T>()) {
      const entry = load<T>(column + r)
      store<T>(b + r, (load<T>(b + r) - x0 * entry) as T)
      store<T>(b1 + r, (load<T>(b1 + r) - x1 * entry) as T)
      store<T>(b2 + r, (load<T>(b2 + r) - x2 * entry) as T)
      store<T>(b3 + r, (load<T>(b3 + r) - x3 * entry) as T)
    }
  }
}

/** Solves the m x m diagonal block for n right-hand sides. */
function solveDiagonal<T>(upper: bool, m: i32, n: i32, t: usize, rs: usize, cs: usize, b: usize, ldb: usize): void {
  let j: i32 = 0
  if (rs == sizeof<T>()) {
    for (; j + 4 <= n; j += 4) {
      substitute4<T>(upper, m, t, cs, b, ldb)
      b += 4 * ldb
    }
  }
  for (; j < n; j++) {
    substitute<T>(upper, m, t, rs, cs, b)
    b += ldb
  }
}

/**
 * B = T^-1 B for a triangular T, m x m with row and column strides `rst`, `cst` (elements), upper or lower; B is m x n with
 * contiguous columns. A transposed solve is the other triangle with swapped strides. Entries outside the triangle are
 * never read. m^2 n operations. Division by a zero on the diagonal gives infinities: the caller checks.
 */
export function trsm<T>(
  upper: bool,
  m: i32,
  n: i32,
  t: usize,
  rst: i32,
  cst: i32,
  b: usize,
  ldb: i32,
  work: usize,
): void {
  const rs: usize = (rst as usize) * sizeof<T>()
  const cs: usize = (cst as usize) * sizeof<T>()
  const ld: usize = (ldb as usize) * sizeof<T>()
  const blocks: i32 = (m + TRSM_BLOCK - 1) / TRSM_BLOCK
  for (let s: i32 = 0; s < blocks; s++) {
    const i = (upper ? blocks - 1 - s : s) * TRSM_BLOCK
    const rows = min(TRSM_BLOCK, m - i)
    const diagonal: usize = t + (i as usize) * (rs + cs)
    const bi: usize = b + (i as usize) * sizeof<T>()
    solveDiagonal<T>(upper, rows, n, diagonal, rs, cs, bi, ld)
    if (upper) {
      gemm<T>(i, n, rows, -1 as T, t + (i as usize) * cs, rst, cst, bi, 1, ldb, 1 as T, b, ldb, work)
    } else {
      const below = i + rows
      const tb: usize = t + (below as usize) * rs + (i as usize) * cs
      const bb: usize = b + (below as usize) * sizeof<T>()
      gemm<T>(m - below, n, rows, -1 as T, tb, rst, cst, bi, 1, ldb, 1 as T, bb, ldb, work)
    }
  }
}
