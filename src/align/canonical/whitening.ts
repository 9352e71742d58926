import { multiplySteps } from '../../linalg/matmul.js'
import { solveUpperRightSteps, solveUpperSteps } from '../../linalg/triangular.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import type { Steps } from '../../steps.js'
import { scaleColumns, scaleColumnsSteps } from '../../dense/arithmetic.js'
import { frobeniusSteps } from '../../dense/norms.js'
import { blockOffsets, leadingRows } from '../../dense/slices.js'
import { modalityBlockSteps, modalityThreshold, type DataFactor } from '../factor/data-factor.js'
import { augmentedTriangleSteps, leastSingularBoundSteps } from '../../linalg/stacked-triangles.js'
import { principalSteps } from '../factor/principal.js'
import { shrinkageBlockSteps } from '../factor/shrinkage.js'

/** A modality in coordinates where its regularised covariance is the identity: Q = R_m W, r columns. */
export interface Whitened {
  /** As many of the first rows as the products with other modalities need. */
  readonly Q: Matrix
  /** W times directions, d_m x k. */
  readonly unwhiten: (directions: Matrix) => Steps<Matrix>
}

/** A way to whiten modality m, of which share c is shrunk; nothing if it does not apply. */
export type Whiten = (
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
) => Steps<Whitened | undefined>

/** The length by which shrinkage c fills up every direction of a modality: sqrt(c t), t the mean eigenvalue. */
export function* ridgeLengthSteps(data: DataFactor, m: number, c: number): Steps<number> {
  return Math.sqrt(c / data.widths[m]) * (yield* frobeniusSteps(yield* shrinkageBlockSteps(data, m)))
}

/** W = T^-1 for the triangle T of [sqrt(1 - c) R_m; sqrt(c t) I], if its columns are surely independent. */
export function* triangularSteps(
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
): Steps<Whitened | undefined> {
  const { widths, freeRows } = data
  const block = yield* modalityBlockSteps(data, m)
  const share = yield* scaleColumnsSteps(block, new Float64Array(block.cols).fill(Math.sqrt(1 - c)))
  const part = partsOf(4, 1, 1)
  const T = yield* part(augmentedTriangleSteps(engine, share, yield* ridgeLengthSteps(data, m, c)))
  const kept = modalityThreshold(data, m, yield* frobeniusSteps(block), tolerance)
  if (!((yield* part(leastSingularBoundSteps(engine, T))) > kept)) return undefined
  // Products reach down to where the narrower side of them ends, and no further than there are rows.
  const others = blockOffsets(widths)[widths.length - 1]
  const rows = Math.min(block.rows, Math.max(others, 1), Math.max(freeRows, 1))
  const needed = leadingRows(block, rows)
  return {
    Q: yield* part(solveUpperRightSteps(engine, needed, T, block.rows === block.cols)),
    unwhiten: (directions) => solveUpperSteps(engine, T, directions),
  }
}

/** W = V diag(1 / sqrt((1 - c) S^2 + c t)), t the mean eigenvalue. Directions without variance have no covariance either. */
export function* principalWhitenSteps(
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
): Steps<Whitened> {
  const { U, S, V } = yield* principalSteps(engine, data, m, tolerance)
  const ridge = yield* ridgeLengthSteps(data, m, c)
  const lengths = S.map((sigma) => Math.hypot(Math.sqrt(1 - c) * sigma, ridge))
  const W = scaleColumns(V, lengths.map((x) => 1 / x)) // prettier-ignore
  return {
    Q: scaleColumns(U, S.map((sigma, j) => sigma / lengths[j])), // prettier-ignore
    unwhiten: (directions) => multiplySteps(engine, W, directions),
  }
}

/** Canonical directions in whitened coordinates. */
export interface Directions {
  /** r_m x k in whitened coordinates. */
  readonly directions: Matrix[]
  readonly correlations: Float64Array
}

/** A^T B, of which one may have fewer rows: those missing are zero. */
export function crossProductSteps(engine: Engine, A: Matrix, B: Matrix): Steps<Matrix> {
  const rows = Math.min(A.rows, B.rows)
  const [top, bottom] = [A, B].map((X) => leadingRows(X, rows))
  return multiplySteps(engine, top, bottom, { transposeA: true })
}
