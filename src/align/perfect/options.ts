import { wrongKind } from '../../describe.js'
import { seedText, type Seed } from '../../random/seed.js'
import { integerIn, knownOptions, oneOf } from '../../validation.js'
import { scaleOption, type Scale } from '../model/column-scales.js'
import { componentCount } from '../model/options-check.js'
import { SELECTIONS, SOLVERS, type Selection, type SelectionOptions, type Solver } from './selection.js'

/** Options of PerfectAlignment. */
export interface PerfectAlignmentOptions {
  /** Dimensions of the latent space, k; at most d1 + ... + dM. */
  readonly nComponents: number
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

const OPTIONS: readonly (keyof PerfectAlignmentOptions)[] = [
  'nComponents',
  'selection',
  'center',
  'scale',
  'tolerance',
  'solver',
  'seed',
  'maxIterations',
  'gradientTolerance',
]

// 200 to 2000 are what it takes where sigma_1^2 is 10^3 to 10^5 times the gap between what is kept and what is not (measured).
const MAX_ITERATIONS = 5000
// The loss exceeds the least by about 10^-12 ||X||_F^2 / gap of itself then; with less, its decrease drowns in rounding.
const GRADIENT_TOLERANCE = 1e-6

/**
 * Options with the defaults filled in.
 *
 * @throws TypeError if an option is of the wrong kind
 * @throws RangeError unless nComponents and maxIterations are integers from 1 on, `selection` and `solver` are known and go together,
 *   the seed is finite, and both tolerances are from 0 to below 1
 */
export function checkOptions(options: unknown): SelectionOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongKind('options', 'an object with nComponents', options)
  }
  const {
    nComponents,
    selection,
    center,
    scale,
    tolerance,
    solver = 'svd',
    seed = 0,
    maxIterations,
    gradientTolerance,
  } = knownOptions(options, OPTIONS) as Record<keyof PerfectAlignmentOptions, unknown>
  if (center !== undefined && typeof center !== 'boolean') {
    throw wrongKind('center', 'true or false', center)
  }
  const chosenSolver = oneOf(solver, SOLVERS, 'solver')
  const descends = chosenSolver === 'gradient'
  const chosenSelection = oneOf(
    selection === undefined ? (descends ? 'last' : 'auto') : selection,
    SELECTIONS,
    'selection',
  )
  if (descends && chosenSelection !== 'last') {
    throw new RangeError(
      `solver 'gradient' minimises what selection 'last' does, got '${chosenSelection}': leave it out`,
    )
  }
  seedText(seed)
  return {
    nComponents: componentCount(nComponents),
    selection: chosenSelection,
    center,
    scale: scaleOption(scale, chosenSelection === 'auto' || chosenSelection === 'balanced' ? 'auto' : false),
    tolerance: relativeTolerance(tolerance, 'tolerance'),
    solver: chosenSolver,
    seed: seed as Seed,
    maxIterations: integerIn(
      maxIterations === undefined ? MAX_ITERATIONS : maxIterations,
      1,
      Number.MAX_SAFE_INTEGER,
      'maxIterations',
    ),
    gradientTolerance: relativeTolerance(gradientTolerance, 'gradientTolerance') ?? GRADIENT_TOLERANCE,
  }
}

function relativeTolerance(value: unknown, name: string): number | undefined {
  if (value !== undefined && typeof value !== 'number') {
    throw wrongKind(name, 'a number', value)
  }
  if (value !== undefined && !(value >= 0 && value < 1)) {
    throw new RangeError(`${name} must be from 0 to below 1, got ${value}: it is relative to the size of the data`)
  }
  return value
}
