import { multiplySteps } from '../../linalg/matmul.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import type { Steps } from '../../steps.js'
import { difference, multiple } from '../../dense/arithmetic.js'
import { columnNorms } from '../../dense/norms.js'
import { columnRange, transposedSteps, withColumns } from '../../dense/slices.js'
import { centeredFactorSteps, type DataFactor } from '../factor/data-factor.js'
import { leadingTripletSteps } from '../../linalg/leading-triplets.js'
import type { sumcorDirections } from './sumcor.js'
import { registered } from '../../registered.js'
import type { JointFactor } from '../factor/joint-factor.js'
import type { LinearModel } from '../model/linear-model.js'
import { paddedBlockSteps } from '../factor/principal.js'
import { LEAST_RHO, sharedCount } from '../model/shared-count.js'
import { withSignsSteps } from '../model/signs.js'
import { sharedSteps } from '../factor/shared-work.js'
import { oracleShrinkageSteps, shrinkageBlockSteps } from '../factor/shrinkage.js'
import { correlationSteps, maxvarSteps } from './maxvar.js'
import {
  crossProductSteps,
  principalWhitenSteps,
  triangularSteps,
  type Directions,
  type Whiten,
  type Whitened,
} from './whitening.js'

/** How canonical directions are found. */
export interface CanonicalOptions {
  readonly nComponents: number | 'all'
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

/** Fits everything from the joint factor. */
export function* canonicalModelSteps(
  engine: Engine,
  joint: JointFactor,
  options: CanonicalOptions,
): Steps<CanonicalModel> {
  const data = yield* centeredFactorSteps(joint)
  const { regularization, criterion, tolerance, nComponents } = options
  const most = nComponents === 'all' ? Math.min(...data.widths, data.freeRows) : nComponents
  const asked = { ...options, nComponents: most }
  const canonical = function* (): Steps<CanonicalDirections> {
    const part = partsOf(1, 5)
    const shrinkage = yield* part(shrinkageSteps(engine, data, regularization))
    const found =
      (yield* part(whitenedDirectionSteps(engine, data, shrinkage, asked, triangularSteps))) ??
      (yield* whitenedDirectionSteps(engine, data, shrinkage, asked, principalWhitenSteps))
    if (found === undefined) throw new Error('principal directions whiten any modality')
    return { ...found, shrinkage }
  }
  const {
    maps: all,
    correlations: found,
    shrinkage,
  } = yield* sharedSteps(
    joint.settled.R,
    `canonical ${regularization} ${criterion} ${tolerance}`,
    canonical,
    ({ correlations }) => correlations.length >= most,
  )
  const k = nComponents === 'all' ? sharedCount(found, LEAST_RHO, most) : most
  const [directions, correlations] = [all.map((A) => columnRange(A, 0, k)), found.slice(0, k)]
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
  const rows: Matrix[] = []
  for (const A of directions) {
    rows.push(multiple(yield* transposedSteps(A), unitVariance))
    yield
  }
  const maps = yield* withSignsSteps(rows)
  return {
    maps,
    means: joint.means(),
    centered: true,
    canonicalCorrelations: correlations,
    complements,
    shrinkage,
  }
}

/** With a number of components. */
type Asked = CanonicalOptions & { readonly nComponents: number }

/** Canonical directions in the units of the data, d_m x k each. */
interface CanonicalDirections {
  readonly maps: Matrix[]
  readonly correlations: Float64Array
  readonly shrinkage: Float64Array
}

/** Canonical directions in the units of the data, d_m x k each, by one way to whiten; nothing if it does not apply. */
function* whitenedDirectionSteps(
  engine: Engine,
  data: DataFactor,
  shrinkage: Float64Array,
  options: Asked,
  whiten: Whiten,
): Steps<{ maps: Matrix[]; correlations: Float64Array } | undefined> {
  const whitened: Whitened[] = []
  const part = partsOf(...data.widths.map((width) => width ** 3), 4 * Math.min(...data.widths) ** 3)
  for (let m = 0; m < data.widths.length; m++) {
    const one = yield* part(whiten(engine, data, m, shrinkage[m], options.tolerance))
    if (one === undefined) return undefined
    whitened.push(one)
  }
  const { directions, correlations } = yield* part(directionSteps(engine, whitened, options))
  // Beyond the rank of a modality, directions without variance: only principal directions tell.
  const noise = data.R.cols * Number.EPSILON * correlations[0]
  if (whiten === triangularSteps && correlations.some((rho) => rho <= noise)) return undefined
  const maps: Matrix[] = []
  for (const [m, { unwhiten }] of whitened.entries()) maps.push(yield* unwhiten(directions[m]))
  return { maps, correlations }
}

/** The share of every modality that is shrunk. */
export function* shrinkageSteps(engine: Engine, data: DataFactor, c: number | 'oas'): Steps<Float64Array> {
  const out = new Float64Array(data.widths.length)
  if (c !== 'oas') return out.fill(c)
  for (let m = 0; m < out.length; m++) {
    out[m] = yield* oracleShrinkageSteps(engine, yield* shrinkageBlockSteps(data, m), data.freeRows, true)
  }
  return out
}

/** By two modalities' product, or for more by the criterion. */
function* directionSteps(engine: Engine, whitened: readonly Whitened[], options: Asked): Steps<Directions> {
  const k = options.nComponents
  const ranks = whitened.map(({ Q }) => Q.cols)
  if (Math.min(...ranks) === 0) {
    return { directions: ranks.map((rank) => new Matrix(rank, k)), correlations: new Float64Array(k) }
  }
  if (whitened.length === 2) return yield* pairSteps(engine, whitened, k)
  const K = yield* correlationSteps(engine, whitened)
  const maxvar = yield* maxvarSteps(engine, K, ranks, k)
  if (options.criterion === 'maxvar') return maxvar
  const sumcor = registered('sumcor', 'Solvers') as typeof sumcorDirections
  return sumcor(K, ranks, maxvar.directions)
}

/** Bjoerck and Golub 1973: the SVD of Q1^T Q2. */
function* pairSteps(engine: Engine, [{ Q: Q1 }, { Q: Q2 }]: readonly Whitened[], k: number): Steps<Directions> {
  const part = partsOf(1, 3)
  const product = yield* part(crossProductSteps(engine, Q1, Q2))
  const most = Math.min(k, Q1.cols, Q2.cols)
  const { U, S, V } = yield* part(leadingTripletSteps(engine, product, most, { left: true }))
  const correlations = new Float64Array(k)
  correlations.set(S.slice(0, k))
  return { directions: [withColumns(U as Matrix, k), withColumns(V, k)], correlations }
}
