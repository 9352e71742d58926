import { oneOf } from '../../validation.js'
import type { Seed } from '../../random/seed.js'
import type { WithFeatures } from '../model/features.js'
import { scaleRule, type Scale } from '../model/column-scales.js'
import {
  CENTER,
  checkedOptions,
  choice,
  components,
  COMPONENTS,
  count,
  relative,
  SCALE,
  seed,
  SEED,
  TOLERANCE,
  type HelpFor,
  type Rule,
} from '../model/options.js'
import { flag } from '../../validation.js'
import { SELECTIONS, SOLVERS, type Selection, type SelectionOptions, type Solver } from './selection.js'

/** Options of PerfectAlignment. */
export interface PerfectAlignmentOptions extends WithFeatures {
  /**
   * Dimensions of the latent space, k; at most d1 + ... + dM. Or 'all', with 'balanced': as many as share anything, for scores that weigh
   * each by what it shares. With 'auto' that is 'balanced', unless all of it are exact relations: these are 'informative', and have no rho.
   */
  readonly nComponents: number | 'all'
  /**
   * Which directions to take; default 'auto'.
   *
   * - 'last': the k smallest singular vectors of the stacked modalities, the least error on the rows that were fitted. With
   *   few rows, or columns that depend on each other, latents collapse: everything maps to zero, and held-out retrieval is
   *   left to chance.
   * - 'informative': of all exact alignments the k that carry most signal; 'last' where there are fewer than k.
   * - 'balanced': most latent energy for its misalignment, with shrinkage taken from the data. Not exact on the fitted rows,
   *   but the one for data with noise, and for fewer rows than columns.
   * - 'auto': 'informative' if the data has k exact relations that having few rows did not force, else 'balanced'.
   */
  readonly selection?: Selection
  /**
   * Whether the column means are taken out, in the fit and in `transform`. Default false for 'last' and 'informative', true
   * for 'auto'; 'balanced' always does it.
   */
  readonly center?: boolean
  /**
   * Whether columns are brought to like units before the fit; `transform` takes them as they come all the same.
   *
   * - 'auto', the default but for 'last' and 'informative': where they differ too much. With r the deviation of a column for the lower
   *   median of its modality: if some r > 100 and the columns are correlated (mean square .02 above chance), every column gets a deviation of
   *   1; else those with r > 300 get that of the median, those with r > 30 30 times it. Most data is left as it is; what is shrunk is judged
   *   by columns brought to 3 times the median.
   * - true: every column gets a deviation of 1. Embeddings, principal components and counts of words are the worse for it.
   * - false: none, the default of 'last' and 'informative', which are in the units of the data by definition.
   *
   * Constant columns take no part if columns are scaled.
   */
  readonly scale?: Scale
  /**
   * Singular values up to this multiple of the largest count as zero, 0 <= tolerance < 1. Default max(n, d) eps, for float32
   * data at least sqrt(d) 2^-24.
   */
  readonly tolerance?: number
  /**
   * 'svd' (default), or 'gradient': gradient descent for what 'last' minimises, from a random start, for comparison (Remark 2.5
   * of Kamboj and Do). It needs no samples either, and no singular vectors; but it sees sigma^2, and stops near the minimum:
   * misalignments far below the root of gradientTolerance times the norm of the data are out of its reach. Needs `registerSolvers` of
   * `collimate/solvers`.
   */
  readonly solver?: Solver
  /** Of the random start of 'gradient'; default 0. */
  readonly seed?: Seed
  /** Steps that 'gradient' may take; default 5000. Whether they were enough is in {@link PerfectAlignment.converged}. */
  readonly maxIterations?: number
  /** 'gradient' stops where the gradient of ||A X||_F^2 is at most 2 gradientTolerance ||X||_F ||A X||_F; default 1e-6. */
  readonly gradientTolerance?: number
}

// 200 to 2000 are what it takes where sigma_1^2 is 10^3 to 10^5 times the gap between what is kept and what is not (measured).
const MAX_ITERATIONS = 5000
// The loss exceeds the least by about 10^-12 ||X||_F^2 / gap of itself then; with less, its decrease drowns in rounding.
const GRADIENT_TOLERANCE = 1e-6

/** What 'gradient' descends to is 'last'. */
const selection: Rule<Selection> = (value, name, { solver, nComponents }) => {
  const descends = solver === 'gradient'
  const asked = value === undefined ? (descends ? 'last' : 'auto') : value
  if (nComponents === 'all') return oneOf(asked, ['auto', 'balanced'], "selection with nComponents 'all'")
  const chosen = oneOf(asked, SELECTIONS, name)
  if (!descends || chosen === 'last') return chosen
  throw new RangeError(`solver 'gradient' minimises what selection 'last' does, got '${chosen}': leave it out`)
}

/** {@link PerfectAlignmentOptions} as they are checked. */
export const RULES = {
  nComponents: components,
  solver: choice(SOLVERS, 'svd'),
  selection,
  center: (value: unknown, name: string) => (value === undefined ? undefined : flag(value, name)),
  scale: (value: unknown, name: string, above: Readonly<Record<string, unknown>>) => {
    const inUnitsOfTheData = above.selection === 'last' || above.selection === 'informative'
    return scaleRule(value === undefined && inUnitsOfTheData ? false : value, name, above)
  },
  tolerance: relative(undefined),
  seed,
  maxIterations: count(MAX_ITERATIONS),
  gradientTolerance: relative(GRADIENT_TOLERANCE),
}

/** {@link PerfectAlignmentOptions} on a command line. */
export const HELP: HelpFor<PerfectAlignmentOptions> = {
  nComponents: COMPONENTS,
  selection: {
    text: 'which directions to take: auto, balanced, informative or last',
    argument: 'name',
    flag: '-s, --selection',
  },
  center: CENTER,
  scale: SCALE,
  tolerance: TOLERANCE,
  solver: { text: 'svd, or gradient, which finds what last does', argument: 'name' },
  seed: SEED,
  maxIterations: { text: 'steps that gradient may take', argument: 'count' },
  gradientTolerance: { text: 'relative size of the gradient at which it stops', argument: 'x' },
}

/** Options with the defaults filled in, and a number of components. @throws as {@link checkedOptions} */
export function checkOptions(options: unknown): SelectionOptions {
  const checked = checkedOptions(options, RULES)
  return { ...checked, nComponents: count()(checked.nComponents, 'nComponents', checked) }
}
