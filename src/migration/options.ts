import type { Groups } from '../model-selection/folds.js'
import type { Seed } from '../random/seed.js'
import { integerIn, knownOptions, numberThat, oneOf, optionsObject } from '../validation.js'
import { wrongKind } from '../describe.js'

/**
 * How old and new vectors are brought together:
 *
 * - 'none': not at all: new queries are compared with old vectors as they are, which takes models of one width;
 * - 'queries': each query, embedded by the new model, is mapped into the old space. The index stays as it is;
 * - 'stored': all that is stored is mapped into the new space. Queries stay as they are;
 * - 'both': all that is stored, and each query, are mapped into a space that both share.
 */
export const WAYS = ['none', 'queries', 'stored', 'both'] as const

/** The name of a way. */
export type MigrationWay = (typeof WAYS)[number]

/** By what a map is fitted; 'none' where there is none, 'perfect-alignment' maps both sides. */
export const METHODS = ['none', 'ridge', 'reduced-rank', 'procrustes', 'perfect-alignment'] as const

/** The name of a method. */
export type MigrationMethod = (typeof METHODS)[number]

/** The methods that a way can have. */
export const METHODS_OF: Readonly<Record<MigrationWay, readonly MigrationMethod[]>> = {
  none: ['none'],
  queries: ['ridge', 'reduced-rank', 'procrustes'],
  stored: ['ridge', 'reduced-rank', 'procrustes'],
  both: ['perfect-alignment'],
}

/** What is known of an embedding model, or said of vectors: what is left out is not compared. */
export interface EmbeddingModel {
  /** Its name. */
  readonly model?: string
  /** Columns of its vectors. */
  readonly dimensions?: number
}

/** Options of {@link EmbeddingMigration.fit}. */
export interface MigrationOptions {
  /** The names of both models: they are kept, and vectors of others refused by them. */
  readonly models?: { readonly old?: string; readonly new?: string }
  /** Default 'auto': the way that is recommended. */
  readonly way?: MigrationWay | 'auto'
  /** Default 'auto': of each way the best. */
  readonly method?: MigrationMethod | 'auto'
  /** Pairs that are held out to judge by, 4 or more; default a fifth of all, at most 2000. They are fitted as well once all was judged. */
  readonly heldOut?: number
  /** Numbers of pairs to draw the learning curve at; default the half, the fourth and the eighth of those that are fitted. None with []. */
  readonly curve?: readonly number[]
  /** Of which share of the neighbours has to be kept for a map to be recommended; default .5. */
  readonly minRetention?: number
  /** One label a pair, such as the document that a passage is from: pairs of the same label are never divided between fitted and held out. */
  readonly groups?: Groups
  /** Of what is held out, and of the intervals; default 0. */
  readonly seed?: Seed
  /** The day that is kept in the file, as 2026-11-30; default today. */
  readonly date?: string
}

const OPTIONS: readonly (keyof MigrationOptions)[] = [
  'models',
  'way',
  'method',
  'heldOut',
  'curve',
  'minRetention',
  'groups',
  'seed',
  'date',
]

/** {@link MigrationOptions} with the defaults filled in. */
export interface Plan {
  readonly names: readonly [old: string | undefined, new_: string | undefined]
  readonly way: MigrationWay | 'auto'
  readonly method: MigrationMethod | 'auto'
  readonly heldOut: number
  readonly curve: readonly number[] | undefined
  readonly minRetention: number
  readonly groups: Groups | undefined
  readonly seed: Seed
  readonly date: string
}

/** Pairs that a map and a verdict take. */
export const LEAST_PAIRS = 20
const LEAST_HELD_OUT = 4
const MOST_HELD_OUT = 2000
const HELD_OUT_SHARE = 1 / 5
/** Fewer fitted pairs say nothing of more. */
const LEAST_FITTED = 8
const MIN_RETENTION = 0.5
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * The options for n pairs.
 *
 * @throws TypeError for an option of the wrong kind, or one that there is not
 * @throws RangeError for an unknown name, a method that its way cannot have, or fewer pairs than it takes
 */
export function planOf(given: MigrationOptions, n: number, widths: readonly number[]): Plan {
  const options: MigrationOptions = knownOptions(given, OPTIONS)
  const { models = {}, way = 'auto', method = 'auto', curve, minRetention = MIN_RETENTION, groups, seed = 0 } = options
  oneOf(way, ['auto', ...WAYS], 'way')
  oneOf(method, ['auto', ...METHODS], 'method')
  if (way !== 'auto' && method !== 'auto' && !METHODS_OF[way].includes(method)) {
    throw new RangeError(`way '${way}' has the methods ${METHODS_OF[way].join(', ')}, got '${method}'`)
  }
  if (way === 'none' && widths[0] !== widths[1]) {
    throw new RangeError(
      `way 'none' compares vectors as they are, and these have ${widths[0]} and ${widths[1]} columns`,
    )
  }
  if (n < LEAST_PAIRS) {
    throw new RangeError(`got ${n} pairs, expected ${LEAST_PAIRS} or more: embed more items with both models`)
  }
  const most = n - LEAST_FITTED
  const usual = Math.min(MOST_HELD_OUT, Math.max(LEAST_HELD_OUT, Math.round(n * HELD_OUT_SHARE)))
  return {
    names: [nameOf(models, 'old'), nameOf(models, 'new')],
    way,
    method,
    heldOut: integerIn(options.heldOut ?? usual, LEAST_HELD_OUT, most, 'heldOut'),
    curve: curve && curveOf(curve),
    minRetention: numberThat((x) => x >= 0 && x <= 1, 'from 0 to 1', minRetention, 'minRetention'),
    groups,
    seed,
    date: dateOf(options.date ?? new Date().toISOString().slice(0, 10)),
  }
}

function nameOf(models: unknown, side: 'old' | 'new'): string | undefined {
  const name = optionsObject(models, 'models')[side]
  if (name !== undefined && typeof name !== 'string') throw wrongKind(`models.${side}`, 'a string', name)
  return name
}

function dateOf(date: unknown): string {
  if (typeof date !== 'string') throw wrongKind('date', 'a string such as 2026-11-30', date)
  if (!DATE.test(date)) throw new RangeError(`date must be a day such as 2026-11-30, got '${date}'`)
  return date
}

function curveOf(curve: unknown): number[] {
  if (!Array.isArray(curve)) throw wrongKind('curve', 'an array of numbers of pairs', curve)
  return curve.map((pairs: unknown, i) => integerIn(pairs, LEAST_FITTED, Number.MAX_SAFE_INTEGER, `curve[${i}]`))
}

/** Numbers of pairs, ascending, that maps are fitted to on the way to all that are not held out. */
export function curvePoints(curve: readonly number[] | undefined, fitted: number): number[] {
  const points = curve ?? [8, 4, 2].map((share) => Math.round(fitted / share))
  return [...new Set(points.filter((pairs) => pairs >= LEAST_FITTED && pairs < fitted))].sort((a, b) => a - b).concat(fitted) // prettier-ignore
}
