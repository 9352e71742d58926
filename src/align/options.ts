import { describe } from '../matrix.js'
import { integerIn, oneOf } from '../validation.js'
import { SELECTIONS, type Selection, type SelectionOptions } from './selection.js'

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
   * Singular values up to this multiple of the largest count as zero, 0 <= tolerance < 1. Default max(n, d) eps, for float32
   * data at least sqrt(d) 2^-24.
   */
  readonly tolerance?: number
}

/**
 * Options with the defaults filled in.
 *
 * @throws TypeError if an option is of the wrong kind
 * @throws RangeError unless nComponents is an integer from 1 on, `selection` is known and 0 <= tolerance < 1
 */
export function checkOptions(options: unknown): SelectionOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`options must be an object with nComponents, got ${describe(options)}`)
  }
  const {
    nComponents,
    selection = 'auto',
    center,
    tolerance,
  } = options as Record<keyof PerfectAlignmentOptions, unknown>
  if (center !== undefined && typeof center !== 'boolean') {
    throw new TypeError(`center must be true or false, got ${describe(center)}`)
  }
  if (tolerance !== undefined && typeof tolerance !== 'number') {
    throw new TypeError(`tolerance must be a number, got ${describe(tolerance)}`)
  }
  if (tolerance !== undefined && !(tolerance >= 0 && tolerance < 1)) {
    throw new RangeError(
      `tolerance must be from 0 to below 1, got ${tolerance}: it is relative to the largest singular value`,
    )
  }
  return {
    nComponents: integerIn(nComponents, 1, Number.MAX_SAFE_INTEGER, 'nComponents'),
    selection: oneOf(selection, SELECTIONS, 'selection'),
    center,
    tolerance,
  }
}
