import { register } from '../../registered.js'
import type { Steps } from '../../steps.js'
import { integerIn, knownOptions, oneOf } from '../../validation.js'
import { contentError } from '../tensors.js'

/** Rows [from, to) of something that has a name: a file, a shard, a digest of what it holds. */
export interface SourceRows {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** What becomes of rows that have been taken in before. */
export interface RepeatOptions {
  /** 'refuse' (default) throws; 'ignore' leaves the factor as it is, where all of the rows that come are there already. */
  readonly onRepeat?: 'refuse' | 'ignore'
}

/** Which rows of what come in, so that none counts twice. */
export interface SourceOptions extends RepeatOptions {
  /** As many rows as come in. Those of one name count once. */
  readonly source?: SourceRows
}

/** What holds rows and knows whose they are. */
export interface Sourced {
  sources: string | undefined
}

/** What comes in: rows of which nothing is known, or another factor's. */
interface Coming {
  readonly rows: number
  readonly sources?: string | undefined
}

/**
 * Makes sources known to the `JointFactor` of `collimate`: option `source` of its `update`, and the merge of factors that have some. Once, before
 * the first of these. `import` and `require` load two copies of the package, of which each has its own.
 */
export function registerIo(): void {
  register({ sources: sourcedSteps })
}

/**
 * Whose rows a factor has seen, as far as that was said: by name, ascending, ranges that meet as one.
 *
 * @throws FileFormatError if it came from a file that does not say it in a way that is known
 */
export function sourcesOf({ sources }: { readonly sources: string | undefined }): SourceRows[] {
  if (sources === undefined) return []
  const list = parsed(sources)
  if (Array.isArray(list) && list.every(isSource)) return united(list)
  throw contentError("metadata 'sources' says in a way that is not known whose rows these are")
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isSource(x: unknown): x is SourceRows {
  const { name, from, to } = Object(x) as Record<string, unknown>
  const areRows = [from, to].every((row) => Number.isSafeInteger(row) && (row as number) >= 0)
  return typeof name === 'string' && areRows && (from as number) <= (to as number)
}

/** The same rows in as few ranges as there can be, of ranges that do not overlap. */
function united(sources: readonly SourceRows[]): SourceRows[] {
  const ordered = [...sources].sort((a, b) => (a.name === b.name ? a.from - b.from : a.name < b.name ? -1 : 1))
  const ranges: SourceRows[] = []
  for (const { name, from, to } of ordered) {
    const last = ranges.at(-1)
    if (from === to) continue
    if (last?.name === name && last.to === from) ranges[ranges.length - 1] = { name, from: last.from, to }
    else ranges.push({ name, from, to })
  }
  return ranges
}

/** What an update takes in that has not ended yet: two of the same rows may run at the same time. */
const COMING = new WeakMap<Sourced, SourceRows[]>()

/**
 * Takes in what comes, with `steps`, unless its rows are there already.
 *
 * @param came - the rows that come, or a factor with its own sources
 * @throws RangeError if some of the rows are there, are being taken in, or are not as many as their source says; TypeError if an option is of the wrong kind
 */
export function* sourcedSteps(
  factor: Sourced,
  steps: Steps<void>,
  options: SourceOptions | undefined,
  came: Coming,
): Steps<void> {
  const { source, onRepeat = 'refuse' } = options ?? {}
  oneOf(onRepeat, ['refuse', 'ignore'], 'onRepeat')
  const own = source === undefined ? sourcesOf({ sources: came.sources }) : united([checkedSource(source, came.rows)])
  const coming = COMING.get(factor) ?? []
  COMING.set(factor, coming)
  const clash = firstClash(own, coming)
  if (clash !== undefined) throw new RangeError(`${clash}, which another update takes in: rows count once`)
  const held = sourcesOf(factor)
  const repeat = firstClash(own, held)
  if (repeat !== undefined) {
    if (onRepeat === 'ignore' && isWithin(own, held, came.rows)) return
    const advice = onRepeat === 'ignore' ? 'only what is there as a whole can be ignored' : 'rows count once'
    throw new RangeError(`${repeat}, which are there already: ${advice}`)
  }
  coming.push(...own)
  try {
    yield* steps
    // In the turn in which the rows came in: whoever writes the factor to a file has both, or neither.
    factor.sources = JSON.stringify(united([...sourcesOf(factor), ...own]))
  } finally {
    for (const rows of own) coming.splice(coming.indexOf(rows), 1)
  }
}

/** @throws RangeError unless it is as many rows as there are, TypeError if it is no source */
function checkedSource(source: unknown, rows: number): SourceRows {
  const { name, from, to } = knownOptions(source as SourceRows, ['name', 'from', 'to'])
  if (typeof name !== 'string') throw new TypeError(`the name of a source must be a string, got ${typeof name}`)
  const [first, end] = [integerIn(from, 0, Number.MAX_SAFE_INTEGER, 'from'), integerIn(to, from, Number.MAX_SAFE_INTEGER, 'to')] // prettier-ignore
  if (end - first === rows) return { name, from: first, to: end }
  throw new RangeError(`rows ${first} to ${end} of ${name} are ${end - first} rows, there are ${rows}`)
}

const overlap = (a: SourceRows, b: SourceRows): boolean => a.name === b.name && a.from < b.to && b.from < a.to

/** The first rows that others have too, in words. */
function firstClash(own: readonly SourceRows[], others: readonly SourceRows[]): string | undefined {
  for (const rows of own) {
    const other = others.find((one) => overlap(rows, one))
    if (other !== undefined) return `rows ${rows.from} to ${rows.to} of ${rows.name} have some of ${other.from} to ${other.to}` // prettier-ignore
  }
  return undefined
}

/** Whether all rows that come are known by their sources, and held. */
function isWithin(own: readonly SourceRows[], held: readonly SourceRows[], rows: number): boolean {
  const known = own.reduce((sum, { from, to }) => sum + to - from, 0)
  return known === rows && own.every((a) => held.some((b) => b.name === a.name && b.from <= a.from && a.to <= b.to))
}
