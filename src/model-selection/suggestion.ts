import { significant } from '../text-table.js'

/** A number of components, and why. */
export interface Suggestion {
  /** How many strengths are above chance. */
  readonly aboveChance: number
  /** k; undefined where nothing speaks for one. */
  readonly suggested: number | undefined
  /** One sentence. */
  readonly reason: string
}

// Where a spectrum fades into chance, the last strength above it was at most 1.4 times the next one; where it ends with the 3 to 5 latents that
// modalities share, 1.8 to 570 times (measured: 30 draws of each of a dozen kinds of data, 200 rows and more).
const GAP = 2
// Two rows relate any two modalities perfectly, drawn or not: equal up to rounding.
const ROUNDING = 1e-6

/** How many times the strength after it strength i is; Infinity if that is zero, or there is none. */
export function gapAfter(strengths: Float64Array, i: number): number {
  return strengths[i] === 0 ? 1 : strengths[i] / (strengths[i + 1] ?? 0)
}

/**
 * Reads a k off a spectrum: the last strength above chance, if there is a gap after it; or what relations are exact.
 *
 * @param strengths - of all directions, descending
 */
export function suggestion(strengths: Float64Array, chance: number, relations: number): Suggestion {
  const aboveChance = strengths.filter((strength) => strength > chance * (1 + ROUNDING)).length
  const gap = aboveChance === 0 ? 1 : gapAfter(strengths, aboveChance - 1)
  const byGap = gap >= GAP ? aboveChance : 0
  const [suggested, reason] =
    relations > 0 && relations >= byGap
      ? [relations, 'the modalities have so many exact relations that having few rows did not force']
      : byGap > 0
        ? [byGap, `the last strength above chance is ${significant(gap)} times the next one`]
        : [undefined, noGap(aboveChance)]
  return { aboveChance, suggested, reason }
}

function noGap(aboveChance: number): string {
  if (aboveChance === 0) return 'no strength is above what unrelated modalities reach'
  return `no gap: the strengths above chance (${aboveChance}) fade into it; choose up to that by cross-validation`
}
