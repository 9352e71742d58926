import { describe } from '../matrix.js'
import { randomStream } from '../random/random-stream.js'
import type { Seed } from '../random/seed.js'
import { shuffledIndices } from '../random/shuffle.js'
import { integerIn } from '../validation.js'

/** One label for every row. Rows of equal labels stay together. */
export type Groups = ArrayLike<number | string>

/** How rows are divided. */
export interface FoldOptions {
  /** How many folds, 2 or more. */
  readonly folds: number
  readonly groups: Groups | undefined
  readonly seed: Seed
}

/**
 * Divides n rows at random into folds of nearly the same size, the rows of a group always into the same one.
 *
 * The groups, in random order and the large ones first, each go to the fold that has the fewest rows so far. Without groups
 * every row is one, so that sizes differ by one at most.
 *
 * @returns the rows of every fold, ascending
 * @throws TypeError if an option is of the wrong kind
 * @throws RangeError unless there are 2 folds or more and as many groups, and one label a row
 */
export function divideRows(n: number, { folds, groups, seed }: FoldOptions): Uint32Array[] {
  const members = groups === undefined ? Array.from({ length: n }, (_, i) => [i]) : groupMembers(groups, n)
  const count = integerIn(folds, 2, Number.MAX_SAFE_INTEGER, 'folds')
  if (members.length < count) {
    const what = groups === undefined ? 'rows' : 'groups'
    throw new RangeError(`there are ${members.length} ${what} for ${count} folds, expected one or more for each`)
  }
  const shuffled = Array.from(shuffledIndices(members.length, randomStream(seed, 'folds')), (g) => members[g])
  const parts = Array.from({ length: count }, (): number[] => [])
  for (const rows of shuffled.sort((a, b) => b.length - a.length)) {
    const smallest = parts.reduce((least, part) => (part.length < least.length ? part : least))
    for (const row of rows) smallest.push(row)
  }
  return parts.map((rows) => Uint32Array.from(rows).sort())
}

/** The rows of every group, in the order in which the groups appear. */
function groupMembers(groups: unknown, n: number): number[][] {
  const list = groups as ArrayLike<unknown> | null
  if (typeof list !== 'object' || typeof list?.length !== 'number') {
    throw new TypeError(`groups must be an array of one label for every row, got ${describe(groups)}`)
  }
  if (list.length !== n) throw new RangeError(`groups has ${list.length} labels, expected one for each of ${n} rows`)
  const members = new Map<number | string, number[]>()
  for (let row = 0; row < n; row++) {
    const label = groupLabel(list[row], row)
    const rows = members.get(label)
    if (rows === undefined) members.set(label, [row])
    else rows.push(row)
  }
  return [...members.values()]
}

function groupLabel(label: unknown, row: number): number | string {
  if (typeof label !== 'number' && typeof label !== 'string') {
    throw new TypeError(`groups[${row}] must be a number or a string, got ${describe(label)}`)
  }
  if (Number.isNaN(label)) throw new RangeError(`groups[${row}] is NaN, expected a label`)
  return label
}
