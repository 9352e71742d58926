import { balancedSteps } from '../align/balanced.js'
import { columnRange, stackRows } from '../align/blocks.js'
import { uncenteredFactorSteps, type DataFactor } from '../align/data-factor.js'
import { helmertSteps } from '../align/helmert.js'
import type { JointFactor } from '../align/joint-factor.js'
import {
  equilibrateSteps,
  fullRank,
  informativeSteps,
  nullSpaceSteps,
  surelyHasRankSteps,
} from '../align/null-space.js'
import { countRelationsSteps } from '../align/relations.js'
import type { SelectionOptions, SelectionRule } from '../align/selection.js'
import { rightSingularSteps } from '../align/singular-vectors.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
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
  const { S, V } = yield* rightSingularSteps(engine, stackRows(yield* helmertSteps(factor)))
  const { A, strengths } = yield* balancedSteps(engine, data, K, gammaRoots)
  const { relations, directions } = yield* exactSteps(engine, factor, plan)
  // With the mean in, the constant of one is a relation between any modalities.
  const centered = factor === data ? undefined : yield* exactSteps(engine, data, { ...plan, selection: 'balanced' })
  const inexact: NestedDirections =
    selection === 'last' || selection === 'informative'
      ? { A: lastRows(V, K), selected: 'last' }
      : { A, selected: 'balanced' }
  const parts: (NestedDirections & { kept: readonly Float64Array[] })[] = []
  for (const part of [...directions, inexact]) {
    parts.push({ ...part, kept: yield* energyKeptSteps(engine, data, factors, part.A, part.selected === 'balanced') })
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
  const equilibrated = yield* equilibrateSteps(factor)
  if (selection !== 'informative' && (yield* surelyHasRankSteps(engine, equilibrated, fullRank(factor), tolerance))) {
    return { relations: 0, directions: [] }
  }
  const nullSpace = yield* nullSpaceSteps(engine, equilibrated, tolerance)
  const relations = yield* countRelationsSteps(engine, equilibrated, nullSpace)
  const exact = { informative: nullSpace.N.cols, auto: relations, balanced: 0, last: 0 }[selection]
  const k = Math.min(exact, nComponents)
  if (k === 0) return { relations, directions: [] }
  const A = yield* informativeSteps(engine, factor, equilibrated, nullSpace, k)
  return { relations, directions: [{ A, selected: 'informative' }] }
}

/** The last k columns as rows, from the last on. */
function lastRows(V: Matrix, k: number): Matrix {
  const ascending = columnRange(V, V.cols - k, V.cols).transpose()
  const out = new Matrix(k, V.rows)
  for (let i = 0; i < k; i++) out.row(i).set(ascending.row(k - 1 - i))
  return out
}
