import { ConvergenceError } from '../../errors.js'
import { Matrix } from '../../matrix.js'
import { dot } from '../../dense/arithmetic.js'
import { orthogonalDirection } from '../../dense/gram-schmidt.js'
import { norm } from '../../dense/norms.js'
import { blockOffsets, columnRange } from '../../dense/slices.js'

const MAX_SWEEPS = 10_000
// Directions stand still to half the digits, the objective, which is flat there, to all.
const STANDSTILL = 1e-10
/** The share of a direction that has to be left without those found before. */
const NEW_SHARE = 1e-12

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
  const earlier: Float64Array[][] = ranks.map(() => [])
  const correlations = new Float64Array(k)
  // Beyond the smallest rank nothing is left that is orthogonal to the components before.
  for (let j = 0; j < Math.min(k, ...ranks); j++) {
    const u = start.map(
      (A, m) => orthogonalDirection(columnRange(A, j, j + 1).data, earlier[m], NEW_SHARE) ?? new Float64Array(ranks[m]),
    )
    let moved = Infinity
    for (let sweep = 0; moved > STANDSTILL; sweep++) {
      if (sweep === MAX_SWEEPS) {
        throw new ConvergenceError(
          `component ${j} of SUMCOR still moves by ${moved} after ${MAX_SWEEPS} sweeps: use criterion 'maxvar'`,
        )
      }
      moved = 0
      for (let m = 0; m < u.length; m++) {
        const pull = orthogonalDirection(sumOfOthers(K, ranks, u, m), earlier[m], NEW_SHARE)
        if (pull === undefined) continue
        moved = Math.max(moved, norm(pull.map((x, i) => x - u[m][i])))
        u[m] = pull
      }
    }
    let sum = 0
    u.forEach((direction, m) => {
      sum += dot(direction, sumOfOthers(K, ranks, u, m))
      direction.forEach((x, i) => (directions[m].data[i * k + j] = x))
      earlier[m].push(direction)
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
