import { TRSM_BLOCK } from '../constants'
import { gemm, gemmWorkspace } from './gemm'

/** Bytes of scratch that {@link trsm} needs. */
export function trsmWorkspace<T>(m: i32, n: i32): usize {
  return gemmWorkspace<T>(m, n, TRSM_BLOCK)
}

/** Solves the m x m diagonal block for n right-hand sides by substitution. */
function substitute<T>(upper: bool, m: i32, n: i32, t: usize, rs: usize, cs: usize, b: usize, ldb: usize): void {
  for (let j: i32 = 0; j < n; j++) {
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
    substitute<T>(upper, rows, n, diagonal, rs, cs, bi, ld)
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
