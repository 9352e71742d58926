/** Every tile, panel and tolerance constant, with its reason. Tests use sizes on both sides of each. */

/** Vectors in a column of the register tile. */
export const MR_VECTORS: i32 = 2
/** Columns of the register tile: ten accumulators hide the latency of the multiply-add, and leave registers for operands and a product. */
export const NR: i32 = 5
/** Depth of a packed panel: KC x NR of B (10 KiB) stays in L1 beside the tile of A. */
export const KC: i32 = 256
/** Rows of a packed block of A: MC x KC doubles (192 KiB) stay in L2. */
export const MC: i32 = 96
/** Columns of a packed block of B: KC x NC doubles (1 MiB). */
export const NC: i32 = 520

/** Columns in a panel of Householder reflectors: whole tiles as rows of a product. */
export const PANEL: i32 = 24
/** The same where a long block of rows is folded into R: deeper products pay there. */
export const STREAM_PANEL: i32 = 32
/** Columns in a panel of LU and Cholesky: a product of this depth hides the packing of its operands. */
export const LU_PANEL: i32 = 64
/** Columns below which the recursion inside such a panel works column by column. */
export const LU_LEAF: i32 = 8

/** Columns of a diagonal block in a triangular solve. */
export const TRSM_BLOCK: i32 = 32

/** One resumable step does about this many floating-point operations: 2 to 4 ms at 8 to 16 GFLOP/s. */
export const STEP_FLOPS: f64 = 33554432

/** Operations of a product that take as long as one on numbers that come from memory and are used once. */
export const READ_FLOPS: f64 = 3

/** Operations of a product that take as long as passing over an entry of a large matrix, twice or thrice. */
export const PASS_FLOPS: f64 = 24

/** Sweeps after which one-sided Jacobi gives up; LAPACK's dgesvj allows 30, and 12 is already rare. */
export const MAX_SWEEPS: i32 = 40

/** Sweeps of the QL iteration for each eigenvalue after which it gives up (LAPACK dsteqr); two are usual. */
export const MAX_QL_ITERATIONS: i32 = 30

/** Machine epsilon of float64, 2^-52. */
export const EPS: f64 = 2.220446049250313e-16

/** Machine epsilon: 2^-52, or 2^-23 of float32. */
export function epsilon(): f64 {
  return sizeof<Real>() == 8 ? EPS : 1.1920928955078125e-7
}

/**
 * Pivots below it have few digits, or one, and their columns may come to nothing: they count as zero. Of singular values, only those
 * 2^1040 (float32: 2^125) times below the largest.
 */
export function leastPivot(): f64 {
  return sizeof<Real>() == 8 ? 8.487983164e-314 : 2.350988701644575e-38
}

/** Bytes of columns in a tile of one-sided Jacobi: two tiles stay in an L2 cache of 1 MiB with room to spare. */
export const JACOBI_TILE_BYTES: i32 = 262144
