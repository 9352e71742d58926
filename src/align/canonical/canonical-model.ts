import { eighSteps } from '../../linalg/eigh.js'
import { isLeadingWorth, leadingEighSteps, type LeadingEigh } from '../../linalg/eigh-leading.js'
import { multiplySteps } from '../../linalg/matmul.js'
import { solveUpperRightSteps, solveUpperSteps } from '../../linalg/triangular.js'
import { Matrix } from '../../matrix.js'
import { writeTransposedSteps } from '../../runtime/marshal.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { difference, scaleColumns, multiple } from '../../dense/arithmetic.js'
import { columnNorms, frobeniusSteps } from '../../dense/norms.js'
import { blockOffsets, columnRange, submatrix, withColumns } from '../../dense/slices.js'
import { centeredFactorSteps, modalityBlockSteps, modalityThreshold, type DataFactor } from '../factor/data-factor.js'
import { leadingTripletSteps } from '../../linalg/leading-triplets.js'
import { augmentedTriangleSteps, leastSingularBoundSteps } from '../../linalg/stacked-triangles.js'
import type { sumcorDirections } from './sumcor.js'
import { iterativeSolver } from '../model/iterative-solvers.js'
import { stateOf, type JointFactor } from '../factor/joint-factor.js'
import type { LinearModel } from '../model/linear-model.js'
import { paddedBlockSteps, principalSteps } from '../factor/principal.js'
import { withSigns } from '../model/signs.js'
import { sharedSteps } from '../factor/shared-work.js'
import { oracleShrinkageSteps, shrinkageBlockSteps } from '../factor/shrinkage.js'

/** How canonical directions are found. */
export interface CanonicalOptions {
  readonly nComponents: number
  readonly regularization: number | 'oas'
  readonly criterion: 'maxvar' | 'sumcor'
  readonly tolerance: number | undefined
}

/** A linear model and its canonical correlations. */
export interface CanonicalModel extends LinearModel {
  readonly canonicalCorrelations: Float64Array
  /** 1 - rho, without cancellation. */
  readonly complements: Float64Array
  /** The share that was shrunk, one a modality. */
  readonly shrinkage: Float64Array
}

/** A modality in coordinates where its regularised covariance is the identity: Q = R_m W, r columns. */
interface Whitened {
  /** As many of the first rows as the products with other modalities need. */
  readonly Q: Matrix
  /** W times directions, d_m x k. */
  readonly unwhiten: (directions: Matrix) => Steps<Matrix>
}

/** Fits everything from the joint factor. */
export function* canonicalModelSteps(
  engine: Engine,
  joint: JointFactor,
  options: CanonicalOptions,
): Steps<CanonicalModel> {
  const data = yield* centeredFactorSteps(joint)
  const k = options.nComponents
  const { regularization, criterion, tolerance } = options
  const canonical = function* (): Steps<CanonicalDirections> {
    const shrinkage = yield* shrinkageSteps(engine, data, regularization)
    const found =
      (yield* whitenedDirectionSteps(engine, data, shrinkage, options, triangularSteps)) ??
      (yield* whitenedDirectionSteps(engine, data, shrinkage, options, principalWhitenSteps))
    if (found === undefined) throw new Error('principal directions whiten any modality')
    return { ...found, shrinkage }
  }
  const {
    maps: all,
    correlations: most,
    shrinkage,
  } = yield* sharedSteps(
    stateOf(joint).R,
    `canonical ${regularization} ${criterion} ${tolerance}`,
    canonical,
    ({ correlations }) => correlations.length >= k,
  )
  const [directions, correlations] = [all.map((A) => columnRange(A, 0, k)), most.slice(0, k)]
  const complements = correlations.map((rho) => 1 - rho)
  if (directions.length === 2 && shrinkage.every((c) => c === 0)) {
    const latents: Matrix[] = []
    for (const [m, A] of directions.entries()) {
      latents.push(yield* multiplySteps(engine, yield* paddedBlockSteps(data, m), A))
    }
    const gaps = columnNorms(difference(latents[0], latents[1]))
    // ||u - v||^2 / 2 of unit vectors; a component beyond the rank is zero, and has rho = 0.
    gaps.forEach((gap, j) => {
      if (correlations[j] > 0) complements[j] = gap ** 2 / 2
      correlations[j] = Math.min(1, correlations[j])
    })
  }
  const unitVariance = Math.sqrt(data.freeRows)
  const maps = withSigns(directions.map((A) => multiple(A.transpose(), unitVariance)))
  return {
    maps,
    means: joint.means(),
    centered: true,
    canonicalCorrelations: correlations,
    complements,
    shrinkage,
  }
}

/** Canonical directions in the units of the data, d_m x k each. */
interface CanonicalDirections {
  readonly maps: Matrix[]
  readonly correlations: Float64Array
  readonly shrinkage: Float64Array
}

/** A way to whiten modality m, of which share c is shrunk; nothing if it does not apply. */
type Whiten = (
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
) => Steps<Whitened | undefined>

/** Canonical directions in the units of the data, d_m x k each, by one way to whiten; nothing if it does not apply. */
function* whitenedDirectionSteps(
  engine: Engine,
  data: DataFactor,
  shrinkage: Float64Array,
  options: CanonicalOptions,
  whiten: Whiten,
): Steps<{ maps: Matrix[]; correlations: Float64Array } | undefined> {
  const whitened: Whitened[] = []
  for (let m = 0; m < data.widths.length; m++) {
    const one = yield* whiten(engine, data, m, shrinkage[m], options.tolerance)
    if (one === undefined) return undefined
    whitened.push(one)
  }
  const { directions, correlations } = yield* directionSteps(engine, whitened, options)
  // Beyond the rank of a modality, directions without variance: only principal directions tell.
  const noise = data.R.cols * Number.EPSILON * correlations[0]
  if (whiten === triangularSteps && correlations.some((rho) => rho <= noise)) return undefined
  const maps: Matrix[] = []
  for (const [m, { unwhiten }] of whitened.entries()) maps.push(yield* unwhiten(directions[m]))
  return { maps, correlations }
}

function* shrinkageSteps(engine: Engine, data: DataFactor, c: number | 'oas'): Steps<Float64Array> {
  const out = new Float64Array(data.widths.length)
  if (c !== 'oas') return out.fill(c)
  for (let m = 0; m < out.length; m++) {
    out[m] = yield* oracleShrinkageSteps(engine, yield* shrinkageBlockSteps(data, m), data.freeRows, true)
  }
  return out
}

/** The length by which shrinkage c fills up every direction of a modality: sqrt(c t), t the mean eigenvalue. */
function* ridgeLengthSteps(data: DataFactor, m: number, c: number): Steps<number> {
  return Math.sqrt(c / data.widths[m]) * (yield* frobeniusSteps(yield* shrinkageBlockSteps(data, m)))
}

/** W = T^-1 for the triangle T of [sqrt(1 - c) R_m; sqrt(c t) I], if its columns are surely independent. */
function* triangularSteps(
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
): Steps<Whitened | undefined> {
  const { widths, freeRows } = data
  const block = yield* modalityBlockSteps(data, m)
  const T = yield* augmentedTriangleSteps(
    engine,
    multiple(block, Math.sqrt(1 - c)),
    yield* ridgeLengthSteps(data, m, c),
  )
  const kept = modalityThreshold(data, m, yield* frobeniusSteps(block), tolerance)
  if (!((yield* leastSingularBoundSteps(engine, T)) > kept)) return undefined
  // Products reach down to where the narrower side of them ends, and no further than there are rows.
  const others = blockOffsets(widths)[widths.length - 1]
  const rows = Math.min(block.rows, Math.max(others, 1), Math.max(freeRows, 1))
  const needed = new Matrix(rows, block.cols, block.data.subarray(0, rows * block.cols))
  return {
    Q: yield* solveUpperRightSteps(engine, needed, T, block.rows === block.cols),
    unwhiten: (directions) => solveUpperSteps(engine, T, directions),
  }
}

/** W = V diag(1 / sqrt((1 - c) S^2 + c t)), t the mean eigenvalue. Directions without variance have no covariance either. */
function* principalWhitenSteps(
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

interface Directions {
  /** r_m x k in whitened coordinates. */
  readonly directions: Matrix[]
  readonly correlations: Float64Array
}

function* directionSteps(engine: Engine, whitened: readonly Whitened[], options: CanonicalOptions): Steps<Directions> {
  const k = options.nComponents
  const ranks = whitened.map(({ Q }) => Q.cols)
  if (Math.min(...ranks) === 0) {
    return { directions: ranks.map((rank) => new Matrix(rank, k)), correlations: new Float64Array(k) }
  }
  if (whitened.length === 2) return yield* pairSteps(engine, whitened, k)
  const K = yield* correlationSteps(engine, whitened)
  const M = ranks.length
  const available = Math.min(k, K.rows)
  const { values, vectors: H } = yield* leadingPairSteps(engine, K, available)
  const correlations = new Float64Array(k)
  correlations.set(values.subarray(0, available).map((value) => value / (M - 1)))
  const offsets = blockOffsets(ranks)
  const unit = multiple(H, Math.sqrt(M))
  const maxvar = ranks.map((_, m) => withColumns(submatrix(unit, offsets[m], offsets[m + 1], 0, available), k))
  if (options.criterion === 'maxvar') return { directions: maxvar, correlations }
  const sumcor = iterativeSolver('sumcor') as typeof sumcorDirections
  return sumcor(K, ranks, maxvar)
}

/** Bjoerck and Golub 1973: the SVD of Q1^T Q2. */
function* pairSteps(engine: Engine, [{ Q: Q1 }, { Q: Q2 }]: readonly Whitened[], k: number): Steps<Directions> {
  const product = yield* crossProductSteps(engine, Q1, Q2)
  const { U, S, V } = yield* leadingTripletSteps(engine, product, Math.min(k, Q1.cols, Q2.cols), { left: true })
  const correlations = new Float64Array(k)
  correlations.set(S.slice(0, k))
  return { directions: [withColumns(U as Matrix, k), withColumns(V, k)], correlations }
}

/** A^T B, of which one may have fewer rows: those missing are zero. */
function crossProductSteps(engine: Engine, A: Matrix, B: Matrix): Steps<Matrix> {
  const rows = Math.min(A.rows, B.rows)
  const [top, bottom] = [A, B].map(({ cols, data }) => new Matrix(rows, cols, data.subarray(0, rows * cols)))
  return multiplySteps(engine, top, bottom, { transposeA: true })
}

/** The k largest eigenvalues first, with their vectors, n x k. */
function* leadingPairSteps(engine: Engine, K: Matrix, k: number): Steps<LeadingEigh> {
  const n = K.rows
  const leading =
    isLeadingWorth(n, k) && (yield* leadingEighSteps(engine, n, k, (to) => writeTransposedSteps(engine, K, to)))
  if (leading) return leading
  const { values, vectors } = yield* eighSteps(engine, K, true)
  const H = new Matrix(n, k)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) H.data[i * k + j] = (vectors as Matrix).get(i, n - 1 - j)
  return { values: values.reverse(), vectors: H }
}

/** All Q_m^T Q_l side by side, with zeros for m = l. */
function* correlationSteps(engine: Engine, whitened: readonly Whitened[]): Steps<Matrix> {
  const offsets = blockOffsets(whitened.map(({ Q }) => Q.cols))
  const K = new Matrix(offsets[whitened.length], offsets[whitened.length])
  for (const [m, { Q }] of whitened.entries()) {
    for (let l = 0; l < m; l++) {
      const C = yield* crossProductSteps(engine, Q, whitened[l].Q)
      for (let i = 0; i < C.rows; i++) {
        for (let j = 0; j < C.cols; j++) {
          K.data[(offsets[m] + i) * K.cols + offsets[l] + j] = C.get(i, j)
          K.data[(offsets[l] + j) * K.cols + offsets[m] + i] = C.get(i, j)
        }
      }
    }
  }
  return K
}
