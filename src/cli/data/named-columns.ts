import { columnsOf, mentions } from '../columns.js'
import { InputError } from '../errors.js'
import type { Reading } from './reading.js'

/** A column of a file that names its columns and says what they hold. */
export interface NamedColumn {
  readonly name: string
  /** What a cell holds: a list of numbers, a number, or something else. */
  readonly holds: 'vector' | 'number' | 'other'
  /** Whether the numbers are of floating point: lists of integers are as often those of tokens. */
  readonly isFloat: boolean
}

/** Which columns are read. */
export interface ChosenColumns {
  /** That of vectors; undefined where each feature is a column. */
  readonly vector: number | undefined
  /** The columns of numbers; none where there are vectors. */
  readonly features: readonly number[]
  readonly id: number | undefined
}

const shown = (names: readonly string[]): string => names.slice(0, 8).join(', ') + (names.length > 8 ? ', ...' : '')

/**
 * The column of vectors that is named, or the only one of lists of floating-point numbers; without any, the columns of numbers.
 *
 * @param named - what comes after the colon in the name of the file
 * @throws InputError if there is no such column, or several could be meant, or one that is used holds something else
 */
export function chosenColumns(
  columns: readonly NamedColumn[],
  named: string | undefined,
  reading: Reading,
  path: string,
): ChosenColumns {
  const names = columns.map(({ name }) => name)
  const id = reading.id === undefined ? undefined : columnsOf({ id: reading.id }, names, names.length, path).id
  if (id !== undefined && columns[id].holds === 'vector') throw new InputError(`--id ${names[id]}: that column of ${path} holds vectors`) // prettier-ignore
  const wanted = named ?? reading.field
  if (wanted !== undefined) return { id, ...byName(columns, wanted, names, path) }
  const isTable = reading.columns !== undefined && mentions({ columns: reading.columns }, names)
  const vectors = isTable ? [] : columns.flatMap(({ holds, isFloat }, i) => (holds === 'vector' && isFloat ? [i] : []))
  if (vectors.length === 1) return { vector: vectors[0], features: [], id }
  if (vectors.length > 1) throw new InputError(`${path} has several columns of vectors, ${shown(vectors.map((i) => names[i]))}: give ${path}:NAME`) // prettier-ignore
  const lists = columns.flatMap(({ name, holds }) => (holds === 'vector' ? [name] : []))
  if (!isTable && lists.length > 0) {
    throw new InputError(`${path} has no column of floating-point vectors, but lists of integers in ${shown(lists)}: give ${path}:NAME if they are meant`) // prettier-ignore
  }
  const { features } = columnsOf(reading, names, names.length, path)
  const other = features.find((column) => columns[column].holds !== 'number')
  if (other !== undefined) throw new InputError(`column '${names[other]}' of ${path} holds no numbers: --id ${names[other]} takes such a column as ids, --skip ${names[other]} leaves it out`) // prettier-ignore
  return { vector: undefined, features, id }
}

function byName(
  columns: readonly NamedColumn[],
  name: string,
  names: readonly string[],
  path: string,
): Omit<ChosenColumns, 'id'> {
  const column = names.indexOf(name)
  if (column < 0) throw new InputError(`${path} has no column '${name}'; it has ${shown(names)}`)
  const { holds } = columns[column]
  if (holds === 'other') throw new InputError(`column '${name}' of ${path} holds neither vectors nor numbers`)
  return holds === 'vector' ? { vector: column, features: [] } : { vector: undefined, features: [column] }
}

/** What names a row, as text. @throws InputError if nothing does */
export function idText(value: unknown, row: number, path: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value === null || value === undefined) throw new InputError(`${path}: row ${row} has no id`)
  throw new InputError(`${path}: the id of row ${row} is neither a text nor a number`)
}

/** A cell as a number, NaN if it is missing. @throws RangeError if a 64-bit integer is beyond what float64 holds */
export function cellNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    throw new RangeError(`the integer ${value} is beyond 2^53: float64 does not hold it`)
  }
  return typeof value === 'boolean' ? Number(value) : NaN
}
