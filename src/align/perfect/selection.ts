import type { Matrix } from '../../matrix.js'
import type { DataFactors } from '../factor/data-factor.js'
import type { Scale } from '../model/column-scales.js'
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

/** What directions are selected from. */
export interface Fitted {
  /** Triangle of the joint factor, whose fits may share their work. */
  readonly R: Matrix
  readonly shrinkageLimit?: number
  readonly factorOf: DataFactors
}

/** k selected directions. */
export interface SelectedDirections {
  /** k x d, one stacked direction [a_1, ..., a_M] a row, of whichever sign. */
  readonly A: Matrix
  readonly selected: SelectionRule
  readonly centered: boolean
  /** mu of every direction, if that is known. */
  readonly strengths?: Float64Array
  /** How the descent went, if there was one. */
  readonly descent?: Descent
}
