import { eighSteps } from '../linalg/eigh.js'
import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { blockOffsets, columnNorms, columnRange, frobeniusSteps, scaleColumns, submatrix } from './blocks.js'
import { centeredFactorSteps, type DataFactor } from './data-factor.js'
import { sumcorDirections } from './sumcor.js'
import type { JointFactor } from './joint-factor.js'
import type { LinearModel } from './linear-model.js'
import { principalSteps, withColumns } from './principal.js'
import { fixSigns } from './selection.js'
import { oracleShrinkageSteps, shrinkageBlockSteps } from './shrinkage.js'

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

/** A modality in coordinates where its regularised covariance is the identity. */
interface Whitened {
  /** Q = R_m W, d x r. */
  readonly Q: Matrix
  /** d_m x r. */
  readonly W: Matrix
}

/** Fits everything from the joint factor. */
export function* canonicalModelSteps(
  engine: Engine,
  joint: JointFactor,
  options: CanonicalOptions,
): Steps<CanonicalModel> {
  const data = yield* centeredFactorSteps(joint)
  const shrinkage = yield* shrinkageSteps(engine, data, options.regularization)
  const whitened: Whitened[] = []
  for (let m = 0; m < data.widths.length; m++) {
    whitened.push(yield* whitenSteps(engine, data, m, shrinkage[m], options.tolerance))
  }
  const { directions, correlations } = yield* directionSteps(engine, whitened, options)
  const complements = correlations.map((rho) => 1 - rho)
  if (whitened.length === 2 && shrinkage.every((c) => c === 0)) {
    const [Z1, Z2] = [
      yield* multiplySteps(engine, whitened[0].Q, directions[0]),
      yield* multiplySteps(engine, whitened[1].Q, directions[1]),
    ]
    const gaps = columnNorms(
      new Matrix(
        Z1.rows,
        Z1.cols,
        Z1.data.map((x, i) => x - Z2.data[i]),
      ),
    )
    // ||u - v||^2 / 2 of unit vectors; a component beyond the rank is zero, and has rho = 0.
    gaps.forEach((gap, j) => {
      if (correlations[j] > 0) complements[j] = gap ** 2 / 2
      correlations[j] = Math.min(1, correlations[j])
    })
  }
  const unitVariance = Math.sqrt(data.freeRows)
  const blocks: Matrix[] = []
  for (const [m, { W }] of whitened.entries()) {
    const A = yield* multiplySteps(engine, W, directions[m])
    blocks.push(scaleColumns(A, new Float64Array(A.cols).fill(unitVariance)).transpose())
  }
  const maps = withSigns(blocks)
  return {
    maps,
    means: joint.means(),
    centered: true,
    canonicalCorrelations: correlations,
    complements,
    shrinkage,
  }
}

/** Signs fixed on the whole stacked row. */
export function withSigns(blocks: readonly Matrix[]): Matrix[] {
  const offsets = blockOffsets(blocks.map(({ cols }) => cols))
  const k = blocks[0].rows
  const stacked = new Matrix(k, offsets[blocks.length])
  blocks.forEach((block, m) => {
    for (let i = 0; i < k; i++) stacked.data.set(block.row(i), i * stacked.cols + offsets[m])
  })
  const signed = fixSigns(stacked)
  return blocks.map((_, m) => columnRange(signed, offsets[m], offsets[m + 1]))
}

function* shrinkageSteps(engine: Engine, data: DataFactor, c: number | 'oas'): Steps<Float64Array> {
  const out = new Float64Array(data.widths.length)
  if (c !== 'oas') return out.fill(c)
  for (let m = 0; m < out.length; m++) {
    out[m] = yield* oracleShrinkageSteps(engine, yield* shrinkageBlockSteps(data, m), data.freeRows)
  }
  return out
}

/** W = V diag(1 / sqrt((1 - c) S^2 + c t)), t the mean eigenvalue. Directions without variance have no covariance either. */
function* whitenSteps(
  engine: Engine,
  data: DataFactor,
  m: number,
  c: number,
  tolerance: number | undefined,
): Steps<Whitened> {
  const { U, S, V } = yield* principalSteps(engine, data, m, tolerance)
  const ridge = Math.sqrt(c / data.widths[m]) * (yield* frobeniusSteps(yield* shrinkageBlockSteps(data, m)))
  const lengths = S.map((sigma) => Math.hypot(Math.sqrt(1 - c) * sigma, ridge))
  return { Q: scaleColumns(U, S.map((sigma, j) => sigma / lengths[j])), W: scaleColumns(V, lengths.map((x) => 1 / x)) } // prettier-ignore
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
  const { values, vectors } = yield* eighSteps(engine, K, true)
  if (vectors === undefined) throw new Error('the vectors that were asked for are missing')
  const M = ranks.length
  const available = Math.min(k, K.rows)
  // Ascending eigenvalues: the last are wanted, the last first.
  const order = Array.from({ length: available }, (_, j) => K.rows - 1 - j)
  const H = new Matrix(K.rows, available)
  for (let i = 0; i < K.rows; i++) order.forEach((from, j) => (H.data[i * available + j] = vectors.get(i, from)))
  const correlations = new Float64Array(k)
  order.forEach((from, j) => (correlations[j] = values[from] / (M - 1)))
  const offsets = blockOffsets(ranks)
  const maxvar = ranks.map((_, m) =>
    withColumns(
      submatrix(
        scaleColumns(H, new Float64Array(available).fill(Math.sqrt(M))),
        offsets[m],
        offsets[m + 1],
        0,
        available,
      ),
      k,
    ),
  )
  if (options.criterion === 'maxvar') return { directions: maxvar, correlations }
  return sumcorDirections(K, ranks, maxvar)
}

/** Bjoerck and Golub 1973: the SVD of Q1^T Q2. */
function* pairSteps(engine: Engine, [{ Q: Q1 }, { Q: Q2 }]: readonly Whitened[], k: number): Steps<Directions> {
  const product = yield* multiplySteps(engine, Q1, Q2, { transposeA: true })
  const { U, S, V } = yield* svdSteps(engine, product, { U: 'thin', V: 'thin' })
  const correlations = new Float64Array(k)
  correlations.set(S.slice(0, k))
  return { directions: [withColumns(U as Matrix, k), withColumns(V as Matrix, k)], correlations }
}

/** All Q_m^T Q_l side by side, with zeros for m = l. */
function* correlationSteps(engine: Engine, whitened: readonly Whitened[]): Steps<Matrix> {
  const offsets = blockOffsets(whitened.map(({ Q }) => Q.cols))
  const K = new Matrix(offsets[whitened.length], offsets[whitened.length])
  for (const [m, { Q }] of whitened.entries()) {
    for (let l = 0; l < m; l++) {
      const C = yield* multiplySteps(engine, Q, whitened[l].Q, { transposeA: true })
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
