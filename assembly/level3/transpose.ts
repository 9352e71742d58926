/** Side of a tile: 16 rows of 16 doubles, both sides within L1 at any leading dimension. */
const TILE: i32 = 16

/** B = A^T: A is m x n with rows lda apart (row-major), so B, column-major with ldb, holds the same matrix as columns. */
export function transpose(m: i32, n: i32, a: usize, lda: i32, b: usize, ldb: i32): void {
  for (let i0: i32 = 0; i0 < m; i0 += TILE) {
    const i1 = min(i0 + TILE, m)
    for (let j0: i32 = 0; j0 < n; j0 += TILE) {
      const j1 = min(j0 + TILE, n)
      for (let j: i32 = j0; j < j1; j++) {
        let from: usize = a + ((i0 as usize) * (lda as usize) + (j as usize)) * sizeof<Real>()
        let to: usize = b + ((j as usize) * (ldb as usize) + (i0 as usize)) * sizeof<Real>()
        for (let i: i32 = i0; i < i1; i++) {
          store<Real>(to, load<Real>(from))
          from += (lda as usize) * sizeof<Real>()
          to += sizeof<Real>()
        }
      }
    }
  }
}
