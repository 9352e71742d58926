import { wrongKind } from '../describe.js'

/**
 * How probable it is that rows are partners, from how much likelier they are as partners than as strangers: with o = prior / (1 - prior), o exp(ratio) /
 * (1 + o exp(ratio)).
 *
 * @param ratios - logarithms, as `logLikelihoodRatio` gives them, or a calibration
 * @param prior - share of pairs that are partners before anything is known of them, above 0 and below 1; 1 / n for a row of a gallery of n that
 *   holds its partner
 * @returns one number from 0 to 1 for each ratio; NaN of NaN
 * @throws TypeError if an argument is of the wrong kind, RangeError for a prior that is not between 0 and 1
 */
export function matchProbability(ratios: ArrayLike<number>, prior: number): Float64Array {
  const list = ratios as ArrayLike<number> | null
  if (typeof list !== 'object' || typeof list?.length !== 'number')
    throw wrongKind('ratios', 'an array of numbers', ratios)
  if (typeof prior !== 'number') throw wrongKind('prior', 'a number', prior)
  if (!(prior > 0 && prior < 1)) throw new RangeError(`prior must be above 0 and below 1, got ${prior}`)
  const odds = Math.log(prior) - Math.log1p(-prior)
  return Float64Array.from(list, (ratio) => 1 / (1 + Math.exp(-(ratio + odds))))
}
