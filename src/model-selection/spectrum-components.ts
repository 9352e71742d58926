import { balancedSteps } from '../align/perfect/balanced.js'
import { columnRange, stackRows } from '../dense/slices.js'
import { uncenteredFactorSteps, type DataFactor } from '../align/factor/data-factor.js'
import { helmertSteps } from '../align/factor/helmert.js'
import type { JointFactor } from '../align/factor/joint-factor.js'
import { evenFactorSteps } from '../align/factor/even-factor.js'
import { fullRank, nullSpaceSteps, surelyHasRankSteps } from '../align/perfect/null-space.js'
import { informativeSteps } from '../align/perfect/informative.js'
import { countRelationsSteps } from '../align/perfect/relations.js'
import type { SelectionOptions, SelectionRule } from '../align/perfect/selection.js'
import { svdSteps } from '../linalg/svd.js'
import { partsOf } from '../progress.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { energyKeptSteps } from './energy-kept.js'
import type { SpectrumComponent } from './spectrum-table.js'
import { gapAfter } from './suggestion.js'

/** What is asked for, and what is known of the data already. */
export interface ComponentsPlan extends SelectionOptions {
  /** Centred. */
  readonly data: DataFactor
  /** Its shrinkage. */
  readonly gammaRoots: Float64Array
  /** T_m of every modality. */
  readonly factors: readonly Matrix[]
}

/** What a spectrum is made of. */
export interface SpectrumParts {
  readonly components: SpectrumComponent[]
  /** mu of all directions, descending. */
  readonly strengths: Float64Array
  readonly relations: number
}

/** Directions of which the first k are those that a selection of k components takes, or span the same. */
interface NestedDirections {
  /** One a row. */
  readonly A: Matrix
  readonly selected: SelectionRule
}

/** The singular values, the strengths, and what the first k directions of the selection keep, k = 1 .. nComponents. */
export function* componentSteps(engine: Engine, joint: JointFactor, plan: ComponentsPlan): Steps<SpectrumParts> {
  const { nComponents: K, selection, center, data, gammaRoots, factors } = plan
  const factor = (center ?? selection === 'auto') ? data : yield* uncenteredFactorSteps(joint)
  const last = selection === 'last' || selection === 'informative'
  const stack = stackRows(yield* helmertSteps(factor))
  const part = partsOf(12, 5, 1, 2)
  const { S, V } = yield* part(svdSteps(engine, stack, { U: 'none', V: last ? 'thin' : 'none' }))
  const { A, strengths } = yield* part(balancedSteps(engine, data, K, gammaRoots))
  const { relations, directions } = yield* part(exactSteps(engine, factor, plan))
  // With the mean in, the constant of one is a relation between any modalities.
  const centered = factor === data ? undefined : yield* exactSteps(engine, data, { ...plan, selection: 'balanced' })
  const inexact: NestedDirections =
    V === undefined ? { A, selected: 'balanced' } : { A: lastRows(V, K), selected: 'last' }
  const keptOf = (A: Matrix, balanced: boolean) => part(energyKeptSteps(engine, data, factors, A, balanced))
  const parts: (NestedDirections & { kept: readonly Float64Array[] })[] = []
  for (const found of [...directions, inexact]) {
    parts.push({ ...found, kept: yield* keptOf(found.A, found.selected === 'balanced') })
  }
  const components = Array.from({ length: K }, (_, i) => {
    const { selected, kept } = parts.find((part) => i < part.A.rows) ?? parts[0]
    const energyKept = kept.map((shares) => shares[i])
    return { k: i + 1, singularValue: S[S.length - 1 - i], sharedStrength: strengths[i], gap: gapAfter(strengths, i), selected, energyKept } // prettier-ignore
  })
  return { components, strengths, relations: centered?.relations ?? relations }
}

/** How many exact relations the data has, and the exact directions that the selection takes as long as they last. */
function* exactSteps(
  engine: Engine,
  factor: DataFactor,
  { selection, nComponents, tolerance }: SelectionOptions,
): Steps<{ relations: number; directions: NestedDirections[] }> {
  const even = yield* evenFactorSteps(factor)
  if (selection !== 'informative' && (yield* surelyHasRankSteps(engine, even, fullRank(factor), tolerance))) {
    return { relations: 0, directions: [] }
  }
  const nullSpace = yield* nullSpaceSteps(engine, even, tolerance)
  const relations = yield* countRelationsSteps(engine, even, nullSpace)
  const exact = { informative: nullSpace.N.cols, auto: relations, balanced: 0, last: 0 }[selection]
  const k = Math.min(exact, nComponents)
  if (k === 0) return { relations, directions: [] }
  const A = yield* informativeSteps(engine, factor, even, nullSpace, k)
  return { relations, directions: [{ A, selected: 'informative' }] }
}

/** The last k columns as rows, from the last on. */
function lastRows(V: Matrix, k: number): Matrix {
  const ascending = columnRange(V, V.cols - k, V.cols).transpose()
  const out = new Matrix(k, V.rows)
  for (let i = 0; i < k; i++) out.row(i).set(ascending.row(k - 1 - i))
  return out
}
