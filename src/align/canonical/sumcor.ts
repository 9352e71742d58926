import { ConvergenceError } from '../../errors.js'
import { Matrix } from '../../matrix.js'
import { blockOffsets, norm } from '../../dense/blocks.js'

const MAX_SWEEPS = 10_000
// Directions stand still to half the digits, the objective, which is flat there, to all.
const STANDSTILL = 1e-10

/**
 * SUMCOR (Kettenring 1971): unit vectors u_m, one a modality, with the largest sum over pairs of u_m^T K_ml u_l; later
 * components orthogonal to earlier ones within each modality. Each u_m in turn is set to its best given the others (Horst
 * 1961), which never lowers the sum; it stops at a local maximum, started from MAXVAR's.
 *
 * @param K - correlations of whitened coordinates, zero blocks on the diagonal
 * @param start - r_m x k each
 * @throws ConvergenceError if a component still moves after 10,000 sweeps
 */
export function sumcorDirections(
  K: Matrix,
  ranks: readonly number[],
  start: readonly Matrix[],
): { directions: Matrix[]; correlations: Float64Array } {
  const k = start[0].cols
  const pairs = ranks.length * (ranks.length - 1)
  const directions = ranks.map((rank) => new Matrix(rank, k))
  const correlations = new Float64Array(k)
  // Beyond the smallest rank nothing is left that is orthogonal to the components before.
  for (let j = 0; j < Math.min(k, ...ranks); j++) {
    const u = start.map((A, m) => unit(withoutEarlier(column(A, j), directions[m], j)))
    let moved = Infinity
    for (let sweep = 0; moved > STANDSTILL; sweep++) {
      if (sweep === MAX_SWEEPS) {
        throw new ConvergenceError(
          `component ${j} of SUMCOR still moves by ${moved} after ${MAX_SWEEPS} sweeps: use criterion 'maxvar'`,
        )
      }
      moved = 0
      for (let m = 0; m < u.length; m++) {
        const pull = unit(withoutEarlier(sumOfOthers(K, ranks, u, m), directions[m], j))
        if (norm(pull) === 0) continue
        moved = Math.max(moved, norm(pull.map((x, i) => x - u[m][i])))
        u[m] = pull
      }
    }
    let sum = 0
    u.forEach((direction, m) => {
      sum += dot(direction, sumOfOthers(K, ranks, u, m))
      direction.forEach((x, i) => (directions[m].data[i * k + j] = x))
    })
    correlations[j] = sum / pairs
  }
  return { directions, correlations }
}

/** sum over l of K_ml u_l: the block of m itself is zero. */
function sumOfOthers(K: Matrix, ranks: readonly number[], u: readonly Float64Array[], m: number): Float64Array {
  const offsets = blockOffsets(ranks)
  const all = new Float64Array(K.cols)
  u.forEach((direction, l) => {
    all.set(direction, offsets[l])
  })
  return Float64Array.from({ length: ranks[m] }, (_, i) => dot(K.row(offsets[m] + i), all))
}

function withoutEarlier(x: Float64Array, earlier: Matrix, count: number): Float64Array {
  const out = Float64Array.from(x)
  // Twice: once leaves what rounding brought back.
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < count; j++) {
      const direction = column(earlier, j)
      const along = dot(direction, out)
      direction.forEach((value, i) => (out[i] -= along * value))
    }
  }
  return norm(out) > 1e-12 * norm(x) ? out : out.fill(0)
}

function column(A: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: A.rows }, (_, i) => A.get(i, j))
}

function unit(x: Float64Array): Float64Array {
  const length = norm(x)
  return length === 0 ? x : x.map((value) => value / length)
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
