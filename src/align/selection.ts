import { scaledToOne, timesPower } from '../linalg/scaling.js'
import { countAbove } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { balancedSteps, type BalancedDirections } from './balanced.js'
import { columnRange, frobeniusSteps, stackRows, submatrix } from './blocks.js'
import type { Scale } from './column-scales.js'
import { centeredFactorSteps, rankThreshold, uncenteredFactorSteps, type DataFactor } from './data-factor.js'
import { helmertSteps } from './helmert.js'
import { iterativeSolver } from './iterative-solvers.js'
import { stateOf, type JointFactor } from './joint-factor.js'
import {
  equilibrateSteps,
  fullRank,
  informativeSteps,
  mostSignalSteps,
  nullSpaceSteps,
  surelyHasRankSteps,
} from './null-space.js'
import { countRelationsSteps } from './relations.js'
import { sharedSteps } from './shared-work.js'
import { shrinkageScaleSteps } from './shrinkage.js'
import { fixSigns } from './signs.js'
import { rightSingularSteps } from './singular-vectors.js'
import type { Descent, DescentOptions } from './stiefel.js'

/** What to choose among the directions that align the modalities. */
export const SELECTIONS = ['auto', 'balanced', 'informative', 'last'] as const

/** The name of a selection. */
export type Selection = (typeof SELECTIONS)[number]

/** What was chosen in the end: 'auto' becomes one of the others, 'informative' may have to be 'last'. */
export const RULES = ['balanced', 'informative', 'last'] as const

/** The name of a selection that was used. */
export type SelectionRule = (typeof RULES)[number]

/** How directions are found. */
export const SOLVERS = ['svd', 'gradient'] as const

/** The name of a solver. */
export type Solver = (typeof SOLVERS)[number]

/** How directions are selected. */
export interface SelectionOptions extends DescentOptions {
  readonly nComponents: number
  readonly selection: Selection
  readonly center: boolean | undefined
  readonly scale: Scale
  readonly tolerance: number | undefined
  readonly solver: Solver
}

/** k selected directions. */
export interface SelectedDirections {
  /** k x d, one stacked direction [a_1, ..., a_M] a row. */
  readonly A: Matrix
  readonly selected: SelectionRule
  readonly centered: boolean
  /** mu of every direction, if that is known. */
  readonly strengths?: Float64Array
  /** How the descent went, if there was one. */
  readonly descent?: Descent
}

/**
 * Selects nComponents directions.
 *
 * @throws RangeError if there are fewer rows than the selection needs
 */
export function* selectSteps(engine: Engine, joint: JointFactor, options: SelectionOptions): Steps<SelectedDirections> {
  const { selection, nComponents: k } = options
  const least = selection === 'auto' || selection === 'balanced' ? 2 : 1
  if (joint.rows < least) {
    throw new RangeError(`selection '${selection}' needs at least ${least} rows, got ${joint.rows}`)
  }
  // Counting relations needs the mean out, and so 'auto' takes it out of what it then selects from.
  const centered = options.center ?? selection === 'auto'
  const factor = centered ? yield* centeredFactorSteps(joint) : yield* uncenteredFactorSteps(joint)
  const { R, shrinkageLimit } = stateOf(joint)
  if (selection === 'auto' || selection === 'informative') {
    const A = yield* exactSteps(engine, R, factor, options)
    if (A !== undefined) return { A: fixSigns(A), selected: 'informative', centered }
  }
  if (options.solver === 'gradient') {
    const { A, ...descent } = yield* descendedSteps(engine, factor, options)
    return { A: fixSigns(A), selected: 'last', centered, descent }
  }
  if (selection === 'informative' || selection === 'last') {
    return { A: fixSigns(yield* lastSteps(engine, R, factor, options)), selected: 'last', centered }
  }
  const balanced = function* (): Steps<BalancedDirections> {
    const data = centered ? factor : yield* centeredFactorSteps(joint)
    return yield* balancedSteps(engine, data, k, yield* shrinkageScaleSteps(engine, data))
  }
  const { A, strengths } = yield* sharedSteps(R, `balanced ${shrinkageLimit}`, balanced, (found) => found.A.rows >= k)
  const first = new Matrix(k, A.cols, A.data.subarray(0, k * A.cols))
  return { A: fixSigns(first), selected: 'balanced', centered: true, strengths: strengths.slice(0, k) }
}

/** The informative directions of the null space; nothing if it is too small or, for 'auto', forced by having few rows. */
function* exactSteps(
  engine: Engine,
  R: Matrix,
  factor: DataFactor,
  options: SelectionOptions,
): Steps<Matrix | undefined> {
  const { selection, nComponents: k, tolerance } = options
  const auto = selection === 'auto'
  const what = `${auto} ${factor.R.rows} ${tolerance}`
  const equilibrated = yield* equilibrateSteps(factor)
  // A rank that leaves fewer than k directions is told more cheaply than those directions are found.
  const rankWithout = auto ? fullRank(factor) : factor.R.cols
  const few = function* (): Steps<{ most: number; surely: boolean }> {
    return { most: k, surely: yield* surelyHasRankSteps(engine, equilibrated, rankWithout - k + 1, tolerance) }
  }
  // The first of several fits of one factor asks whether there are any directions at all.
  const { surely } = yield* sharedSteps(R, `rank ${what}`, few, (found) =>
    found.surely ? found.most <= k : found.most >= k,
  )
  if (surely) return undefined
  const nullSpace = yield* sharedSteps(R, `null space ${what}`, () => nullSpaceSteps(engine, equilibrated, tolerance))
  if (nullSpace.N.cols < k) return undefined
  if (auto && (yield* countRelationsSteps(engine, equilibrated, nullSpace)) < k) return undefined
  return yield* informativeSteps(engine, factor, equilibrated, nullSpace, k)
}

/**
 * The k right singular vectors of the stacked modalities with the smallest singular values: of all k x d matrices with
 * orthonormal rows the one with the least misalignment ||A X||_F, the root of the sum of their sigma^2 (Kamboj and Do 2025,
 * Eq. 7 and Corollary 2.3).
 */
function* lastSteps(
  engine: Engine,
  R: Matrix,
  factor: DataFactor,
  { nComponents: k, tolerance }: SelectionOptions,
): Steps<Matrix> {
  const { S, V } = yield* sharedSteps(R, `stack ${factor.R.rows}`, function* () {
    return yield* rightSingularSteps(engine, stackRows(yield* helmertSteps(factor)))
  })
  const d = V.cols
  const A = columnRange(V, d - k, d).transpose()
  const rank = countAbove(S, rankThreshold(factor, S[0], tolerance))
  if (rank === d || rank < d - k) return A
  // All of the null space is in A. Its basis came from rounding, and differs from build to build: one that the data fixes.
  const nullRows = yield* mostSignalSteps(engine, factor, columnRange(V, rank, d), d - rank)
  return stackRows([submatrix(A, 0, k - nullRows.rows, 0, d), nullRows])
}

/** What {@link lastSteps} finds, by gradient descent. */
function* descendedSteps(
  engine: Engine,
  factor: DataFactor,
  options: SelectionOptions,
): Steps<Descent & { readonly A: Matrix }> {
  const descentSteps = iterativeSolver('gradient')
  const stack = stackRows(yield* helmertSteps(factor))
  const { matrix, power } = scaledToOne(stack)
  const zero = timesPower(rankThreshold(factor, yield* frobeniusSteps(stack), options.tolerance), power)
  const { A, lossHistory, converged } = yield* descentSteps(engine, matrix, options.nComponents, zero, options)
  const inUnitsOfTheData = (loss: number) => Math.min(Number.MAX_VALUE, timesPower(loss, -2 * power))
  return { A, lossHistory: lossHistory.map(inUnitsOfTheData), converged }
}
